//! An animation as a folder of numbered PNG files.

use std::fs;
use std::path::{Path, PathBuf};

use image::RgbaImage;

use crate::export::folder::unfinished_path;
use crate::export::{ExportError, check_folder, write_atomically, write_picture_png};

/// A folder that is filled under another name and vanishes unless it was finished.
pub(super) struct PngFolder {
    target: PathBuf,
    unfinished: PathBuf,
}

impl PngFolder {
    pub fn create(target: &Path) -> Result<Self, ExportError> {
        if target.exists() {
            check_folder(target, false)?;
        }
        let unfinished = unfinished_path(target);
        // A program of the same number may have been killed at work on the same folder.
        let _ = fs::remove_dir_all(&unfinished);
        check_folder(&unfinished, false)?;
        Ok(Self { target: target.to_owned(), unfinished })
    }

    pub fn add(&mut self, index: usize, frame: &RgbaImage) -> Result<(), ExportError> {
        write_atomically(&self.unfinished.join(format!("{index:04}.png")), |to| write_picture_png(to, frame))
    }

    pub fn finish(self) -> Result<(), ExportError> {
        // Not every system replaces an empty folder. If there is none, so much the better.
        let _ = fs::remove_dir(&self.target);
        let renamed = fs::rename(&self.unfinished, &self.target);
        renamed.map_err(|source| ExportError::Folder { path: self.target.clone(), source })
    }
}

impl Drop for PngFolder {
    fn drop(&mut self) {
        // After finishing there is nothing of that name; otherwise the error that led here is already on its way.
        let _ = fs::remove_dir_all(&self.unfinished);
    }
}
