//! Who hears of a run, and in which stage it is.

use std::sync::Arc;

use super::{InferenceError, Notice, Used, ViewPrediction};
use crate::input::ViewId;
use crate::model::ModelError;

/// Who hears what a run does while it does it.
pub trait Listener: Sync {
    /// Asked before each part of the work. An error ends that part: [`ModelError::Cancelled`] the whole run, one of memory
    /// the pass, after which the run goes on with less at once.
    fn go_on(&self, stage: RunStage) -> Result<(), ModelError>;
    /// `view` counts the run's photos; `done` goes from 0 to 1 over the whole run.
    fn progress(&self, stage: RunStage, view: usize, done: f32);
    fn view_ready(&self, view: Arc<ViewPrediction>);
    /// One photo gives no result; the run goes on.
    fn view_failed(&self, view: ViewId, error: InferenceError);
    fn notice(&self, notice: Notice);
    /// Weights are read once more, because the run goes on elsewhere: bytes so far, of all. An error ends that.
    fn loading(&self, done: u64, total: u64) -> Result<(), ModelError>;
    /// The model is in memory again.
    fn ready(&self, used: Used);
}

/// The stages of a run, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunStage {
    Decode,
    Backbone,
    Head,
    Finish,
}
