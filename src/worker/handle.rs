//! The window's (or the command line's) end of the worker thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::gauge::Gauge;
use super::thread::{Ticket, WorkerThread};
use super::{Command, Event, WorkerOptions};
use crate::memory::Sampler;

/// Commands that may wait; more means that nobody is listening.
const COMMAND_CAPACITY: usize = 16;
/// Events that may wait before the worker does.
const EVENT_CAPACITY: usize = 256;
const SAMPLE_INTERVAL: Duration = Duration::from_millis(250);

/// Commands go in here, events come out. Dropping it cancels what runs and ends the thread.
pub struct Worker {
    commands: Option<Sender<Ticket>>,
    events: Receiver<Event>,
    /// Number of the latest command.
    latest: AtomicU64,
    /// Commands up to this number are cancelled.
    cancelled: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
    /// Dropped to end the sampler.
    sampler: Option<Sender<()>>,
}

/// The command queue is full: the worker is behind by several commands.
#[derive(Debug, thiserror::Error)]
#[error("the worker is still busy with earlier commands")]
pub struct QueueFull;

impl Worker {
    /// Starts the thread. `wake` is called after each event, from another thread (a window asks for a repaint there).
    pub fn spawn(wake: impl Fn() + Send + Sync + 'static, options: WorkerOptions) -> std::io::Result<Self> {
        let wake: Arc<dyn Fn() + Send + Sync> = Arc::new(wake);
        let (commands, command_queue) = bounded(COMMAND_CAPACITY);
        let (event_queue, events) = bounded(EVENT_CAPACITY);
        let cancelled = Arc::new(AtomicU64::new(0));
        let gauge = Arc::new(Gauge::new(options.devices.clone()));
        let thread = WorkerThread::new(event_queue.clone(), wake.clone(), cancelled.clone(), gauge.clone(), options);
        let thread =
            std::thread::Builder::new().name("fathom-worker".into()).spawn(move || thread.serve(&command_queue))?;
        let sampler = spawn_sampler(event_queue, wake, gauge)?;
        Ok(Self {
            commands: Some(commands),
            events,
            latest: AtomicU64::new(0),
            cancelled,
            thread: Some(thread),
            sampler: Some(sampler),
        })
    }

    /// Queues a command without waiting.
    pub fn send(&self, command: Command) -> Result<(), QueueFull> {
        let number = self.latest.fetch_add(1, Ordering::SeqCst) + 1;
        let Some(commands) = &self.commands else { return Err(QueueFull) };
        commands.try_send(Ticket { number, command }).map_err(|_| QueueFull)
    }

    /// Ends the current load or run within one transformer block, and drops those that are still queued.
    pub fn cancel(&self) {
        self.cancelled.store(self.latest.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// Events in the order in which they happened.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.cancel();
        self.commands = None;
        self.sampler = None;
        // Events that nobody will read must not hold the thread up.
        if let Some(thread) = self.thread.take() {
            while !thread.is_finished() {
                let _ = self.events.recv_timeout(Duration::from_millis(5));
            }
            if thread.join().is_err() {
                tracing::error!("the worker thread ended in a panic");
            }
        }
    }
}

/// Samples the memory until the returned sender is dropped. A sample that finds the queue full is left out, and so is one
/// that tells nothing new: an event wakes the window, and an idle window should sleep.
fn spawn_sampler(
    events: Sender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
    gauge: Arc<Gauge>,
) -> std::io::Result<Sender<()>> {
    let (alive, ended) = bounded::<()>(0);
    std::thread::Builder::new().name("fathom-memory".into()).spawn(move || {
        let mut sampler = Sampler::default();
        let mut told = None;
        while let Err(crossbeam_channel::RecvTimeoutError::Timeout) = ended.recv_timeout(SAMPLE_INTERVAL) {
            let sample = gauge.complete(sampler.sample());
            let is_news = told.is_none_or(|told| sample.differs_from(&told));
            if is_news && events.try_send(Event::Memory(sample)).is_ok() {
                told = Some(sample);
                wake();
            }
        }
    })?;
    Ok(alive)
}
