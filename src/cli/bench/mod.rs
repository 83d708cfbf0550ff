//! `fathom bench`: how long the networks take on this machine, each measurement in a process of its own.

mod args;
mod devices;
mod jobs;
mod memory;
mod process;
mod reckon;
mod report;
mod run;
mod weights;

pub(super) use args::{BENCH_NOTES, BenchArguments};
pub(super) use process::run_one;
pub(super) use run::run;
