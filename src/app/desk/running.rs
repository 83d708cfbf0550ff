//! A run from the wish for it to its end.

use std::collections::HashSet;
use std::sync::Arc;

use super::fix::Fix;
use super::fixes::fixes;
use super::going_back::BACK;
use super::notices::Severity;
use super::run_state::{ModelState, RunState, ToRun};
use super::state::{AppState, DRAWING};
use super::views::{Row, RowState};
use crate::catalog::{self, Entry};
use crate::export::RunNotes;
use crate::inference::{DepthUnit, Prediction, ViewPrediction, is_joint};
use crate::input::ViewId;
use crate::worker::{Blame, Command, Event, Problem, RunId, Stage};

impl AppState {
    /// What a run with the present settings has to do.
    pub fn to_run(&self) -> ToRun {
        self.next().0
    }

    /// The same, and what the run can add to. Photos that cannot be read wait until somebody wants to try them again.
    fn next(&self) -> (ToRun, Option<&Arc<Prediction>>) {
        let usable = self.usable();
        let waiting = self.views.rows().iter().filter(|row| row.state == RowState::Waiting).count();
        let base = (1..usable).contains(&waiting).then(|| self.base()).flatten();
        match (usable, base) {
            (0, _) => (ToRun::Nothing, None),
            (_, Some(base)) => (ToRun::New(waiting), Some(base)),
            (usable, None) if self.is_all_done() => (ToRun::Again(usable), None),
            (usable, None) => (ToRun::All(usable), None),
        }
    }

    /// Whether all photos that can be used have the result that a run with the present settings gives.
    fn is_all_done(&self) -> bool {
        let is_done = |row: &Row| matches!(row.state, RowState::Done | RowState::Failed(_));
        let of_run = self.results.finished().filter(|finished| finished.prediction.model != DRAWING);
        self.views.rows().iter().all(is_done)
            && of_run.is_some_and(|finished| finished.notes.settings.agrees_with(&self.settings))
    }

    /// Photos that can be used, as far as is known.
    pub fn usable(&self) -> usize {
        self.views.rows().len() - self.views.failed().count()
    }

    /// Whether some photos can be run again while the others keep what they have.
    pub fn can_run_some(&self) -> bool {
        self.base().is_some()
    }

    /// Sizes of the photos that a run would look at, as far as their files tell.
    pub fn sizes_to_run(&self) -> Vec<[u32; 2]> {
        let is_new = matches!(self.to_run(), ToRun::New(_));
        let is_wanted = |row: &&Row| match row.state {
            RowState::Failed(_) => false,
            RowState::Done => !is_new,
            RowState::Waiting | RowState::Running => true,
        };
        self.views.rows().iter().filter(is_wanted).filter_map(|row| row.size).collect()
    }

    /// Sizes of all photos that can be used, as far as their files tell.
    pub fn sizes_of_all(&self) -> Vec<[u32; 2]> {
        let is_usable = |row: &&Row| !matches!(row.state, RowState::Failed(_));
        self.views.rows().iter().filter(is_usable).filter_map(|row| row.size).collect()
    }

    /// Whether the network looks at all photos together, so that each new one changes the result of the others.
    pub fn looks_at_all_together(&self) -> bool {
        catalog::find(&self.settings.model).is_some_and(|entry| is_joint(&self.settings, entry.preset))
    }

    /// What a run over new photos can add to: what the network gave of others with the same settings, one by one.
    fn base(&self) -> Option<&Arc<Prediction>> {
        let (prediction, settings) = self.by_network.as_ref()?;
        // Depths that are known come to all photos of a run at its end, and are told apart by the names of all.
        let is_fitted = settings.known_depths.is_some() || settings.sensor_depth.is_some();
        // Asked in each frame, of thousands of photos.
        let known: HashSet<ViewId> = prediction.views.iter().map(|view| view.view).collect();
        let has = |row: &Row| known.contains(&row.id);
        if is_fitted || !self.views.rows().iter().filter(|row| row.state == RowState::Done).all(has) {
            return None;
        }
        (settings.agrees_with(&self.settings) && !self.looks_at_all_together()).then_some(prediction)
    }

    /// Starts a run over what [`Self::to_run`] says, unless one is running or there is nothing to run.
    pub fn request_run(&mut self) -> Option<Command> {
        let before = self.next().1.cloned();
        self.begin_run(before, |row| row.state == RowState::Waiting)
    }

    /// Starts a run over all photos.
    pub fn request_run_of_all(&mut self) -> Option<Command> {
        self.begin_run(None, |row| row.state == RowState::Waiting)
    }

    /// Starts a run over the selected photos; over all where they cannot be run without the others.
    pub fn request_run_of_selected(&mut self) -> Option<Command> {
        if self.run.is_some() {
            return None;
        }
        let selected: HashSet<ViewId> = self.views.selection().into_iter().collect();
        let before = self.base().cloned();
        self.views.map_states(|row| selected.contains(&row.id).then_some(RowState::Waiting));
        let is_part = before.is_some();
        self.begin_run(before, |row| row.state == RowState::Waiting && (!is_part || selected.contains(&row.id)))
    }

    /// Starts a run over photos that could not be used, as if they were new.
    pub fn retry_failed(&mut self) -> Option<Command> {
        self.views.map_states(|row| matches!(row.state, RowState::Failed(_)).then_some(RowState::Waiting));
        // They wait for the end of a run that is under way, as photos do that are added meanwhile.
        self.run_again |= self.run.is_some();
        self.request_run()
    }

    /// `before`: what the run adds to; of nothing all photos wait. `is_wanted`: which of them it looks at.
    fn begin_run(&mut self, before: Option<Arc<Prediction>>, is_wanted: impl Fn(&Row) -> bool) -> Option<Command> {
        if self.run.is_some() || self.usable() == 0 {
            return None;
        }
        let run = self.next_run();
        self.run_again = false;
        self.outcome = None;
        self.notices.lower_banners();
        self.settle_failed();
        if before.is_none() {
            self.views.map_states(|row| (row.state == RowState::Done).then_some(RowState::Waiting));
        }
        let photos = self.views.photos_of(is_wanted);
        let failed = self.views.rows().iter().filter_map(|row| match &row.state {
            RowState::Failed(problem) => Some(problem.to_string()),
            _ => None,
        });
        let earlier = before.as_ref().and(self.results.finished()).map(|finished| finished.notes.warnings.clone());
        let notes = RunNotes {
            settings: self.settings.clone(),
            warnings: earlier.unwrap_or_default(),
            failed: failed.collect(),
            ..RunNotes::default()
        };
        let into = if before.is_some() { self.results.run() } else { run };
        // Behind those that are shown, and behind those that the network gave.
        let first_scene = before.as_ref().map_or(0, |before| self.results.next_scene().max(before.next_scene()));
        self.run = Some(RunState {
            id: run,
            into,
            before,
            first_scene,
            views: photos.iter().map(|photo| photo.id).collect(),
            started_secs: self.now_secs,
            stage: None,
            view: 0,
            done: 0.0,
            remaining_secs: None,
            is_given: false,
            is_cancelling: false,
            failed: Default::default(),
            plan: None,
            unit: DepthUnit::default(),
            notes,
            replaced: None,
        });
        self.asked_for = Some(self.settings.clone());
        Some(Command::Run { run, photos, settings: self.settings.clone() })
    }

    /// Marks the run as being cancelled; `true` where there is one to cancel.
    pub fn request_cancel(&mut self) -> bool {
        self.run_again = false;
        match &mut self.run {
            Some(run) if !run.is_cancelling => {
                run.is_cancelling = true;
                true
            }
            _ => false,
        }
    }

    /// The worker did not take a command: nothing is running.
    pub fn command_refused(&mut self) {
        self.end_run();
        let advice = "Wait a moment and try again.";
        self.notices.tell(Severity::Error, "The worker is still busy with earlier commands", advice);
    }

    /// A run cannot start before its model is here; the photos wait.
    pub fn run_lacks(&mut self, entry: &Entry) {
        self.end_run();
        let what = format!("{} is not on this machine", entry.name);
        let advice = "Download it, choose its file, or use the built-in model.";
        let fixes = vec![Fix::DownloadAndRun, Fix::ChooseWeights, Fix::BuiltInModel];
        self.notices.add(Severity::Warning, Problem::new(Blame::Setting, what, advice), fixes, true);
    }

    /// Folds in an event of the current run.
    pub(super) fn apply_to_run(&mut self, id: RunId, event: Event) -> Option<Command> {
        match event {
            Event::Progress { stage, view, done, remaining_secs, .. } => {
                let run = self.run.as_mut()?;
                self.memory.mark(Some(stage));
                (run.stage, run.view, run.remaining_secs) = (Some(stage), view, remaining_secs);
                run.done = done.clamp(0.0, 1.0);
                if let Some(&current) = run.views.get(view)
                    && stage != Stage::LoadModel
                {
                    self.views.map_states(|row| match row.state {
                        RowState::Running if row.id != current => Some(RowState::Waiting),
                        RowState::Waiting if row.id == current => Some(RowState::Running),
                        _ => None,
                    });
                }
                None
            }
            Event::Planned { plan, .. } => {
                self.run.as_mut()?.plan = Some(plan);
                None
            }
            Event::RunStarted { unit, .. } => {
                self.run.as_mut()?.unit = unit;
                None
            }
            Event::ViewReady { view, .. } => {
                self.make_room(self.run.as_ref()?.into);
                let run = self.run.as_ref()?;
                let is_added = run.before.is_some();
                self.views.set_state(view.view, RowState::Done);
                self.views.file_was_read(view.view);
                let view = view.in_scene_from(run.first_scene);
                self.results.add(run.into, run.unit, view, self.views.rows());
                if is_added {
                    self.results.complete();
                }
                None
            }
            Event::ViewFailed { view, problem, .. } => {
                let run = self.run.as_mut()?;
                run.notes.failed.push(problem.to_string());
                run.failed.ids.push(view);
                self.views.set_state(view, RowState::Failed(problem));
                None
            }
            Event::Finished { prediction, .. } => {
                self.make_room(self.run.as_ref()?.into);
                let run = self.run.as_mut()?;
                if let ModelState::Ready { device, precision, .. } = &self.model {
                    let device = prediction.ran_on_words().unwrap_or_else(|| device.label().into());
                    (run.notes.device, run.notes.precision) = (Some(device), Some(precision.clone()));
                }
                run.is_given = true;
                let (into, is_added) = (run.into, run.before.is_some());
                let prediction = run.with_earlier(prediction, self.views.rows());
                let matching = run.notes.settings.matching().filter(|_| prediction.views.len() > 1);
                self.by_network = Some((Arc::clone(&prediction), run.notes.settings.clone()));
                let is_cancelling = run.is_cancelling;
                // A scene that is there already stays in sight until the one with the new photos is.
                if matching.is_none() || !is_added {
                    self.show_finished(into, &prediction);
                }
                match matching {
                    None => self.end_well(),
                    Some(_) if is_cancelling => self.cancelled(),
                    Some(matching) => Some(Command::Join { run: id, prediction, matching }),
                }
            }
            Event::Joined { prediction, .. } => {
                self.make_room(id);
                self.show_finished(id, &prediction);
                if let Some(words) = prediction.matched_in_words() {
                    self.notices.tell(Severity::News, words, "3D shows all of them together");
                }
                self.end_well()
            }
            Event::Apart { problem, .. } => {
                let run = self.run.as_mut()?;
                let (into, is_added, notes) = (run.into, run.before.is_some(), &mut run.notes);
                if notes.settings.asked_for_matching() || problem.blame != Blame::File {
                    notes.warnings.push(problem.to_string());
                    self.notices.add(Severity::Warning, problem, Vec::new(), false);
                } else {
                    self.notices.tell(Severity::News, problem.what, problem.advice);
                }
                // A scene that was there stays, with the new photos beside it.
                let is_kept = is_added && self.results.finished().is_some_and(|all| all.prediction.matched.is_some());
                if let Some((prediction, _)) = self.by_network.clone().filter(|_| !is_kept) {
                    self.show_finished(into, &prediction);
                }
                self.end_well()
            }
            Event::Cancelled { .. } => self.cancelled(),
            _ => None,
        }
    }

    pub(super) fn failed(&mut self, run: Option<RunId>, problem: Problem) -> Option<Command> {
        if run.is_some_and(|run| !self.is_current(run)) {
            return None;
        }
        if run.is_some() {
            // Where each photo of a run has failed, what is wrong with them is told already, and the run has nothing to add.
            let each_failed =
                self.run.as_ref().map(|run| run.failed.ids.len()).filter(|&failed| self.is_all_of_run(failed));
            let is_back = self.go_back();
            self.end_run();
            self.run_again = false;
            if let Some(failed) = each_failed {
                self.outcome = Some(format!("{failed} failed"));
                return None;
            }
            self.outcome = Some(if is_back { format!("Failed; {BACK}") } else { "Failed".into() });
        }
        let fixes = fixes(&problem, &self.settings);
        self.notices.add(Severity::Error, problem, fixes, true);
        None
    }

    fn is_all_of_run(&self, photos: usize) -> bool {
        photos > 0 && self.run.as_ref().is_some_and(|run| run.views.len() == photos)
    }

    pub(super) fn is_current(&self, run: RunId) -> bool {
        self.run.as_ref().is_some_and(|current| current.id == run)
    }

    /// What is finished stays, also where the scene is given up.
    fn cancelled(&mut self) -> Option<Command> {
        let is_whole = self.run.as_ref()?.is_given;
        let is_back = self.go_back();
        self.end_run();
        self.outcome = Some(match (is_back, is_whole) {
            (true, _) => format!("Cancelled; {BACK}"),
            (false, true) => "Cancelled the scene; depth stays".into(),
            (false, false) => "Cancelled".into(),
        });
        self.follow_up()
    }

    /// What a run has added counts, also where it did not come to its end.
    fn keep_what_came(&mut self) {
        let Some(run) = self.run.as_ref().filter(|run| run.before.is_some() && run.into == self.results.run()) else {
            return;
        };
        if let Some((network, _)) = &mut self.by_network {
            // Of the others there may be a scene by now, which is not what the network gave.
            let known: HashSet<ViewId> = network.views.iter().map(|view| view.view).collect();
            // What has not come anew is still what was shown before, in a scene of an earlier number.
            let came = |view: &ViewPrediction| {
                !run.is_given && view.scene >= run.first_scene && run.views.contains(&view.view)
            };
            let given = self.results.given().prediction;
            let new = given.views.iter().filter(|view| !known.contains(&view.view) || came(view));
            Prediction::complete(network, new.cloned());
        }
    }

    /// Ends the run, puts unfinished rows back and returns how long the run took, in seconds.
    pub(super) fn end_run(&mut self) -> f64 {
        self.memory.mark(None);
        self.keep_what_came();
        self.tell_failed(true);
        self.views.map_states(|row| match row.state {
            RowState::Running => Some(RowState::Waiting),
            _ => None,
        });
        self.follow_results();
        let secs = self.run.take().map_or(0.0, |run| self.now_secs - run.started_secs);
        // Of a list that was emptied meanwhile nothing is left that it was spent on.
        if !self.results.is_empty() {
            self.spent_secs += secs;
        }
        secs
    }

    pub(super) fn follow_up(&mut self) -> Option<Command> {
        if std::mem::take(&mut self.run_again) { self.request_run() } else { None }
    }
}
