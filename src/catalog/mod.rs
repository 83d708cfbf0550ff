//! Which models exist, their licence, size and digest, where their weights lie on this machine, and how they get there.

mod config;
mod entries;
mod error;
mod keep;
mod locate;
mod published;

pub use config::check_config;
pub use entries::{BUILT_IN, ENTRIES, Entry, Family, ModelId};
pub use error::CatalogError;
pub use keep::{Authority, Holding, Removal, Verdict, digest, fetch, holding, leftovers, remove, tidy, verify};
pub use locate::{Locations, Weights, chosen, locate, models_dir, places};
pub use published::Pin;

/// Every model that Fathom knows, in the order in which a menu shows them.
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

/// The entry with this id.
pub fn find(id: &ModelId) -> Option<&'static Entry> {
    entries().iter().find(|entry| entry.id == id.0)
}
