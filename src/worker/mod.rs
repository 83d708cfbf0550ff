//! The background thread: one command enum in, one event enum out.

mod message;

pub use message::{Blame, Command, Event, Photo, Problem, RunId, Stage};

use crossbeam_channel::{Receiver, Sender};

/// The window's (or the command line's) end of the worker thread. Dropping it ends the thread.
pub struct Worker {
    commands: Sender<Command>,
    events: Receiver<Event>,
}

/// The command queue is full: the worker is behind by several commands.
#[derive(Debug, thiserror::Error)]
#[error("the worker is still busy with earlier commands")]
pub struct QueueFull;

impl Worker {
    /// Starts the thread. `wake` is called after each event, from another thread (a window asks for a repaint there).
    pub fn spawn(_wake: impl Fn() + Send + Sync + 'static) -> std::io::Result<Self> {
        let (commands, _) = crossbeam_channel::bounded(16);
        let (_, events) = crossbeam_channel::bounded(256);
        Ok(Self { commands, events })
    }

    /// Queues a command without waiting.
    pub fn send(&self, command: Command) -> Result<(), QueueFull> {
        self.commands.try_send(command).map_err(|_| QueueFull)
    }

    /// Ends the current run within one transformer block, and drops runs that are still queued.
    pub fn cancel(&self) {}

    /// Events in the order in which they happened.
    pub fn events(&self) -> &Receiver<Event> {
        &self.events
    }
}
