//! Taking files out of the cache without taking them from others.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::digest::is_sha256;
use super::lock::Lock;
use super::{Cache, HubError, disk};

/// What a removal has done.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Removed {
    /// Files that are no longer in the snapshot.
    pub files: usize,
    pub freed_bytes: u64,
    /// Contents that stay, because another snapshot has them, too.
    pub shared: usize,
}

/// What a removal would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Removable {
    /// By the names that they have in snapshots.
    pub files: Vec<PathBuf>,
    pub freed_bytes: u64,
    /// Contents that would stay, because another snapshot has them, too.
    pub shared: usize,
}

impl Cache {
    /// Takes these files out of a repository's snapshot, with their contents where no other snapshot has them, and with
    /// the folders and branches that are empty then.
    ///
    /// # Errors
    /// [`HubError::Disk`].
    pub fn remove(&self, repo: &str, commit: &str, files: &[&str]) -> Result<Removed, HubError> {
        let snapshot = self.snapshot(repo, commit);
        let mut removed = Removed::default();
        for file in files {
            let path = snapshot.join(file);
            if fs::symlink_metadata(&path).is_err() {
                continue;
            }
            let blob = blob_name(&path);
            removed.files += 1;
            removed.freed_bytes += deleted(&path)?;
            match blob {
                Some(blob) if self.is_linked(repo, &blob, &[]) => removed.shared += 1,
                Some(blob) => removed.freed_bytes += deleted(&self.blob(repo, &blob))?,
                None => {}
            }
        }
        self.tidy(repo, commit);
        Ok(removed)
    }

    /// What taking these files out of these snapshots would do.
    pub fn removable(&self, repo: &str, commits: &[String], files: &[&str]) -> Removable {
        let snapshots: Vec<_> = commits.iter().map(|commit| self.snapshot(repo, commit)).collect();
        let (mut removable, mut blobs) = (Removable::default(), BTreeSet::new());
        for path in snapshots.iter().flat_map(|snapshot| files.iter().map(|file| snapshot.join(file))) {
            let Ok(found) = fs::symlink_metadata(&path) else { continue };
            match blob_name(&path) {
                Some(blob) => drop(blobs.insert(blob)),
                None => removable.freed_bytes += found.len(),
            }
            removable.files.push(path);
        }
        for blob in blobs {
            match self.is_linked(repo, &blob, &snapshots) {
                true => removable.shared += 1,
                false => removable.freed_bytes += fs::metadata(self.blob(repo, &blob)).map_or(0, |found| found.len()),
            }
        }
        removable
    }

    /// Deletes what unfinished downloads of large files have left, unless one is going on. Returns the bytes freed.
    ///
    /// # Errors
    /// [`HubError::Disk`].
    pub fn remove_unfinished(&self, repo: &str) -> Result<u64, HubError> {
        let mut freed = 0;
        for (partial, digest) in self.unfinished(repo) {
            if let Some(_lock) = Lock::try_take(&self.lock(repo, &digest))? {
                freed += deleted(&partial)?;
            }
        }
        self.tidy_repo(repo);
        Ok(freed)
    }

    /// What of large files has come, and the digests that they will have.
    pub(super) fn unfinished(&self, repo: &str) -> Vec<(PathBuf, String)> {
        let blobs = entries(&self.repo(repo).join("blobs")).into_iter();
        let unfinished = blobs.filter_map(|path| {
            let digest = path.file_name()?.to_str()?.strip_suffix(".incomplete")?.to_owned();
            is_sha256(&digest).then_some((path, digest))
        });
        unfinished.collect()
    }

    /// Whether a name in any snapshot but these leads to this content.
    pub(super) fn is_linked(&self, repo: &str, blob: &str, but: &[PathBuf]) -> bool {
        let names = walkdir::WalkDir::new(self.repo(repo).join("snapshots")).into_iter().flatten();
        let others = names.filter(|name| !but.iter().any(|snapshot| name.path().starts_with(snapshot)));
        others.into_iter().any(|name| blob_name(name.path()).is_some_and(|name| name == blob))
    }

    /// Removes folders that are empty, and branches that stand for a snapshot that is gone. What is not empty cannot be
    /// removed this way, so failures are the normal case.
    pub(super) fn tidy(&self, repo: &str, commit: &str) {
        let snapshot = self.snapshot(repo, commit);
        if fs::remove_dir(&snapshot).is_ok() || !snapshot.exists() {
            for branch in entries(&self.repo(repo).join("refs")) {
                if fs::read_to_string(&branch).is_ok_and(|stands_for| stands_for.trim() == commit) {
                    let _ = fs::remove_file(&branch);
                }
            }
        }
        self.tidy_repo(repo);
    }

    pub(super) fn tidy_repo(&self, repo: &str) {
        let folder = self.repo(repo);
        for empty in ["snapshots", "refs", "blobs", ""] {
            let _ = fs::remove_dir(folder.join(empty));
        }
    }
}

/// The content that a link of a snapshot leads to.
pub(super) fn blob_name(path: &Path) -> Option<String> {
    Some(fs::read_link(path).ok()?.file_name()?.to_str()?.to_owned())
}

pub(super) fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

pub(super) fn deleted(path: &Path) -> Result<u64, HubError> {
    disk::remove(path).map_err(|source| HubError::disk(path, source))
}
