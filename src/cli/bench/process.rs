//! A measurement in a process of its own, seen from both sides.

use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

use crate::cli::{Outcome, ui};
use crate::inference::{BenchJob, GraphicsCard, Measured};

/// Both the thread pool and the matrix products look here when a process starts.
pub(super) const THREADS: &str = "RAYON_NUM_THREADS";

/// Measures in a process that has so many threads, and means this graphics card where it means one.
pub(super) fn in_a_process(job: &BenchJob, threads: usize, card: Option<&GraphicsCard>) -> anyhow::Result<Measured> {
    let output = Command::new(std::env::current_exe()?)
        .args(["bench-one", &serde_json::to_string(job)?])
        .env(THREADS, threads.to_string())
        .envs(card.map(|card| (GraphicsCard::VARIABLE, &card.name)))
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the measurement ended with {}", output.status);
    serde_json::from_slice(&output.stdout).context("the measurement cannot be read")
}

/// The other side of `in_a_process`.
pub(in crate::cli) fn run_one(job: &str) -> Outcome {
    let job: BenchJob = match serde_json::from_str(job) {
        Ok(job) => job,
        Err(error) => return ui::usage(&format!("this is no measurement: {error}")),
    };
    match job.measure() {
        Ok(measured) if !measured.mean_depth.is_finite() => ui::failure("the network's depth is not finite"),
        Ok(measured) => match serde_json::to_string(&measured) {
            Ok(text) => {
                ui::out(&text);
                Outcome::Success
            }
            Err(error) => ui::failure(&error.to_string()),
        },
        Err(error) => ui::failure(&error.to_string()),
    }
}
