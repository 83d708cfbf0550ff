//! The worker's state machine: what is loaded, and what each command does to it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};
use rayon::prelude::*;

use super::gauge::Gauge;
use super::reporter::{Outbox, Pace, Reporter};
use super::reserve::set_aside;
use super::{Command, Event, Photo, Problem, Remembered, RunId, Sentry, Stage, WorkerOptions};
use crate::inference::{Card, Engine, InferenceError, Job, Settings, unit_of};
use crate::input::{Limits, photo_size};
use crate::memory::{Fit, PeakWatch, Room, RunNote, Sampler};
use crate::model::ModelError;
use crate::model::kernels::{give_back, release_reserve};

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
        let WorkerOptions { state_dir, sentry, is_shown } = options;
        let remembered = Remembered::new(state_dir);
        Self { outbox: Outbox { events, wake }, cancelled, sentry, gauge, remembered, is_shown, engine: None }
    }

    /// Serves commands until the sender is gone or says so.
    pub fn serve(mut self, commands: &Receiver<Ticket>) {
        for note in self.remembered.unfinished() {
            self.outbox.send(Event::EndedEarly(Problem::from(&note)));
        }
        self.outbox.send(Event::Learnt(self.remembered.calibration().clone()));
        for Ticket { number, command } in commands {
            match command {
                Command::Shutdown => break,
                Command::Unload => {
                    self.drop_engine();
                    self.outbox.send(Event::ModelUnloaded);
                }
                Command::Load(settings) => {
                    let loaded = self.guarded(|worker| worker.load(number, &settings));
                    self.tell_end(None, loaded);
                }
                Command::Run { run, photos, settings } => {
                    let ended = self.guarded(|worker| worker.run(number, run, &photos, &settings));
                    release_reserve();
                    give_back();
                    self.tell_end(Some(run), ended);
                }
            }
        }
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

    fn tell_end(&self, run: Option<RunId>, ended: Result<Result<(), InferenceError>, Problem>) {
        let problem = match ended {
            Ok(Ok(())) => return,
            Ok(Err(error)) if error.is_cancelled() => {
                if self.engine.is_none() || run.is_none() {
                    self.outbox.send(Event::ModelUnloaded);
                }
                if let Some(run) = run {
                    self.outbox.send(Event::Cancelled { run });
                }
                return;
            }
            Ok(Err(error)) => Problem::from(&error),
            Err(problem) => {
                self.outbox.send(Event::ModelUnloaded);
                problem
            }
        };
        tracing::error!("{problem}");
        self.outbox.send(Event::Failed { run, problem });
    }

    /// Gives the model's memory back to the system.
    fn drop_engine(&mut self) {
        self.engine = None;
        self.gauge.set(0, None);
        give_back();
    }

    fn serves(&self, settings: &Settings) -> bool {
        self.engine.as_ref().is_some_and(|engine| engine.serves(settings))
    }

    /// Loads the model of these settings, unless it is loaded. The old one goes first where both together would be more
    /// than a run may plan with; else it stays until the new one is there, so that a load that fails costs nothing.
    fn load(&mut self, number: u64, settings: &Settings) -> Result<(), InferenceError> {
        if self.serves(settings) {
            return Ok(());
        }
        let fits_beside = || {
            let plan = self.job(settings, &[], self.room(settings.device)).outlook();
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
            if number <= self.cancelled.load(Ordering::SeqCst) {
                return Err(ModelError::Cancelled);
            }
            self.sentry.check(Stage::LoadModel)
        };
        progress(0, 0)?;
        let mut notices = Vec::new();
        let engine = Engine::load(settings, &progress, &mut |notice| notices.push(notice))?;
        for notice in &notices {
            self.outbox.send(Event::Warning { run: None, problem: Problem::from(notice) });
        }
        tracing::info!("loaded {name} on {} in {:.2} s", engine.used.device, engine.used.load_secs);
        self.outbox.send(Event::ModelReady {
            model: name,
            device: engine.used.device.label().into(),
            precision: engine.used.precision.label().into(),
            secs: engine.used.load_secs,
        });
        self.gauge.set(engine.model_bytes, Some(engine.card()));
        self.engine = Some(engine);
        give_back();
        Ok(())
    }

    fn run(&mut self, number: u64, run: RunId, photos: &[Photo], settings: &Settings) -> Result<(), InferenceError> {
        if number <= self.cancelled.load(Ordering::SeqCst) {
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

        let plan = self.job(settings, &sizes, self.room_for(settings)).plan()?;
        self.outbox.send(Event::Planned { run, plan });
        if let Some(notice) = plan.notice() {
            self.outbox.send(Event::Warning { run: Some(run), problem: Problem::from(&notice) });
        }
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
        let goes = self.engine.as_ref().filter(|_| !was_loaded).map_or(0, |engine| engine.model_bytes);
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
        };
        let ended = engine.run(photos, settings, &plan, &limits, &reporter);
        let mut prediction = ended.map_err(|error| out_of_memory(self, error))?;
        prediction.seconds.load_model = load_model;
        prediction.seconds.total = started.elapsed().as_secs_f64();
        prediction.peak_bytes = peak.stop();
        prediction.memory.estimated_peak_bytes = before_bytes + need;
        if !was_loaded {
            let key = self.job(settings, &sizes, plan.room).key();
            self.remembered.learn(&key, &plan, prediction.peak_bytes.saturating_sub(before_bytes));
            self.outbox.send(Event::Learnt(self.remembered.calibration().clone()));
        }
        tracing::info!("run of {} views took {:.2} s", photos.len(), prediction.seconds.total);
        self.outbox.send(Event::Finished { run, prediction: Arc::new(prediction) });
        Ok(())
    }

    fn job<'a>(&'a self, settings: &'a Settings, photos: &'a [[u32; 2]], room: Room) -> Job<'a> {
        let is_loaded = self.serves(settings);
        Job { settings, photos, room, is_loaded, is_shown: self.is_shown, calibration: self.remembered.calibration() }
    }

    /// What is free now.
    fn room(&self, device: crate::inference::DeviceChoice) -> Room {
        let mut sample = Sampler::default().sample();
        sample.card = match &self.engine {
            Some(engine) => engine.card().memory(),
            None => Card::of(device).memory(),
        };
        sample.room()
    }

    /// What is free for a run with these settings: a model that has to go gives its memory to the next.
    fn room_for(&self, settings: &Settings) -> Room {
        let goes = self.engine.as_ref().filter(|engine| !engine.serves(settings));
        self.room(settings.device).and(goes.map_or(0, |engine| engine.model_bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Blame;
    use super::*;

    #[test]
    fn a_panic_inside_a_run_becomes_an_event_and_the_thread_goes_on() {
        let (sender, events) = crossbeam_channel::bounded(16);
        let (cancelled, gauge) = (Arc::new(AtomicU64::new(0)), Arc::default());
        let mut worker = WorkerThread::new(sender, Arc::new(|| ()), cancelled, gauge, WorkerOptions::default());
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
