//! Figures as tables for people and as JSON for programs.

use std::path::Path;

use serde::Serialize;

use crate::catalog::BUILT_IN;
use crate::cli::table::aligned;
use crate::inference::{BenchJob, BenchStage, Measured, StageTimes};
use crate::memory::Machine;

/// Everything that one call measured.
#[derive(Serialize)]
pub(super) struct Report {
    pub version: &'static str,
    pub machine: Machine,
    pub threads: usize,
    pub results: Vec<Figures>,
}

/// One line of the report. Times are seconds of a run over all views.
#[derive(Serialize)]
pub(super) struct Figures {
    model: String,
    /// `real` or `generated`.
    weights: &'static str,
    width: usize,
    height: usize,
    views: usize,
    device: &'static str,
    precision: &'static str,
    load_secs: f64,
    first_secs: f64,
    median_secs: f64,
    p90_secs: f64,
    min_secs: f64,
    per_view_secs: f64,
    /// Medians by the stage's name.
    stage_secs: serde_json::Map<String, serde_json::Value>,
    run_secs: Vec<f64>,
    peak_bytes: u64,
    mean_depth: f64,
}

impl Figures {
    pub fn new(job: &BenchJob, measured: &Measured) -> Self {
        let run_secs: Vec<f64> = measured.runs.iter().map(StageTimes::total).collect();
        let median_secs = median(&run_secs);
        let stage = |stage: BenchStage| {
            let secs: Vec<f64> = measured.runs.iter().map(|run| run.0[stage as usize]).collect();
            (stage.label().to_owned(), median(&secs).into())
        };
        Self {
            model: job.model.to_string(),
            weights: if job.model.0 == BUILT_IN { "real" } else { "generated" },
            width: job.width,
            height: job.height,
            views: job.views,
            device: measured.device.label(),
            precision: measured.precision.label(),
            load_secs: measured.load_secs,
            first_secs: measured.first_secs,
            median_secs,
            p90_secs: quantile(&run_secs, 0.9),
            min_secs: quantile(&run_secs, 0.0),
            per_view_secs: median_secs / job.views as f64,
            stage_secs: BenchStage::ALL.map(stage).into_iter().collect(),
            run_secs,
            peak_bytes: measured.peak_bytes,
            mean_depth: measured.mean_depth,
        }
    }

    fn what(&self) -> [String; 4] {
        let size = format!("{}x{}", self.width, self.height);
        [self.model.clone(), size, self.views.to_string(), self.precision.into()]
    }
}

impl Report {
    /// Two tables, of so many columns: whole runs, and their stages.
    pub fn lines(&self, columns: usize) -> Vec<String> {
        let what = ["MODEL", "SIZE", "VIEWS", "PRECISION"].map(String::from);
        let whole = ["LOAD", "FIRST", "MEDIAN", "P90", "MIN", "PER VIEW", "PEAK MB"].map(String::from);
        let stages = BenchStage::ALL.map(|stage| stage.label().to_uppercase());
        let mut totals = vec![joined::<11>(&what, &whole)];
        // Eight stages leave little room.
        let mut parts = vec![joined::<12>(&[&what[..3], &["AS".into()]].concat(), &stages)];
        for figures in &self.results {
            let f = figures;
            let secs = [f.load_secs, f.first_secs, f.median_secs, f.p90_secs, f.min_secs, f.per_view_secs];
            let mega = format!("{:.0}", f.peak_bytes as f64 / 1e6);
            totals.push(joined(&f.what(), &[&secs.map(millis)[..], &[mega]].concat()));
            let medians =
                BenchStage::ALL.map(|stage| f.stage_secs[stage.label()].as_f64().map_or_else(String::new, millis));
            parts.push(joined(&f.what(), &medians));
        }
        let mut lines = vec![
            format!("Fathom {} on {}, {} threads; milliseconds", self.version, self.machine, self.threads),
            String::new(),
        ];
        lines.extend(aligned(&totals, &[2, 4, 5, 6, 7, 8, 9, 10], columns));
        lines.extend([String::new(), "Stages, medians over the runs, all views together".into(), String::new()]);
        lines.extend(aligned(&parts, &[2, 4, 5, 6, 7, 8, 9, 10, 11], columns));
        lines
    }

    pub fn write(&self, path: &Path) -> std::io::Result<()> {
        std::fs::write(path, serde_json::to_string_pretty(self)? + "\n")
    }
}

/// The cells of both as one row of N.
fn joined<const N: usize>(left: &[String], right: &[String]) -> [String; N] {
    std::array::from_fn(|i| left.iter().chain(right).nth(i).cloned().unwrap_or_default())
}

pub(super) fn millis(secs: f64) -> String {
    format!("{:.1}", secs * 1e3)
}

/// The middle value, or the mean of the middle two.
pub(super) fn median(values: &[f64]) -> f64 {
    (quantile(values, 0.5) + sorted(values)[values.len() / 2]) / 2.0
}

/// The smallest value that at least this part of the values does not exceed.
fn quantile(values: &[f64], part: f64) -> f64 {
    let rank = (part * values.len() as f64).ceil() as usize;
    sorted(values)[rank.saturating_sub(1)]
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::ModelId;
    use crate::inference::{DeviceChoice, Precision};

    #[test]
    fn medians_and_quantiles() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(&[7.0]), 7.0);
        let ten: Vec<f64> = (1..=10).rev().map(f64::from).collect();
        assert_eq!((quantile(&ten, 0.9), quantile(&ten, 0.0), quantile(&[5.0], 0.9)), (9.0, 1.0, 5.0));
    }

    #[test]
    fn tables_say_milliseconds_and_megabytes() {
        let job = BenchJob {
            model: ModelId("da3-base".into()),
            weights: None,
            width: 504,
            height: 336,
            views: 4,
            device: DeviceChoice::Cpu,
            precision: Precision::F32,
            plain: false,
            runs: 2,
        };
        let run = |secs: f64| StageTimes([secs, 0.5, 0.25, 0.0, 0.0, 0.0, 0.0, 0.25]);
        let measured = Measured {
            device: DeviceChoice::Cpu,
            precision: Precision::F32,
            load_secs: 0.1234,
            first_secs: 3.0,
            runs: vec![run(1.0), run(2.0)],
            peak_bytes: 520_400_000,
            card_bytes: None,
            mean_depth: 1.0,
            depths: Vec::new(),
        };
        let machine = Machine { processor: "P".into(), cores: 2, system: "S".into() };
        let report = Report { version: "1.2.3", machine, threads: 2, results: vec![Figures::new(&job, &measured)] };
        let lines = report.lines(100);
        assert_eq!(lines[0], "Fathom 1.2.3 on P, 2 cores, S, 2 threads; milliseconds");
        assert_eq!(
            lines[2],
            "MODEL     SIZE     VIEWS  PRECISION   LOAD   FIRST  MEDIAN     P90     MIN  PER VIEW  PEAK MB"
        );
        assert_eq!(
            lines[3],
            "da3-base  504x336      4  f32        123.4  3000.0  2500.0  3000.0  2000.0     625.0      520"
        );
        assert!(lines[8].starts_with("da3-base  504x336      4  f32     1500.0  500.0   250.0"), "{}", lines[8]);
        assert!(lines.iter().all(|line| line.chars().count() <= 100), "{lines:#?}");
    }
}
