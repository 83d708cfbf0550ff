//! `fathom bench --reckon`: what a graphics card is asked for, and how long one that is known by two numbers takes at least.

use super::args::BenchArguments;
use crate::catalog::ModelId;
use crate::cli::table::aligned;
use crate::cli::values::Device;
use crate::cli::{Outcome, columns, ui};
use crate::inference::{ReckonJob, Reckoned, ReckonedStage, Roof};
use crate::worker::Problem;

/// An Apple M1's: 10¹² operations and 10⁹ bytes in a second.
const TFLOPS: f32 = 2.6;
const GBPS: f32 = 68.0;

pub(super) fn run(arguments: &BenchArguments) -> Outcome {
    if !matches!(arguments.device, Device::Auto | Device::Gpu) {
        return ui::usage("only a graphics card's work can be reckoned (--device gpu)");
    }
    let [tflops, gbps] = [arguments.tflops.unwrap_or(TFLOPS), arguments.gbps.unwrap_or(GBPS)];
    let roof = Roof { flops: f64::from(tflops) * 1e12, bandwidth: f64::from(gbps) * 1e9 };
    ui::out(&format!("At least, on a card of {tflops} TFLOP/s and {gbps} GB/s; not measured"));
    for entry in arguments.models() {
        for (size, views) in arguments.shapes(entry) {
            for &precision in &arguments.precisions {
                let job = ReckonJob {
                    model: ModelId(entry.id.into()),
                    width: size.width,
                    height: size.height,
                    views: views.into(),
                    precision: precision.into(),
                };
                match job.reckon(roof) {
                    Ok(reckoned) => lines(&job, &reckoned, columns::of_stdout()).iter().for_each(|line| ui::out(line)),
                    Err(error) => return ui::failure(&Problem::from(&error).to_string()),
                }
            }
        }
    }
    Outcome::Success
}

/// A heading, a table with a row for each stage, and what else there is to say.
fn lines(job: &ReckonJob, reckoned: &Reckoned, columns: usize) -> Vec<String> {
    let ReckonJob { model, width, height, views, precision } = job;
    let plural = if *views == 1 { "" } else { "s" };
    let total = reckoned.total();
    let mut rows = vec![["STAGE", "DISPATCHES", "GFLOP", "MB MOVED", "MS"].map(String::from)];
    rows.extend(reckoned.stages.iter().chain([&total]).map(row));
    let per_view = total.secs / *views as f64;
    let mega = |bytes: u64| format!("{:.0} MB", bytes as f64 / 1e6);
    let mut lines = vec![
        String::new(),
        format!("{model} {width}x{height}, {views} view{plural}, {}", precision.label()),
        String::new(),
    ];
    lines.extend(aligned(&rows, &[1, 2, 3, 4], columns));
    lines.push(format!(
        "{} a view; {} submissions; weights {}, other arrays {} at most",
        millis(per_view),
        reckoned.submissions,
        mega(reckoned.weight_bytes),
        mega(reckoned.array_bytes)
    ));
    lines
}

fn row(stage: &ReckonedStage) -> [String; 5] {
    [
        stage.label.clone(),
        stage.dispatches.to_string(),
        format!("{:.2}", stage.flop as f64 / 1e9),
        format!("{:.1}", stage.bytes as f64 / 1e6),
        format!("{:.2}", 1e3 * stage.secs),
    ]
}

fn millis(secs: f64) -> String {
    format!("{:.2} ms", 1e3 * secs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::Precision;

    #[test]
    fn stages_stand_above_their_sum() {
        let job =
            ReckonJob { model: ModelId("m".into()), width: 504, height: 336, views: 2, precision: Precision::F16 };
        let stage = |label: &str, dispatches, secs| ReckonedStage {
            label: label.into(),
            dispatches,
            flop: 1_500_000_000,
            bytes: 2_500_000,
            secs,
        };
        let stages = vec![stage("tokens", 3, 0.001), stage("blocks", 100, 0.1)];
        let reckoned = Reckoned { stages, submissions: 7, weight_bytes: 50_000_000, array_bytes: 1_200_000 };
        assert_eq!(
            lines(&job, &reckoned, 100),
            [
                "",
                "m 504x336, 2 views, f16",
                "",
                "STAGE   DISPATCHES  GFLOP  MB MOVED      MS",
                "tokens           3   1.50       2.5    1.00",
                "blocks         100   1.50       2.5  100.00",
                "total          103   3.00       5.0  101.00",
                "50.50 ms a view; 7 submissions; weights 50 MB, other arrays 1 MB at most",
            ]
        );
    }
}
