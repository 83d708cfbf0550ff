//! One file of cameras: its name, and what it holds.

use std::path::Path;

use super::CamerasError;
use super::error::damaged;

/// A file of cameras is text or numbers for some thousands of photos, and never as large as this.
const MOST_BYTES: u64 = 4 << 30;

/// Its name, as remarks tell it.
pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// All of it.
pub fn bytes(path: &Path) -> Result<Vec<u8>, CamerasError> {
    let unreadable = |source| CamerasError::Unreadable { path: path.to_owned(), source };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MOST_BYTES {
        return Err(damaged(path, "it is far larger than such files are"));
    }
    std::fs::read(path).map_err(unreadable)
}
