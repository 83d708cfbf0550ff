//! The locks by which programs that share the cache keep out of each other's way.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::{HubError, Progress, Stop};

const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// A file that this process alone has locked; given back when it is dropped, and by the system when the process dies.
pub(super) struct Lock {
    // The lock lives as long as the open file.
    _file: File,
}

impl Lock {
    /// Waits until no other program holds the lock.
    pub fn take(path: &Path, stop: &Stop, progress: &mut dyn FnMut(Progress)) -> Result<Self, HubError> {
        loop {
            match Self::try_take(path)? {
                Some(lock) => return Ok(lock),
                None => progress(Progress::Waiting),
            }
            stop.wait(LOOK_AGAIN)?;
        }
    }

    /// Whether another program has the lock. Makes no file, so that it can be asked where nothing can be written.
    pub fn is_held(path: &Path) -> bool {
        let Ok(file) = File::open(path) else { return false };
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }

    /// The lock, or `None` where another program has it.
    pub fn try_take(path: &Path) -> Result<Option<Self>, HubError> {
        let disk = |source| HubError::disk(path, source);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(disk)?;
        }
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(disk)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            // A file system without locks: two programs at once are unlikely, and the digest would find them out.
            Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
                Ok(Some(Self { _file: file }))
            }
            Err(TryLockError::Error(error)) => Err(disk(error)),
        }
    }
}
