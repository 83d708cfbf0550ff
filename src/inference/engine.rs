//! A model that is loaded: network, device, and the choices that made it.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Instant;

use super::devices::{Devices, Opened, guarded};
use super::estimate::Work;
use super::weights::{build, build_for_lenses, open_weights};
use super::{DeviceChoice, InferenceError, Notice, Precision, Settings};
use crate::catalog::{self, Entry};
use crate::model::{ModelError, Network, Preset, Trouble};

/// Hears of bytes read and bytes of the file; its error ends the load.
type Progress<'a> = &'a dyn Fn(u64, u64) -> Result<(), ModelError>;

/// A model with its weights in memory. A run may move it to another device; there is never more than one of it.
pub struct Engine {
    /// Empty where a move has failed.
    loaded: RefCell<Option<Arc<Loaded>>>,
    devices: Devices,
    entry: &'static Entry,
    /// What it was loaded for.
    settings: Settings,
    used: Cell<Used>,
    /// It is on the CPU because its card had too little memory for it, which says nothing of the card.
    is_too_large: Cell<bool>,
    model_bytes: Cell<u64>,
}

/// Networks with their weights on a device.
pub(super) struct Loaded {
    pub network: Network,
    /// Says which lens photos were taken with, see [`Settings::lens_model`].
    pub lens_network: Option<Network>,
    pub opened: Opened,
}

impl Drop for Loaded {
    /// What passes lay in goes with their network; the next one makes its own.
    fn drop(&mut self) {
        self.opened.gpu().into_iter().for_each(|gpu| gpu.prepare(&[]));
    }
}

/// What an engine ended up using: what `Auto` became.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Used {
    pub device: DeviceChoice,
    pub precision: Precision,
    pub load_secs: f64,
}

impl Engine {
    /// Reads the weights of these settings. `progress` is called with bytes read and bytes of the file; its error ends the
    /// load. Where the card refuses them, the CPU takes them, and the notice says why.
    pub fn load(
        settings: &Settings,
        devices: &Devices,
        progress: Progress,
        notice: &mut dyn FnMut(Notice),
    ) -> Result<Self, InferenceError> {
        let entry = catalog::find(&settings.model).ok_or(InferenceError::UnknownModel(settings.model.clone()))?;
        // Before a device is opened: it may take seconds.
        open_weights(settings, entry)?;
        let (opened, fallback) = devices.open(settings)?;
        fallback.into_iter().for_each(&mut *notice);
        let device = opened.choice();
        let engine = Self {
            loaded: RefCell::new(None),
            devices: devices.clone(),
            entry,
            settings: settings.clone(),
            used: Cell::new(Used { device, precision: settings.precision, load_secs: 0.0 }),
            is_too_large: Cell::new(false),
            model_bytes: Cell::new(0),
        };
        match engine.read(opened, progress, notice) {
            Err(error) if device != DeviceChoice::Cpu && error.trouble().is_some() => {
                engine.go_to_cpu(&error, progress)?;
                notice(Notice::FellBackToCpu { wanted: device.noun(), reason: error.to_string() });
                Ok(engine)
            }
            read => read.map(|()| engine),
        }
    }

    /// Reads the weights to this device; the slot is empty until they are there.
    fn read(&self, opened: Opened, progress: Progress, notice: &mut dyn FnMut(Notice)) -> Result<(), InferenceError> {
        let started = Instant::now();
        let (settings, entry) = (&self.settings, self.entry);
        let file = open_weights(settings, entry)?;
        let (precision, fewer) = settings.precision.resolve(&opened);
        fewer.into_iter().for_each(notice);
        let total = file.bytes();
        let (network, lens_network) = opened.work(|| {
            let on_bytes = |done: u64| progress(done.min(total), total);
            let network = build(&file, settings, entry, &opened, precision, &on_bytes)?;
            let lens_network = build_for_lenses(settings, &opened, precision, &|_| progress(total, total))?;
            Ok::<_, InferenceError>((network, lens_network))
        })?;
        let load_secs = started.elapsed().as_secs_f64();
        self.used.set(Used { device: opened.choice(), precision, load_secs });
        self.model_bytes.set(Work::new(settings, opened.choice(), entry, &[]).model_bytes());
        self.loaded.replace(Some(Arc::new(Loaded { network, lens_network, opened })));
        Ok(())
    }

    /// After trouble on a card: reads the weights to the CPU. The card is not chosen by itself from now on, unless only memory was
    /// short.
    pub(super) fn go_to_cpu(&self, error: &InferenceError, progress: Progress) -> Result<(), InferenceError> {
        let is_of_memory = error.trouble() == Some(Trouble::Memory);
        self.unload();
        if !is_of_memory {
            self.devices.refuse(self.used.get().device, error.to_string(), true);
        }
        self.is_too_large.set(is_of_memory);
        self.read(self.devices.cpu(), progress, &mut |_| ())
    }

    /// After a card has refused all further work: opens it anew and reads the weights again.
    pub(super) fn reopen(&self, progress: Progress) -> Result<(), InferenceError> {
        let device = self.used.get().device;
        self.unload();
        self.devices.close(device);
        // What there is to say of the precision was said.
        self.read(self.devices.open_exactly(device)?, progress, &mut |_| ())
    }

    /// Lets go of the networks. A device that keeps what was freed is waited for, so that it gives that back.
    fn unload(&self) {
        let loaded = self.loaded.take();
        let opened = loaded.as_ref().map(|loaded| loaded.opened.clone());
        // Freeing what lies on a device that was lost is the driver's work, too.
        if let Err(error) = guarded(|| drop(loaded)) {
            tracing::warn!("while weights were let go of: {error}");
        }
        opened.inspect(Opened::drain);
    }

    /// What a run works with.
    pub(super) fn loaded(&self) -> Result<Arc<Loaded>, InferenceError> {
        self.loaded.borrow().clone().ok_or(InferenceError::NotLoaded)
    }

    /// Whether a run with these settings, which mean this device, can use this engine.
    pub fn serves(&self, settings: &Settings, device: DeviceChoice) -> bool {
        let stays = self.is_too_large.get() && settings.device == DeviceChoice::Auto;
        let is_there = self.used.get().device == device || stays;
        is_there && self.is_whole() && self.settings.loads_same_as(settings)
    }

    /// Whether it can run: a move between devices may have failed.
    pub fn is_whole(&self) -> bool {
        self.loaded.borrow().is_some()
    }

    pub fn used(&self) -> Used {
        self.used.get()
    }

    /// Memory that the weights take, by what their shapes say.
    pub fn model_bytes(&self) -> u64 {
        self.model_bytes.get()
    }

    pub fn entry(&self) -> &'static Entry {
        self.entry
    }

    pub(super) fn preset(&self) -> Preset {
        self.entry.preset
    }

    /// Whether a second network brings what the first sees to metres.
    pub(super) fn has_metric_part(&self) -> bool {
        self.preset().metric_part().is_some()
    }

    pub(super) fn is_on_card(&self) -> bool {
        self.used.get().device != DeviceChoice::Cpu
    }
}
