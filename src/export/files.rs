//! The files of an export, as they are written one after the other, and what there is to say of them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::sink::Sink;
use super::{ExportError, ExportWatch, missing_folders, write_atomically};

/// The folder and what has been written into it.
pub(super) struct Files<'a> {
    pub dir: &'a Path,
    /// With `/` where a file lies deeper.
    pub names: Vec<String>,
    /// By view: which part of its 16-bit depth ends at the largest value.
    pub clipped: Vec<f64>,
    pub remarks: Vec<String>,
    pub missing: Vec<String>,
    watch: &'a ExportWatch,
    /// Files are measured and not written.
    is_count: bool,
    /// Of files that were measured.
    pub bytes: u64,
    /// Files and folders that were not there before, in the order in which they came.
    made: Vec<PathBuf>,
}

impl<'a> Files<'a> {
    /// Nothing has been written yet.
    pub fn new(dir: &'a Path, watch: &'a ExportWatch) -> Self {
        let (names, clipped, remarks, missing) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { dir, names, clipped, remarks, missing, watch, is_count: false, bytes: 0, made: Vec::new() }
    }

    /// Files that are only measured: see [`Self::bytes`].
    pub fn count(watch: &'a ExportWatch) -> Self {
        Self { is_count: true, ..Self::new(Path::new(""), watch) }
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

    /// Folders that are made for the export: the innermost first, before any of them is there.
    pub fn expect_folders(&mut self, missing: Vec<PathBuf>) {
        self.made.extend(missing.into_iter().rev());
    }

    /// Writes one file and gives its name back.
    pub fn write(
        &mut self,
        name: String,
        content: impl FnOnce(&mut Sink<'_>) -> io::Result<()>,
    ) -> Result<String, ExportError> {
        let watch = self.watch;
        if !self.is_count {
            return self.add(name, 0, |path| write_atomically(path, |to| content(&mut Sink::file(to, watch))));
        }
        self.check()?;
        let mut sink = Sink::count(watch);
        let measured = content(&mut sink);
        self.check()?;
        measured.map_err(|source| ExportError::Write { path: name.clone().into(), source })?;
        self.bytes += sink.length();
        Ok(name)
    }

    /// Has one file written by `make`, which gives it its name when it is whole, and gives the name back. Where files are only
    /// measured, it counts as `about` so many bytes, because `make` would write.
    pub fn add(
        &mut self,
        name: String,
        about: u64,
        make: impl FnOnce(&Path) -> Result<(), ExportError>,
    ) -> Result<String, ExportError> {
        self.check()?;
        if self.is_count {
            self.bytes += about;
            return Ok(name);
        }
        let path = self.dir.join(&name);
        if let Some(parent) = path.parent() {
            self.expect_folders(missing_folders(parent));
            fs::create_dir_all(parent).map_err(|source| ExportError::Folder { path: parent.to_owned(), source })?;
        }
        let is_new = fs::symlink_metadata(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        if let Err(error) = make(&path) {
            // What a cancelled file complains of is nobody's fault.
            return Err(if self.watch.is_stopped() { ExportError::Cancelled } else { error });
        }
        self.made.extend(is_new.then_some(path));
        self.names.push(name.clone());
        Ok(name)
    }

    /// # Errors
    /// [`ExportError::Cancelled`] where that was asked for.
    pub fn check(&self) -> Result<(), ExportError> {
        if self.watch.is_stopped() { Err(ExportError::Cancelled) } else { Ok(()) }
    }

    /// Removes what was not there before: files, and folders that are empty then. A file that took the place of an older one stays, as
    /// does what cannot be removed: it is whole, and there is nobody to tell.
    pub fn take_back(self) {
        // What came last lies deepest.
        for made in self.made.iter().rev() {
            let _ = if made.is_dir() { fs::remove_dir(made) } else { fs::remove_file(made) };
        }
    }
}
