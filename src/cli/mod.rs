//! The same work without a window.

mod args;
mod bench;
mod cameras;
mod columns;
mod convert;
mod depth;
mod example;
mod files;
mod filters;
mod known_depths;
mod lens;
mod models;
mod nearest;
mod numbers;
mod outcome;
mod photos;
mod places;
mod progress;
mod refine;
mod render;
mod report;
mod run;
mod selftest;
mod session;
#[cfg(test)]
mod shown_commands;
mod solve;
mod stereo;
mod table;
mod told;
mod ui;
mod values;

pub use outcome::Outcome;
pub use run::run;
