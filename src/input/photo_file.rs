//! The file of a photo: the way to it from where it is spoken of, and what tells it from another one.

use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

/// What tells a file from another one without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    pub bytes: u64,
    /// Nanoseconds since 1970.
    pub modified: Option<u64>,
}

impl Stamp {
    /// Of a file; `None` where there is no such file, or none that may be looked at.
    pub fn of(path: &Path) -> Option<Self> {
        let about = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
        let modified = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let modified = modified.and_then(|since| u64::try_from(since.as_nanos()).ok());
        Some(Self { bytes: about.len(), modified })
    }
}

/// The way from a folder to a file, by names alone; `None` where there is none, such as between two drives.
pub fn relative(folder: &Path, file: &Path) -> Option<PathBuf> {
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
}
