//! A model that is loaded: network, device, and the choices that made it.

use std::path::PathBuf;
use std::time::Instant;

use candle_core::Device;

use super::{DeviceChoice, InferenceError, Notice, Precision, Settings, WeightFile};
use crate::catalog::{self, Entry, ModelId, Weights};
use crate::model::{ModelError, Network, Options};

/// A network with its weights in memory.
pub struct Engine {
    pub(super) network: Network,
    pub(super) device: Device,
    entry: &'static Entry,
    key: Key,
    /// What `Auto` became.
    pub used: Used,
}

/// What an engine ended up using.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Used {
    pub device: DeviceChoice,
    pub precision: Precision,
    pub load_secs: f64,
}

/// The settings that decide which engine is needed.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    model: ModelId,
    weights: Option<PathBuf>,
    device: DeviceChoice,
    precision: Precision,
}

impl Key {
    fn of(settings: &Settings) -> Self {
        Self {
            model: settings.model.clone(),
            weights: settings.weights.clone(),
            device: settings.device,
            precision: settings.precision,
        }
    }
}

impl Engine {
    /// Reads the weights of these settings. `progress` is called with bytes read and bytes of the file; when it says
    /// `false` the load ends with [`InferenceError::Cancelled`].
    pub fn load(
        settings: &Settings,
        progress: &dyn Fn(u64, u64) -> bool,
        notice: &mut dyn FnMut(Notice),
    ) -> Result<Self, InferenceError> {
        let started = Instant::now();
        let entry = catalog::find(&settings.model).ok_or(InferenceError::UnknownModel(settings.model.clone()))?;
        let file = open_weights(settings, entry)?;
        let (device, device_choice, fallback) = settings.device.open()?;
        fallback.into_iter().for_each(notice);
        let precision = settings.precision.resolve(&device);
        let total = file.bytes();
        let on_bytes = |done: u64| if progress(done.min(total), total) { Ok(()) } else { Err(ModelError::Cancelled) };
        let options = Options {
            kernels: precision.wants_kernels(),
            format: precision.format(),
            on_bytes: &on_bytes,
            ..Options::default()
        };
        let network = Network::new(&file, entry.preset, &device, &options)?;
        let used = Used { device: device_choice, precision, load_secs: started.elapsed().as_secs_f64() };
        Ok(Self { network, device, entry, key: Key::of(settings), used })
    }

    /// Whether a run with these settings can use this engine.
    pub fn serves(&self, settings: &Settings) -> bool {
        self.key == Key::of(settings)
    }

    pub fn entry(&self) -> &'static Entry {
        self.entry
    }
}

pub(super) fn open_weights(settings: &Settings, entry: &'static Entry) -> Result<WeightFile, InferenceError> {
    if let Some(path) = &settings.weights {
        return Ok(WeightFile::open(path)?);
    }
    match catalog::locate(entry) {
        Some(Weights::BuiltIn(bytes)) => Ok(WeightFile::built_in(bytes)?),
        Some(Weights::File(path)) => Ok(WeightFile::open(&path)?),
        None => Err(InferenceError::NoWeights {
            model: entry.name,
            published_at: entry.source,
            places: catalog::models_dir().map(|dir| catalog::places(entry, &dir).to_vec()).unwrap_or_default(),
        }),
    }
}
