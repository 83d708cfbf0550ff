//! Why cameras could not be read.

use std::path::{Path, PathBuf};

use crate::input::name::display_path;

/// Why cameras could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CamerasError {
    #[error("{}: cannot be read ({source})", display_path(path))]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error(
        "{}: holds neither cameras.json, nor a COLMAP model (cameras and images, .bin or .txt), nor transforms.json",
        display_path(path)
    )]
    NoCameras { path: PathBuf },
    #[error("{}: the file is damaged ({reason})", display_path(path))]
    Damaged { path: PathBuf, reason: String },
}

pub fn damaged(path: &Path, reason: impl Into<String>) -> CamerasError {
    CamerasError::Damaged { path: path.to_owned(), reason: reason.into() }
}
