//! A folder of exported results as a session: what an export keeps of one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::photo::{PhotoFile, SavedPhoto};
use super::{SavedResults, Session, Stamp};
use crate::export;
use crate::inference::ViewPrediction;
use crate::input::{Limits, ViewId, photo_size};
use crate::reopen::{ReopenError, Reopened, reopen};

/// What is to be known of these numbers, as the part of a sentence.
const ROUNDED: &str = "numbers are rounded as exported, depth to 8 decimals and confidence to 2";

pub(super) fn open(folder: &Path) -> Result<Session, ReopenError> {
    let mut ids = (0..).map(ViewId);
    let Reopened { mut prediction, photo_files, mut notes } =
        reopen(folder, || ids.next().unwrap_or(ViewId(u64::MAX)))?;
    let set_scales = std::mem::take(&mut prediction.set_scales);
    let mut photos = Vec::with_capacity(prediction.views.len());
    for (view, photo_file) in prediction.views.iter_mut().zip(photo_files) {
        let shown = Arc::make_mut(view);
        if let Some(factor) = set_scales.get(&shown.scene) {
            *shown = shown.scaled(factor.recip());
        }
        let (path, file) = match photo_file {
            Some(told) => locate_told(folder, told),
            None => locate(folder, shown),
        };
        shown.path = path.clone();
        photos.push(SavedPhoto {
            stamp: Stamp::of(&path).filter(|_| file == PhotoFile::AsItWas),
            size: Some(shown.photo_size),
            file,
            ..SavedPhoto::new(shown.view, path)
        });
    }
    let settings = notes.settings.clone();
    // A second export must not look like the first.
    if !notes.warnings.iter().any(|warning| warning == ROUNDED) {
        notes.warnings.push(ROUNDED.into());
    }
    Ok(Session {
        selected: (!photos.is_empty()).then_some(0),
        photos,
        settings,
        results: Some(SavedResults { prediction, set_scales, notes, is_finished: true }),
        window: serde_json::Value::Null,
        remark: Some(ROUNDED.into()),
    })
}

/// A photo whose file the summary speaks of.
fn locate_told(folder: &Path, told: export::PhotoFile) -> (PathBuf, PhotoFile) {
    let folder = super::path::folder_of(&folder.join("photo"));
    super::photo::locate(folder.join(told.path), None, Some(told.stamp))
}

/// An older summary has only the photo's name. An export lies beside its photos, or in a folder of its own among them; what has
/// the name and the size there is the photo.
fn locate(folder: &Path, view: &ViewPrediction) -> (PathBuf, PhotoFile) {
    // A name from a file must not lead elsewhere.
    let name = view.path.file_name().map(Path::new).unwrap_or(Path::new("photo"));
    let folder = super::path::folder_of(&folder.join(name));
    let is_it = |path: &PathBuf| photo_size(path, &Limits::default()) == Some(view.photo_size);
    let places = [Some(folder.join(name)), folder.parent().map(|parent| parent.join(name))];
    let found = places.into_iter().flatten().find(is_it);
    found.map_or((folder.join(name), PhotoFile::Missing), |path| (path, PhotoFile::AsItWas))
}
