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
    #[error("{host}{} cannot be reached: {reason}", sent_by(sender.as_deref()))]
    Unreachable {
        host: String,
        /// The hub, where this is another server to which it has sent on.
        sender: Option<String>,
        reason: String,
    },
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
    /// The fault of another server, to which the hub sends on for contents, or of something on the way to it.
    #[error("{store}, to which {sender} sends on for {file}, {} (status {status})", what_a_store_did(*status))]
    Store { store: String, sender: String, file: String, status: u16 },
    /// The person's own setting.
    #[error("HF_ENDPOINT is '{endpoint}', which does not begin with https:// or http:// and a host")]
    Endpoint { endpoint: String },
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
    #[error("{host} offers {actual} bytes of {file}, expected {expected}")]
    Length { host: String, file: String, expected: u64, actual: u64 },
    /// The bytes are not those that were published; they have been deleted.
    #[error("{file} is not what was published: its SHA-256 is {actual}, expected {expected}")]
    Digest { file: String, expected: String, actual: String },
    /// Nobody says which digest the file should have.
    #[error("{host} does not say which SHA-256 {file} should have")]
    NoDigest { host: String, file: String },
    #[error("{} has room for {}, needed are {}", folder.display(), shown_bytes(*free_bytes), shown_bytes(*need_bytes))]
    NoSpace { folder: PathBuf, need_bytes: u64, free_bytes: u64 },
    /// FAT, as on many sticks and cards, keeps no file of 4 GiB; a quota may allow less.
    #[error(
        "the file system of {} keeps no file as large as {file} ({}); FAT, for one, ends at 4 GiB",
        folder.display(),
        shown_bytes(*bytes)
    )]
    TooLarge { folder: PathBuf, file: String, bytes: u64 },
    /// The cache is another user's, or lies on a medium that is only read.
    #[error("nothing can be written to {}: {source}", folder.display())]
    ReadOnly { folder: PathBuf, source: std::io::Error },
    /// Somebody has deleted what a name in the cache stands for.
    #[error("{} leads to {}, which is gone", link.display(), target.display())]
    Dangling { link: PathBuf, target: PathBuf },
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
            Self::Unreachable { sender: None, .. } => {
                "Check the connection and HF_ENDPOINT, then try again; it goes on where it was".into()
            }
            Self::Unreachable { host, .. } => format!(
                "Check the connection, and whether a firewall lets {host} through, then try again; it goes on where it was"
            ),
            Self::Store { store, status, .. } => what_to_do_about_a_store(store, *status),
            Self::Endpoint { .. } => "Put the mirror's whole address there, or unset it".into(),
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
            Self::Length { .. } => {
                "A proxy, or a page that wants you to log in, may have answered in its place: look into that, or try \
                 again later"
                    .into()
            }
            Self::Digest { .. } => "The data was deleted; try again, and do not trust this source if it repeats".into(),
            Self::NoDigest { .. } => "Use a server that does, such as https://huggingface.co".into(),
            Self::NoSpace { .. } => "Free some space, or name a folder on another disk in HF_HUB_CACHE".into(),
            Self::TooLarge { .. } => {
                "Name a folder on a disk with another file system (exFAT, NTFS, ext4, APFS) in HF_HUB_CACHE".into()
            }
            Self::ReadOnly { .. } => {
                "Name a folder that you may write to in HF_HUB_CACHE; models that are in this one are used from there \
                 while it is named"
                    .into()
            }
            Self::Dangling { .. } => "Fetch it again, which mends it, or remove it".into(),
            Self::Disk { source, .. } if is_of_rights(source) => {
                "Check who may write there, or name another folder in HF_HUB_CACHE".into()
            }
            Self::Disk { .. } => "Check the disk, or name another folder in HF_HUB_CACHE".into(),
            Self::NoCache => "Name a folder in HF_HUB_CACHE".into(),
            Self::Stopped => "Start it again to go on where it was".into(),
        }
    }

    /// Whether another attempt may succeed without anybody doing anything.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Busy { .. } | Self::Cut { .. } => true,
            Self::Server { status, .. } | Self::Store { status, .. } => *status >= 500 || *status == 408,
            _ => false,
        }
    }

    /// The same error, said of the whole cache where nothing can be written to it.
    pub(super) fn of_cache(self, root: &Path) -> Self {
        match self {
            Self::Disk { source, .. } if is_of_rights(&source) => Self::ReadOnly { folder: root.to_owned(), source },
            other => other,
        }
    }

    pub(super) fn disk(path: &Path, source: std::io::Error) -> Self {
        Self::Disk { path: path.to_owned(), source }
    }
}

fn is_of_rights(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
}

fn sent_by(sender: Option<&str>) -> String {
    sender.map(|sender| format!(", to which {sender} sends on,")).unwrap_or_default()
}

fn what_a_store_did(status: u16) -> &'static str {
    match status {
        401 | 403 => "refuses it",
        404 | 410 => "does not have it",
        408 | 500.. => "failed",
        451 => "withholds it for legal reasons",
        _ => "does not give it",
    }
}

fn what_to_do_about_a_store(store: &str, status: u16) -> String {
    match status {
        408 | 500.. => "Try again later; what has come is kept".into(),
        404 | 410 => {
            "Try again later; if that does not help, save the file from the model's page and choose it as model file"
                .into()
        }
        451 => "Ask who runs this network; a model file that comes another way can be chosen as it is".into(),
        _ => format!(
            "Its signed link may have run out, so try again; if that does not help, a proxy or firewall may block {store}: \
             have that host allowed"
        ),
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
