//! The native window: how it is opened, on what it is drawn, and what it logs.

pub mod display;
pub mod graphics;
mod icon;
mod log;
mod opening;

pub use opening::{AppError, run_window};
