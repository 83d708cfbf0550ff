//! The matrix of `fathom bench`, measurement by measurement.

use anyhow::Context;
use tempfile::TempDir;

use super::args::BenchArguments;
use super::devices;
use super::jobs::{jobs, told};
use super::memory;
use super::process::in_a_process;
use super::reckon;
use super::report::{Figures, Report};
use super::weights::weights_of;
use crate::catalog::Entry;
use crate::cli::{Outcome, columns, ui};
use crate::memory::Machine;

pub(in crate::cli) fn run(arguments: &BenchArguments) -> Outcome {
    if arguments.memory {
        return memory::run(arguments);
    }
    if arguments.reckon {
        return reckon::run(arguments);
    }
    if arguments.devices {
        return devices::run(arguments);
    }
    let machine = Machine::here();
    let threads = arguments.threads.map_or(machine.cores, usize::from);
    let mut report = Report { version: env!("CARGO_PKG_VERSION"), machine, threads, results: Vec::new() };
    let mut failed = false;
    for entry in arguments.models() {
        // One that fails does not take with it what the others took an hour to say.
        if let Err(error) = measure_model(entry, arguments, threads, &mut report.results) {
            ui::failure(&format!("{}: {error:#}", entry.id));
            failed = true;
        }
    }
    for line in report.lines(columns::of_stdout()) {
        ui::out(&line);
    }
    match arguments.json.as_ref().map(|path| (path, report.write(path))) {
        Some((path, Err(error))) => ui::failure(&format!("{} cannot be written: {error} (--json)", ui::shown(path))),
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
    for job in jobs(entry, arguments, weights.as_deref()) {
        ui::err(&told(&job));
        results.push(Figures::new(&job, &in_a_process(&job, threads, None)?));
    }
    Ok(())
}
