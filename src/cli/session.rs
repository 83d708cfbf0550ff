//! A run without a window as a session that the window opens.

use std::path::{Path, PathBuf};

use crate::export::{ExportError, RunNotes, check_folder};
use crate::inference::Prediction;
use crate::input::ViewId;
use crate::session::{SavedPhoto, SavedResults, Session, save};

/// Whether there can be a session at `path`; its folder is made.
pub(super) fn check(path: &Path, overwrite: bool) -> Result<(), String> {
    if !overwrite && path.exists() {
        return Err(format!("{} exists already. Choose another name, or allow --overwrite.", path.display()));
    }
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => check_folder(folder, true).map_err(|error| error.to_string()),
        None => check_folder(Path::new("."), true).map_err(|error| error.to_string()),
    }
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
    save(path, &session)
}
