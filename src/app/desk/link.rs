//! The window's end of the worker, as plain functions, so that tests can stand in for the worker.

use std::sync::Arc;

use crossbeam_channel::Receiver;

use crate::worker::{Command, Event, Worker};

/// What the window needs of a worker.
pub struct Link {
    /// Queues a command without waiting; `false` when the queue is full.
    pub send: Box<dyn Fn(Command) -> bool>,
    /// Ends the current run.
    pub cancel: Box<dyn Fn()>,
    pub events: Receiver<Event>,
}

impl Link {
    /// The link to a real worker thread, which lives as long as the link.
    pub fn from_worker(worker: Worker) -> Self {
        let events = worker.events().clone();
        let worker = Arc::new(worker);
        let canceller = Arc::clone(&worker);
        Self {
            send: Box::new(move |command| worker.send(command).is_ok()),
            cancel: Box::new(move || canceller.cancel()),
            events,
        }
    }
}
