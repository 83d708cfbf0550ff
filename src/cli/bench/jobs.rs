//! What is to be measured of a model.

use std::path::Path;

use super::args::BenchArguments;
use crate::catalog::{Entry, ModelId};
use crate::inference::BenchJob;

/// Every size, number of views and precision that was asked for.
pub(super) fn jobs(entry: &Entry, arguments: &BenchArguments, weights: Option<&Path>) -> Vec<BenchJob> {
    let mut jobs = Vec::new();
    for (size, views) in arguments.shapes(entry) {
        jobs.extend(arguments.precisions.iter().map(|&precision| BenchJob {
            model: ModelId(entry.id.into()),
            weights: weights.map(Path::to_owned),
            width: size.width,
            height: size.height,
            views: views.into(),
            device: arguments.device.into(),
            precision: precision.into(),
            plain: arguments.plain,
            runs: arguments.runs.into(),
        }));
    }
    jobs
}

/// What goes on, for who waits.
pub(super) fn told(job: &BenchJob) -> String {
    let BenchJob { model, width, height, views, precision, .. } = job;
    let plural = if *views == 1 { "" } else { "s" };
    format!("{model} {width}x{height}, {views} view{plural}, {}", precision.label())
}
