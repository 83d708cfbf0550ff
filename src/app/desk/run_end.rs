//! What the window takes from a run that has ended well.

use std::collections::HashSet;
use std::sync::Arc;

use super::fix::Fix;
use super::notices::Severity;
use super::results::Finished;
use super::state::AppState;
use super::views::RowState;
use crate::app::widgets::controls::count;
use crate::inference::Prediction;
use crate::input::{ViewId, first_of, told_of};
use crate::worker::{Blame, Command, Problem, RunId};

impl AppState {
    pub(super) fn show_finished(&mut self, id: RunId, prediction: &Arc<Prediction>) {
        let Some(run) = &self.run else { return };
        if let Some(fits) = prediction.fits_in_words() {
            self.notices.tell(Severity::News, fits, "Measure (P) in 3D shows it for each scene");
        }
        let finished = Finished { prediction: Arc::clone(prediction), notes: run.notes.clone() };
        self.results.finish(id, finished, self.views.rows());
    }

    /// Tells which photos of the run could not be used, where there are more of them than were told. To be called after events and not
    /// with each one: thousands of photos may fail at once.
    pub(super) fn tell_new_failures(&mut self) {
        if self.run.as_ref().is_some_and(|run| run.failed.ids.len() > run.failed.told) {
            self.tell_failed(false);
        }
    }

    /// Tells in one notice which photos of the run could not be used; once it has ended, above the pictures.
    pub(super) fn tell_failed(&mut self, is_banner: bool) {
        let Some(run) = &mut self.run else { return };
        run.failed.told = run.failed.ids.len();
        let of_run: HashSet<ViewId> = run.failed.ids.iter().copied().collect();
        let failed = self.views.rows().iter().filter_map(|row| match &row.state {
            RowState::Failed(problem) if of_run.contains(&row.id) => Some((row, problem)),
            _ => None,
        });
        let (mut each, mut ways, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for (row, problem) in failed {
            each.push(told_of(&row.name, &row.without_name(&problem.what)));
            ids.push(row.id);
            if !ways.contains(&problem.advice) && !problem.advice.is_empty() {
                ways.push(problem.advice.clone());
            }
        }
        if each.is_empty() {
            return;
        }
        let what = format!("{} could not be used: {}", count(each.len(), "photo"), first_of(&each));
        let problem = Problem::new(Blame::File, what, ways.join(". "));
        let fixes = vec![Fix::Remove(ids)];
        run.failed.notice = Some(self.notices.tell_more(run.failed.notice, problem, fixes, is_banner));
    }

    /// A run has given all that it was asked for.
    pub(super) fn end_well(&mut self) -> Option<Command> {
        let all = self.results.views().len();
        let run = self.run.as_ref().filter(|run| run.before.is_some());
        let part = run.map(|run| run.views.clone());
        if let Some(replaced) = self.run.as_mut().and_then(|run| run.replaced.take()) {
            self.carry_over(&replaced.results);
        }
        let secs = self.end_run();
        let has_result = |id: &&ViewId| self.views.row(**id).is_some_and(|row| row.state == RowState::Done);
        let part = part.map(|views| views.iter().filter(has_result).count());
        let failed = self.views.failed().count();
        let failed = if failed == 0 { String::new() } else { format!(" · {failed} failed") };
        let joined = self.results.finished().and_then(|finished| joined(&finished.prediction));
        let joined = joined.map_or(String::new(), |joined| format!(" · {joined}"));
        let done = match part {
            Some(part) => format!("{} run in {secs:.1} s, {} in all", count(part, "photo"), count(all, "view")),
            None => format!("Finished {} in {secs:.1} s", count(all, "view")),
        };
        self.outcome = Some(format!("{done}{failed}{joined}"));
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
