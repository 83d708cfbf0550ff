//! The worker's state machine: what is loaded, and what each command does to it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use rayon::prelude::*;

use super::gauge::Gauge;
use super::joining::Joining;
use super::reporter::{Outbox, Pace, Reporter, model_ready};
use super::reserve::set_aside;
use super::{Command, Event, Photo, Problem, Remembered, RunId, Sentry, Stage, WorkerOptions};
use crate::inference::{
    Automatic, DeviceChoice, Devices, Engine, InferenceError, Job, Notice, Plan, Settings, in_pool, unit_of,
};
use crate::input::{Limits, natural_order, photo_size};
use crate::memory::{Fit, PeakWatch, Room, RunNote, Sampler};
use crate::model::kernels::{give_back, release_reserve};
use crate::model::{ModelError, Trouble};

/// A command and its number, by which it can be cancelled.
pub(super) struct Ticket {
    pub number: u64,
    pub command: Command,
}

/// Bytes of weights are told this often at most.
const LOADING_INTERVAL: Duration = Duration::from_millis(50);
/// A photo whose header does not tell its size will fail when it is read; until then it counts as this.
const UNKNOWN_PHOTO: [u32; 2] = [4000, 3000];

/// What lives on the worker thread.
pub(super) struct WorkerThread {
    outbox: Outbox,
    cancelled: Arc<AtomicU64>,
    sentry: Arc<dyn Sentry>,
    gauge: Arc<Gauge>,
    remembered: Remembered,
    devices: Devices,
    /// What was told last of what an automatic choice means.
    automatic: Option<Automatic>,
    is_shown: bool,
    /// `None`: nothing is loaded.
    engine: Option<Engine>,
}

impl WorkerThread {
    pub fn new(
        events: Sender<Event>,
        wake: Arc<dyn Fn() + Send + Sync>,
        cancelled: Arc<AtomicU64>,
        gauge: Arc<Gauge>,
        options: WorkerOptions,
    ) -> Self {
        let WorkerOptions { state_dir, sentry, devices, is_shown } = options;
        let remembered = Remembered::new(state_dir);
        devices.trials().recall(remembered.trials().clone());
        let (outbox, automatic, engine) = (Outbox { events, wake }, None, None);
        Self { outbox, cancelled, sentry, gauge, remembered, devices, automatic, is_shown, engine }
    }

    /// Serves commands until the sender is gone or says so.
    pub fn serve(mut self, commands: &Receiver<Ticket>) {
        for note in self.remembered.unfinished() {
            self.outbox.send(Event::EndedEarly(Problem::from(&note)));
        }
        self.outbox.send(Event::Learnt(self.remembered.calibration().clone()));
        self.outbox.send(Event::Paced(self.remembered.paces().clone()));
        self.tell_device();
        if self.is_shown
            && let Some(card) = self.devices.graphics_card()
        {
            self.outbox.send(Event::GraphicsCard(card.clone()));
        }
        for Ticket { number, command } in commands {
            if matches!(command, Command::Shutdown) {
                break;
            }
            in_pool(|| self.obey(number, command));
            self.tell_device();
        }
        in_pool(|| self.drop_engine());
    }

    fn obey(&mut self, number: u64, command: Command) {
        match command {
            Command::Shutdown => {}
            Command::Unload => {
                self.drop_engine();
                self.outbox.send(Event::ModelUnloaded);
            }
            Command::TryDevicesAgain => {
                self.devices.trials().forget();
                self.remembered.keep_trials(self.devices.trials().clone());
            }
            Command::Load(settings) => {
                let loaded = self.guarded(|worker| {
                    worker.try_out(number, &settings)?;
                    worker.load(number, &settings)
                });
                self.tell_end(None, loaded);
            }
            Command::Run { run, photos, settings } => {
                let ended = self.guarded(|worker| worker.run(number, run, &photos, &settings));
                release_reserve();
                give_back();
                self.tell_end(Some(run), ended);
            }
            Command::Join { run, prediction, matching } => {
                let (outbox, cancelled) = (self.outbox.clone(), self.cancelled.clone());
                let views = prediction.views.len();
                Joining { outbox, run, views, matching, number, cancelled }.over(&prediction);
                give_back();
            }
        }
    }

    /// Opens the device that an automatic choice means, where that was not tried yet, and tells what it means now.
    fn tell_device(&mut self) {
        let automatic = in_pool(|| {
            self.devices.resolve(&Settings::default());
            self.devices.automatic()
        });
        if self.automatic.as_ref() != Some(&automatic) {
            self.outbox.send(Event::Automatic(automatic.clone()));
            self.automatic = Some(automatic);
        }
    }

    /// Finds out what an automatic choice means for these settings, where that is not known.
    fn try_out(&mut self, number: u64, settings: &Settings) -> Result<(), InferenceError> {
        let go_on = || if self.is_cancelled(number) { Err(ModelError::Cancelled) } else { Ok(()) };
        if self.devices.try_out(settings, &go_on)? {
            self.remembered.keep_trials(self.devices.trials().clone());
            self.tell_device();
        }
        Ok(())
    }

    fn is_cancelled(&self, number: u64) -> bool {
        number <= self.cancelled.load(Ordering::SeqCst)
    }

    /// Runs `work`; a panic inside becomes a problem, and the engine, whose state nobody knows then, is dropped.
    fn guarded(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<(), InferenceError>,
    ) -> Result<Result<(), InferenceError>, Problem> {
        catch_unwind(AssertUnwindSafe(|| work(self))).map_err(|payload| {
            self.drop_engine();
            Problem::from_panic(payload.as_ref())
        })
    }

    fn tell_end(&mut self, run: Option<RunId>, ended: Result<Result<(), InferenceError>, Problem>) {
        // An engine whose move to another device has failed is none.
        if self.engine.as_ref().is_some_and(|engine| !engine.is_whole()) {
            self.drop_engine();
        }
        let problem = match ended {
            Ok(Ok(())) => return,
            Ok(Err(error)) if error.is_cancelled() => {
                self.tell_model();
                if let Some(run) = run {
                    self.outbox.send(Event::Cancelled { run });
                }
                return;
            }
            Ok(Err(error)) => {
                // Nobody knows the state of a network whose device has failed: the next run loads it anew.
                if matches!(error.trouble(), Some(Trouble::Device | Trouble::TooLong)) {
                    self.drop_engine();
                }
                self.tell_model();
                Problem::from(&error)
            }
            Err(problem) => {
                self.outbox.send(Event::ModelUnloaded);
                problem
            }
        };
        tracing::error!("{problem}");
        self.outbox.send(Event::Failed { run, problem });
    }

    /// Tells what is in memory after a load or a run that did not end well.
    fn tell_model(&self) {
        let is_there = self.engine.is_some();
        self.outbox.send(if is_there { Event::ModelKept } else { Event::ModelUnloaded });
    }

    /// Gives the model's memory back to the system.
    fn drop_engine(&mut self) {
        self.engine = None;
        self.gauge.set(0);
        give_back();
    }

    fn serves(&self, settings: &Settings) -> bool {
        self.engine.as_ref().is_some_and(|engine| engine.serves(settings, self.devices.resolve(settings)))
    }

    /// Where a run with these settings runs.
    fn device_for(&self, settings: &Settings) -> DeviceChoice {
        let device = self.devices.resolve(settings);
        let serving = self.engine.as_ref().filter(|engine| engine.serves(settings, device));
        serving.map_or(device, |engine| engine.used().device)
    }

    /// Loads the model of these settings, unless it is loaded. The old one goes first where both together would be more
    /// than a run may plan with; else it stays until the new one is there, so that a load that fails costs nothing.
    fn load(&mut self, number: u64, settings: &Settings) -> Result<(), InferenceError> {
        if self.serves(settings) {
            return Ok(());
        }
        let fits_beside = || {
            let plan = self.job(settings, &[], self.devices.room(self.device_for(settings))).outlook();
            plan.is_ok_and(|plan| plan.fit == Fit::Well)
        };
        if self.engine.is_some() && !fits_beside() {
            self.drop_engine();
        }
        let name = crate::catalog::find(&settings.model).map_or(settings.model.to_string(), |e| e.name.to_owned());
        let told = std::cell::Cell::new(None::<Instant>);
        let progress = |done, total| {
            if told.get().is_none_or(|at| at.elapsed() >= LOADING_INTERVAL) || done == total {
                told.set(Some(Instant::now()));
                self.outbox.send_if_room(Event::ModelLoading { model: name.clone(), done, total });
            }
            if self.is_cancelled(number) {
                return Err(ModelError::Cancelled);
            }
            self.sentry.check(Stage::LoadModel)
        };
        progress(0, 0)?;
        let mut notices = Vec::new();
        let engine = Engine::load(settings, &self.devices, &progress, &mut |notice| notices.push(notice))?;
        for notice in &notices {
            self.outbox.send(Event::Warning { run: None, problem: Problem::from(notice) });
        }
        let used = engine.used();
        tracing::info!("loaded {name} on {} in {:.2} s", used.device, used.load_secs);
        self.outbox.send(model_ready(&name, used));
        self.gauge.set(engine.model_bytes());
        self.engine = Some(engine);
        give_back();
        Ok(())
    }

    fn run(&mut self, number: u64, run: RunId, photos: &[Photo], settings: &Settings) -> Result<(), InferenceError> {
        if self.is_cancelled(number) {
            return Err(InferenceError::Cancelled);
        }
        let entry = crate::catalog::find(&settings.model);
        let unit = entry.map(|entry| unit_of(settings, entry.preset)).unwrap_or_default();
        self.outbox.send(Event::RunStarted { run, views: photos.len(), unit });
        let started = Instant::now();
        let peak = PeakWatch::start();
        let limits = Limits::default();
        let size = |photo: &Photo| photo_size(&photo.path, &limits).unwrap_or(UNKNOWN_PHOTO);
        let sizes: Vec<[u32; 2]> = photos.par_iter().map(size).collect();

        self.try_out(number, settings)?;
        let plan_device = self.device_for(settings);
        let plan = self.job(settings, &sizes, self.room_for(settings)).plan()?;
        self.outbox.send(Event::Planned { run, plan });
        if let Some(notice) = plan.notice() {
            self.outbox.send(Event::Warning { run: Some(run), problem: Problem::from(&notice) });
        }
        let ordered = in_order(photos, settings, &plan);
        if ordered.is_some() {
            self.outbox.send(Event::Warning { run: Some(run), problem: Problem::from(&Notice::Ordered) });
        }
        let photos = ordered.as_deref().unwrap_or(photos);
        let model = entry.map_or("", |entry| entry.name);
        let (need, free) = (plan.need.total(), plan.room.main_free_bytes());
        let _note = self.remembered.post(&RunNote::new(model, photos.len(), plan.views_per_pass, need, free));

        let was_loaded = self.serves(settings);
        let out_of_memory = |worker: &Self, error: InferenceError| match error.is_out_of_memory() {
            true => InferenceError::OutOfMemory {
                remedies: worker.job(settings, &sizes, worker.room_for(settings)).remedies(),
            },
            false => error,
        };
        // A model that goes is not there when the run takes the most.
        let goes = self.engine.as_ref().filter(|_| !was_loaded).map_or(0, Engine::model_bytes);
        let before_bytes = Sampler::default().resident_bytes().saturating_sub(goes);
        if let Err(error) = self.load(number, settings) {
            self.drop_engine();
            return Err(out_of_memory(self, error));
        }
        let load_model = started.elapsed().as_secs_f64();
        let Some(engine) = &self.engine else { return Err(InferenceError::Cancelled) };
        set_aside(need - plan.need.model);
        let reporter = Reporter {
            outbox: self.outbox.clone(),
            run,
            views: photos.len(),
            number,
            cancelled: self.cancelled.clone(),
            sentry: self.sentry.clone(),
            pace: Pace::start(),
            model,
        };
        let ended = engine.run(photos, settings, &plan, &limits, &reporter);
        // It may lie elsewhere by now, in another form.
        self.gauge.set(engine.model_bytes());
        let mut prediction = ended.map_err(|error| out_of_memory(self, error))?;
        prediction.seconds.load_model = load_model;
        prediction.seconds.total = started.elapsed().as_secs_f64();
        prediction.peak_bytes = peak.stop();
        prediction.memory.estimated_peak_bytes = before_bytes + need;
        // What a card holds is not this process's.
        let is_cpus = prediction.ran_on.iter().all(|part| part.device == DeviceChoice::Cpu);
        if !was_loaded && is_cpus && plan_device == DeviceChoice::Cpu {
            let key = self.job(settings, &sizes, plan.room).key();
            self.remembered.learn(&key, &plan, prediction.peak_bytes.saturating_sub(before_bytes));
            self.outbox.send(Event::Learnt(self.remembered.calibration().clone()));
        }
        let is_whole = prediction.views.len() == photos.len() && !prediction.memory.went_otherwise;
        if is_whole && prediction.ran_on.iter().all(|part| part.device == plan_device) {
            let job = self.job(settings, &sizes, plan.room);
            let (key, resolution, work) = (job.pace_key(), job.resolution(), job.work(&plan));
            let is_plain = key == job.key();
            let secs = prediction.seconds.total - load_model;
            if self.remembered.learn_pace(&key, resolution, work, secs) {
                self.outbox.send(Event::Paced(self.remembered.paces().clone()));
            }
            let by_network = prediction.seconds.backbone + prediction.seconds.head;
            if is_plain && self.devices.learn(settings, plan_device, by_network / work) {
                self.remembered.keep_trials(self.devices.trials().clone());
            }
        }
        tracing::info!("run of {} views took {:.2} s", photos.len(), prediction.seconds.total);
        self.outbox.send(Event::Finished { run, prediction: Arc::new(prediction) });
        Ok(())
    }

    fn job<'a>(&'a self, settings: &'a Settings, photos: &'a [[u32; 2]], room: Room) -> Job<'a> {
        let (is_loaded, device) = (self.serves(settings), self.device_for(settings));
        let (is_shown, calibration) = (self.is_shown, self.remembered.calibration());
        Job { settings, device, photos, room, is_loaded, is_shown, calibration }
    }

    /// What is free for a run with these settings: a model that has to go gives its memory to the next.
    fn room_for(&self, settings: &Settings) -> Room {
        let device = self.device_for(settings);
        let goes = self.engine.as_ref().filter(|engine| !self.serves(settings) && engine.used().device == device);
        self.devices.room(device).and(goes.map_or(0, Engine::model_bytes))
    }
}

/// The photos in natural order, where passes share neighbours, another order was given, and nobody wants to keep that.
fn in_order(photos: &[Photo], settings: &Settings, plan: &Plan) -> Option<Vec<Photo>> {
    if settings.keep_order || plan.passes < 2 || plan.overlap == 0 {
        return None;
    }
    let paths: Vec<&Path> = photos.iter().map(|photo| photo.path.as_path()).collect();
    let order = natural_order(&paths);
    (!order.is_sorted()).then(|| order.into_iter().map(|place| photos[place].clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::super::Blame;
    use super::*;

    #[test]
    fn a_panic_inside_a_run_becomes_an_event_and_the_thread_goes_on() {
        let (sender, events) = crossbeam_channel::bounded(16);
        let options = WorkerOptions::default();
        let (cancelled, gauge) = (Arc::new(AtomicU64::new(0)), Arc::new(Gauge::new(options.devices.clone())));
        let mut worker = WorkerThread::new(sender, Arc::new(|| ()), cancelled, gauge, options);
        let ended = worker.guarded(|_| panic!("index out of bounds"));
        worker.tell_end(Some(RunId(7)), ended);
        assert!(matches!(events.try_recv(), Ok(Event::ModelUnloaded)), "nobody knows the engine's state any more");
        match events.try_recv() {
            Ok(Event::Failed { run: Some(RunId(7)), problem }) => {
                assert!(problem.blame == Blame::Program && problem.what.contains("index out of bounds"), "{problem}");
            }
            other => panic!("{other:?}"),
        }
        let ended = worker.guarded(|_| Err(InferenceError::Cancelled));
        worker.tell_end(Some(RunId(8)), ended);
        assert!(matches!(events.try_recv(), Ok(Event::ModelUnloaded)), "a load that was cancelled leaves nothing");
        assert!(matches!(events.try_recv(), Ok(Event::Cancelled { run: RunId(8) })));
    }
}
