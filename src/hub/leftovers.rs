//! What lies in the cache and is of no use to anybody: what it is, what it takes, and how it goes.
//!
//! Killed programs, files deleted by hand and copied folders leave it. A repository that another program works on is left
//! alone, because what comes looks like this for moments.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use super::digest::is_sha256;
use super::lock::Lock;
use super::remove::{blob_name, deleted, entries};
use super::{Cache, HubError, disk};

/// Something that is left over.
#[derive(Clone, Debug, PartialEq)]
pub struct Leftover {
    /// A file, a link, or a folder with all that is in it.
    pub path: PathBuf,
    /// What its removal frees.
    pub bytes: u64,
    pub why: Why,
}

/// Why something is of no use.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// A content that no snapshot has.
    Orphan,
    /// A snapshot for which no branch stands, and that nobody asked for by its commit.
    NoBranch,
    /// A branch that stands for a snapshot that is not here.
    LostBranch,
    /// What has come of a file that nobody fetches now.
    Unfinished,
    /// A link to what is gone.
    Dangling { target: PathBuf },
    /// A small file that a program did not come to rename.
    Temporary,
    /// A folder with nothing in it.
    Empty,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Orphan => f.write_str("a content that no snapshot points at"),
            Self::NoBranch => f.write_str("a snapshot that no branch stands for"),
            Self::LostBranch => f.write_str("a branch whose snapshot is not here"),
            Self::Unfinished => f.write_str("a download that was not finished"),
            Self::Dangling { target } => {
                write!(f, "a link to {}, which is gone; fetching the model mends it", target.display())
            }
            Self::Temporary => f.write_str("a file that a program has left half done"),
            Self::Empty => f.write_str("an empty folder"),
        }
    }
}

impl Leftover {
    /// Whether a download would go on with it.
    pub fn is_resumable(&self) -> bool {
        let digest = self.path.file_name().and_then(|name| name.to_str()?.strip_suffix(UNFINISHED));
        self.why == Why::Unfinished && digest.is_some_and(is_sha256)
    }
}

const UNFINISHED: &str = ".incomplete";

/// A repository's folder as it was found.
struct Repository {
    /// By folder: the files, and the contents to which links of these lead.
    snapshots: BTreeMap<PathBuf, Vec<(PathBuf, Option<String>)>>,
    /// Files of branches, and the commits for which they stand.
    branches: Vec<(PathBuf, String)>,
}

impl Cache {
    /// What is left over in a repository's folder; `used` are commits that are asked for without a branch. Nothing where
    /// another program works on it.
    pub fn leftovers(&self, repo: &str, used: &[&str]) -> Vec<Leftover> {
        let folder = self.repo(repo);
        if !folder.is_dir() || self.is_busy(repo) {
            return Vec::new();
        }
        if !files_below(&folder).any(|_| true) {
            return vec![Leftover { path: folder, bytes: 0, why: Why::Empty }];
        }
        let found = Repository::read(&folder);
        let mut left = found.snapshots(used);
        left.extend(found.branches());
        left.extend(self.blobs(repo, &found));
        left
    }

    /// Removes what [`Cache::leftovers`] lists, and says what went.
    ///
    /// # Errors
    /// [`HubError::Disk`].
    pub fn remove_leftovers(&self, repo: &str, used: &[&str]) -> Result<Vec<Leftover>, HubError> {
        let mut removed = Vec::new();
        for left in self.leftovers(repo, used) {
            let bytes = match left.why {
                Why::NoBranch => self.remove_snapshot(repo, &left.path)?,
                Why::Empty => {
                    remove_empty(&left.path);
                    0
                }
                Why::Orphan | Why::Unfinished => match self.lock_of(repo, &left.path) {
                    // It is used by now.
                    Some(lock) => match Lock::try_take(&lock)? {
                        None => continue,
                        Some(_lock) if self.is_used(repo, &left) => continue,
                        Some(_lock) => deleted(&left.path)?,
                    },
                    None => deleted(&left.path)?,
                },
                Why::LostBranch | Why::Dangling { .. } | Why::Temporary => deleted(&left.path)?,
            };
            removed.push(Leftover { bytes, ..left });
        }
        for snapshot in entries(&self.repo(repo).join("snapshots")) {
            remove_empty(&snapshot);
        }
        self.tidy_repo(repo);
        Ok(removed)
    }

    /// Whether another program holds one of the repository's locks.
    fn is_busy(&self, repo: &str) -> bool {
        let locks = self.lock(repo, "any");
        locks.parent().is_some_and(|locks| entries(locks).iter().any(|lock| Lock::is_held(lock)))
    }

    fn blobs(&self, repo: &str, found: &Repository) -> Vec<Leftover> {
        let named: BTreeSet<&str> =
            found.snapshots.values().flatten().filter_map(|(_, blob)| blob.as_deref()).collect();
        let left =
            entries(&self.repo(repo).join("blobs")).into_iter().filter(|path| !path.is_dir()).filter_map(|path| {
                let name = path.file_name()?.to_str()?;
                let why = if name.ends_with(UNFINISHED) { Why::Unfinished } else { Why::Orphan };
                (why == Why::Unfinished || !named.contains(name)).then(|| Leftover { bytes: length(&path), why, path })
            });
        left.collect()
    }

    fn is_used(&self, repo: &str, left: &Leftover) -> bool {
        let name = left.path.file_name().and_then(|name| name.to_str());
        left.why == Why::Orphan && name.is_some_and(|name| self.is_linked(repo, name, &[]))
    }

    /// The lock under which a content comes. Some tools put a word of their own between its name and the ending.
    fn lock_of(&self, repo: &str, blob: &Path) -> Option<PathBuf> {
        let name = blob.file_name()?.to_str()?;
        Some(self.lock(repo, name.split('.').next()?))
    }

    /// Deletes a snapshot, with the contents that no other one has.
    fn remove_snapshot(&self, repo: &str, snapshot: &Path) -> Result<u64, HubError> {
        let mut freed = 0;
        for path in files_below(snapshot).collect::<Vec<_>>() {
            let blob = blob_name(&path);
            freed += deleted(&path)?;
            if let Some(blob) = blob.filter(|blob| !self.is_linked(repo, blob, &[])) {
                freed += deleted(&self.blob(repo, &blob))?;
            }
        }
        remove_empty(snapshot);
        Ok(freed)
    }
}

impl Repository {
    fn read(folder: &Path) -> Self {
        let snapshots = entries(&folder.join("snapshots")).into_iter().filter(|path| path.is_dir()).map(|snapshot| {
            let files = files_below(&snapshot).map(|file| {
                let blob = blob_name(&file);
                (file, blob)
            });
            let files = files.collect();
            (snapshot, files)
        });
        let branches = files_below(&folder.join("refs")).filter_map(|file| {
            let stands_for = fs::read_to_string(&file).ok()?.trim().to_owned();
            Some((file, stands_for))
        });
        Self { snapshots: snapshots.collect(), branches: branches.collect() }
    }

    fn is_wanted(&self, snapshot: &Path, used: &[&str]) -> bool {
        let name = snapshot.file_name().unwrap_or_default().to_string_lossy();
        used.contains(&&*name) || self.branches.iter().any(|(_, stands_for)| *stands_for == name)
    }

    fn snapshots(&self, used: &[&str]) -> Vec<Leftover> {
        let is_wanted = |snapshot: &Path| self.is_wanted(snapshot, used);
        // A content that two of them have is freed once.
        let mut counted: BTreeSet<&str> = self
            .snapshots
            .iter()
            .filter(|(snapshot, _)| is_wanted(snapshot))
            .flat_map(|(_, files)| files.iter().filter_map(|(_, blob)| blob.as_deref()))
            .collect();
        let mut left = Vec::new();
        for (snapshot, files) in &self.snapshots {
            if files.is_empty() {
                left.push(Leftover { path: snapshot.clone(), bytes: 0, why: Why::Empty });
            } else if !is_wanted(snapshot) {
                let bytes = files.iter().map(|(file, blob)| match blob {
                    Some(blob) if counted.insert(blob) => {
                        snapshot.ancestors().nth(2).map_or(0, |repo| length(&repo.join("blobs").join(blob)))
                    }
                    Some(_) => 0,
                    None => length(file),
                });
                left.push(Leftover { bytes: bytes.sum(), path: snapshot.clone(), why: Why::NoBranch });
            } else {
                let dangling = files.iter().filter_map(|(file, _)| Some((file, disk::dangling(file)?)));
                left.extend(dangling.map(|(file, target)| Leftover {
                    path: file.clone(),
                    bytes: 0,
                    why: Why::Dangling { target },
                }));
            }
        }
        left
    }

    fn branches(&self) -> impl Iterator<Item = Leftover> {
        self.branches.iter().filter_map(|(file, stands_for)| {
            let is_temporary = file.extension().is_some_and(|ending| ending == "tmp");
            let is_here = |(snapshot, files): (&PathBuf, &Vec<_>)| {
                snapshot.file_name().is_some_and(|name| name == stands_for.as_str()) && !files.is_empty()
            };
            let why = match is_temporary {
                true => Why::Temporary,
                false if !self.snapshots.iter().any(is_here) => Why::LostBranch,
                false => return None,
            };
            Some(Leftover { path: file.clone(), bytes: length(file), why })
        })
    }
}

/// What a file or link itself takes: a link leads to what is counted elsewhere.
fn length(path: &Path) -> u64 {
    fs::symlink_metadata(path).map_or(0, |found| if found.is_symlink() { 0 } else { found.len() })
}

/// Everything below a folder that is no folder.
fn files_below(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let all = walkdir::WalkDir::new(folder).into_iter().flatten();
    all.filter(|entry| !entry.file_type().is_dir()).map(walkdir::DirEntry::into_path)
}

/// Removes a folder in which there are only folders; others cannot be removed this way.
fn remove_empty(folder: &Path) {
    for entry in walkdir::WalkDir::new(folder).contents_first(true).into_iter().flatten() {
        if entry.file_type().is_dir() {
            let _ = fs::remove_dir(entry.path());
        }
    }
}
