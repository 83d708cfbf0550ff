//! Fetching a file: described, brought to disk in as many attempts as it takes, checked, and only then given its name.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use ureq::http::Uri;

use super::describe::{Described, describe, url};
use super::digest::{is_commit, sha256_of};
use super::http::Client;
use super::lock::Lock;
use super::transfer::Transfer;
use super::{Hub, HubError, Progress, RemoteFile, Stop};

/// A file that is in the cache.
#[derive(Clone, Debug, PartialEq)]
pub struct Fetched {
    /// Under the name that it has in the repository.
    pub path: PathBuf,
    pub commit: String,
}

/// What else may be written to the disk meanwhile, in bytes.
const SPARE_BYTES: u64 = 16 << 20;

impl Hub {
    /// Brings a file into the cache; one that is there is left alone. Whatever ends this (an error, [`Stop`], a crash, a
    /// lost connection), the next call goes on where it was.
    ///
    /// # Errors
    /// Any [`HubError`]; temporary ones only after the attempts that [`Patience`](super::Patience) allows.
    pub fn fetch(
        &self,
        file: &RemoteFile,
        stop: &Stop,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Fetched, HubError> {
        // A branch moves, so only the hub knows what it stands for now.
        let is_settled = self.offline || is_commit(&file.revision);
        if is_settled
            && let Some(path) = self.cache.find(&file.repo, &file.revision, &file.file)
            && let Some(commit) = self.cache.commit(&file.repo, &file.revision)
        {
            return Ok(Fetched { path, commit });
        }
        if self.offline {
            let dangling = self.cache.dangling(&file.repo, &file.revision, &file.file);
            return Err(dangling.unwrap_or_else(|| HubError::Offline { file: file.to_string() }));
        }
        if !is_address(&self.endpoint) {
            return Err(HubError::Endpoint { endpoint: self.endpoint.clone() });
        }
        self.fetch_from_hub(file, stop, progress).map_err(|error| error.of_cache(self.cache.root()))
    }

    fn fetch_from_hub(
        &self,
        file: &RemoteFile,
        stop: &Stop,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<Fetched, HubError> {
        let client = Client::new(self, stop)?;
        let mut failures = Failures { hub: self, stop, count: 0 };
        let described = loop {
            match describe(self, &client, file) {
                Ok(described) => break described,
                Err(error) => failures.after(error, progress)?,
            }
        };
        let Described { commit, etag, .. } = &described;
        // What is here and has its name needs no lock: the cache may be one that nobody writes to.
        if let Some(path) = self.cache.find(&file.repo, commit, &file.file)
            && self.cache.commit(&file.repo, &file.revision).as_ref() == Some(commit)
        {
            return Ok(Fetched { path, commit: commit.clone() });
        }
        let _lock = Lock::take(&self.cache.lock(&file.repo, etag), stop, progress)?;
        let blob = self.cache.blob(&file.repo, etag);
        let is_here = self.cache.find(&file.repo, commit, &file.file).is_some()
            || fs::metadata(&blob).is_ok_and(|found| found.is_file() && found.len() == described.bytes);
        if !is_here {
            self.bring(file, &described, &client, &mut failures, progress)?;
        }
        let path = self.cache.place(&file.repo, commit, &file.file, etag, self.link)?;
        if !is_commit(&file.revision) {
            self.cache.point(&file.repo, &file.revision, commit)?;
        }
        Ok(Fetched { path, commit: commit.clone() })
    }

    /// Brings a content to disk; it gets its name when it is whole and right.
    fn bring(
        &self,
        file: &RemoteFile,
        described: &Described,
        client: &Client,
        failures: &mut Failures,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), HubError> {
        let partial = self.cache.partial(&file.repo, &described.etag);
        let folder = partial.parent().unwrap_or(self.cache.root());
        fs::create_dir_all(folder).map_err(|source| HubError::disk(folder, source))?;
        let (label, url) = (file.to_string(), url(self, file, &described.commit));
        let transfer = Transfer {
            client,
            stop: failures.stop,
            url: &url,
            label: &label,
            partial: &partial,
            bytes: described.bytes,
        };
        let need_bytes = described.bytes.saturating_sub(transfer.have());
        let free_bytes = (self.free_bytes)(folder).map_err(|source| HubError::disk(folder, source))?;
        if need_bytes > 0 && need_bytes.saturating_add(SPARE_BYTES) > free_bytes {
            return Err(HubError::NoSpace { folder: folder.to_owned(), need_bytes, free_bytes });
        }
        loop {
            let before = transfer.have();
            match transfer.attempt(progress) {
                Ok(()) => break,
                Err(error) => {
                    if transfer.have() > before {
                        failures.count = 0;
                    }
                    failures.after(error, progress)?;
                }
            }
        }
        let disk = |source| HubError::disk(&partial, source);
        if let Some(expected) = &described.sha256 {
            let actual = sha256_of(&partial, failures.stop, progress)?;
            if actual != *expected {
                fs::remove_file(&partial).map_err(disk)?;
                return Err(HubError::Digest { file: label, expected: expected.clone(), actual });
            }
        }
        fs::rename(&partial, self.cache.blob(&file.repo, &described.etag)).map_err(disk)
    }
}

/// Whether this can be the beginning of addresses.
fn is_address(endpoint: &str) -> bool {
    let parsed = endpoint.parse::<Uri>();
    parsed.is_ok_and(|at| matches!(at.scheme_str(), Some("http" | "https")) && at.authority().is_some())
}

/// Failures in a row, and what is done about them.
struct Failures<'a> {
    hub: &'a Hub,
    stop: &'a Stop,
    count: u32,
}

impl Failures<'_> {
    /// Waits before the next attempt, or gives the error back where there is none.
    fn after(&mut self, error: HubError, progress: &mut dyn FnMut(Progress)) -> Result<(), HubError> {
        self.stop.check()?;
        let patience = &self.hub.patience;
        let wait = match error {
            HubError::Busy { wait: Some(wait), .. } => wait,
            _ => patience.first_wait.saturating_mul(1 << self.count.min(16)).min(patience.longest_wait),
        };
        self.count += 1;
        if !error.may_pass() || self.count >= patience.failures || wait > patience.longest_wait {
            return Err(error);
        }
        progress(Progress::Retrying { attempt: self.count + 1, wait, why: error.to_string() });
        self.stop.wait(wait.max(Duration::from_millis(1)))
    }
}
