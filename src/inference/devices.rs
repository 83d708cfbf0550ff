//! The one place that opens devices and waits for them. Whatever a driver does there, a panic included, comes back as an
//! answer, and what it did is remembered: a card that could not be used once is not chosen by itself again.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, OnceLock, PoisonError};

use candle_core::Device;

use super::automatic::{Automatic, Candidate, Trials};
use super::driver::{Driver, Hardware, ThisBuild};
use super::{DeviceChoice, GraphicsCard, InferenceError, Notice, Settings};
use crate::memory::{CardMemory, Room, Sampler};
use crate::model::gpu::Gpu;
use crate::model::{ModelError, driver_text, panic_text};

/// The CPU, and the cards that a build can use beside it: candle's accelerator, and any graphics card by our own shaders. A clone
/// speaks of the same.
#[derive(Clone)]
pub struct Devices(Arc<Known>);

struct Known {
    driver: Box<dyn Driver>,
    accelerator: Mutex<State>,
    graphics: Mutex<State>,
    trials: Mutex<Trials>,
    /// Looked for once.
    graphics_card: OnceLock<Option<GraphicsCard>>,
}

/// What became of a card in this process.
#[derive(Default)]
struct State {
    /// Opened once: a context or a queue for each question would cost memory and time.
    hardware: Option<Hardware>,
    multiplies_bf16: Option<bool>,
    refusal: Option<Refusal>,
}

/// Why a card is not used unasked any more.
#[derive(Clone)]
struct Refusal {
    reason: String,
    /// It did not open. Else it failed at work, and who names it may try again.
    is_of_opening: bool,
    is_told: bool,
}

impl Devices {
    /// What this build of the program can use; one for the whole process.
    pub fn here() -> Self {
        static HERE: LazyLock<Devices> = LazyLock::new(|| Devices::new(ThisBuild));
        HERE.clone()
    }

    /// Devices that another driver opens; tests hand in one that fails.
    pub fn new(driver: impl Driver + 'static) -> Self {
        Self(Arc::new(Known {
            driver: Box::new(driver),
            accelerator: Mutex::default(),
            graphics: Mutex::default(),
            trials: Mutex::default(),
            graphics_card: OnceLock::new(),
        }))
    }

    /// What candle can calculate on beside the CPU.
    pub fn accelerator(&self) -> Option<DeviceChoice> {
        self.0.driver.accelerator()
    }

    /// What [`DeviceChoice::Gpu`] means on this machine. It is looked for when this is first asked, which may take a moment.
    pub fn graphics_card(&self) -> Option<&GraphicsCard> {
        let look = || {
            let found = guarded(|| self.0.driver.graphics_card());
            found.inspect_err(|error| tracing::warn!("while graphics cards were looked for: {error}")).ok().flatten()
        };
        self.0.graphics_card.get_or_init(look).as_ref()
    }

    /// What an automatic choice means. A card that does not open, or has failed in this process, is no candidate any more; one that
    /// calculates on the processor is none.
    pub fn automatic(&self) -> Automatic {
        let accelerator = self.accelerator().map(|device| Candidate { device, name: device.label().to_owned() });
        let graphics = guarded(|| self.0.driver.may_have_graphics_card()).unwrap_or(false);
        let graphics = graphics.then(|| self.graphics_card()).flatten().filter(|card| !card.is_software);
        let graphics = graphics.map(|card| Candidate { device: DeviceChoice::Gpu, name: card.with_driver() });
        let cards = [accelerator, graphics].into_iter().flatten();
        Automatic {
            cards: cards.filter(|card| self.state(card.device).refusal.is_none()).collect(),
            trials: self.trials().clone(),
        }
    }

    /// How candidates did so far.
    pub fn trials(&self) -> MutexGuard<'_, Trials> {
        self.0.trials.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what a run on this device took for a unit of work; answers whether that changes anything.
    pub fn learn(&self, settings: &Settings, device: DeviceChoice, secs: f64) -> bool {
        let automatic = self.automatic();
        let name = automatic.name(device);
        name.is_some_and(|name| self.trials().learn(settings, name, secs))
    }

    /// Where a network runs with these settings, as far as that is known. A choice that this build does not have stays what it is: the
    /// load says so.
    pub fn resolve(&self, settings: &Settings) -> DeviceChoice {
        let choice = settings.device;
        let meant = if choice == DeviceChoice::Auto { self.automatic().device(settings) } else { choice };
        let Some(card) = self.meant(meant) else { return meant };
        if self.is_refused(choice, card) || self.hardware(card).is_err() { DeviceChoice::Cpu } else { card }
    }

    /// Opens what is chosen. Where the card cannot be had, the CPU takes its place, and the notice says why; with
    /// `Auto` once in a process.
    ///
    /// # Errors
    /// [`InferenceError::Device`] for a choice that this build does not have.
    pub(super) fn open(&self, settings: &Settings) -> Result<(Opened, Option<Notice>), InferenceError> {
        let choice = settings.device;
        let meant = if choice == DeviceChoice::Auto { self.automatic().device(settings) } else { choice };
        let Some(card) = self.meant(meant) else {
            let notice = if choice == DeviceChoice::Auto { self.untold() } else { None };
            return Ok((self.without_card(meant)?, notice));
        };
        match self.hardware(card) {
            Ok(hardware) => Ok((self.opened(hardware, card), None)),
            Err(reason) => {
                if let Some(refusal) = &mut self.state(card).refusal {
                    refusal.is_told = true;
                }
                Ok((self.cpu(), Some(fell_back(card, reason))))
            }
        }
    }

    /// Why a card is no candidate, where nobody was told as yet.
    fn untold(&self) -> Option<Notice> {
        let untold = |card: DeviceChoice| {
            let mut state = self.state(card);
            let refusal = state.refusal.as_mut().filter(|refusal| !refusal.is_told)?;
            refusal.is_told = true;
            Some(fell_back(card, refusal.reason.clone()))
        };
        [self.accelerator(), Some(DeviceChoice::Gpu)].into_iter().flatten().find_map(untold)
    }

    /// Opens what is chosen, and nothing else in its place.
    ///
    /// # Errors
    /// [`InferenceError::Device`] where it cannot be had.
    pub(super) fn open_exactly(&self, choice: DeviceChoice) -> Result<Opened, InferenceError> {
        let Some(card) = self.meant(choice) else { return self.without_card(choice) };
        let hardware = self.hardware(card).map_err(|reason| InferenceError::Device { choice, reason })?;
        Ok(self.opened(hardware, card))
    }

    /// Lets go of a card, so that the next who wants it gets a queue of its own.
    pub(super) fn close(&self, card: DeviceChoice) {
        let hardware = self.state(card).hardware.take();
        // Not under the lock: drivers take their time here, and some end in a panic.
        if let Err(error) = guarded(move || {
            let _closed = hardware;
        }) {
            tracing::info!("while it was closed: {error}");
        }
    }

    /// A card failed at work: it is not chosen by itself from now on. Whoever calls this tells it, or else the next who opens what is
    /// automatic.
    pub(super) fn refuse(&self, card: DeviceChoice, reason: String, is_told: bool) {
        self.close(card);
        self.state(card).refusal = Some(Refusal { reason, is_of_opening: false, is_told });
    }

    /// The memory of the accelerator, while it is open and where its driver tells.
    pub fn card_memory(&self) -> Option<CardMemory> {
        let hardware = self.0.accelerator.lock().unwrap_or_else(PoisonError::into_inner).hardware.clone()?;
        let Hardware::Candle(device) = hardware else { return None };
        guarded(|| self.0.driver.memory(&device)).ok().flatten()
    }

    /// What is free now for a network on this device. Nobody tells what a graphics card has: it counts as the machine's.
    pub fn room(&self, device: DeviceChoice) -> Room {
        let mut sample = Sampler::default().sample();
        let is_accelerator = !matches!(device, DeviceChoice::Cpu | DeviceChoice::Gpu);
        sample.card = if is_accelerator { self.card_memory() } else { None };
        sample.room()
    }

    /// The card that the choice names, where this build has it.
    fn meant(&self, choice: DeviceChoice) -> Option<DeviceChoice> {
        match choice {
            DeviceChoice::Gpu => Some(choice),
            named => self.accelerator().filter(|&accelerator| accelerator == named),
        }
    }

    fn is_refused(&self, choice: DeviceChoice, card: DeviceChoice) -> bool {
        let state = self.state(card);
        state.refusal.as_ref().is_some_and(|refusal| choice == DeviceChoice::Auto || refusal.is_of_opening)
    }

    /// A card, opened now where it is not yet; else why not.
    fn hardware(&self, card: DeviceChoice) -> Result<Hardware, String> {
        let mut state = self.state(card);
        if let Some(hardware) = &state.hardware {
            return Ok(hardware.clone());
        }
        let reason = match guarded(|| self.0.driver.open(card)).flatten() {
            Ok(hardware) => {
                state.hardware = Some(hardware.clone());
                return Ok(hardware);
            }
            Err(ModelError::Device(error)) => driver_text(&error.to_string()),
            Err(ModelError::Stopped { said }) => said,
            Err(error) => error.to_string(),
        };
        tracing::warn!("{card} could not be opened: {reason}");
        state.refusal = Some(Refusal { reason: reason.clone(), is_of_opening: true, is_told: false });
        Err(reason)
    }

    fn state(&self, card: DeviceChoice) -> MutexGuard<'_, State> {
        let known = &*self.0;
        let state = if card == DeviceChoice::Gpu { &known.graphics } else { &known.accelerator };
        state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn without_card(&self, choice: DeviceChoice) -> Result<Opened, InferenceError> {
        match choice {
            DeviceChoice::Auto | DeviceChoice::Cpu => Ok(self.cpu()),
            choice => Err(InferenceError::Device { choice, reason: "this build of Fathom is without it".into() }),
        }
    }

    /// The CPU, which always works.
    pub(super) fn cpu(&self) -> Opened {
        self.opened(Hardware::Candle(Device::Cpu), DeviceChoice::Cpu)
    }

    fn opened(&self, hardware: Hardware, choice: DeviceChoice) -> Opened {
        Opened { hardware, choice, devices: self.clone() }
    }
}

fn fell_back(wanted: DeviceChoice, reason: String) -> Notice {
    Notice::FellBackToCpu { wanted: wanted.noun(), reason }
}

/// A device that a network runs on.
#[derive(Clone)]
pub(super) struct Opened {
    hardware: Hardware,
    choice: DeviceChoice,
    devices: Devices,
}

impl Opened {
    /// Where candle's tensors lie: those that go to a card of our own shaders are with the processor.
    pub fn device(&self) -> &Device {
        if let Hardware::Candle(device) = &self.hardware { device } else { &Device::Cpu }
    }

    /// The card that our own shaders run on, where it is one.
    pub fn gpu(&self) -> Option<&Arc<Gpu>> {
        if let Hardware::Shaders(gpu) = &self.hardware { Some(gpu) } else { None }
    }

    /// Never `Auto`.
    pub fn choice(&self) -> DeviceChoice {
        self.choice
    }

    pub fn is_card(&self) -> bool {
        self.choice != DeviceChoice::Cpu
    }

    /// Whether freed buffers stay taken until the device is waited for.
    pub fn keeps_buffers(&self) -> bool {
        self.is_card() && self.devices.0.driver.keeps_buffers(self.choice)
    }

    /// Waits until everything is done that the device was asked for. What went wrong in it is heard here, if not before.
    pub fn synchronize(&self) -> Result<(), ModelError> {
        if !self.is_card() {
            return Ok(());
        }
        guarded(|| self.devices.0.driver.synchronize(&self.hardware))??;
        Ok(())
    }

    /// Waits for what is left of work that has failed, so that its error is not taken for one of the work that follows.
    pub fn drain(&self) {
        if let Err(error) = self.synchronize() {
            tracing::info!("what was left on {}: {error}", self.choice);
        }
    }

    /// Work of a network, seen to its end: on a card a panic of the driver is an error like its others, and none of them
    /// waits for the work that comes next.
    pub fn work<T, E: From<ModelError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if !self.is_card() {
            return work();
        }
        let done = guarded(|| in_pool(work)).map_err(E::from).flatten();
        if done.is_err() && self.gpu().is_some() {
            // What was asked for before holds memory until it is done.
            self.drain();
        }
        let done = done?;
        self.synchronize()?;
        Ok(done)
    }

    /// Whether products of bf16 are right here. Asked of an accelerator once, by trying; our own shaders keep them as bf16 and
    /// multiply in f32.
    pub fn multiplies_bf16(&self) -> bool {
        if !self.is_card() || self.gpu().is_some() {
            return true;
        }
        if let Some(known) = self.devices.state(self.choice).multiplies_bf16 {
            return known;
        }
        let tried = guarded(|| self.devices.0.driver.multiplies_bf16(self.device()));
        let is_right = matches!(tried, Ok(Ok(true)));
        if !is_right {
            tracing::info!("{} has no bf16: {tried:?}", self.choice);
            self.drain();
        }
        self.devices.state(self.choice).multiplies_bf16 = Some(is_right);
        is_right
    }
}

/// Runs what may end in a panic of somebody else's code.
pub(super) fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, ModelError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| ModelError::Stopped { said: panic_text(payload.as_ref()) })
}

/// Runs `work` and lets go of what Apple's libraries have set aside for its end: each launch on an Apple GPU leaves a command
/// buffer there.
pub fn in_pool<T>(work: impl FnOnce() -> T) -> T {
    #[cfg(target_os = "macos")]
    {
        objc2::rc::autoreleasepool(|_| work())
    }
    #[cfg(not(target_os = "macos"))]
    {
        work()
    }
}

#[cfg(test)]
mod tests;
