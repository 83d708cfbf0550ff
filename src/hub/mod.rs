//! Published files: found in the cache that Python tools share, fetched into it, checked, and taken out again.

mod cache;
mod describe;
mod digest;
mod disk;
mod download;
mod environment;
mod error;
mod http;
mod leftovers;
mod lock;
mod progress;
mod remote_file;
mod remove;
mod response;
mod server;
mod stop;
mod transfer;

pub use cache::Cache;
pub use digest::{sha256_of, sha256_of_bytes};
pub use download::Fetched;
pub use error::HubError;
pub use leftovers::{Leftover, Why};
pub use progress::Progress;
pub use remote_file::{Check, RemoteFile};
pub use remove::{Removable, Removed};
pub use server::{Hub, Patience};
pub use stop::Stop;
