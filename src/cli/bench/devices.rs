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
use crate::inference::{BenchJob, DeviceChoice, GraphicsCard, Measured, Precision, StageTimes, fastest};
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

    /// Whether an automatic device may mean it: software never is, and of several graphics cards the first.
    fn may_be_chosen(&self, all: &[Self]) -> bool {
        let first = all.iter().find(|other| other.device == self.device).and_then(|other| other.card.as_ref());
        self.card.as_ref().is_none_or(|card| !card.is_software && first == Some(card))
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
    let mut table = Table { rows: vec![headers.map(String::from)], chosen: Vec::new() };
    let mut failed = false;
    for entry in arguments.models() {
        match table.add(entry, &candidates, arguments, threads) {
            Ok(all_worked) => failed |= !all_worked,
            Err(error) => {
                ui::failure(&format!("{}: {error:#}", entry.id));
                failed = true;
            }
        }
    }
    ui::out(&format!("Fathom {} on {machine}, {threads} threads; milliseconds", env!("CARGO_PKG_VERSION")));
    ui::out("");
    for line in aligned(&table.rows, &[2, 5, 6, 7, 8, 9], columns::of_stdout()) {
        ui::out(&line);
    }
    ui::out("");
    ui::out("PASS: all views, the median. ERROR: the greatest of depth, as a part of the processor's greatest depth.");
    table.chosen.iter().for_each(|line| ui::out(line));
    if failed { Outcome::Failure } else { Outcome::Success }
}

/// What was measured so far.
struct Table {
    rows: Vec<Row>,
    /// Whom an automatic device would mean, and why, in a line for each block of rows.
    chosen: Vec<String>,
}

impl Table {
    /// Adds the rows of a model; `false` where a candidate could not be measured, which its row says.
    fn add(
        &mut self,
        entry: &Entry,
        candidates: &[Candidate],
        arguments: &BenchArguments,
        threads: usize,
    ) -> anyhow::Result<bool> {
        // Gone when the model is done.
        let temporary = TempDir::with_prefix("fathom-bench-").context("no folder for the weights")?;
        let weights = weights_of(entry, arguments.weights_dir.as_deref().unwrap_or(temporary.path()))?;
        let mut all_worked = true;
        for asked in jobs(entry, arguments, weights.as_deref()) {
            let (mut of_cpu, mut took) = (None, Vec::new());
            for candidate in candidates.iter().filter(|candidate| knows(candidate, asked.precision)) {
                let job = BenchJob { device: candidate.device, ..asked.clone() };
                ui::err(&format!("{}, {}", told(&job), candidate.label()));
                match in_a_process(&job, threads, candidate.card.as_ref()) {
                    Ok(measured) => {
                        let error = of_cpu.as_deref().map(|depths| greatest_error(depths, &measured.depths));
                        self.rows.push(row(&job, candidate, &measured, error));
                        if candidate.may_be_chosen(candidates) {
                            took.push((candidate.device, pass_secs(&measured)));
                        }
                        if candidate.device == DeviceChoice::Cpu {
                            of_cpu = Some(measured.depths);
                        }
                    }
                    Err(error) => {
                        ui::failure(&format!("{}: {error:#}", candidate.label()));
                        self.rows.push(failed(&job, candidate));
                        all_worked = false;
                    }
                }
            }
            self.chosen.push(format!("Automatic for {}: {}", told(&asked), why(&took)));
        }
        Ok(all_worked)
    }
}

/// Whom an automatic device means of those that took so many seconds, and why.
fn why(took: &[(DeviceChoice, f64)]) -> String {
    let of = |device| took.iter().find(|(other, _)| *other == device).map(|(_, secs)| *secs);
    match (fastest(took), of(DeviceChoice::Cpu)) {
        (DeviceChoice::Cpu, _) if took.iter().any(|(device, _)| *device != DeviceChoice::Cpu) => {
            "CPU, because no card takes four fifths of its time or less".into()
        }
        (DeviceChoice::Cpu, _) => "CPU, because there is no other that it may mean".into(),
        (card, Some(cpu)) => format!("{card}, {:.1} × as fast as the CPU", cpu / of(card).unwrap_or(f64::NAN)),
        (card, None) => format!("{card}, because the CPU could not be measured"),
    }
}

fn pass_secs(measured: &Measured) -> f64 {
    let passes: Vec<f64> = measured.runs.iter().map(StageTimes::total).collect();
    median(&passes)
}

fn knows(candidate: &Candidate, precision: Precision) -> bool {
    Precision::available(candidate.device).contains(&precision)
}

fn row(job: &BenchJob, candidate: &Candidate, measured: &Measured, error: Option<f64>) -> Row {
    let [model, size, views, _, device] = what(job, candidate);
    let mega = |bytes: u64| format!("{:.0}", bytes as f64 / 1e6);
    [
        model,
        size,
        views,
        measured.precision.label().into(),
        device,
        millis(measured.load_secs),
        millis(pass_secs(measured)),
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
    fn who_is_chosen_is_said_with_the_reason() {
        let (cpu, gpu) = (DeviceChoice::Cpu, DeviceChoice::Gpu);
        assert_eq!(why(&[(cpu, 1.0), (gpu, 0.25)]), "Graphics card, 4.0 × as fast as the CPU");
        assert!(why(&[(cpu, 1.0), (gpu, 0.9)]).starts_with("CPU, because no card takes four fifths"));
        assert_eq!(why(&[(cpu, 1.0)]), "CPU, because there is no other that it may mean");
        assert!(why(&[(gpu, 1.0)]).starts_with("Graphics card, because the CPU"));
        let card = |name: &str, is_software| Candidate {
            device: gpu,
            card: Some(GraphicsCard { name: name.into(), driver: String::new(), is_software }),
        };
        let all =
            [Candidate { device: cpu, card: None }, card("one", false), card("two", false), card("llvmpipe", true)];
        assert_eq!(all.each_ref().map(|one| one.may_be_chosen(&all)), [true, true, false, false]);
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
