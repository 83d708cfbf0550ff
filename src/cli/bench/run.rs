//! The matrix of `fathom bench`, measurement by measurement.

use anyhow::Context;
use tempfile::TempDir;

use super::args::BenchArguments;
use super::memory;
use super::process::in_a_process;
use super::reckon;
use super::report::{Figures, Report};
use super::weights::weights_of;
use crate::catalog::{self, Entry};
use crate::cli::{Outcome, columns, ui};
use crate::inference::BenchJob;
use crate::memory::Machine;

pub(in crate::cli) fn run(arguments: &BenchArguments) -> Outcome {
    if arguments.memory {
        return memory::run(arguments);
    }
    if arguments.reckon {
        return reckon::run(arguments);
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
