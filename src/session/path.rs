//! Paths in a session file: any bytes, and also relative to the session, so that a folder can be moved with its photos.

use std::path::{Component, Path, PathBuf, absolute};

use serde::{Deserialize, Serialize};

/// A path as JSON can hold it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum StoredPath {
    Text(String),
    /// What is no text, where paths are bytes.
    Bytes(Vec<u8>),
}

impl From<&Path> for StoredPath {
    fn from(path: &Path) -> Self {
        match path.to_str() {
            Some(text) => Self::Text(text.to_owned()),
            #[cfg(unix)]
            None => Self::Bytes(std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_owned()),
            #[cfg(not(unix))]
            None => Self::Text(path.to_string_lossy().into_owned()),
        }
    }
}

impl From<StoredPath> for PathBuf {
    fn from(stored: StoredPath) -> Self {
        match stored {
            StoredPath::Text(text) => text.into(),
            #[cfg(unix)]
            StoredPath::Bytes(bytes) => <std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes).into(),
            #[cfg(not(unix))]
            StoredPath::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
        }
    }
}

/// The folder in which a file lies; what is below a name without a folder is the folder of the program.
pub(super) fn folder_of(file: &Path) -> PathBuf {
    let parent = file.parent().unwrap_or(Path::new(""));
    absolute(parent).unwrap_or_else(|_| std::env::current_dir().unwrap_or_else(|_| parent.to_owned()))
}

/// The way from a folder to a file, by names alone; `None` where there is none, such as between two drives.
pub(super) fn relative(folder: &Path, file: &Path) -> Option<PathBuf> {
    let (from, to) = (plain(folder)?, plain(file)?);
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    // Below nothing in common but the root, the way would lead through all of the machine.
    if shared == 0 || (shared == 1 && matches!(from[0], Component::RootDir)) {
        return None;
    }
    let up = from[shared..].iter().map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to[shared..].iter().copied()).collect();
    // Every system reads these.
    Some(if cfg!(windows) { way.to_string_lossy().replace('\\', "/").into() } else { way })
}

/// The parts of an absolute path; `None` for one that climbs, which names alone cannot follow.
fn plain(path: &Path) -> Option<Vec<Component<'_>>> {
    let parts: Vec<_> = path.components().collect();
    (path.is_absolute() && !parts.contains(&Component::ParentDir)).then_some(parts)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn ways_lead_down_and_aside_but_not_through_everything() {
        let way = |from: &str, to: &str| relative(Path::new(from), Path::new(to)).map(|p| p.display().to_string());
        assert_eq!(way("/home/a", "/home/a/x/1.jpg").as_deref(), Some("x/1.jpg"));
        assert_eq!(way("/home/a/sessions", "/home/a/photos/1.jpg").as_deref(), Some("../photos/1.jpg"));
        assert_eq!(way("/home/a", "/mnt/1.jpg"), None);
        assert_eq!(way("/home/../a", "/home/1.jpg"), None);
        assert_eq!(way("home", "/home/1.jpg"), None);
    }

    #[test]
    fn any_bytes_come_back() {
        let odd = Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"/a/bl\xFCte.jpg"));
        for path in [odd, Path::new("/a/blüte.jpg"), Path::new("")] {
            let json = serde_json::to_string(&StoredPath::from(path)).expect("JSON");
            let back: StoredPath = serde_json::from_str(&json).expect("a path");
            assert_eq!(PathBuf::from(back), path, "{json}");
        }
    }
}
