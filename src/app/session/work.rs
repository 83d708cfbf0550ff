//! What counts as work: a mark of it that is cheap to make and to compare.

use std::collections::BTreeMap;

use crate::app::cloud_view::Places;
use crate::app::desk::results::Marks;
use crate::app::desk::state::AppState;
use crate::input::ViewId;
use crate::worker::RunId;

/// What runs took this long to give is not lost without a question, in seconds: that is longer than it takes to answer it.
const LONG_RUN_SECS: f64 = 20.0;

/// What a person has made. How it is looked at (colours, filters, where from) is saved along but is no change: nobody wants to
/// be asked about having looked around.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    photos: Vec<ViewId>,
    /// The run whose results there are, and how many.
    results: Option<(RunId, usize)>,
    set_scales: BTreeMap<usize, f32>,
    marks: Marks,
    places: Places,
}

impl Work {
    pub fn of(state: &AppState, places: Places) -> Self {
        let results = &state.results;
        Self {
            photos: state.views.rows().iter().map(|row| row.id).collect(),
            results: (!results.is_empty()).then(|| (results.run(), results.views().len())),
            set_scales: results.set_scales().clone(),
            marks: results.marks().clone(),
            places: Places { camera: None, ..places },
        }
    }

    /// Whether something of it was made by hand, beyond a list of photos.
    pub fn is_by_hand(&self) -> bool {
        !self.set_scales.is_empty() || !self.places.scenes.is_empty()
    }
}

/// Whether what there is took long to come by, or the run that is under way does.
pub fn ran_long(state: &AppState) -> bool {
    let finished = state.results.finished().map_or(0.0, |finished| finished.prediction.seconds.total);
    let under_way = state.run.as_ref().map_or(0.0, |run| state.now_secs - run.started_secs);
    finished.max(state.spent_secs() + under_way) >= LONG_RUN_SECS
}
