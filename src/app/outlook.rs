//! What a run with the present settings would need, kept until something that it depends on changes.

use crate::inference::{DeviceChoice, Job, Plan, Remedy, Settings, VIEWS_PER_PASS};
use crate::memory::{Calibration, Fit, Sample};

use super::state::AppState;

/// Free memory changes all the time; an outlook is made anew when it has changed by this much.
const FREE_STEP: u64 = 64 << 20;

/// The outlook of a run.
#[derive(Debug, Default)]
pub struct Outlook {
    key: Option<Key>,
    /// With the present settings; absent while the machine's memory is not known.
    plan: Option<Plan>,
    automatic_views: Option<usize>,
    /// Where the plan does not fit: what would.
    remedies: Vec<Remedy>,
    /// With each number of [`VIEWS_PER_PASS`].
    choices: Vec<Plan>,
}

#[derive(Debug, PartialEq)]
struct Key {
    settings: Settings,
    device: DeviceChoice,
    photos: Vec<[u32; 2]>,
    free_steps: u64,
    is_loaded: bool,
    learnt: Calibration,
}

impl Outlook {
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_ref()
    }

    pub fn remedies(&self) -> &[Remedy] {
        &self.remedies
    }

    /// Views per pass that are chosen when the settings leave it open.
    pub fn automatic_views(&self) -> Option<usize> {
        self.automatic_views
    }

    /// The plan with this number of views per pass.
    pub fn with_views(&self, views: usize) -> Option<&Plan> {
        self.choices.iter().find(|plan| plan.views_per_pass == views)
    }

    /// Looks again, where something has changed.
    pub fn update(&mut self, state: &AppState) {
        let Some(sample) = state.memory.latest() else { return };
        let is_loaded = state.is_loaded();
        // A model that would have to go gives its memory to the next.
        let device = state.device();
        let sample = Sample { card: sample.card.filter(|_| device != DeviceChoice::Cpu), ..*sample };
        let room = sample.room().and(if is_loaded { 0 } else { sample.model_bytes });
        let key = Key {
            settings: state.settings.clone(),
            device,
            photos: state.views.sizes(),
            free_steps: room.main_free_bytes() / FREE_STEP,
            is_loaded,
            learnt: state.calibration.clone(),
        };
        if self.key.as_ref() == Some(&key) {
            return;
        }
        let job = Job {
            settings: &key.settings,
            device,
            photos: &key.photos,
            room,
            is_loaded,
            is_shown: true,
            calibration: &key.learnt,
        };
        self.plan = job.outlook().ok();
        let is_refused = self.plan.is_some_and(|plan| plan.fit == Fit::Not);
        self.remedies = if is_refused { job.remedies() } else { Vec::new() };
        let automatic = Settings { views_per_pass: None, ..key.settings.clone() };
        let automatic = Job { settings: &automatic, ..job }.outlook().ok().filter(|_| !key.photos.is_empty());
        self.automatic_views = automatic.map(|plan| plan.views_per_pass);
        self.choices = VIEWS_PER_PASS.iter().filter_map(|&views| job.with_views(views).ok()).collect();
        self.key = Some(key);
    }
}
