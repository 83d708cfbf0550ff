//! What helps a person: the keys, what this is, and what to tell who can help.

mod diagnostics;
mod windows;

pub use diagnostics::report;
pub use windows::{about_window, keys_window};
