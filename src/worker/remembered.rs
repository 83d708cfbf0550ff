//! What the worker remembers between starts: how estimates of memory compared with runs, how long these took, how devices did, and
//! a run that goes on.

use std::path::PathBuf;

use crate::inference::{Plan, Trials};
use crate::memory::{Calibration, Paces, Posted, RunNote, kept, post, take_unfinished};

/// Kept in a folder, or nowhere.
pub struct Remembered {
    folder: Option<PathBuf>,
    calibration: Calibration,
    paces: Paces,
    trials: Trials,
}

const CALIBRATION: &str = "memory.json";
const PACES: &str = "pace.json";
const TRIALS: &str = "devices.json";
const NOTES: &str = "runs";

impl Remembered {
    pub fn new(folder: Option<PathBuf>) -> Self {
        let calibration = folder.as_ref().map(|folder| Calibration::read(&folder.join(CALIBRATION)));
        let paces = folder.as_ref().map(|folder| Paces::read(&folder.join(PACES))).unwrap_or_default();
        let trials = folder.as_ref().map(|folder| kept::read(&folder.join(TRIALS))).unwrap_or_default();
        Self { folder, calibration: calibration.unwrap_or_default(), paces, trials }
    }

    pub fn calibration(&self) -> &Calibration {
        &self.calibration
    }

    /// How candidates did where a device is automatic.
    pub fn trials(&self) -> &Trials {
        &self.trials
    }

    pub(super) fn keep_trials(&mut self, trials: Trials) {
        self.trials = trials.lasting();
        if let Some(folder) = &self.folder
            && let Err(error) = kept::write(&self.trials, &folder.join(TRIALS))
        {
            tracing::warn!("what was learnt of devices is not kept: {error}");
        }
    }

    pub(super) fn paces(&self) -> &Paces {
        &self.paces
    }

    /// Runs that ended with their program.
    pub(super) fn unfinished(&self) -> Vec<RunNote> {
        self.folder.as_ref().map(|folder| take_unfinished(&folder.join(NOTES))).unwrap_or_default()
    }

    /// Notes that a run goes on, until what is returned is dropped.
    pub(super) fn post(&self, note: &RunNote) -> Option<Posted> {
        match post(note, &self.folder.as_ref()?.join(NOTES)) {
            Ok(posted) => Some(posted),
            Err(error) => {
                tracing::warn!("no note of the run: {error}");
                None
            }
        }
    }

    /// Compares what a run took with what its plan said.
    pub(super) fn learn(&mut self, key: &str, plan: &Plan, measured: u64) {
        let estimated = (plan.need.total() as f64 / self.calibration.factor(key)) as u64;
        if !self.calibration.learn(key, estimated, measured) {
            return;
        }
        let Some(folder) = &self.folder else { return };
        if let Err(error) = self.calibration.write(&folder.join(CALIBRATION)) {
            tracing::warn!("what was learnt of memory is not kept: {error}");
        }
    }

    /// Takes note of how long a run took, in seconds without the load of its model. Answers whether that told anything.
    pub(super) fn learn_pace(&mut self, key: &str, resolution: u32, work: f64, secs: f64) -> bool {
        if !self.paces.learn(key, resolution, work, secs) {
            return false;
        }
        if let Some(folder) = &self.folder
            && let Err(error) = self.paces.write(&folder.join(PACES))
        {
            tracing::warn!("what was learnt of time is not kept: {error}");
        }
        true
    }
}
