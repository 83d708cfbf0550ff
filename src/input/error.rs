//! What can be wrong with a file that was handed in.

use std::path::PathBuf;

/// Why a file did not become a view; every variant names the file.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    #[error("{path}: cannot be read ({source})", path = path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
}

impl InputError {
    /// What a person can do about it.
    pub fn advice(&self) -> String {
        "Check the file and add it again.".into()
    }
}
