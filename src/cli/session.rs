//! A run without a window as a session that the window opens.

use std::path::{Path, PathBuf};

use super::places::{self, NewFolders};
use super::told;
use crate::export::{ExportError, RunNotes};
use crate::inference::Prediction;
use crate::input::ViewId;
use crate::session::{SavedPhoto, SavedResults, Session, save};

/// Whether there can be a session at `path`. What this gives is kept until it is written.
pub(super) fn check(path: &Path, overwrite: bool) -> Result<NewFolders, String> {
    if !overwrite && path.exists() {
        let path = path.display();
        return Err(format!("{path} exists already. Choose another name with --session, or add --overwrite."));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    places::check(folder.unwrap_or(Path::new(".")), true).map_err(|error| told::session(&error))
}

/// Writes what a run over `photos` gave; photo number i has `ViewId(i)`.
pub(super) fn write(
    path: &Path,
    photos: &[PathBuf],
    prediction: &Prediction,
    notes: &RunNotes,
) -> Result<(), ExportError> {
    let photos = photos.iter().enumerate().map(|(at, path)| {
        let id = ViewId(at as u64);
        let view = prediction.views.iter().find(|view| view.view == id);
        SavedPhoto { size: view.map(|view| view.photo_size), ..SavedPhoto::new(id, path.clone()) }
    });
    let (prediction, notes) = (prediction.clone(), notes.clone());
    let results = SavedResults { prediction, notes, is_finished: true, ..SavedResults::default() };
    let session = Session {
        photos: photos.collect(),
        selected: Some(0),
        settings: results.notes.settings.clone(),
        results: Some(results),
        ..Session::default()
    };
    save_into_folder(path, &session)
}

/// Saves a session, and makes its folder where there is none.
pub(super) fn save_into_folder(path: &Path, session: &Session) -> Result<(), ExportError> {
    let folder = path.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder).map_err(|source| ExportError::Folder { path: folder.to_owned(), source })?;
    save(path, session)
}
