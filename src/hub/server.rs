//! A server that publishes files, and how long to bear with it.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::{Cache, HubError, disk, environment};

/// A server that publishes files, and the cache that they are kept in.
#[derive(Clone)]
pub struct Hub {
    /// Without a slash at its end.
    pub endpoint: String,
    /// Sent to the endpoint and to nobody else.
    pub token: Option<String>,
    pub cache: Cache,
    /// Never opens a connection.
    pub offline: bool,
    /// Whether `HTTPS_PROXY` and the like count.
    pub uses_proxies: bool,
    pub patience: Patience,
    /// Bytes that can be written to the file system of an existing folder.
    pub free_bytes: fn(&Path) -> io::Result<u64>,
    /// Makes a symbolic link: its target, and where it lies.
    pub link: fn(&Path, &Path) -> io::Result<()>,
}

/// How long to go on when a server or the way to it fails.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Failures in a row, without a byte between them, that are put up with.
    pub failures: u32,
    /// Wait after the first failure; it doubles with each.
    pub first_wait: Duration,
    /// The longest wait, also where the server asks for more.
    pub longest_wait: Duration,
    /// A connection on which nothing comes for so long is given up.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            failures: 5,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(60),
            silence: Duration::from_secs(30),
        }
    }
}

impl Hub {
    /// As the environment says: `HF_ENDPOINT`, `HF_TOKEN` (or the file that a login has left), `HF_HUB_OFFLINE`, and what
    /// [`Cache::from_env`] reads.
    ///
    /// # Errors
    /// [`HubError::NoCache`].
    pub fn from_env() -> Result<Self, HubError> {
        let cache = Cache::from_env().ok_or(HubError::NoCache)?;
        let (token, offline) = (environment::token(), environment::is_offline());
        Ok(Self { token, offline, ..Self::new(environment::endpoint(), cache) })
    }

    /// A server and a cache, with nothing from the environment but the proxies.
    pub fn new(endpoint: String, cache: Cache) -> Self {
        Self {
            endpoint,
            token: None,
            cache,
            offline: false,
            uses_proxies: true,
            patience: Patience::default(),
            free_bytes: disk::free_bytes,
            link: disk::link,
        }
    }
}
