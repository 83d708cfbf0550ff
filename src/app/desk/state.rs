//! What the window knows: a fold over the worker's events, and the intents that become commands.

use std::path::PathBuf;
use std::sync::Arc;

use super::fixes::offers;
use super::memory::MemoryHistory;
use super::notices::{Notices, Severity};
use super::results::{Finished, Marks, Results};
use crate::app::desk::fix::Fix;
use crate::examples::synthetic::SyntheticView;
use crate::export::RunNotes;
use crate::inference::{Automatic, DepthUnit, DeviceChoice, GraphicsCard, Prediction, Settings};
use crate::input::ViewId;
use crate::memory::{Calibration, Paces};
use crate::worker::{Command, Event, RunId, Stage};

pub use super::run_state::{ModelState, RunState};
use super::run_state::{Moved, ToRun};
use super::views::{RowState, ViewList};
use crate::app::widgets::controls::count;

/// More photos than this wait for a click on Run: a folder may have been dropped by accident.
pub const AUTO_RUN_PHOTOS: usize = 60;

/// What stands for the model where photos were drawn with their depth.
pub(super) const DRAWING: &str = "The drawing itself";

/// What is told of a drawn scene.
pub(super) const EXACT: &str = "Depth and cameras of this drawing are exact, not predicted";

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
    /// What times are told by.
    pub paces: Paces,
    /// What an automatic choice of a device means; the CPU until the worker has told.
    pub automatic: Automatic,
    /// What a graphics card that is chosen means; absent until the worker has told, and where there is none.
    pub graphics_card: Option<GraphicsCard>,
    /// The model that stays in memory until another one is loaded.
    before_load: ModelState,
    /// The settings of the model in memory.
    loaded: Option<Settings>,
    /// The settings of the latest load or run.
    pub(super) asked_for: Option<Settings>,
    /// Seconds on the window's clock, set before each frame.
    pub now_secs: f64,
    /// How the last run ended, as the status line says it.
    pub outcome: Option<String>,
    last_run: u64,
    /// What came from a file counts as the results of this run.
    pub(super) opened: Option<RunId>,
    /// What the network gave of the photos, before they were brought to one scene, and with which settings.
    pub(super) by_network: Option<(Arc<Prediction>, Settings)>,
    /// Photos came while a run was busy: run again when it ends.
    pub(super) run_again: bool,
    /// What runs over the photos of this list took, in seconds.
    pub(super) spent_secs: f64,
    /// Photos that came from an example.
    pub(super) example: Vec<ViewId>,
    /// A run has taken the place of another, and what was made in its scenes wants to come along.
    pub moved: Option<Moved>,
}

impl AppState {
    /// All photos of the list came from an example.
    pub fn note_example(&mut self) {
        self.example = self.views.rows().iter().map(|row| row.id).collect();
    }

    /// Whether there is nothing but an example, of which nobody has switched anything off.
    pub fn shows_example(&self) -> bool {
        let rows = self.views.rows();
        !rows.is_empty()
            && rows.iter().all(|row| self.example.contains(&row.id))
            && self.results.marks() == &Marks::default()
    }

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
        let would_replace = matches!(self.to_run(), ToRun::All(_));
        if would_replace && !self.results.is_empty() && self.opened == Some(self.results.run()) {
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
            model: DRAWING.into(),
            unit: DepthUnit::Metres,
            views: views.collect(),
            ..Prediction::default()
        };
        let what = EXACT;
        let advice = "Choose Run to see what the model makes of its photos";
        let notes = RunNotes { settings: self.settings.clone(), warnings: vec![what.into()], ..RunNotes::default() };
        let finished = Finished { prediction: Arc::new(prediction), notes };
        let run = self.next_run();
        self.by_network = None;
        self.results.finish(run, finished, self.views.rows());
        self.outcome = Some(format!("{what} · Run shows what the model makes of it"));
        self.notices.tell(Severity::News, what, advice);
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

    /// Where a run with the present settings would run.
    pub fn device(&self) -> DeviceChoice {
        match self.settings.device {
            DeviceChoice::Auto => self.automatic.device(&self.settings),
            named => named,
        }
    }

    /// Takes photos off the list.
    pub fn remove(&mut self, ids: &[ViewId]) {
        self.views.remove(ids);
        self.settle_failed();
        self.results.reorder(self.views.rows());
    }

    /// What is told of photos that could not be used is settled once they are removed or tried again.
    pub(super) fn settle_failed(&mut self) {
        self.notices.dismiss_settled(|id| self.views.is_failed(id));
    }

    /// Takes those of these photos off the list that could not be used: others may be usable by now.
    pub fn remove_if_failed(&mut self, ids: &[ViewId]) {
        let failed: Vec<ViewId> = ids.iter().copied().filter(|id| self.views.is_failed(*id)).collect();
        self.remove(&failed);
    }

    /// Takes photos that could not be used off the list.
    pub fn remove_failed(&mut self) {
        let failed: Vec<ViewId> = self.views.failed().collect();
        self.remove(&failed);
        self.outcome = Some(format!("{} removed from the list; the files stay", count(failed.len(), "photo")));
    }

    /// What runs over the photos of this list took together, in seconds.
    pub fn spent_secs(&self) -> f64 {
        self.spent_secs
    }

    pub fn clear(&mut self) {
        (self.by_network, self.spent_secs) = (None, 0.0);
        if let Some(run) = &mut self.run {
            run.replaced = None;
        }
        self.views.clear();
        self.outcome = None;
        self.results.reorder(self.views.rows());
    }

    /// Rows that wait have their result, or the other way round: what there is decides.
    pub fn follow_results(&mut self) {
        let results = &self.results;
        self.views.map_states(|row| match (&row.state, results.get(row.id)) {
            (RowState::Done, None) => Some(RowState::Waiting),
            (RowState::Waiting, Some(_)) => Some(RowState::Done),
            _ => None,
        });
    }

    /// Puts a photo at this place of the list, with all that are selected where it is one of them.
    pub fn move_to(&mut self, id: ViewId, place: usize) {
        let moved = if self.views.is_selected(id) { self.views.selection() } else { vec![id] };
        self.views.move_to(&moved, place);
        self.results.reorder(self.views.rows());
    }

    /// Moves the selected photos one place up, or down.
    pub fn move_selected(&mut self, down: bool) {
        self.views.move_selection(down);
        self.results.reorder(self.views.rows());
    }

    /// Folds one event in; a command comes back where photos were waiting for the run to end.
    pub fn apply(&mut self, event: Event) -> Option<Command> {
        match event {
            Event::ModelLoading { model, done, total } => {
                if matches!(self.model, ModelState::Ready { .. }) {
                    self.before_load = std::mem::take(&mut self.model);
                }
                self.model = ModelState::Loading { name: model, done, total };
            }
            Event::ModelReady { model, device, precision, secs: _ } => {
                self.model = ModelState::Ready { name: model, device, precision };
                self.loaded = self.asked_for.clone();
                self.before_load = ModelState::Unloaded;
            }
            Event::ModelUnloaded => {
                (self.model, self.before_load) = (ModelState::Unloaded, ModelState::Unloaded);
                self.loaded = None;
            }
            Event::ModelKept => {
                if matches!(self.model, ModelState::Loading { .. }) {
                    self.model = std::mem::take(&mut self.before_load);
                }
            }
            Event::Memory(sample) => self.memory.add(sample),
            Event::Learnt(calibration) => self.calibration = calibration,
            Event::Paced(paces) => self.paces = paces,
            Event::Automatic(automatic) => self.automatic = automatic,
            Event::GraphicsCard(card) => self.graphics_card = Some(card),
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
}
