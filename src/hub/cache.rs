//! The cache of Hugging Face's tools on disk: contents by their digest, and links that give them names.
//!
//! ```text
//! models--owner--name/blobs/<etag>                        what a file contains; <etag>.incomplete while it comes
//! models--owner--name/snapshots/<commit>/<file>           a relative link to ../../blobs/<etag>
//! models--owner--name/refs/<branch>                       the commit that the branch stood for
//! .locks/models--owner--name/<etag>.lock
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::digest::{is_commit, is_sha256};
use super::{HubError, disk, environment};

/// The cache's folder, which need not exist.
#[derive(Clone, Debug, PartialEq)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    pub fn at(root: PathBuf) -> Self {
        Self { root }
    }

    /// `HF_HUB_CACHE`, else `$HF_HOME/hub`, else `~/.cache/huggingface/hub`. `None` where the system names no home.
    pub fn from_env() -> Option<Self> {
        environment::cache_folder().map(Self::at)
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The file of a repository (`owner/name`) at a revision, if the whole of it is here.
    pub fn find(&self, repo: &str, revision: &str, file: &str) -> Option<PathBuf> {
        let path = self.snapshot(repo, &self.commit(repo, revision)?).join(file);
        path.is_file().then_some(path)
    }

    /// The error that a file of a repository is where its name is here and what it stands for is gone.
    pub fn dangling(&self, repo: &str, revision: &str, file: &str) -> Option<HubError> {
        let link = self.snapshot(repo, &self.commit(repo, revision)?).join(file);
        let target = disk::dangling(&link)?;
        Some(HubError::Dangling { link, target })
    }

    /// The commit that a revision stands for: itself, or what the branch was when it was last fetched.
    pub fn commit(&self, repo: &str, revision: &str) -> Option<String> {
        if is_commit(revision) {
            return Some(revision.to_owned());
        }
        let commit = fs::read_to_string(self.reference(repo, revision)).ok()?;
        Some(commit.trim().to_owned()).filter(|commit| is_commit(commit))
    }

    /// The SHA-256 that the server gave for a file of the cache when it was fetched; `None` for small files, and where
    /// the system has no links.
    pub fn published_digest(path: &Path) -> Option<String> {
        let blob = fs::read_link(path).ok()?;
        blob.file_name()?.to_str().filter(|name| is_sha256(name)).map(str::to_owned)
    }

    /// Bytes of large files that unfinished downloads have left.
    pub fn unfinished_bytes(&self, repo: &str) -> u64 {
        self.unfinished(repo)
            .iter()
            .filter_map(|(partial, _)| fs::metadata(partial).ok())
            .map(|found| found.len())
            .sum()
    }

    pub(super) fn repo(&self, repo: &str) -> PathBuf {
        self.root.join(folder_name(repo))
    }

    pub(super) fn blob(&self, repo: &str, etag: &str) -> PathBuf {
        self.repo(repo).join("blobs").join(etag)
    }

    pub(super) fn partial(&self, repo: &str, etag: &str) -> PathBuf {
        self.blob(repo, &format!("{etag}.incomplete"))
    }

    pub(super) fn lock(&self, repo: &str, etag: &str) -> PathBuf {
        self.root.join(".locks").join(folder_name(repo)).join(format!("{etag}.lock"))
    }

    pub(super) fn snapshot(&self, repo: &str, commit: &str) -> PathBuf {
        self.repo(repo).join("snapshots").join(commit)
    }

    pub(super) fn reference(&self, repo: &str, branch: &str) -> PathBuf {
        self.repo(repo).join("refs").join(branch)
    }

    /// Gives the content `etag` the name `file` in a snapshot.
    pub(super) fn place(
        &self,
        repo: &str,
        commit: &str,
        file: &str,
        etag: &str,
        link: fn(&Path, &Path) -> io::Result<()>,
    ) -> Result<PathBuf, HubError> {
        let folder = self.snapshot(repo, commit);
        let path = folder.join(file);
        if path.is_file() {
            return Ok(path);
        }
        let placed = fs::create_dir_all(&folder).and_then(|()| {
            // What is no file is a link whose content somebody has deleted.
            disk::remove(&path)?;
            let target = Path::new("../../blobs").join(etag);
            // Where links cannot be made the file itself lies in the snapshot, as with those other tools.
            link(&target, &path).or_else(|_| fs::rename(self.blob(repo, etag), &path))
        });
        placed.map(|()| path.clone()).map_err(|source| HubError::disk(&path, source))
    }

    /// Remembers which commit a branch stands for.
    pub(super) fn point(&self, repo: &str, branch: &str, commit: &str) -> Result<(), HubError> {
        let path = self.reference(repo, branch);
        disk::write_whole(&path, commit).map_err(|source| HubError::disk(&path, source))
    }
}

fn folder_name(repo: &str) -> String {
    format!("models--{}", repo.replace('/', "--"))
}
