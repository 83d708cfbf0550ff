//! Paths in a session file: any bytes.

use std::path::{Path, PathBuf, absolute};

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

#[cfg(all(test, unix))]
mod tests {
    use std::path::{Path, PathBuf};

    use crate::session::path::StoredPath;

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
