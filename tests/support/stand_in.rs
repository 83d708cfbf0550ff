//! A card that stands in for one: it calculates on the CPU, and fails where and as it is told to. As a graphics card it is the
//! processor's Vulkan.
#![allow(dead_code, reason = "each test needs a part of it")]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use candle_core::Device;
use fathom::catalog::{self, ModelId};
use fathom::inference::{DeviceChoice, Devices, Driver, GraphicsCard, Hardware, Precision, Settings, Trial, Trials};
use fathom::memory::CardMemory;
use fathom::model::ModelError;
use fathom::model::gpu::{self, Checks, Described, Gpu, GpuError};
use fathom::model::kernels::heap_bytes;
use fathom::worker::{Sentry, Stage, WorkerOptions};

/// Where something fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Open,
    /// While weights go up.
    Load,
    Backbone,
    Head,
    /// When the device is waited for.
    Synchronise,
}

/// How it fails.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    Says(&'static str),
    Panics(&'static str),
    /// What stands behind the graphics card that is open fails, from here on.
    Below(gpu::Fault),
    /// The adapter is older than the kernels.
    TooSmall,
}

impl Fault {
    pub fn words(self) -> &'static str {
        match self {
            Self::Says(words) | Self::Panics(words) => words,
            Self::Below(_) | Self::TooSmall => "the graphics card",
        }
    }
}

/// What will go wrong.
#[derive(Clone, Copy, Debug)]
pub struct Planned {
    pub place: Place,
    pub fault: Fault,
    /// How often the place is passed before.
    pub after: usize,
    /// How often it then fails.
    pub times: usize,
}

/// A card, and who watches the worker that uses it.
pub struct StandIn {
    accelerator: Option<DeviceChoice>,
    memory: Option<CardMemory>,
    has_bf16: bool,
    /// The graphics card says that it is no software; nothing is known of how fast it is.
    is_hardware: bool,
    planned: Mutex<Vec<Planned>>,
    /// The graphics card that was opened last.
    gpu: Mutex<Weak<Gpu>>,
    opened: AtomicUsize,
    waited: AtomicUsize,
    /// What the process held when weights were first asked for after a fault.
    held_at_reload: Mutex<Option<u64>>,
    has_failed: AtomicUsize,
}

impl StandIn {
    pub fn new(planned: &[Planned]) -> Arc<Self> {
        Self::of(Some(DeviceChoice::Metal), None, planned)
    }

    pub fn of(accelerator: Option<DeviceChoice>, memory: Option<CardMemory>, planned: &[Planned]) -> Arc<Self> {
        Arc::new(Self::plain(accelerator, memory, planned))
    }

    /// A machine with a graphics card that may be chosen unasked.
    pub fn hardware(planned: &[Planned]) -> Arc<Self> {
        Arc::new(Self { is_hardware: true, ..Self::plain(None, None, planned) })
    }

    fn plain(accelerator: Option<DeviceChoice>, memory: Option<CardMemory>, planned: &[Planned]) -> Self {
        Self {
            accelerator,
            memory,
            has_bf16: false,
            is_hardware: false,
            planned: Mutex::new(planned.to_vec()),
            gpu: Mutex::default(),
            opened: AtomicUsize::new(0),
            waited: AtomicUsize::new(0),
            held_at_reload: Mutex::new(None),
            has_failed: AtomicUsize::new(0),
        }
    }

    /// Its accelerator is the processor itself: that it is the faster one is told, for whatever is run.
    pub fn devices(self: &Arc<Self>) -> Devices {
        let devices = Devices::new(Card(self.clone()));
        if self.is_hardware {
            return devices;
        }
        let mut trials = Trials::default();
        for (entry, precision) in catalog::entries().iter().flat_map(|entry| Precision::ALL.map(|p| (entry, p))) {
            let settings = Settings { model: ModelId(entry.id.into()), precision, ..Settings::default() };
            let of_card = self.accelerator.map(|accelerator| (accelerator, 1e-6));
            for (device, secs) in of_card.into_iter().chain([(DeviceChoice::Cpu, 1.0)]) {
                trials.note(&settings, device.label(), Trial::Took(secs));
            }
        }
        devices.trials().recall(trials);
        devices
    }

    /// A worker that has this card, and no other reason to stop than its faults.
    pub fn options(self: &Arc<Self>) -> WorkerOptions {
        WorkerOptions { devices: self.devices(), sentry: Arc::new(Card(self.clone())), ..WorkerOptions::default() }
    }

    /// How often it was opened.
    pub fn opened(&self) -> usize {
        self.opened.load(Ordering::SeqCst)
    }

    /// How often it was waited for.
    pub fn waited(&self) -> usize {
        self.waited.load(Ordering::SeqCst)
    }

    pub fn held_at_reload(&self) -> Option<u64> {
        *self.held_at_reload.lock().expect("no panic under the lock")
    }

    fn meets(&self, place: Place) -> Option<Fault> {
        let mut planned = self.planned.lock().expect("no panic under the lock");
        let due = planned.iter_mut().find(|planned| planned.place == place && planned.times > 0)?;
        if due.after > 0 {
            due.after -= 1;
            return None;
        }
        due.times -= 1;
        self.has_failed.store(1, Ordering::SeqCst);
        Some(due.fault)
    }

    fn passes(&self, place: Place) -> Result<(), ModelError> {
        match self.meets(place) {
            None => Ok(()),
            Some(Fault::Says(words)) => Err(candle_core::Error::Msg(words.into()).into()),
            Some(Fault::Panics(words)) => panic!("{words}"),
            Some(Fault::Below(fault)) => {
                self.gpu().expect("a graphics card that is open").suffer(fault);
                Ok(())
            }
            Some(Fault::TooSmall) => {
                let (card, what) = ("Old One".into(), "a workgroup's memory");
                Err(GpuError::TooSmall { card, what, has: 8 << 10, needed: 16 << 10 }.into())
            }
        }
    }

    /// The graphics card that was opened last, while anybody has it.
    pub fn gpu(&self) -> Option<Arc<Gpu>> {
        self.gpu.lock().unwrap_or_else(PoisonError::into_inner).upgrade()
    }
}

/// What every machine that tests has.
fn software() -> Option<Described> {
    Described::all().into_iter().find(|card| card.is_software)
}

/// A handle on it, for those who need a trait.
struct Card(Arc<StandIn>);

impl Driver for Card {
    fn accelerator(&self) -> Option<DeviceChoice> {
        self.0.accelerator
    }

    fn graphics_card(&self) -> Option<GraphicsCard> {
        let found = software().as_ref().map(GraphicsCard::from);
        found.map(|card| GraphicsCard { is_software: !self.0.is_hardware, ..card })
    }

    fn may_have_graphics_card(&self) -> bool {
        self.0.is_hardware
    }

    fn open(&self, card: DeviceChoice) -> Result<Hardware, ModelError> {
        self.0.passes(Place::Open)?;
        self.0.opened.fetch_add(1, Ordering::SeqCst);
        if card != DeviceChoice::Gpu {
            return Ok(Hardware::Candle(Device::Cpu));
        }
        let described = software().expect("a software Vulkan driver (scripts/setup.sh test)");
        let gpu = Gpu::new(gpu::Card::open(&described)?, Checks::Off);
        *self.0.gpu.lock().unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(&gpu);
        Ok(Hardware::Shaders(gpu))
    }

    fn memory(&self, _: &Device) -> Option<CardMemory> {
        self.0.memory
    }

    fn synchronize(&self, hardware: &Hardware) -> Result<(), ModelError> {
        self.0.waited.fetch_add(1, Ordering::SeqCst);
        self.0.passes(Place::Synchronise)?;
        if let Hardware::Shaders(gpu) = hardware {
            gpu.wait()?;
        }
        Ok(())
    }

    fn keeps_buffers(&self, card: DeviceChoice) -> bool {
        card != DeviceChoice::Gpu
    }

    fn multiplies_bf16(&self, _: &Device) -> candle_core::Result<bool> {
        if self.0.has_bf16 {
            Ok(true)
        } else {
            Err(candle_core::Error::Msg("CublasError(CUBLAS_STATUS_NOT_SUPPORTED)".into()))
        }
    }
}

impl Sentry for Card {
    fn check(&self, stage: Stage) -> Result<(), ModelError> {
        let place = match stage {
            Stage::LoadModel => Place::Load,
            Stage::Backbone => Place::Backbone,
            Stage::Head => Place::Head,
            Stage::Decode | Stage::Finish | Stage::Match | Stage::Place => return Ok(()),
        };
        if place == Place::Load && self.0.has_failed.load(Ordering::SeqCst) > 0 {
            self.0.held_at_reload.lock().expect("no panic under the lock").get_or_insert_with(heap_bytes);
        }
        self.0.passes(place)
    }
}
