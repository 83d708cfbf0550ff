//! Which models exist, their licence and size, and where their weights lie on disk.

mod entries;

pub use entries::{Entry, Family, ModelId};

/// Every model that Fathom knows, in the order in which a menu shows them.
pub fn entries() -> &'static [Entry] {
    &[]
}

/// The entry with this id.
pub fn find(id: &ModelId) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.id == id.0)
}

/// Where this model's weights lie on this machine, if they do.
pub fn locate(_entry: &Entry) -> Option<std::path::PathBuf> {
    None
}
