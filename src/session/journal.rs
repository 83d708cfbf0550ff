//! Results of a run that is going on, each in a file of its own, so that a run that was cut short can be taken up again.

use std::cell::Cell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{ENDING, SavedPhoto, SavedResults, Session, has_ending, open, save};
use crate::export::{ExportError, RunNotes};
use crate::inference::{Prediction, ViewPrediction};

/// Below the folder of results; hidden, because it is nobody's but the program's.
const FOLDER: &str = ".fathom-unfinished";

/// The results so far of a run that will write into a folder.
pub struct Journal {
    folder: PathBuf,
    next: Cell<usize>,
}

impl Journal {
    /// Of the results that go to `out`. Nothing is made yet.
    pub fn of(out: &Path) -> Self {
        let folder = out.join(FOLDER);
        let next = Cell::new(files(&folder).len());
        Self { folder, next }
    }

    /// How many results it holds.
    pub fn len(&self) -> usize {
        files(&self.folder).len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Keeps what a run gave for one photo.
    ///
    /// # Errors
    /// See [`save`]; what is kept already stays.
    pub fn keep(&self, view: &Arc<ViewPrediction>, notes: &RunNotes) -> Result<(), ExportError> {
        let folder_error = |source| ExportError::Folder { path: self.folder.clone(), source };
        fs::create_dir_all(&self.folder).map_err(folder_error)?;
        let number = self.next.replace(self.next.get() + 1);
        let prediction = Prediction { views: vec![view.clone()], ..Prediction::default() };
        let notes = notes.clone();
        let results = SavedResults { prediction, notes, is_finished: true, ..SavedResults::default() };
        let session = Session {
            photos: vec![SavedPhoto::new(view.view, view.path.clone())],
            results: Some(results),
            ..Session::default()
        };
        save(&self.folder.join(format!("{number:06}.{ENDING}")), &session)
    }

    /// All that was kept, the oldest first. What cannot be read is as good as not there: the photo is run again.
    pub fn read(&self) -> impl Iterator<Item = Session> {
        let session = |file: PathBuf| match open(&file) {
            Ok(session) => Some(session),
            Err(error) => {
                tracing::warn!("not taken up: {error}");
                None
            }
        };
        files(&self.folder).into_iter().filter_map(session)
    }

    /// Takes it away: the results are where they belong, or not wanted.
    ///
    /// # Errors
    /// What the system answers.
    pub fn forget(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| has_ending(file));
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::input::ViewId;
    use crate::session::PhotoFile;

    #[test]
    fn what_was_kept_comes_back_and_what_is_damaged_does_not() {
        let out = tempfile::tempdir().expect("a folder");
        let photo = out.path().join("a.png");
        let scene = synthetic::render(0, 8, 6);
        scene.image.save(&photo).expect("space");
        let view = Arc::new(scene.into_prediction(ViewId(4), photo.clone()));
        let journal = Journal::of(out.path());
        assert!(journal.is_empty());
        for _ in 0..2 {
            journal.keep(&view, &RunNotes::default()).expect("space");
        }
        // A later run goes on counting.
        Journal::of(out.path()).keep(&view, &RunNotes::default()).expect("space");
        assert_eq!(journal.len(), 3);
        fs::write(out.path().join(FOLDER).join("000001.fathom"), b"PK").expect("space");
        let kept: Vec<Session> = journal.read().collect();
        assert_eq!(kept.len(), 2);
        assert_eq!((&kept[0].photos[0].path, kept[0].photos[0].file), (&photo, PhotoFile::AsItWas));
        let results = kept[0].results.as_ref().expect("results");
        assert_eq!(results.prediction.views[0].depth, view.depth);
        journal.forget().expect("gone");
        journal.forget().expect("gone already");
        assert!(journal.is_empty() && photo.is_file());
    }
}
