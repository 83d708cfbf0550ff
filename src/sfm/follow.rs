//! Who follows the search for cameras, and what is told of it.

use super::Kind;

/// What goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Points of this kind are looked for and matched.
    Matching(Kind),
    Placing,
}

/// Follows the work, from several threads.
pub trait Follow: Sync {
    fn is_cancelled(&self) -> bool;
    /// `done`: 0..=1 of all, as far as that can be known: another way, where one is needed, takes half of what is left.
    fn progress(&self, doing: Doing, done: f32);
}
