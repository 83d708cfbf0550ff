//! Why a file was not fetched, checked or removed.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::memory::shown_bytes;

/// What went wrong between a published file and the cache. [`HubError::advice`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    /// The person's own setting.
    #[error("{file} is not on this machine, and HF_HUB_OFFLINE forbids to fetch it")]
    Offline { file: String },
    /// The network's fault, or the server is down.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable { host: String, reason: String },
    /// The server's certificate, or what this machine trusts.
    #[error("there is no secure connection to {host}: {reason}")]
    Insecure { host: String, reason: String },
    /// The proxy's fault, or that of the setting that names it.
    #[error("{host} cannot be reached through the proxy {proxy}: {reason}")]
    Proxy { host: String, proxy: String, reason: String },
    /// The person has to do something at the server first.
    #[error("{host} does not let {} have {file} (status {status})", who(*had_token))]
    Denied { host: String, file: String, status: u16, had_token: bool },
    /// Wrong address: no such repository, revision or file.
    #[error("{host} has no {file}")]
    NotFound { host: String, file: String },
    /// Too many requests.
    #[error("{host} asks for a pause{}", pause(*wait))]
    Busy { host: String, wait: Option<Duration> },
    /// The server's fault.
    #[error("{host} failed (status {status})")]
    Server { host: String, status: u16 },
    /// What answers is no Hugging Face hub, or it says what cannot be right.
    #[error("{host} does not answer like a Hugging Face hub: {reason}")]
    NotAHub { host: String, reason: String },
    /// The connection broke again and again.
    #[error("the connection broke after {} of {}: {reason}", shown_bytes(*received), shown_bytes(*expected))]
    Cut { received: u64, expected: u64, reason: String },
    /// The server announced another length than it published.
    #[error("the server offers {actual} bytes of {file}, expected {expected}")]
    Length { file: String, expected: u64, actual: u64 },
    /// The bytes are not those that were published; they have been deleted.
    #[error("{file} is not what was published: its SHA-256 is {actual}, expected {expected}")]
    Digest { file: String, expected: String, actual: String },
    /// Nobody says which digest the file should have.
    #[error("{host} does not say which SHA-256 {file} should have")]
    NoDigest { host: String, file: String },
    #[error("{} has room for {}, needed are {}", folder.display(), shown_bytes(*free_bytes), shown_bytes(*need_bytes))]
    NoSpace { folder: PathBuf, need_bytes: u64, free_bytes: u64 },
    #[error("{} cannot be used: {source}", path.display())]
    Disk { path: PathBuf, source: std::io::Error },
    #[error("the system names no home folder in which models could be kept")]
    NoCache,
    #[error("stopped; what has come is kept")]
    Stopped,
}

impl HubError {
    /// One sentence: what to do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::Offline { .. } => "Unset HF_HUB_OFFLINE and try again".into(),
            Self::Unreachable { .. } => {
                "Check the connection and HF_ENDPOINT, then try again; it goes on where it was".into()
            }
            Self::Proxy { .. } => "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY".into(),
            Self::Insecure { .. } => {
                "Check the clock and the system's certificates; SSL_CERT_FILE can name those of a company".into()
            }
            Self::Denied { had_token: false, .. } => {
                "Accept the licence on the model's page, then put an access token into HF_TOKEN or run 'hf auth login'"
                    .into()
            }
            Self::Denied { .. } => {
                "Accept the licence on the model's page, and check that the token is valid and may read it".into()
            }
            Self::NotFound { .. } => "Check HF_ENDPOINT; the publisher may also have moved the file".into(),
            Self::Busy { wait: Some(wait), .. } => format!("Try again in {}", minutes(*wait)),
            Self::Busy { wait: None, .. } | Self::Server { .. } => "Try again later; what has come is kept".into(),
            Self::NotAHub { .. } => "Check HF_ENDPOINT, and whether the network wants you to log in first".into(),
            Self::Cut { .. } => "Try again: it goes on where it was".into(),
            Self::Length { .. } => "Check HF_ENDPOINT and the proxy, or try again later".into(),
            Self::Digest { .. } => "The data was deleted; try again, and do not trust this source if it repeats".into(),
            Self::NoDigest { .. } => "Use a server that does, such as https://huggingface.co".into(),
            Self::NoSpace { .. } => "Free some space, or name a folder on another disk in HF_HUB_CACHE".into(),
            Self::Disk { source, .. } => match source.kind() {
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                    "Name a folder that you may write to in HF_HUB_CACHE".into()
                }
                _ => "Check the disk, or name another folder in HF_HUB_CACHE".into(),
            },
            Self::NoCache => "Name a folder in HF_HUB_CACHE".into(),
            Self::Stopped => "Start it again to go on where it was".into(),
        }
    }

    /// Whether another attempt may succeed without anybody doing anything.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Busy { .. } | Self::Cut { .. } => true,
            Self::Server { status, .. } => *status >= 500 || *status == 408,
            _ => false,
        }
    }

    pub(super) fn disk(path: &Path, source: std::io::Error) -> Self {
        Self::Disk { path: path.to_owned(), source }
    }
}

fn who(had_token: bool) -> &'static str {
    if had_token { "the holder of this token" } else { "a stranger" }
}

fn pause(wait: Option<Duration>) -> String {
    wait.map(|wait| format!(" of {}", minutes(wait))).unwrap_or_default()
}

fn minutes(wait: Duration) -> String {
    match wait.as_secs() {
        secs @ ..=90 => format!("{secs} s"),
        secs => format!("{} min", secs.div_ceil(60)),
    }
}
