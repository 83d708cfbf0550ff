//! Room on a disk, and small files that are whole or not there.

use std::fs;
use std::io;
use std::path::Path;

/// Bytes that this user can write below `folder`, which need not exist yet.
pub(super) fn free_bytes(folder: &Path) -> io::Result<u64> {
    let existing = folder.ancestors().find(|ancestor| ancestor.is_dir()).unwrap_or(Path::new("."));
    fs4::available_space(existing)
}

/// Writes a file that nobody ever sees half-written.
pub(super) fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!(".{}.tmp", std::process::id()));
    fs::write(&unfinished, text)?;
    fs::rename(&unfinished, path)
}

/// Removes a file and says how many bytes that freed; nothing there is fine.
pub(super) fn remove(path: &Path) -> io::Result<u64> {
    let removed = fs::symlink_metadata(path).and_then(|found| fs::remove_file(path).map(|()| found));
    match removed {
        Ok(found) => Ok(if found.is_symlink() { 0 } else { found.len() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}
