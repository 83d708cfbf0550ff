//! The model in the worker and the run that is under way, as the window knows them.

use crate::export::RunNotes;
use crate::inference::{DepthUnit, DeviceChoice, Plan};
use crate::input::ViewId;
use crate::worker::{RunId, Stage};

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

/// A run that has not ended.
#[derive(Clone, Debug)]
pub struct RunState {
    pub id: RunId,
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
    pub is_cancelling: bool,
    /// Once it is made: how the run is cut, and what it needs.
    pub plan: Option<Plan>,
    pub(super) unit: DepthUnit,
    /// What an export of the result will say of the run.
    pub(super) notes: RunNotes,
}
