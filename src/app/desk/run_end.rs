//! What the window takes from a run that has ended well.

use std::sync::Arc;

use super::notices::Severity;
use super::results::Finished;
use super::state::AppState;
use super::views::RowState;
use crate::app::widgets::controls::count;
use crate::inference::Prediction;
use crate::worker::{Command, RunId};

impl AppState {
    pub(super) fn show_finished(&mut self, id: RunId, prediction: &Arc<Prediction>) {
        let Some(run) = &self.run else { return };
        if let Some(fits) = prediction.fits_in_words() {
            self.notices.tell(Severity::News, fits, "Measure (P) in 3D shows it for each scene");
        }
        let finished = Finished { prediction: Arc::clone(prediction), notes: run.notes.clone() };
        self.results.finish(id, finished, self.views.rows());
    }

    /// A run has given all that it was asked for.
    pub(super) fn end_well(&mut self) -> Option<Command> {
        let done = self.results.views().len();
        let secs = self.end_run();
        let failed = self.views.rows().iter().filter(|row| matches!(row.state, RowState::Failed(_))).count();
        let failed = if failed == 0 { String::new() } else { format!(" · {failed} failed") };
        let joined = self.results.finished().and_then(|finished| joined(&finished.prediction));
        let joined = joined.map_or(String::new(), |joined| format!(" · {joined}"));
        self.outcome = Some(format!("Finished {} in {secs:.1} s{failed}{joined}", count(done, "view")));
        self.follow_up()
    }
}

/// How passes, or photos, became one scene.
fn joined(prediction: &Prediction) -> Option<String> {
    if let Some(matched) = &prediction.matched {
        return Some(match matched.photos - matched.placed {
            _ if matched.moved.is_some() => "cameras adjusted".into(),
            0 => "one scene by matching".into(),
            left => format!("one scene of {} by matching, {left} left out", matched.placed),
        });
    }
    let worst = prediction.alignments.iter().map(|one| one.inliers).min_by(f64::total_cmp)?;
    let passes = prediction.memory.passes;
    Some(format!("{passes} passes joined, {:.0} % agreement at least", worst * 100.0))
}
