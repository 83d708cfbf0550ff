//! Which models exist, their licence and size, and where their weights lie on this machine.

mod entries;
mod locate;

pub use entries::{BUILT_IN, ENTRIES, Entry, Family, ModelId};
pub use locate::{Weights, locate, models_dir, places};

/// Every model that Fathom knows, in the order in which a menu shows them.
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// The entry with this id.
pub fn find(id: &ModelId) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.id == id.0)
}
