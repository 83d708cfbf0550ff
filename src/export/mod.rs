//! One file per format; each takes a `Prediction` and a `Write`.

use std::path::{Path, PathBuf};

use crate::inference::Prediction;

/// Why an export ended.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("{path}: cannot be written ({source})", path = path.display())]
    Unwritable { path: PathBuf, source: std::io::Error },
}

/// Writes every format into `dir`.
pub fn export_all(_prediction: &Prediction, dir: &Path) -> Result<Vec<PathBuf>, ExportError> {
    std::fs::create_dir_all(dir).map_err(|source| ExportError::Unwritable { path: dir.to_owned(), source })?;
    Ok(Vec::new())
}
