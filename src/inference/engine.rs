//! A model that is loaded: network, device, and the choices that made it.

use std::time::Instant;

use candle_core::Device;

use super::device::Card;
use super::estimate::Work;
use super::weights::{build, open_weights};
use super::{DeviceChoice, InferenceError, Notice, Precision, Settings, lens_model};
use crate::catalog::{self, Entry};
use crate::model::{ModelError, Network};

/// A network with its weights in memory.
pub struct Engine {
    pub(super) network: Network,
    /// Says which lens photos were taken with, see [`Settings::lens_model`].
    pub(super) lens_network: Option<Network>,
    pub(super) device: Device,
    entry: &'static Entry,
    /// What it was loaded for.
    settings: Settings,
    /// What `Auto` became.
    pub used: Used,
    /// Memory that the weights take, by what their shapes say.
    pub model_bytes: u64,
}

/// What an engine ended up using.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Used {
    pub device: DeviceChoice,
    pub precision: Precision,
    pub load_secs: f64,
}

impl Engine {
    /// Reads the weights of these settings. `progress` is called with bytes read and bytes of the file; its error ends the
    /// load.
    pub fn load(
        settings: &Settings,
        progress: &dyn Fn(u64, u64) -> Result<(), ModelError>,
        notice: &mut dyn FnMut(Notice),
    ) -> Result<Self, InferenceError> {
        let started = Instant::now();
        let entry = catalog::find(&settings.model).ok_or(InferenceError::UnknownModel(settings.model.clone()))?;
        let file = open_weights(settings, entry)?;
        let (device, device_choice, fallback) = settings.device.open()?;
        fallback.into_iter().for_each(notice);
        let precision = settings.precision.resolve(&device);
        let total = file.bytes();
        let on_bytes = |done: u64| progress(done.min(total), total);
        let network = build(&file, settings, entry, &device, &on_bytes)?;
        let lens_network = lens_model::load(settings, &device, &|_| progress(total, total))?;
        let used = Used { device: device_choice, precision, load_secs: started.elapsed().as_secs_f64() };
        let model_bytes = Work::new(settings, entry, &[]).model_bytes();
        Ok(Self { network, lens_network, device, entry, settings: settings.clone(), used, model_bytes })
    }

    /// Whether a run with these settings can use this engine.
    pub fn serves(&self, settings: &Settings) -> bool {
        self.settings.loads_same_as(settings)
    }

    pub fn entry(&self) -> &'static Entry {
        self.entry
    }

    /// Whether a second network brings what the first sees to metres.
    pub(super) fn has_metric_part(&self) -> bool {
        self.network.metric().is_some()
    }

    /// The graphics card that it runs on.
    pub fn card(&self) -> Card {
        Card::new(&self.device)
    }
}
