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
            Some(told) => locate_told(folder, told, shown),
            None => locate(folder, shown).unwrap_or_else(|| missing(folder, shown)),
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

/// A photo whose file the summary speaks of: at the way to it from the folder, at the place where it was, or beside the folder.
fn locate_told(folder: &Path, told: export::PhotoFile, view: &ViewPrediction) -> (PathBuf, PhotoFile) {
    let at = super::path::folder_of(&folder.join("photo"));
    let way = at.join(told.path);
    let (path, beside) = match told.absolute {
        Some(absolute) => (absolute, Some(way)),
        None => (way, None),
    };
    let found = super::photo::locate(path, beside, Some(told.stamp));
    if found.1 != PhotoFile::Missing {
        return found;
    }
    // There it was never said to be: another photo may have its name and its size in pixels. Copying a file changes its time.
    let is_same = |path: &Path| Stamp::of(path).is_some_and(|now| now.bytes == told.stamp.bytes);
    match locate(folder, view) {
        Some((path, _)) if !is_same(&path) => (path, PhotoFile::Changed),
        beside => beside.unwrap_or(found),
    }
}

/// By its name alone, which is all that an older summary has. An export lies beside its photos, or in a folder of its own among
/// them; what has the name and the size there is the photo.
fn locate(folder: &Path, view: &ViewPrediction) -> Option<(PathBuf, PhotoFile)> {
    let is_it = |path: &PathBuf| photo_size(path, &Limits::default()) == Some(view.photo_size);
    let found = places(folder, view).into_iter().find(is_it);
    found.map(|path| (path, PhotoFile::AsItWas))
}

fn missing(folder: &Path, view: &ViewPrediction) -> (PathBuf, PhotoFile) {
    (places(folder, view).swap_remove(0), PhotoFile::Missing)
}

/// Where a photo of that name would lie beside results.
fn places(folder: &Path, view: &ViewPrediction) -> Vec<PathBuf> {
    // A name from a file must not lead elsewhere.
    let name = view.path.file_name().map(Path::new).unwrap_or(Path::new("photo"));
    let folder = super::path::folder_of(&folder.join(name));
    folder.ancestors().take(2).map(|folder| folder.join(name)).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::examples::synthetic;
    use crate::export::{Options, RunNotes, export_all};
    use crate::inference::Prediction;

    /// Two photos in `photos`, and their results in `photos/results`.
    fn exported(root: &Path) -> [PathBuf; 2] {
        let photos = root.join("photos");
        fs::create_dir(&photos).expect("a folder");
        let paths = [0, 1].map(|index| photos.join(format!("{index}.png")));
        let view = |index: usize| {
            let drawn = synthetic::render(index, 28, 20);
            drawn.image.save(&paths[index]).expect("written");
            Arc::new(drawn.into_prediction(ViewId(index as u64), paths[index].clone()))
        };
        let prediction = Prediction { views: vec![view(0), view(1)], ..Prediction::default() };
        export_all(&prediction, &photos.join("results"), &RunNotes::default(), &Options::default()).expect("exported");
        paths
    }

    fn found(folder: &Path) -> Vec<(PathBuf, PhotoFile)> {
        open(folder).expect("results").photos.into_iter().map(|photo| (photo.path, photo.file)).collect()
    }

    fn all(paths: impl IntoIterator<Item = PathBuf>, file: PhotoFile) -> Vec<(PathBuf, PhotoFile)> {
        paths.into_iter().map(|path| (path, file)).collect()
    }

    #[test]
    fn results_find_their_photos_wherever_either_has_gone() {
        let root = tempfile::tempdir().expect("a folder");
        // Temporary folders may be links.
        let root = fs::canonicalize(root.path()).expect("there");
        let photos = exported(&root);
        let results = root.join("photos/results");
        assert_eq!(found(&results), all(photos.clone(), PhotoFile::AsItWas));

        // Only the results have gone: the photos are where they were.
        let elsewhere = root.join("somewhere/else");
        fs::create_dir_all(elsewhere.parent().expect("a folder")).expect("made");
        fs::rename(&results, &elsewhere).expect("moved");
        assert_eq!(found(&elsewhere), all(photos.clone(), PhotoFile::AsItWas));

        // Both were copied: the copies are meant.
        let copy = root.join("copy");
        fs::create_dir_all(copy.join("results")).expect("made");
        for entry in fs::read_dir(&elsewhere).expect("a folder").map(|entry| entry.expect("a file")) {
            fs::copy(entry.path(), copy.join("results").join(entry.file_name())).expect("copied");
        }
        let copies = [0, 1].map(|index| copy.join(format!("{index}.png")));
        for (photo, copy) in photos.iter().zip(&copies) {
            fs::copy(photo, copy).expect("copied");
        }
        assert_eq!(found(&copy.join("results")), all(copies.clone(), PhotoFile::AsItWas));

        // Neither at their place nor at the way to it, but beside the results.
        photos.iter().for_each(|photo| fs::remove_file(photo).expect("gone"));
        let beside = copies.clone().map(|path| elsewhere.join(path.file_name().expect("a name")));
        (0..2).for_each(|index| fs::rename(&copies[index], &beside[index]).expect("moved"));
        assert_eq!(found(&elsewhere), all(beside.clone(), PhotoFile::AsItWas));

        // Another photo of that name and size is not what the results are of.
        let drawn = fs::read(&beside[0]).expect("there");
        fs::write(&beside[0], [drawn.as_slice(), b" "].concat()).expect("written");
        let [changed, same] = [0, 1].map(|index| beside[index].clone());
        let as_it_is = [(changed, PhotoFile::Changed), (same, PhotoFile::AsItWas)];
        assert_eq!(found(&elsewhere), as_it_is);

        // Only now they are missing, and it is said where they were.
        beside.iter().for_each(|photo| fs::remove_file(photo).expect("gone"));
        assert_eq!(found(&elsewhere), all(photos, PhotoFile::Missing));
    }
}
