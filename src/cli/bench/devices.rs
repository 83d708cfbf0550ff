//! `fathom bench --devices`: all that networks can run on here, side by side.

use anyhow::Context;
use tempfile::TempDir;

use super::args::BenchArguments;
use super::jobs::{jobs, told};
use super::process::in_a_process;
use super::report::{median, millis};
use super::weights::weights_of;
use crate::catalog::Entry;
use crate::cli::table::aligned;
use crate::cli::{Outcome, columns, ui};
use crate::inference::{BenchJob, DeviceChoice, GraphicsCard, Measured, Precision, StageTimes};
use crate::memory::Machine;

type Row = [String; 10];

/// Something to run on.
struct Candidate {
    device: DeviceChoice,
    /// Which of several graphics cards.
    card: Option<GraphicsCard>,
}

impl Candidate {
    /// All of this machine, the processor first: the others are compared with it.
    fn all() -> Vec<Self> {
        let plain = [Some(DeviceChoice::Cpu), DeviceChoice::accelerator()].into_iter().flatten();
        let mut all: Vec<Self> = plain.map(|device| Self { device, card: None }).collect();
        for card in GraphicsCard::all() {
            // Two of one name cannot be told apart.
            if all.iter().all(|known| known.card.as_ref() != Some(&card)) {
                all.push(Self { device: DeviceChoice::Gpu, card: Some(card) });
            }
        }
        all
    }

    fn label(&self) -> String {
        self.card.as_ref().map_or_else(|| self.device.label().to_owned(), GraphicsCard::to_string)
    }
}

pub(super) fn run(arguments: &BenchArguments) -> Outcome {
    let machine = Machine::here();
    let threads = arguments.threads.map_or(machine.cores, usize::from);
    let candidates = Candidate::all();
    let headers = ["MODEL", "SIZE", "VIEWS", "PRECISION", "DEVICE", "LOAD", "PASS", "PEAK MB", "CARD MB", "ERROR"];
    let mut rows = vec![headers.map(String::from)];
    let mut failed = false;
    for entry in arguments.models() {
        match of_model(entry, &candidates, arguments, threads, &mut rows) {
            Ok(all_worked) => failed |= !all_worked,
            Err(error) => {
                ui::failure(&format!("{}: {error:#}", entry.id));
                failed = true;
            }
        }
    }
    ui::out(&format!("Fathom {} on {machine}, {threads} threads; milliseconds", env!("CARGO_PKG_VERSION")));
    ui::out("");
    for line in aligned(&rows, &[2, 5, 6, 7, 8, 9], columns::of_stdout()) {
        ui::out(&line);
    }
    ui::out("");
    ui::out("PASS: all views, the median. ERROR: the greatest of depth, as a part of the processor's greatest depth.");
    if failed { Outcome::Failure } else { Outcome::Success }
}

/// Adds the rows of a model; `false` where a candidate could not be measured, which its row says.
fn of_model(
    entry: &Entry,
    candidates: &[Candidate],
    arguments: &BenchArguments,
    threads: usize,
    rows: &mut Vec<Row>,
) -> anyhow::Result<bool> {
    // Gone when the model is done.
    let temporary = TempDir::with_prefix("fathom-bench-").context("no folder for the weights")?;
    let weights = weights_of(entry, arguments.weights_dir.as_deref().unwrap_or(temporary.path()))?;
    let mut all_worked = true;
    for asked in jobs(entry, arguments, weights.as_deref()) {
        let mut of_cpu = None;
        for candidate in candidates.iter().filter(|candidate| knows(candidate, asked.precision)) {
            let job = BenchJob { device: candidate.device, ..asked.clone() };
            ui::err(&format!("{}, {}", told(&job), candidate.label()));
            match in_a_process(&job, threads, candidate.card.as_ref()) {
                Ok(measured) => {
                    let error = of_cpu.as_deref().map(|depths| greatest_error(depths, &measured.depths));
                    rows.push(row(&job, candidate, &measured, error));
                    if candidate.device == DeviceChoice::Cpu {
                        of_cpu = Some(measured.depths);
                    }
                }
                Err(error) => {
                    ui::failure(&format!("{}: {error:#}", candidate.label()));
                    rows.push(failed(&job, candidate));
                    all_worked = false;
                }
            }
        }
    }
    Ok(all_worked)
}

fn knows(candidate: &Candidate, precision: Precision) -> bool {
    Precision::available(candidate.device).contains(&precision)
}

fn row(job: &BenchJob, candidate: &Candidate, measured: &Measured, error: Option<f64>) -> Row {
    let [model, size, views, _, device] = what(job, candidate);
    let passes: Vec<f64> = measured.runs.iter().map(StageTimes::total).collect();
    let mega = |bytes: u64| format!("{:.0}", bytes as f64 / 1e6);
    [
        model,
        size,
        views,
        measured.precision.label().into(),
        device,
        millis(measured.load_secs),
        millis(median(&passes)),
        mega(measured.peak_bytes),
        measured.card_bytes.map_or("–".into(), mega),
        error.map_or("–".into(), |error| format!("{error:.1e}")),
    ]
}

fn failed(job: &BenchJob, candidate: &Candidate) -> Row {
    let [model, size, views, precision, device] = what(job, candidate);
    let none = String::new;
    [model, size, views, precision, device, "FAILED".into(), none(), none(), none(), none()]
}

fn what(job: &BenchJob, candidate: &Candidate) -> [String; 5] {
    let size = format!("{}x{}", job.width, job.height);
    [job.model.to_string(), size, job.views.to_string(), job.precision.label().into(), candidate.label()]
}

/// The greatest difference as a part of the greatest of the expected; infinite where they cannot be compared.
fn greatest_error(expected: &[f32], actual: &[f32]) -> f64 {
    let greatest = |values: &mut dyn Iterator<Item = f32>| {
        // Not `max`, which passes over what is not a number.
        values.map(|v| f64::from(v.abs())).fold(0.0, |most, v| if v > most || v.is_nan() { v } else { most })
    };
    let difference = greatest(&mut expected.iter().zip(actual).map(|(e, a)| e - a));
    let error = difference / greatest(&mut expected.iter().copied());
    if expected.len() == actual.len() && !error.is_nan() { error } else { f64::INFINITY }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_error_is_not_flattered() {
        assert_eq!(greatest_error(&[1.0, -4.0], &[1.0, -3.0]), 0.25);
        for wrong in [&[1.0][..], &[f32::NAN, -4.0], &[1.0, f32::INFINITY], &[1.0, -4.0, 0.0]] {
            assert_eq!(greatest_error(&[1.0, -4.0], wrong), f64::INFINITY, "{wrong:?}");
        }
        assert_eq!(greatest_error(&[], &[]), f64::INFINITY, "nothing is no proof");
        assert_eq!(greatest_error(&[2.0], &[2.0]), 0.0);
    }

    #[test]
    fn the_processor_is_first_and_each_card_has_a_name() {
        let all = Candidate::all();
        assert!(all[0].device == DeviceChoice::Cpu && all[0].label() == "CPU");
        let cards = all.iter().filter(|candidate| candidate.device == DeviceChoice::Gpu);
        assert!(cards.clone().all(|candidate| candidate.card.as_ref().is_some_and(|card| !card.name.is_empty())));
        assert!(cards.count() > 0, "a software Vulkan driver (scripts/setup.sh test)");
    }
}
