//! The files of an export, as they are written one after the other, and what there is to say of them.

use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::path::Path;

use super::{ExportError, write_atomically};

/// The folder and what has been written into it.
pub(super) struct Files<'a> {
    pub dir: &'a Path,
    /// With `/` where a file lies deeper.
    pub names: Vec<String>,
    /// By view: which part of its 16-bit depth ends at the largest value.
    pub clipped: Vec<f64>,
    pub remarks: Vec<String>,
    pub missing: Vec<String>,
}

impl<'a> Files<'a> {
    /// Nothing has been written yet.
    pub fn new(dir: &'a Path) -> Self {
        Self { dir, names: Vec::new(), clipped: Vec::new(), remarks: Vec::new(), missing: Vec::new() }
    }

    /// Says how many pictures of depth are clipped, and how much.
    pub fn note_clipped(&mut self) {
        let clipped: Vec<f64> = self.clipped.iter().copied().filter(|part| *part > 0.0).collect();
        let most = clipped.iter().copied().fold(0.0, f64::max);
        if most > 0.0 {
            self.remarks.push(format!(
                "{} of {} 16-bit PNG files of depth end at 65.535 m, which up to {:.1} % of their pixels exceed: take TIFF, EXR or NPY, \
                 or a coarser step (--depth-step), for those.",
                clipped.len(),
                self.clipped.len(),
                (most * 100.0).max(0.1)
            ));
        }
    }

    /// Writes one file and gives its name back.
    pub fn write(
        &mut self,
        name: String,
        content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<String, ExportError> {
        self.add(name, |path| write_atomically(path, content))
    }

    /// Has one file written by `make`, which gives it its name when it is whole, and gives the name back.
    pub fn add(
        &mut self,
        name: String,
        make: impl FnOnce(&Path) -> Result<(), ExportError>,
    ) -> Result<String, ExportError> {
        let path = self.dir.join(&name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|source| ExportError::Folder { path: parent.to_owned(), source })?;
        }
        make(&path)?;
        self.names.push(name.clone());
        Ok(name)
    }
}
