//! A photo of a session: where its file was, how to tell whether it is still the same, and where it is now.

use std::path::{Path, PathBuf, absolute};

use serde::{Deserialize, Serialize};

use super::path::StoredPath;
use crate::input::{Stamp, ViewId, relative};

/// One photo of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedPhoto {
    pub id: ViewId,
    pub path: PathBuf,
    /// Width and height as shown, where they are known.
    pub size: Option<[u32; 2]>,
    /// Its file when its result was made. Where it is absent, saving looks at the file.
    pub stamp: Option<Stamp>,
    /// How the file was found.
    pub file: PhotoFile,
    /// Switched off in 3D.
    pub is_hidden: bool,
    /// Left out of exports.
    pub is_left_out: bool,
    pub failure: Option<Failure>,
}

impl SavedPhoto {
    /// A photo of which nothing more is known than where it lies.
    pub fn new(id: ViewId, path: PathBuf) -> Self {
        let (size, stamp, file, failure) = (None, None, PhotoFile::AsItWas, None);
        Self { id, path, size, stamp, file, is_hidden: false, is_left_out: false, failure }
    }
}

/// Whether a photo's file is as it was when the session was saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PhotoFile {
    #[default]
    AsItWas,
    /// Something else bears its name now.
    Changed,
    Missing,
}

/// Why a photo gave no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub what: String,
    pub advice: String,
}

/// A photo as it stands in `session.json`.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredPhoto {
    path: StoredPath,
    /// From the session's folder.
    relative: Option<StoredPath>,
    size: Option<[u32; 2]>,
    stamp: Option<Stamp>,
    #[serde(default)]
    is_hidden: bool,
    /// Absent in older sessions.
    #[serde(default)]
    is_left_out: bool,
    failure: Option<Failure>,
}

impl StoredPhoto {
    /// For a session in `folder`.
    pub fn new(photo: &SavedPhoto, folder: &Path) -> Self {
        let path = absolute(&photo.path).unwrap_or_else(|_| photo.path.clone());
        Self {
            relative: relative(folder, &path).map(|way| StoredPath::from(way.as_path())),
            path: StoredPath::from(path.as_path()),
            size: photo.size,
            stamp: photo.stamp.or_else(|| Stamp::of(&path)),
            is_hidden: photo.is_hidden,
            is_left_out: photo.is_left_out,
            failure: photo.failure.clone(),
        }
    }

    /// The photo of a session in `folder`, wherever its file is now.
    pub fn find(self, id: ViewId, folder: &Path) -> SavedPhoto {
        let path = PathBuf::from(self.path);
        let beside = self.relative.map(|way| folder.join(PathBuf::from(way)));
        let (path, file) = locate(path, beside, self.stamp);
        SavedPhoto {
            id,
            path,
            size: self.size,
            stamp: self.stamp,
            file,
            is_hidden: self.is_hidden,
            is_left_out: self.is_left_out,
            failure: self.failure,
        }
    }
}

/// Where a photo is that was at `path`, or `beside` the session. A session that was copied with its photos means the copies,
/// so these come first; a photo that is as it was comes before one that only bears the name.
pub(super) fn locate(path: PathBuf, beside: Option<PathBuf>, stamp: Option<Stamp>) -> (PathBuf, PhotoFile) {
    let is_moved = beside.as_ref().is_some_and(|beside| !is_same_place(beside, &path));
    let mut changed = None;
    let places = beside.filter(|_| is_moved).map(|beside| (beside, true)).into_iter().chain([(path.clone(), false)]);
    for (place, is_copy) in places {
        match Stamp::of(&place) {
            // Copying a file changes its time.
            Some(now) if stamp.is_none_or(|then| now == then || (is_copy && now.bytes == then.bytes)) => {
                return (plain(place), PhotoFile::AsItWas);
            }
            Some(_) => changed = changed.or(Some(place)),
            None => {}
        }
    }
    changed.map_or((path, PhotoFile::Missing), |place| (plain(place), PhotoFile::Changed))
}

fn is_same_place(a: &Path, b: &Path) -> bool {
    plain(a.to_owned()) == *b || std::fs::canonicalize(a).is_ok_and(|a| std::fs::canonicalize(b).is_ok_and(|b| a == b))
}

/// Without `..` in it, where that changes nothing about what it names.
fn plain(path: PathBuf) -> PathBuf {
    let mut short = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                short.pop();
            }
            part => short.push(part),
        }
    }
    let same = std::fs::canonicalize(&short).ok().is_some_and(|a| std::fs::canonicalize(&path).is_ok_and(|b| a == b));
    if same { short } else { path }
}
