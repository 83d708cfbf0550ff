//! The same work without a window.

mod args;
mod bench;
mod cameras;
mod convert;
mod depth;
mod example;
mod files;
mod filters;
mod known_depths;
mod lens;
mod models;
mod numbers;
mod outcome;
mod photos;
mod progress;
mod refine;
mod render;
mod report;
mod run;
mod selftest;
mod session;
mod solve;
mod stereo;
mod table;
mod ui;
mod values;

pub use outcome::Outcome;
pub use run::run;
