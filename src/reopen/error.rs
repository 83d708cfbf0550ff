//! Why a folder of results cannot be opened.

use std::path::PathBuf;

/// What is wrong with a folder of results; every variant names the place and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ReopenError {
    /// The caller's fault: this folder holds no results, or those of an export that was cut short.
    #[error(
        "{path} holds no results: there is no summary.json in it. Name a folder that 'fathom depth' or Export has \
         finished.", path = .0.display()
    )]
    NoSummary(PathBuf),
    /// Nobody's fault: the numbers were not exported.
    #[error(
        "{path} holds files of results, but not their numbers: they were exported without the format npz. Export again \
         with it, such as --formats npz.", path = .0.display()
    )]
    NoArrays(PathBuf),
    /// The machine's fault.
    #[error("{path} cannot be read: {source}. Check that the disk is connected and that you may read it.", path = path.display())]
    Read { path: PathBuf, source: std::io::Error },
    /// The caller's fault: a file of that name which Fathom did not write.
    #[error(
        "{path} is no summary of Fathom's: {reason}. Name a folder that 'fathom depth' or Export wrote.",
        path = path.display()
    )]
    NotOurs { path: PathBuf, reason: String },
    /// Nobody's fault: results from before photos were kept beside their depth.
    #[error(
        "{path} was written by an older Fathom and has no '{array}' in it. Run the model again and export the results \
         again.", path = path.display()
    )]
    Older { path: PathBuf, array: &'static str },
    /// The fault of the disk, or of whoever changed the file.
    #[error("{path} is damaged or was changed: {reason}. Export the results again.", path = path.display())]
    Damaged { path: PathBuf, reason: String },
    /// The machine's fault: more than this process may have.
    #[error("{path} does not fit into memory. Close other programs, or export fewer views at once.", path = path.display())]
    Memory { path: PathBuf },
}
