//! Where published files come from and go to, by the variables that Hugging Face's own tools read.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Cache, HubError, disk};

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
        let endpoint = text("HF_ENDPOINT").unwrap_or_else(|| "https://huggingface.co".into());
        let mut hub =
            Self::new(endpoint.trim().trim_end_matches('/').into(), Cache::from_env().ok_or(HubError::NoCache)?);
        hub.token = token();
        hub.offline = text("HF_HUB_OFFLINE").is_some_and(|value| is_yes(&value));
        Ok(hub)
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

/// The folder of the cache: `HF_HUB_CACHE`, else `hub` in the home of Hugging Face's tools.
pub(super) fn cache_folder() -> Option<PathBuf> {
    path("HF_HUB_CACHE").or_else(|| path("HUGGINGFACE_HUB_CACHE")).or_else(|| Some(home()?.join("hub")))
}

/// `HF_HOME`, else `huggingface` in the folder for caches, which those tools look for in the same place on every system.
fn home() -> Option<PathBuf> {
    let caches = || path("XDG_CACHE_HOME").or_else(|| Some(user_home()?.join(".cache")));
    path("HF_HOME").or_else(|| Some(caches()?.join("huggingface")))
}

fn token() -> Option<String> {
    let in_file = || std::fs::read_to_string(path("HF_TOKEN_PATH").or_else(|| Some(home()?.join("token")))?).ok();
    let token = text("HF_TOKEN").or_else(|| text("HUGGING_FACE_HUB_TOKEN")).or_else(in_file)?;
    Some(token.trim().to_owned()).filter(|token| !token.is_empty())
}

/// A variable that is set to something.
fn text(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn path(name: &str) -> Option<PathBuf> {
    let path = env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)?;
    match path.strip_prefix("~") {
        Ok(below) => Some(user_home()?.join(below)),
        Err(_) => Some(path),
    }
}

fn user_home() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned())
}

/// What Hugging Face's tools take for "yes".
fn is_yes(value: &str) -> bool {
    ["1", "on", "yes", "true"].contains(&value.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_has_four_spellings() {
        assert!(["1", "ON", "Yes", "true "].into_iter().all(is_yes));
        assert!(!["", "0", "off", "2"].into_iter().any(is_yes));
    }
}
