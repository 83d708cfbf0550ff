//! Room on a disk, and small files that are whole or not there.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

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

#[cfg(unix)]
pub(super) fn link(target: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

#[cfg(windows)]
pub(super) fn link(target: &Path, path: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, path)
}

/// Where a symbolic link leads whose target is gone.
pub(super) fn dangling(link: &Path) -> Option<PathBuf> {
    let target = fs::read_link(link).ok()?;
    let is_gone = fs::metadata(link).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    is_gone.then(|| plain(&link.parent().unwrap_or(Path::new("")).join(target)))
}

/// A path without `..` behind the name of a folder, as a person would say it.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir if plain.file_name().is_some() => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}
