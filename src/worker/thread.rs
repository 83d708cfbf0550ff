//! The worker's state machine: what is loaded, and what each command does to it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

use super::reporter::{Outbox, Pace, Reporter};
use super::{Command, Event, Photo, Problem, RunId};
use crate::inference::{Engine, InferenceError, Settings, unit_of};
use crate::input::Limits;
use crate::memory::PeakWatch;
use crate::model::kernels::give_back;

/// A command and its number, by which it can be cancelled.
pub(super) struct Ticket {
    pub number: u64,
    pub command: Command,
}

/// Bytes of weights are told this often at most.
const LOADING_INTERVAL: Duration = Duration::from_millis(50);

/// What lives on the worker thread.
pub(super) struct WorkerThread {
    outbox: Outbox,
    cancelled: Arc<AtomicU64>,
    /// `None`: nothing is loaded.
    engine: Option<Engine>,
}

impl WorkerThread {
    pub fn new(events: Sender<Event>, wake: Arc<dyn Fn() + Send + Sync>, cancelled: Arc<AtomicU64>) -> Self {
        Self { outbox: Outbox { events, wake }, cancelled, engine: None }
    }

    /// Serves commands until the sender is gone or says so.
    pub fn serve(mut self, commands: &Receiver<Ticket>) {
        for Ticket { number, command } in commands {
            match command {
                Command::Shutdown => break,
                Command::Unload => self.unload(),
                Command::Load(settings) => {
                    let loaded = self.guarded(|worker| worker.load(number, &settings));
                    self.tell_end(None, loaded);
                }
                Command::Run { run, photos, settings } => {
                    let ended = self.guarded(|worker| worker.run(number, run, &photos, &settings));
                    self.tell_end(Some(run), ended);
                }
            }
            // What comes next may be of other sizes, or not come for hours.
            give_back();
        }
    }

    /// Runs `work`; a panic inside becomes a problem, and the engine, whose state nobody knows then, is dropped.
    fn guarded(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<(), InferenceError>,
    ) -> Result<Result<(), InferenceError>, Problem> {
        catch_unwind(AssertUnwindSafe(|| work(self))).map_err(|payload| {
            self.engine = None;
            Problem::from_panic(payload.as_ref())
        })
    }

    fn tell_end(&self, run: Option<RunId>, ended: Result<Result<(), InferenceError>, Problem>) {
        let problem = match ended {
            Ok(Ok(())) => return,
            Ok(Err(error)) if error.is_cancelled() => {
                self.outbox.send(run.map_or(Event::ModelUnloaded, |run| Event::Cancelled { run }));
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

    fn unload(&mut self) {
        self.engine = None;
        self.outbox.send(Event::ModelUnloaded);
    }

    fn load(&mut self, number: u64, settings: &Settings) -> Result<(), InferenceError> {
        if self.engine.as_ref().is_some_and(|engine| engine.serves(settings)) {
            return Ok(());
        }
        // The old model goes first: both together may not fit.
        self.engine = None;
        let name = crate::catalog::find(&settings.model).map_or(settings.model.to_string(), |e| e.name.to_owned());
        let told = std::cell::Cell::new(None::<Instant>);
        let progress = |done, total| {
            if told.get().is_none_or(|at| at.elapsed() >= LOADING_INTERVAL) || done == total {
                told.set(Some(Instant::now()));
                self.outbox.send_if_room(Event::ModelLoading { model: name.clone(), done, total });
            }
            number > self.cancelled.load(Ordering::SeqCst)
        };
        progress(0, 0);
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
        self.engine = Some(engine);
        Ok(())
    }

    fn run(&mut self, number: u64, run: RunId, photos: &[Photo], settings: &Settings) -> Result<(), InferenceError> {
        if number <= self.cancelled.load(Ordering::SeqCst) {
            return Err(InferenceError::Cancelled);
        }
        let entry = crate::catalog::find(&settings.model);
        let unit = entry.map(|entry| unit_of(entry.preset)).unwrap_or_default();
        self.outbox.send(Event::RunStarted { run, views: photos.len(), unit });
        let started = Instant::now();
        let peak = PeakWatch::start();
        self.load(number, settings)?;
        let load_model = started.elapsed().as_secs_f64();
        let Some(engine) = &self.engine else { return Err(InferenceError::Cancelled) };
        let reporter = Reporter {
            outbox: self.outbox.clone(),
            run,
            views: photos.len(),
            number,
            cancelled: self.cancelled.clone(),
            pace: Pace::start(),
        };
        let mut prediction = engine.run(photos, settings, &Limits::default(), &reporter)?;
        prediction.seconds.load_model = load_model;
        prediction.seconds.total = started.elapsed().as_secs_f64();
        prediction.peak_bytes = peak.stop();
        tracing::info!("run of {} views took {:.2} s", photos.len(), prediction.seconds.total);
        self.outbox.send(Event::Finished { run, prediction: Arc::new(prediction) });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Blame;
    use super::*;

    #[test]
    fn a_panic_inside_a_run_becomes_an_event_and_the_thread_goes_on() {
        let (sender, events) = crossbeam_channel::bounded(16);
        let mut worker = WorkerThread::new(sender, Arc::new(|| ()), Arc::new(AtomicU64::new(0)));
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
        assert!(matches!(events.try_recv(), Ok(Event::Cancelled { run: RunId(8) })));
    }
}
