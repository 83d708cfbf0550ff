//! The log file: one text file in the data folder, and the one before it.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use tracing_subscriber::EnvFilter;

/// A file larger than this, in bytes, is set aside at the next start.
const LARGE_BYTES: u64 = 2 << 20;

/// Why there is no log file; the program works without.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    #[error("this system names no folder for a program's data")]
    NoFolder,
    #[error("{path}: the log file cannot be opened ({source})", path = path.display())]
    Unwritable { path: PathBuf, source: std::io::Error },
    #[error("another log was set up before")]
    Taken,
}

/// Sends `tracing` events to the log file and gives its path. `RUST_LOG` chooses what is written.
///
/// # Errors
/// When there is no data folder, the file cannot be written, or a subscriber is set already.
pub fn start() -> Result<PathBuf, LogError> {
    let folders = directories::ProjectDirs::from("", "", "fathom").ok_or(LogError::NoFolder)?;
    let path = folders.data_local_dir().join("fathom.log");
    let file = open(&path).map_err(|source| LogError::Unwritable { path: path.clone(), source })?;
    // egui and wgpu tell much that is of no use here.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,fathom=info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Mutex::new(file))
        .try_init()
        .map_err(|_| LogError::Taken)?;
    Ok(path)
}

fn open(path: &Path) -> std::io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    if fs::metadata(path).is_ok_and(|data| data.len() > LARGE_BYTES) {
        fs::rename(path, path.with_extension("old.log"))?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_log_is_set_aside() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/fathom.log");
        drop(open(&path).expect("made with its folder"));
        fs::write(&path, vec![b'x'; LARGE_BYTES as usize + 1]).expect("written");
        let fresh = open(&path).expect("opened");
        assert_eq!(fresh.metadata().expect("metadata").len(), 0);
        assert!(folder.path().join("deep/fathom.old.log").exists());
    }
}
