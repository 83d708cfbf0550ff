//! Turns what a load or a run tells into events.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;

use super::reserve::set_aside_again;
use super::{Event, Problem, RunId, Sentry, Stage};
use crate::inference::{InferenceError, Listener, Notice, RunStage, Used, ViewPrediction};
use crate::input::ViewId;
use crate::model::ModelError;

/// The worker's way to talk: events into the bounded channel, each followed by a wake-up call.
#[derive(Clone)]
pub(super) struct Outbox {
    pub events: Sender<Event>,
    pub wake: Arc<dyn Fn() + Send + Sync>,
}

impl Outbox {
    /// Waits while the queue is full. Nobody listening any more is no error: the thread is about to end.
    pub fn send(&self, event: Event) {
        if self.events.send(event).is_ok() {
            (self.wake)();
        }
    }

    /// For events that the next one makes stale: left out when the queue is full.
    pub fn send_if_room(&self, event: Event) {
        if self.events.try_send(event).is_ok() {
            (self.wake)();
        }
    }
}

/// Tells events of one run.
pub(super) struct Reporter {
    pub outbox: Outbox,
    pub run: RunId,
    pub views: usize,
    /// Number of the command, and the number up to which commands are cancelled.
    pub number: u64,
    pub cancelled: Arc<AtomicU64>,
    pub sentry: Arc<dyn Sentry>,
    pub pace: Mutex<Pace>,
    /// The model's name.
    pub model: &'static str,
}

/// When the run began and when it last told its progress.
pub(super) struct Pace {
    started: Instant,
    told: Option<(RunStage, usize, Instant)>,
}

/// Progress within a stage of a view is told this often at most.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(50);
/// Before this part of a run is done, remaining time is a guess not worth showing.
const LEAST_DONE_TO_GUESS: f32 = 0.04;

impl Pace {
    pub fn start() -> Mutex<Self> {
        Mutex::new(Self { started: Instant::now(), told: None })
    }

    /// Seconds since the start, where progress should be told now.
    fn tell(&mut self, stage: RunStage, view: usize) -> Option<f32> {
        let now = Instant::now();
        let is_same = |told: &(RunStage, usize, Instant)| {
            told.0 == stage && told.1 == view && now.duration_since(told.2) < PROGRESS_INTERVAL
        };
        if self.told.as_ref().is_some_and(is_same) {
            return None;
        }
        self.told = Some((stage, view, now));
        Some(now.duration_since(self.started).as_secs_f32())
    }
}

impl From<RunStage> for Stage {
    fn from(stage: RunStage) -> Self {
        match stage {
            RunStage::Decode => Self::Decode,
            RunStage::Backbone => Self::Backbone,
            RunStage::Head => Self::Head,
            RunStage::Finish => Self::Finish,
        }
    }
}

impl Reporter {
    fn ask(&self, stage: Stage) -> Result<(), ModelError> {
        if self.number <= self.cancelled.load(Ordering::SeqCst) {
            return Err(ModelError::Cancelled);
        }
        self.sentry.check(stage)
    }
}

/// What is told of a model in memory.
pub(super) fn model_ready(model: &str, used: Used) -> Event {
    let Used { device, precision, load_secs: secs } = used;
    Event::ModelReady { model: model.into(), device, precision: precision.label().into(), secs }
}

impl Listener for Reporter {
    fn go_on(&self, stage: RunStage) -> Result<(), ModelError> {
        self.ask(stage.into())
    }

    fn progress(&self, stage: RunStage, view: usize, done: f32) {
        let elapsed = match self.pace.lock() {
            Ok(mut pace) => pace.tell(stage, view),
            Err(_) => None,
        };
        let Some(elapsed) = elapsed else { return };
        let remaining_secs = (done >= LEAST_DONE_TO_GUESS).then(|| elapsed * (1.0 - done) / done);
        let (run, views) = (self.run, self.views);
        self.outbox.send_if_room(Event::Progress { run, stage: stage.into(), view, views, done, remaining_secs });
    }

    fn view_ready(&self, view: Arc<ViewPrediction>) {
        self.outbox.send(Event::ViewReady { run: self.run, view });
    }

    fn view_failed(&self, view: ViewId, error: InferenceError) {
        tracing::warn!("a photo could not be used: {error}");
        self.outbox.send(Event::ViewFailed { run: self.run, view, problem: Problem::from(&error) });
    }

    fn notice(&self, notice: Notice) {
        tracing::info!("{notice}");
        if notice.is_of_less_memory() {
            set_aside_again();
        }
        self.outbox.send(Event::Warning { run: Some(self.run), problem: Problem::from(&notice) });
    }

    fn loading(&self, done: u64, total: u64) -> Result<(), ModelError> {
        self.outbox.send_if_room(Event::ModelLoading { model: self.model.into(), done, total });
        self.ask(Stage::LoadModel)
    }

    fn ready(&self, used: Used) {
        self.outbox.send(model_ready(self.model, used));
    }
}
