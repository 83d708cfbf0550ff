//! The background thread: one command enum in, one event enum out.
//!
//! One named thread owns the device and the model; a second one samples the memory. Both talk to whoever made the
//! [`Worker`] over one bounded channel of [`Event`]s. A panic or an error inside a run becomes an event, and the worker
//! lives on.

mod command_line;
mod gauge;
mod handle;
mod joining;
mod message;
mod options;
mod problem;
mod remembered;
mod reporter;
mod reserve;
mod sentry;
mod thread;

pub use crate::inference::Photo;
pub use handle::{QueueFull, Worker};
pub use joining::{of_left_out, why_apart};
pub use message::{Blame, Command, Event, Problem, RunId, Stage};
pub use options::WorkerOptions;
pub use remembered::Remembered;
pub use sentry::{MemorySentry, Sentry};
