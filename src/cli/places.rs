//! Where results go: whether files can be written there, found out without leaving anything behind.

use std::fs;
use std::path::{Path, PathBuf};

use crate::export::{ExportError, check_folder, missing_folders};

/// Folders that are not there yet. Those of them in which there is nothing in the end are taken away, whatever the end is.
pub(super) struct NewFolders(Vec<PathBuf>);

impl NewFolders {
    /// `folder` and those around it that are missing now.
    pub fn on_the_way_to(folder: &Path) -> Self {
        Self(missing_folders(folder))
    }

    /// Those around a file that are missing now.
    pub fn around(file: &Path) -> Self {
        Self::on_the_way_to(file.parent().unwrap_or(Path::new("")))
    }

    fn sweep(&self) {
        if let Some(innermost) = self.0.first() {
            sweep_inside(innermost);
        }
        // The innermost comes first. One with something in it is not removed, which is what is wanted.
        for folder in &self.0 {
            let _ = fs::remove_dir(folder);
        }
    }
}

impl Drop for NewFolders {
    fn drop(&mut self) {
        self.sweep();
    }
}

/// Takes empty folders inside a folder away.
fn sweep_inside(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            sweep_inside(&entry.path());
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// Finds out whether results can be written into a folder, which is not there afterwards if it was not before: so a run that is
/// killed leaves nothing either. What this gives is kept until they are written.
///
/// # Errors
/// As [`check_folder`].
pub(super) fn check(folder: &Path, overwrite: bool) -> Result<NewFolders, ExportError> {
    let new = NewFolders::on_the_way_to(folder);
    check_folder(folder, overwrite)?;
    new.sweep();
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_and_empty_goes_and_all_else_stays() {
        let dir = tempfile::tempdir().expect("a folder");
        let (old, inner) = (dir.path().join("old"), dir.path().join("old/a/b/c"));
        fs::create_dir(&old).expect("made");
        let new = check(&inner, false).expect("can be written to");
        assert!(old.is_dir() && !old.join("a").exists(), "nothing is left of the check");
        fs::create_dir_all(inner.join("depth_vis")).expect("made");
        drop(new);
        assert!(old.is_dir() && !old.join("a").exists(), "empty folders inside are nothing either");
        let new = check(&inner, false).expect("can be written to");
        fs::create_dir_all(&inner).expect("made");
        fs::write(inner.join("summary.json"), b"{}").expect("written");
        drop(new);
        assert!(inner.join("summary.json").is_file());
        fs::write(old.join("file"), b"").expect("written");
        assert!(check(&old.join("file/d"), false).is_err() && check(&inner, false).is_err());
        assert!(old.join("file").is_file());
    }

    #[test]
    fn a_way_back_out_of_a_new_folder_costs_nothing_that_was_there() {
        let dir = tempfile::tempdir().expect("a folder");
        let inner = dir.path().join("old/empty");
        fs::create_dir_all(&inner).expect("made");
        drop(check(&dir.path().join("new/../old"), true).expect("can be written to"));
        assert!(inner.is_dir());
        // Where the system can follow the way already, what is new behind it is known.
        drop(check(&inner.join("../made"), true).expect("can be written to"));
        assert!(inner.is_dir() && !dir.path().join("old/made").exists());
    }
}
