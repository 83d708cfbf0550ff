//! What can be wrong with a file that was handed in.

use std::path::{Path, PathBuf};

use super::name::display_path;

/// Why a file or folder did not become views. Every variant names it; [`InputError::advice`] says what to do.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    #[error("{}: there is no such file or folder", display_path(path))]
    Missing { path: PathBuf },
    #[error("{}: cannot be read ({source})", display_path(path))]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}: is a folder, not a photo", display_path(path))]
    Folder { path: PathBuf },
    #[error("{}: is a device or a pipe, not a file", display_path(path))]
    NotAFile { path: PathBuf },
    #[error("{}: the file is empty", display_path(path))]
    Empty { path: PathBuf },
    #[error("{}: the file has {bytes} bytes, the limit is {limit}", display_path(path))]
    FileTooLarge { path: PathBuf, bytes: u64, limit: u64 },
    /// The content is known and is no picture (`found` reads "a text file").
    #[error("{}: is {found}, not a photo", display_path(path))]
    NotAPhoto { path: PathBuf, found: &'static str },
    #[error("{}: the content is of no known image format", display_path(path))]
    UnknownFormat { path: PathBuf },
    /// A picture in a format that is not read (`format` reads "HEIC").
    #[error("{}: {format} is not supported", display_path(path))]
    UnsupportedFormat { path: PathBuf, format: &'static str },
    #[error("{}: is a film, and films are not read yet", display_path(path))]
    Video { path: PathBuf },
    /// A format that is read, in a variant that is not.
    #[error("{}: this kind of {format} is not supported ({reason})", display_path(path))]
    UnsupportedVariant { path: PathBuf, format: &'static str, reason: String },
    #[error("{}: the {format} file is cut off, its end is missing", display_path(path))]
    Truncated { path: PathBuf, format: &'static str },
    #[error("{}: the {format} file is damaged ({reason})", display_path(path))]
    Corrupt { path: PathBuf, format: &'static str, reason: String },
    #[error("{}: the image has no area ({width}×{height} pixels)", display_path(path))]
    NoArea { path: PathBuf, width: u32, height: u32 },
    #[error(
        "{}: the image has {width}×{height} pixels, the limits are {side_limit} per side and {pixel_limit} in all",
        display_path(path)
    )]
    TooManyPixels { path: PathBuf, width: u32, height: u32, side_limit: u32, pixel_limit: u64 },
    #[error("{}: decoding needs more than the limit of {limit} bytes", display_path(path))]
    TooMuchMemory { path: PathBuf, limit: u64 },
    /// Of a mask; sizes are width × height.
    #[error(
        "{}: the mask has {}×{} pixels, which is another shape than its photo's {}×{}",
        display_path(path), mask[0], mask[1], photo[0], photo[1]
    )]
    OtherMask { path: PathBuf, mask: [u32; 2], photo: [u32; 2] },
    /// Of a sensor's depth; sizes are width × height.
    #[error(
        "{}: the sensor's depth has {}×{} pixels, which is another shape than its photo's {}×{}",
        display_path(path), depth[0], depth[1], photo[0], photo[1]
    )]
    OtherDepth { path: PathBuf, depth: [u32; 2], photo: [u32; 2] },
    /// A picture that holds no depth in a form that is known.
    #[error("{}: cannot be read as a sensor's depth ({reason})", display_path(path))]
    NoDepth { path: PathBuf, reason: String },
    /// A table of known depths; `reason` names the row.
    #[error("{}: cannot be read as known depths ({reason})", display_path(path))]
    Table { path: PathBuf, reason: String },
    #[error("{}: holds no photos", display_path(path))]
    NoPhotos { path: PathBuf },
    /// `path` is the first photo beyond the limit.
    #[error(
        "{}: {found} photos are more than the limit of {limit}, the rest is left out from here on",
        display_path(path)
    )]
    TooManyPhotos { path: PathBuf, found: usize, limit: usize },
}

impl InputError {
    /// What a failure of the file system means for a file that was handed in.
    pub(super) fn from_io(path: &Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            std::io::ErrorKind::NotFound => Self::Missing { path },
            _ => Self::Unreadable { path, source },
        }
    }

    /// The file or folder that this is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Missing { path }
            | Self::Unreadable { path, .. }
            | Self::Folder { path }
            | Self::NotAFile { path }
            | Self::Empty { path }
            | Self::FileTooLarge { path, .. }
            | Self::NotAPhoto { path, .. }
            | Self::UnknownFormat { path }
            | Self::UnsupportedFormat { path, .. }
            | Self::Video { path }
            | Self::UnsupportedVariant { path, .. }
            | Self::Truncated { path, .. }
            | Self::Corrupt { path, .. }
            | Self::NoArea { path, .. }
            | Self::TooManyPixels { path, .. }
            | Self::TooMuchMemory { path, .. }
            | Self::OtherMask { path, .. }
            | Self::OtherDepth { path, .. }
            | Self::NoDepth { path, .. }
            | Self::Table { path, .. }
            | Self::NoPhotos { path }
            | Self::TooManyPhotos { path, .. } => path,
        }
    }

    /// What is told of the file, without its name: "is a text file, not a photo".
    pub fn reason(&self) -> String {
        let (whole, name) = (self.to_string(), display_path(self.path()));
        whole.strip_prefix(&name).map_or(whole.as_str(), |rest| rest.trim_start_matches([':', ' '])).to_owned()
    }

    /// One sentence: what to do about it.
    pub fn advice(&self) -> String {
        match self {
            Self::Missing { .. } => "Check whether it was moved, renamed or deleted".into(),
            Self::Unreadable { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
                "Change the file's permissions, or copy it to a folder that is yours".into()
            }
            Self::Unreadable { .. } => "Check the disk or network drive, or copy the file elsewhere".into(),
            Self::Folder { .. } => "Add the folder itself to use the photos in it".into(),
            Self::NotAFile { .. } => "Save the picture to a file and add that".into(),
            Self::Empty { .. } | Self::Truncated { .. } => "Copy or download the file again".into(),
            Self::Corrupt { .. } => "Copy the file again, or save it anew from a program that can open it".into(),
            Self::FileTooLarge { .. } | Self::TooManyPixels { .. } | Self::TooMuchMemory { .. } => {
                "Shrink the picture first; the network sees it at a few hundred pixels per side anyway".into()
            }
            Self::NotAPhoto { .. } | Self::UnknownFormat { .. } => {
                "Choose a JPEG, PNG, HEIC, AVIF, WebP, TIFF or camera raw file".into()
            }
            Self::UnsupportedFormat { format, .. } => format!("Convert the {format} file to JPEG or PNG"),
            Self::UnsupportedVariant { .. } => "Save the picture as an ordinary 8-bit JPEG or PNG".into(),
            Self::Video { path } => {
                let [film, pictures] = [quoted(&path.to_string_lossy()), quoted(&numbered(path))];
                format!(
                    "Take pictures from a film, such as two of each second, and add those: ffmpeg -i {film} -vf fps=2 {pictures}"
                )
            }
            Self::NoArea { .. } => "Choose another file; there is nothing to see in this one".into(),
            Self::OtherMask { .. } => "Make the mask from the photo as it is shown, at any size".into(),
            Self::OtherDepth { .. } => {
                "A sensor's depth shows all of the photo, turned as the photo is shown, at any size".into()
            }
            Self::NoDepth { .. } => {
                "Choose PNGs of 16 bits in millimetres, EXR, TIFF or NumPy files; of these floats are metres".into()
            }
            Self::Table { .. } => "A row is photo,x,y,metres; a # begins a remark".into(),
            Self::NoPhotos { .. } => "Choose the folder that holds the photos themselves".into(),
            Self::TooManyPhotos { limit, .. } => format!("Add at most {limit} photos at a time"),
        }
    }
}

/// Pictures beside a film, as ffmpeg counts them.
fn numbered(film: &Path) -> String {
    let stem = film.with_extension("").to_string_lossy().replace('%', "%%");
    format!("{stem}-%04d.jpg")
}

/// A word as a shell takes it, on one line.
fn quoted(word: &str) -> String {
    let word: String = word.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect();
    let is_plain = |c: char| c.is_alphanumeric() || "/._-:%+".contains(c);
    match (word.chars().all(is_plain), cfg!(windows)) {
        (true, _) => word,
        (false, true) => format!("\"{word}\""),
        (false, false) => format!("'{}'", word.replace('\'', "'\\''")),
    }
}
