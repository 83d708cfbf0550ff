//! The model in the worker and the run that is under way, as the window knows them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::results::Results;
use super::views::Row;
use crate::app::widgets::controls::count;
use crate::export::RunNotes;
use crate::inference::{DepthUnit, DeviceChoice, Plan, Prediction, Settings};
use crate::input::ViewId;
use crate::scene::Carried;
use crate::worker::{RunId, Stage};

/// What a run would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToRun {
    Nothing,
    /// So many photos have no result yet; all others keep theirs.
    New(usize),
    /// All photos, so many.
    All(usize),
    /// All photos, so many, each of which has its result with these settings.
    Again(usize),
}

impl ToRun {
    /// As the button says it.
    pub fn label(self) -> String {
        match self {
            Self::Nothing => "Run".into(),
            Self::New(photos) => format!("Run {}", count(photos, "new photo")),
            Self::All(photos) => format!("Run {}", count(photos, "photo")),
            Self::Again(photos) => format!("Run {} again", count(photos, "photo")),
        }
    }

    /// A run over all photos where one over fewer was asked for.
    pub fn label_of_all(photos: usize) -> String {
        format!("Run all {photos} again")
    }
}

/// The model inside the worker.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ModelState {
    #[default]
    Unloaded,
    /// Bytes read so far, of all.
    Loading {
        name: String,
        done: u64,
        total: u64,
    },
    Ready {
        name: String,
        device: DeviceChoice,
        precision: String,
    },
}

/// Photos of a run that could not be used.
#[derive(Clone, Debug, Default)]
pub(super) struct FailedPhotos {
    pub ids: Vec<ViewId>,
    /// How many of them were told of, and in which notice.
    pub told: usize,
    pub notice: Option<u64>,
}

/// A run that has not ended.
#[derive(Debug)]
pub struct RunState {
    pub id: RunId,
    /// The run whose results these become a part of.
    pub(super) into: RunId,
    /// What was there before of other photos, which the run adds to.
    pub(super) before: Option<Arc<Prediction>>,
    /// The number from which on scenes of this run count among those that are there.
    pub(super) first_scene: usize,
    /// In the order in which the worker got them.
    pub views: Vec<ViewId>,
    /// On the window's clock.
    pub started_secs: f64,
    pub stage: Option<Stage>,
    /// Index into `views`.
    pub view: usize,
    /// 0..1 over the whole run.
    pub done: f32,
    pub remaining_secs: Option<f32>,
    /// The network has given all views; what is left is to bring them to one scene.
    pub(super) is_given: bool,
    pub is_cancelling: bool,
    pub(super) failed: FailedPhotos,
    /// Once it is made: how the run is cut, and what it needs.
    pub plan: Option<Plan>,
    pub(super) unit: DepthUnit,
    /// What an export of the result will say of the run.
    pub(super) notes: RunNotes,
    /// The complete results whose place this run has taken. They come back where it does not come to its end.
    pub(super) replaced: Option<Replaced>,
}

/// Where scenes of one run lie in those of the next.
#[derive(Debug)]
pub struct Moved {
    pub from: RunId,
    pub to: RunId,
    pub scenes: BTreeMap<usize, Carried>,
}

/// Results that a run has taken the place of.
#[derive(Debug)]
pub(super) struct Replaced {
    pub results: Results,
    pub by_network: Option<(Arc<Prediction>, Settings)>,
}

impl RunState {
    /// What the run gave, with what was there before of photos that are still in the list.
    pub(super) fn with_earlier(&self, given: Arc<Prediction>, rows: &[Row]) -> Arc<Prediction> {
        let Some(before) = &self.before else { return given };
        let mut whole = Prediction::clone(before);
        let is_anew = |id| given.views.iter().any(|view| view.view == id);
        whole.views.retain(|view| !is_anew(view.view) && rows.iter().any(|row| row.id == view.view));
        whole.take_in(&given, self.first_scene);
        whole.into()
    }
}
