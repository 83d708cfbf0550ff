//! Why a session cannot be opened.

use std::path::PathBuf;

use crate::reopen::ReopenError;

/// What is wrong with a session file or a folder of results; every variant names the place and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The machine's fault, or a file that is gone.
    #[error("{path} cannot be read: {source}. Check that it still exists and that you may read it.", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// The caller's fault: a file that Fathom did not write.
    #[error("{path} is no session of Fathom's: {reason}. Choose a .fathom file that Save session has written.", path = path.display())]
    NotOurs { path: PathBuf, reason: String },
    /// Nobody's fault: a format that did not exist yet.
    #[error("{path} was written by a newer Fathom ({version}). Open it with that version, or a later one.", path = path.display())]
    Newer { path: PathBuf, version: String },
    /// The fault of the disk, or of whoever changed the file.
    #[error(
        "{path} is damaged or was changed: {reason}. Open a copy of it, or run the model over the photos again.",
        path = path.display()
    )]
    Damaged { path: PathBuf, reason: String },
    /// The machine's fault: more than this process may have.
    #[error("{path} does not fit into memory. Close other programs and try again.", path = path.display())]
    Memory { path: PathBuf },
    /// A folder of results has errors of its own.
    #[error(transparent)]
    Results(#[from] ReopenError),
}
