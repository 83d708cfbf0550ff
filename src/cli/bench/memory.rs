//! `fathom bench --memory`: what runs were estimated at beside what they took, each run in a process of its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use clap::ValueEnum;
use image::RgbImage;
use serde::Serialize;
use tempfile::TempDir;

use super::args::BenchArguments;
use super::process::THREADS;
use super::weights::weights_of;
use crate::catalog;
use crate::cli::table::aligned;
use crate::cli::{Outcome, columns, ui};
use crate::inference::{DeviceChoice, Precision};

/// One run: (model, precision, network size, photos, views per pass).
type Shape = (&'static str, &'static str, [u32; 2], usize, usize);

/// Photos are this many times as large as the network sees them.
const LARGER: u32 = 3;

const USUAL: [u32; 2] = [504, 336];
const SQUARE: [u32; 2] = [518, 518];

/// What tells within a minute whether estimates are right on a machine: one of each kind.
const SMALL: [Shape; 5] = [
    ("da2-small", "f32", SQUARE, 1, 1),
    ("da3-small", "f32", USUAL, 1, 1),
    ("da3-small", "f32", USUAL, 4, 4),
    ("da3-small", "f16", USUAL, 4, 2),
    ("da3-small", "int8", USUAL, 1, 1),
];

/// Every model at hand in several precisions, sizes and passes.
fn shapes() -> Vec<Shape> {
    let (usual, square, large) = (USUAL, SQUARE, [756, 504]);
    let mut shapes = Vec::new();
    for precision in ["f32", "bf16", "int8"] {
        for (size, photos) in [(square, 1), (square, 6), (large, 2)] {
            shapes.push(("da2-small", precision, size, photos, 1));
        }
        for size in [usual, square] {
            shapes.extend([1, 4, 8].map(|views| ("da3-small", precision, size, views, views)));
            shapes.extend([1, 4, 8].map(|views| ("da3-base", precision, size, views, views)));
        }
        shapes.push(("da3-small", precision, large, 12, 12));
        shapes.push(("da3-base", precision, usual, 10, 4));
        shapes.push(("da3-large", precision, usual, 3, 3));
    }
    shapes.push(("da3-base", "f16", usual, 4, 4));
    shapes.push(("da3-small", "f16", [1008, 672], 2, 2));
    shapes.push(("da3-large", "f16", usual, 1, 1));
    shapes
}

/// What came of one run, in bytes.
#[derive(Serialize)]
struct Compared {
    model: &'static str,
    /// Where it ran: what "auto" became.
    device: String,
    precision: &'static str,
    size: [u32; 2],
    photos: usize,
    views_per_pass: usize,
    estimated_bytes: u64,
    measured_bytes: u64,
}

impl Compared {
    fn ratio(&self) -> f64 {
        self.estimated_bytes as f64 / self.measured_bytes.max(1) as f64
    }
}

pub(super) fn run(arguments: &BenchArguments) -> Outcome {
    let device = DeviceChoice::from(arguments.device);
    let shapes = if arguments.small { SMALL.to_vec() } else { shapes() };
    // Not every device knows int8.
    let is_known = |label: &str| Precision::available(device).iter().any(|precision| precision.label() == label);
    let mut compared = Vec::new();
    for shape in shapes.into_iter().filter(|shape| is_known(shape.1)) {
        match compare(shape, arguments) {
            Ok(one) => compared.push(one),
            Err(error) => return ui::failure(&format!("{}: {error:#}", shape.0)),
        }
    }
    for line in table(&compared) {
        ui::out(&line);
    }
    let Some(path) = &arguments.json else { return Outcome::Success };
    let written = serde_json::to_string_pretty(&compared).map_err(std::io::Error::other);
    match written.and_then(|text| std::fs::write(path, text)) {
        Ok(()) => Outcome::Success,
        Err(error) => ui::failure(&format!("{} cannot be written: {error} (--json)", ui::shown(path))),
    }
}

fn table(compared: &[Compared]) -> Vec<String> {
    let headers = ["MODEL", "PRECISION", "SIZE", "PHOTOS", "PER PASS", "ESTIMATED MB", "MEASURED MB", "RATIO"];
    let mut rows = vec![headers.map(String::from)];
    rows.extend(compared.iter().map(|one| {
        let mega = |bytes: u64| format!("{:.0}", bytes as f64 / 1e6);
        let [width, height] = one.size;
        [
            one.model.into(),
            one.precision.into(),
            format!("{width}x{height}"),
            one.photos.to_string(),
            one.views_per_pass.to_string(),
            mega(one.estimated_bytes),
            mega(one.measured_bytes),
            format!("{:.2}", one.ratio()),
        ]
    }));
    let ratios = || compared.iter().map(Compared::ratio);
    let (least, most) = (ratios().fold(f64::INFINITY, f64::min), ratios().fold(0.0, f64::max));
    let mut lines = aligned(&rows, &[3, 4, 5, 6, 7], columns::of_stdout());
    let devices: BTreeSet<&str> = compared.iter().map(|one| one.device.as_str()).collect();
    let (runs, on) = (compared.len(), Vec::from_iter(devices).join(" and "));
    lines.push(format!("\n{runs} runs on {on}: estimated by measured from {least:.2} to {most:.2}"));
    lines
}

fn compare(shape: Shape, arguments: &BenchArguments) -> anyhow::Result<Compared> {
    let (model, precision, size, photos, views_per_pass) = shape;
    let [width, height] = size;
    ui::err(&format!("{model} {precision} {width}x{height}, {photos} photos, {views_per_pass} per pass"));
    let folder = TempDir::with_prefix("fathom-bench-").context("no folder for the run")?;
    let entry = catalog::find(&catalog::ModelId(model.into())).context("no such model")?;
    let weights = weights_of(entry, arguments.weights_dir.as_deref().unwrap_or(folder.path()))?;
    let files = write_photos(folder.path(), [width * LARGER, height * LARGER], photos)?;
    let out = folder.path().join("out");
    let mut command = Command::new(std::env::current_exe()?);
    // Nothing that this machine has learnt may correct the estimate.
    command.arg("depth").args(files).env("FATHOM_STATE", folder.path().join("state"));
    command.args(["--model", model, "--precision", precision, "--quiet", "--out"]).arg(&out);
    if let Some(device) = arguments.device.to_possible_value() {
        command.args(["--device", device.get_name()]);
    }
    if let Some(threads) = arguments.threads {
        command.env(THREADS, threads.to_string());
    }
    // Where resizing to multiples of a patch needs the shorter side, it is the one that is given.
    let shown = if entry.preset.is_da2() { width.min(height) } else { width.max(height) };
    command.args(["--resolution", &shown.to_string(), "--views-per-pass", &views_per_pass.to_string()]);
    if let Some(weights) = weights {
        command.arg("--weights").arg(weights);
    }
    // Generated weights give depth that means nothing; what they need in memory is the same.
    let status = command.stderr(Stdio::inherit()).status()?;
    ensure!(status.success(), "the run ended with {status}");
    let summary: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("summary.json"))?)?;
    let bytes = |value: &serde_json::Value| value.as_u64().context("the summary lacks a number");
    Ok(Compared {
        model,
        device: summary["device"].as_str().context("the summary names no device")?.to_owned(),
        precision,
        size,
        photos,
        views_per_pass,
        estimated_bytes: bytes(&summary["memory"]["estimated_peak_bytes"])?,
        measured_bytes: bytes(&summary["peak_memory_bytes"])?,
    })
}

/// Photos of waves, other ones in each.
fn write_photos(folder: &Path, [width, height]: [u32; 2], photos: usize) -> anyhow::Result<Vec<PathBuf>> {
    let photo = |number: usize| {
        let wave = |x: u32, y: u32, step: f32| 127.0 + 120.0 * ((x as f32 / step).sin() * (y as f32 / 37.0).cos());
        let pixel = |x, y| image::Rgb([41.0, 59.0, 83.0].map(|step| wave(x, y, step + number as f32) as u8));
        let path = folder.join(format!("{number:03}.jpg"));
        RgbImage::from_fn(width, height, pixel).save(&path)?;
        Ok(path)
    };
    (0..photos).map(photo).collect()
}
