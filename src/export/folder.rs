//! The output folder: checked before work starts, and files that appear in it only when they are complete.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use super::ExportError;

/// What vouches for the other files of a folder.
pub(super) const SUMMARY: &str = "summary.json";

/// Makes `dir` if it is missing and finds out whether files can be written into it.
///
/// Unless `overwrite` is set it must hold nothing but hidden files. Worth calling before a long run, too.
///
/// # Errors
/// [`ExportError::Folder`] where it cannot be made, read or written to, [`ExportError::FolderNotEmpty`].
pub fn check_folder(dir: &Path, overwrite: bool) -> Result<(), ExportError> {
    let folder_error = |source| ExportError::Folder { path: dir.to_owned(), source };
    fs::create_dir_all(dir).map_err(folder_error)?;
    if !overwrite {
        for entry in fs::read_dir(dir).map_err(folder_error)? {
            let name = entry.map_err(folder_error)?.file_name();
            if !name.to_string_lossy().starts_with('.') {
                return Err(ExportError::FolderNotEmpty { path: dir.to_owned() });
            }
        }
    }
    Unfinished::create(&dir.join("fathom")).map(drop).map_err(folder_error)
}

/// `folder` and those around it that are missing now, the innermost first.
///
/// What cannot be looked at is not missing. Nothing is said of a way that leads back (`..`) out of a folder that is missing: the
/// system cannot follow it yet, and what it leads to may well be there.
pub fn missing_folders(folder: &Path) -> Vec<PathBuf> {
    let is_missing =
        |folder: &&Path| fs::symlink_metadata(folder).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    let around = folder.ancestors().filter(|folder| !folder.as_os_str().is_empty());
    let missing: Vec<PathBuf> = around.take_while(is_missing).map(Path::to_owned).collect();
    let leads_back = missing.iter().any(|folder| folder.components().next_back() == Some(Component::ParentDir));
    if leads_back { Vec::new() } else { missing }
}

/// Whether results were exported into `dir`.
pub fn holds_summary(dir: &Path) -> bool {
    dir.join(SUMMARY).is_file()
}

/// The files of the results in `dir`, as their summary names them; none where there is no summary that can be read.
pub fn listed_files(dir: &Path) -> Vec<PathBuf> {
    #[derive(serde::Deserialize)]
    struct Listed {
        files: Vec<PathBuf>,
    }
    let read = || Some(serde_json::from_slice::<Listed>(&fs::read(dir.join(SUMMARY)).ok()?).ok()?.files);
    // A name from a file must not lead out of its folder.
    let is_inside = |file: &PathBuf| file.components().all(|part| matches!(part, Component::Normal(_)));
    read().unwrap_or_default().into_iter().filter(is_inside).map(|file| dir.join(file)).collect()
}

/// Writes `path` through a temporary neighbour that takes the name once all bytes are on disk, so that a half-written
/// file never bears it. An existing file is replaced.
///
/// # Errors
/// [`ExportError::Write`] naming `path`; the temporary file is removed.
pub fn write_atomically(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), ExportError> {
    let written = || -> io::Result<()> {
        let unfinished = Unfinished::create(path)?;
        let mut writer = BufWriter::with_capacity(1 << 18, unfinished.file.try_clone()?);
        content(&mut writer)?;
        writer.flush()?;
        unfinished.rename_to(path)
    };
    written().map_err(|source| ExportError::Write { path: path.to_owned(), source })
}

/// A temporary file that vanishes unless it was renamed.
pub(super) struct Unfinished {
    pub file: File,
    pub path: PathBuf,
    kept: bool,
}

impl Unfinished {
    /// A hidden neighbour of `target`; the process id keeps two programs that write the same folder apart.
    pub fn create(target: &Path) -> io::Result<Self> {
        let path = unfinished_path(target);
        let file = File::create(&path)?;
        Ok(Self { file, path, kept: false })
    }

    pub fn rename_to(mut self, target: &Path) -> io::Result<()> {
        // A full disk or a lost network share may show only here.
        self.file.sync_all()?;
        fs::rename(&self.path, target)?;
        self.kept = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing more can be done about a leftover here; the error that led here is already on its way.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The hidden neighbour of `target` that takes its name once it is whole.
pub(super) fn unfinished_path(target: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    target.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let path = dir.path().join("results.npz");
        write_atomically(&path, |w| w.write_all(b"old")).expect("first write");
        let error = write_atomically(&path, |w| {
            w.write_all(b"half")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        })
        .expect_err("fails");
        assert!(error.to_string().contains("results.npz"));
        assert_eq!(fs::read(&path).expect("still there"), b"old");
        assert_eq!(fs::read_dir(dir.path()).expect("listing").count(), 1);
        write_atomically(&path, |w| w.write_all(b"new")).expect("replaces");
        assert_eq!(fs::read(&path).expect("there"), b"new");
    }

    #[test]
    fn a_folder_with_files_needs_leave() {
        let dir = tempfile::tempdir().expect("temporary folder");
        let out = dir.path().join("a/b");
        check_folder(&out, false).expect("made");
        assert_eq!(fs::read_dir(&out).expect("listing").count(), 0, "the probe is gone");
        fs::write(out.join(".DS_Store"), b"").expect("hidden file");
        check_folder(&out, false).expect("hidden files do not count");
        fs::write(out.join("holiday.jpg"), b"").expect("file");
        assert!(matches!(check_folder(&out, false), Err(ExportError::FolderNotEmpty { .. })));
        check_folder(&out, true).expect("allowed");
        let error = check_folder(&out.join("holiday.jpg"), true).expect_err("a file is no folder");
        assert!(error.to_string().contains("holiday.jpg"), "{error}");
    }
}
