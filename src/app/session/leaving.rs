//! What would lose unsaved work, and what a person says to that.

use std::path::PathBuf;

/// What was asked for and would lose unsaved work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    Quit,
    /// Open another session, or a folder of results.
    Open(PathBuf),
    /// Take all photos off the list.
    Clear,
}

/// An answer to the question what becomes of unsaved work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Save,
    Discard,
    /// Stay.
    Cancel,
}
