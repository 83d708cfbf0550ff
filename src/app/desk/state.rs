//! What the window knows: a fold over the worker's events, and the intents that become commands.

use std::path::PathBuf;
use std::sync::Arc;

use super::fixes::{fixes, offers};
use super::memory::MemoryHistory;
use super::notices::{Notices, Severity};
use super::results::{Finished, Results};
use crate::app::desk::fix::Fix;
use crate::examples::synthetic::SyntheticView;
use crate::export::RunNotes;
use crate::inference::{DepthUnit, DeviceChoice, Prediction, Settings};
use crate::input::ViewId;
use crate::memory::Calibration;
use crate::worker::{Blame, Command, Event, Problem, RunId, Stage};

pub use super::run_state::{ModelState, RunState};
use super::views::{RowState, ViewList};
use crate::app::widgets::controls::count;

/// More photos than this wait for a click on Run: a folder may have been dropped by accident.
pub const AUTO_RUN_PHOTOS: usize = 60;

/// The window's data, without anything of egui.
#[derive(Debug, Default)]
pub struct AppState {
    pub views: ViewList,
    pub settings: Settings,
    pub model: ModelState,
    pub run: Option<RunState>,
    pub results: Results,
    pub notices: Notices,
    pub memory: MemoryHistory,
    /// What estimates are corrected by.
    pub calibration: Calibration,
    /// What an automatic choice of a device means; absent until the worker has told.
    automatic: Option<DeviceChoice>,
    /// The settings of the model in memory.
    loaded: Option<Settings>,
    /// The settings of the latest load or run.
    asked_for: Option<Settings>,
    /// Seconds on the window's clock, set before each frame.
    pub now_secs: f64,
    /// How the last run ended, as the status line says it.
    pub outcome: Option<String>,
    last_run: u64,
    /// What came from a file counts as the results of this run.
    pub(super) opened: Option<RunId>,
    /// Photos came while a run was busy: run again when it ends.
    run_again: bool,
}

impl AppState {
    /// Adds photos and says what to send the worker: a run starts by itself unless there are very many photos, or results
    /// that came from a file, which may have taken hours.
    pub fn add_photos(&mut self, photos: Vec<PathBuf>, sizes: Vec<Option<[u32; 2]>>) -> Option<Command> {
        if photos.is_empty() {
            return None;
        }
        let added = photos.len();
        self.views.add(photos, sizes);
        if self.views.rows().len() > AUTO_RUN_PHOTOS {
            let what = format!("{} added", count(added, "photo"));
            self.outcome = Some(format!("{what} · so many take a while: choose Run when you are ready"));
            self.notices.tell(Severity::News, what, "So many photos take a while: choose Run when you are ready");
            return None;
        }
        if self.run.is_some() {
            self.run_again = true;
            return None;
        }
        if !self.results.is_empty() && self.opened == Some(self.results.run()) {
            let what = format!("{} added", count(added, "photo"));
            self.outcome = Some(format!("{what} · Run replaces the opened results by those of all photos"));
            return None;
        }
        self.request_run()
    }

    pub(super) fn next_run(&mut self) -> RunId {
        self.last_run += 1;
        RunId(self.last_run)
    }

    /// Shows a drawn scene with its exact depth and cameras, and says that nothing was predicted.
    pub fn show_drawing(&mut self, photos: Vec<PathBuf>, truth: Vec<SyntheticView>) {
        let sizes: Vec<_> = truth.iter().map(|view| Some([view.image.width(), view.image.height()])).collect();
        let ids = self.views.add(photos.clone(), sizes);
        let views = ids.into_iter().zip(photos).zip(truth).map(|((id, path), view)| {
            self.views.set_state(id, RowState::Done);
            Arc::new(view.into_prediction(id, path))
        });
        let prediction = Prediction {
            model: "The drawing itself".into(),
            unit: DepthUnit::Metres,
            views: views.collect(),
            ..Prediction::default()
        };
        let what = "Depth and cameras of this drawing are exact, not predicted";
        let advice = "Choose Run to see what the model makes of its photos";
        let notes = RunNotes { settings: self.settings.clone(), warnings: vec![what.into()], ..RunNotes::default() };
        let finished = Finished { prediction: Arc::new(prediction), notes };
        let run = self.next_run();
        self.results.finish(run, finished, self.views.rows());
        self.outcome = Some(format!("{what} · Run shows what the model makes of it"));
        self.notices.tell(Severity::News, what, advice);
    }

    /// Starts a run over all photos, unless one is running or there are none.
    pub fn request_run(&mut self) -> Option<Command> {
        if self.run.is_some() || self.views.is_empty() {
            return None;
        }
        let run = self.next_run();
        self.run_again = false;
        self.outcome = None;
        self.notices.lower_banners();
        self.views.map_states(|_| Some(RowState::Waiting));
        let photos = self.views.photos();
        self.run = Some(RunState {
            id: run,
            views: photos.iter().map(|photo| photo.id).collect(),
            started_secs: self.now_secs,
            stage: None,
            view: 0,
            done: 0.0,
            remaining_secs: None,
            is_cancelling: false,
            plan: None,
            unit: DepthUnit::default(),
            notes: RunNotes { settings: self.settings.clone(), ..RunNotes::default() },
        });
        self.asked_for = Some(self.settings.clone());
        Some(Command::Run { run, photos, settings: self.settings.clone() })
    }

    /// Loads the model of the settings.
    pub fn request_load(&mut self) -> Command {
        self.asked_for = Some(self.settings.clone());
        Command::Load(self.settings.clone())
    }

    /// The settings of the model in memory.
    pub fn loaded(&self) -> Option<&Settings> {
        self.loaded.as_ref()
    }

    /// Where the model in memory is.
    pub fn used(&self) -> Option<DeviceChoice> {
        match self.model {
            ModelState::Ready { device, .. } => Some(device),
            _ => None,
        }
    }

    /// What an automatic choice of a device means.
    pub fn automatic(&self) -> DeviceChoice {
        self.automatic.unwrap_or(DeviceChoice::Cpu)
    }

    /// Where a run with the present settings would run.
    pub fn device(&self) -> DeviceChoice {
        match self.settings.device {
            DeviceChoice::Auto => self.automatic(),
            named => named,
        }
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

    /// A run cannot start; the photos wait.
    pub fn run_impossible(&mut self, why: &str) {
        self.end_run();
        let advice = "Download them, choose a file, or use the built-in model.";
        let problem = Problem::new(Blame::Setting, why, advice);
        self.notices.add(Severity::Error, problem, vec![Fix::ShowModels, Fix::ChooseWeights, Fix::BuiltInModel], true);
    }

    pub fn remove(&mut self, id: ViewId) {
        self.views.remove(id);
        self.results.reorder(self.views.rows());
    }

    pub fn clear(&mut self) {
        self.views.clear();
        self.outcome = None;
        self.results.reorder(self.views.rows());
    }

    pub fn move_to(&mut self, id: ViewId, place: usize) {
        self.views.move_to(id, place);
        self.results.reorder(self.views.rows());
    }

    /// Folds one event in; a command comes back where photos were waiting for the run to end.
    pub fn apply(&mut self, event: Event) -> Option<Command> {
        match event {
            Event::ModelLoading { model, done, total } => {
                self.model = ModelState::Loading { name: model, done, total };
            }
            Event::ModelReady { model, device, precision, secs: _ } => {
                self.model = ModelState::Ready { name: model, device, precision };
                self.loaded = self.asked_for.clone();
            }
            Event::ModelUnloaded => {
                self.model = ModelState::Unloaded;
                self.loaded = None;
            }
            Event::Memory(sample) => self.memory.add(sample),
            Event::Learnt(calibration) => self.calibration = calibration,
            Event::Device { automatic } => self.automatic = Some(automatic),
            Event::EndedEarly(problem) => {
                self.notices.add(Severity::Warning, problem, vec![Fix::CarefulSettings], true);
            }
            Event::Warning { run, problem } => {
                if run.is_none_or(|run| self.is_current(run)) {
                    if let Some(run) = &mut self.run {
                        run.notes.warnings.push(problem.to_string());
                    }
                    let mut offers = offers(&problem);
                    // Why a photo has no place among the others can be seen.
                    if matches!(self.run.as_ref().and_then(|run| run.stage), Some(Stage::Match | Stage::Place)) {
                        offers.push(Fix::ShowMatches);
                    }
                    // What can be put right with a click is worth a look.
                    let is_banner = !offers.is_empty();
                    self.notices.add(Severity::Warning, problem, offers, is_banner);
                }
            }
            Event::Failed { run, problem } => return self.failed(run, problem),
            Event::RunStarted { run, .. }
            | Event::Planned { run, .. }
            | Event::Progress { run, .. }
            | Event::ViewReady { run, .. }
            | Event::ViewFailed { run, .. }
            | Event::Finished { run, .. }
            | Event::Joined { run, .. }
            | Event::Apart { run, .. }
            | Event::Cancelled { run } => {
                // A late event of an earlier run must not touch this one.
                if self.is_current(run) {
                    return self.apply_to_run(run, event);
                }
            }
        }
        None
    }

    fn apply_to_run(&mut self, id: RunId, event: Event) -> Option<Command> {
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
                let unit = self.run.as_ref()?.unit;
                self.views.set_state(view.view, RowState::Done);
                self.views.file_was_read(view.view);
                self.results.add(id, unit, view, self.views.rows());
                None
            }
            Event::ViewFailed { view, problem, .. } => {
                self.views.set_state(view, RowState::Failed(problem.clone()));
                self.run.as_mut()?.notes.failed.push(problem.to_string());
                self.notices.add(Severity::Warning, problem, vec![Fix::Remove(view)], false);
                None
            }
            Event::Finished { prediction, .. } => {
                let run = self.run.as_mut()?;
                if let ModelState::Ready { device, precision, .. } = &self.model {
                    let device = prediction.ran_on_words().unwrap_or_else(|| device.label().into());
                    (run.notes.device, run.notes.precision) = (Some(device), Some(precision.clone()));
                }
                let matching = run.notes.settings.matching().filter(|_| prediction.views.len() > 1);
                self.show_finished(id, &prediction);
                if let Some(matching) = matching {
                    return Some(Command::Join { run: id, prediction, matching });
                }
                self.end_well()
            }
            Event::Joined { prediction, .. } => {
                self.show_finished(id, &prediction);
                if let Some(words) = prediction.matched_in_words() {
                    self.notices.tell(Severity::News, words, "3D shows all of them together");
                }
                self.end_well()
            }
            Event::Apart { problem, .. } => {
                let notes = &mut self.run.as_mut()?.notes;
                if notes.settings.asked_for_matching() || problem.blame != Blame::File {
                    notes.warnings.push(problem.to_string());
                    self.notices.add(Severity::Warning, problem, Vec::new(), false);
                } else {
                    self.notices.tell(Severity::News, problem.what, problem.advice);
                }
                self.end_well()
            }
            Event::Cancelled { .. } => {
                // What is finished stays, also where the scene is given up.
                let is_whole = self.results.run() == id && self.results.finished().is_some();
                self.end_run();
                self.outcome =
                    Some(if is_whole { "Cancelled the scene; depth stays".into() } else { "Cancelled".into() });
                self.follow_up()
            }
            _ => None,
        }
    }

    fn failed(&mut self, run: Option<RunId>, problem: Problem) -> Option<Command> {
        if run.is_some_and(|run| !self.is_current(run)) {
            return None;
        }
        if matches!(self.model, ModelState::Loading { .. }) {
            self.model = ModelState::Unloaded;
        }
        if run.is_some() {
            self.end_run();
            self.run_again = false;
            self.outcome = Some("Failed".into());
        }
        let fixes = fixes(&problem, &self.settings);
        self.notices.add(Severity::Error, problem, fixes, true);
        None
    }

    fn is_current(&self, run: RunId) -> bool {
        self.run.as_ref().is_some_and(|current| current.id == run)
    }

    /// Ends the run, puts unfinished rows back and returns how long the run took, in seconds.
    pub(super) fn end_run(&mut self) -> f64 {
        self.memory.mark(None);
        self.views.map_states(|row| match row.state {
            RowState::Running => Some(RowState::Waiting),
            _ => None,
        });
        let results = &self.results;
        self.views.map_states(|row| match row.state {
            RowState::Waiting if results.get(row.id).is_some() => Some(RowState::Done),
            _ => None,
        });
        self.run.take().map_or(0.0, |run| self.now_secs - run.started_secs)
    }

    pub(super) fn follow_up(&mut self) -> Option<Command> {
        if std::mem::take(&mut self.run_again) { self.request_run() } else { None }
    }
}
