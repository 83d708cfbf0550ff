//! Which models exist, their licence, size and digest, where their weights lie on this machine, and how they get there.

mod config;
mod entries;
mod error;
mod keep;
mod locate;
mod published;
mod weights;

pub use config::check_config;
pub use entries::{BUILT_IN, ENTRIES, Entry, Family, ModelId, entries, find};
pub use error::CatalogError;
pub use keep::{Authority, Holding, Removal, Verdict, digest, fetch, holding, leftovers, remove, tidy, verify};
pub use locate::{Locations, chosen, locate, models_dir, places};
pub use published::Pin;
pub use weights::Weights;
