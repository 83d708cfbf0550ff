//! Why results did not become files.

use std::io::ErrorKind;
use std::path::PathBuf;

/// What went wrong on the way to disk; every variant names the place and says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The machine's fault: the file could not be written.
    #[error("{path} cannot be written: {source}. {advice}", path = path.display(), advice = advice(source.kind()))]
    Write { path: PathBuf, source: std::io::Error },
    /// The machine's fault: the output folder cannot be made or read.
    #[error("The folder {path} cannot be used: {source}. {advice}", path = path.display(), advice = advice(source.kind()))]
    Folder { path: PathBuf, source: std::io::Error },
    /// The caller's fault: results would mix with what is there.
    #[error("The folder {path} is not empty. Choose another folder, or allow overwriting.", path = path.display())]
    FolderNotEmpty { path: PathBuf },
    /// The caller's fault: a format that has no words for the lens of a photo.
    #[error("{0}. Export cameras of the straight pictures instead: leave out 'as they were taken' (--as-taken).")]
    Lens(String),
    /// The fault of whoever moved or changed a photo since.
    #[error("{path} cannot be put beside its cameras: {reason}. Bring it back, or export without photos.", path = path.display())]
    Photo { path: PathBuf, reason: String },
    /// Nobody's fault: it was asked for.
    #[error("The export was cancelled; nothing of it is left.")]
    Cancelled,
    /// The caller's fault: a run without a finished view.
    #[error("There is nothing to export: no view has a depth map. Run a model over at least one photo first.")]
    Empty,
    /// The caller's fault: a path without a name at its end.
    #[error("{path} is no name for a new file or folder. Write a name behind it.", path = .0.display())]
    NoName(PathBuf),
    /// The caller's fault: the format cannot hold this.
    #[error("The animation cannot become {format}: {reason}. Choose another size, speed or format.")]
    AnimationLimit { format: &'static str, reason: String },
    /// The caller's fault: an animation without a picture.
    #[error("{path} was not written, because there is no picture in it.", path = .0.display())]
    NoFrames(PathBuf),
    /// The caller's fault: all pictures of an animation have one size, width × height in pixels.
    #[error("A picture of {actual:?} pixels cannot be part of an animation of {expected:?} pixels.")]
    FrameSize { expected: [u32; 2], actual: [u32; 2] },
    /// The machine's fault: Fathom writes MP4 through another program.
    #[error(
        "MP4 needs the program '{program}', which this machine does not have. Install ffmpeg, or write a GIF (name.gif) \
         or a folder of PNG files (a name without an ending) instead."
    )]
    EncoderMissing { program: String },
    /// The other program's or the disk's fault: what it said last.
    #[error("'{program}' could not write {path}: {reason}", path = path.display())]
    Encoder { program: String, path: PathBuf, reason: String },
    /// Fathom's fault: a map does not have the size that its view says.
    #[error(
        "{path}: the {map} map has {actual} values, expected {expected}. This is a defect in Fathom; please report it."
    )]
    MapLength { path: String, map: &'static str, expected: usize, actual: usize },
}

/// What a person can do about an I/O error.
fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "Free some space or choose a folder on another disk, then export again."
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "Choose a folder that you may write to.",
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => "A file is in the way; choose another folder.",
        ErrorKind::InvalidFilename => "Choose a folder with a shorter path.",
        _ => "Check that the disk is connected and the folder still exists, or choose another folder.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_path_and_the_way_out() {
        let full = ExportError::Write {
            path: PathBuf::from("out/results.npz"),
            source: std::io::Error::from(ErrorKind::StorageFull),
        };
        assert!(full.to_string().contains("out/results.npz") && full.to_string().contains("another disk"));
        let denied = ExportError::Folder {
            path: PathBuf::from("/elsewhere/x"),
            source: std::io::Error::from(ErrorKind::PermissionDenied),
        };
        assert!(denied.to_string().contains("/elsewhere/x") && denied.to_string().contains("may write to"));
    }
}
