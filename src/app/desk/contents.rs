//! What the window knows as a session, and back.

use std::sync::Arc;

use super::results::{Finished, Marks};
use super::state::AppState;
use super::views::RowState;
use crate::catalog;
use crate::inference::{Prediction, ViewPrediction};
use crate::input::ViewId;
use crate::session::{Failure, SavedPhoto, SavedResults, Session};
use crate::worker::RunId;

impl AppState {
    /// What a session file holds of this; results of photos that were taken off the list are not among it.
    pub fn session(&self) -> Session {
        let photos = self.views.rows().iter().map(|row| SavedPhoto {
            id: row.id,
            path: row.path.clone(),
            size: row.size,
            stamp: row.stamp,
            file: row.file,
            is_hidden: self.results.are_hidden(&[row.id]),
            is_left_out: self.results.are_left_out(&[row.id]),
            failure: match &row.state {
                RowState::Failed(problem) => {
                    Some(Failure { what: problem.what.clone(), advice: problem.advice.clone() })
                }
                _ => None,
            },
        });
        let results = (!self.results.is_empty()).then(|| {
            let Finished { prediction, notes } = self.results.given();
            let is_finished = self.results.finished().is_some();
            SavedResults {
                prediction: (*prediction).clone(),
                set_scales: self.results.set_scales().clone(),
                notes,
                is_finished,
            }
        });
        Session {
            photos: photos.collect(),
            selected: self.views.selected().and_then(|id| self.views.position(id)),
            settings: self.settings.clone(),
            results,
            ..Session::default()
        }
    }

    /// What is shown was read from files that are less exact than a run: no run adds to it.
    pub fn forget_network(&mut self) {
        self.by_network = None;
    }

    /// Puts a session in the place of everything that is shown; returns the run that its results count as.
    pub fn show_session(&mut self, session: Session) -> RunId {
        self.clear();
        self.end_run();
        self.spent_secs = 0.0;
        self.notices.lower_banners();
        self.settings = session.settings;
        let ids = self.views.restore(&session.photos);
        if let Some(&id) = session.selected.and_then(|at| ids.get(at)) {
            self.views.select(id);
        }
        let run = self.next_run();
        if let Some(results) = session.results {
            self.show_results(run, results, &session.photos, &ids);
        }
        self.opened = Some(run);
        run
    }

    fn show_results(&mut self, run: RunId, saved: SavedResults, photos: &[SavedPhoto], ids: &[ViewId]) {
        // In a file, ids are places in the list.
        let renamed = |view: Arc<ViewPrediction>| {
            let id = *ids.get(usize::try_from(view.view.0).ok()?)?;
            Some(Arc::new(ViewPrediction { view: id, ..Arc::unwrap_or_clone(view) }))
        };
        let views: Vec<_> = saved.prediction.views.into_iter().filter_map(renamed).collect();
        for view in &views {
            self.views.set_state(view.view, RowState::Done);
        }
        let settings = saved.notes.settings.clone();
        let is_of_network = saved.is_finished
            && saved.prediction.matched.is_none()
            && catalog::find(&settings.model).is_some_and(|entry| entry.name == saved.prediction.model);
        let marked = |is_it: fn(&SavedPhoto) -> bool| {
            photos.iter().zip(ids).filter(|(photo, _)| is_it(photo)).map(|(_, id)| *id).collect()
        };
        let marks = Marks { hidden: marked(|photo| photo.is_hidden), left_out: marked(|photo| photo.is_left_out) };
        let finished = Finished { prediction: Prediction { views, ..saved.prediction }.into(), notes: saved.notes };
        self.by_network = is_of_network.then(|| (Arc::clone(&finished.prediction), settings));
        self.results.restore(run, finished, saved.is_finished, saved.set_scales, marks, self.views.rows());
    }
}
