//! `fathom bench`: how long the networks take on this machine, each measurement in a process of its own.

mod args;
mod memory;
mod report;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use tempfile::TempDir;

pub(super) use args::{BENCH_NOTES, BenchArguments};
use report::{Figures, Report};

use super::{Outcome, ui};
use crate::catalog::{self, BUILT_IN, Entry};
use crate::inference::{BenchJob, Measured, write_generated};
use crate::memory::Machine;

/// Any number will do; the same one makes runs comparable.
const SEED: u64 = 9;
/// Both the thread pool and the matrix products look here when a process starts.
const THREADS: &str = "RAYON_NUM_THREADS";

pub(super) fn run(arguments: &BenchArguments) -> Outcome {
    if arguments.memory {
        return memory::run(arguments);
    }
    let mut entries = Vec::new();
    for id in arguments.models() {
        match catalog::find(&id) {
            Some(entry) => entries.push(entry),
            None => return ui::usage(&format!("There is no model '{id}'. See 'fathom models'.")),
        }
    }
    let machine = Machine::here();
    let threads = arguments.threads.map_or(machine.cores, usize::from);
    let mut report = Report { version: env!("CARGO_PKG_VERSION"), machine, threads, results: Vec::new() };
    let mut failed = false;
    for entry in entries {
        // One that fails does not take with it what the others took an hour to say.
        if let Err(error) = measure_model(entry, arguments, threads, &mut report.results) {
            ui::failure(&format!("{}: {error:#}", entry.id));
            failed = true;
        }
    }
    for line in report.lines() {
        ui::out(&line);
    }
    match arguments.json.as_ref().map(|path| (path, report.write(path))) {
        Some((path, Err(error))) => ui::failure(&format!("{} cannot be written: {error}", ui::shown(path))),
        _ if failed => Outcome::Failure,
        _ => Outcome::Success,
    }
}

/// Adds what one model takes to `results`.
fn measure_model(
    entry: &Entry,
    arguments: &BenchArguments,
    threads: usize,
    results: &mut Vec<Figures>,
) -> anyhow::Result<()> {
    // Gone when the model is done.
    let temporary = TempDir::with_prefix("fathom-bench-").context("no folder for the weights")?;
    let weights = weights_of(entry, arguments.weights_dir.as_deref().unwrap_or(temporary.path()))?;
    for (size, views) in arguments.shapes(entry) {
        for &precision in &arguments.precisions {
            let job = BenchJob {
                model: catalog::ModelId(entry.id.into()),
                weights: weights.clone(),
                width: size.width,
                height: size.height,
                views: views.into(),
                device: arguments.device.into(),
                precision: precision.into(),
                plain: arguments.plain,
                runs: arguments.runs.into(),
            };
            let plural = if views == 1 { "" } else { "s" };
            ui::err(&format!(
                "{} {}x{}, {views} view{plural}, {}",
                entry.id,
                size.width,
                size.height,
                job.precision.label()
            ));
            results.push(Figures::new(&job, &in_a_process(&job, threads)?));
        }
    }
    Ok(())
}

/// The built-in model has its weights; the others get generated ones in `folder`, where they may already be.
fn weights_of(entry: &Entry, folder: &Path) -> anyhow::Result<Option<PathBuf>> {
    if entry.id == BUILT_IN {
        return Ok(None);
    }
    let path = folder.join(format!("{}-generated.safetensors", entry.id));
    if !path.exists() {
        let failed = || format!("{} of weights cannot be written to {}", ui::bytes(entry.file_bytes), ui::shown(&path));
        std::fs::create_dir_all(folder).with_context(failed)?;
        write_generated(&path, entry.preset, SEED).with_context(failed)?;
        // The system would write them back in the middle of a measurement.
        File::open(&path).and_then(|file| file.sync_all()).with_context(failed)?;
    }
    Ok(Some(path))
}

fn in_a_process(job: &BenchJob, threads: usize) -> anyhow::Result<Measured> {
    let output = Command::new(std::env::current_exe()?)
        .args(["bench-one", &serde_json::to_string(job)?])
        .env(THREADS, threads.to_string())
        .stderr(Stdio::inherit())
        .output()?;
    ensure!(output.status.success(), "the measurement ended with {}", output.status);
    serde_json::from_slice(&output.stdout).context("the measurement cannot be read")
}

/// The other side of `in_a_process`.
pub(super) fn run_one(job: &str) -> Outcome {
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
