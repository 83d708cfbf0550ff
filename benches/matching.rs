//! Features of a photo and matches of a pair, timed, with what they take of memory: `cargo bench --bench matching`
//!
//! Two photos may be named (`-- A.jpg B.jpg`); else two are drawn, of which one is the other, moved. Each number is the median
//! of 15 runs. `scripts/reference/matching_compare.py` does the same beside NumPy.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench that cannot run must end, and prints what it measured"
)]

use std::path::Path;
use std::time::Instant;

use fathom::geometry::Draws;
use fathom::matching::{FeatureSettings, Matcher};
use fathom::model::Silent;
use image::{Rgb, RgbImage};

/// As in the program.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: fathom::model::kernels::Recycling = fathom::model::kernels::Recycling::new();

const RUNS: usize = 15;
const SIZE: [u32; 2] = [1024, 768];
const MOVED: u32 = 40;
const BLOTS: usize = 20_000;

/// Blots of all sizes, seen from `left` on.
fn drawn(left: u32) -> RgbImage {
    let [width, height] = SIZE;
    let mut draws = Draws::new(7);
    let mut wide = RgbImage::from_pixel(width + MOVED, height, Rgb([128; 3]));
    for _ in 0..BLOTS {
        let [x, y, side] = [width + MOVED, height, 18].map(|most| draws.below(most as usize) as u32);
        let colour = Rgb([draws.below(256) as u8; 3]);
        for (x, y) in
            (y..height.min(y + side / 2 + 2)).flat_map(|y| (x..(width + MOVED).min(x + side + 2)).map(move |x| (x, y)))
        {
            wide.put_pixel(x, y, colour);
        }
    }
    image::imageops::crop_imm(&wide, left, 0, width, height).to_image()
}

/// Median and least seconds.
fn timed<T>(mut work: impl FnMut() -> T) -> (T, f64, f64) {
    let mut seconds = Vec::new();
    let mut last = work();
    for _ in 0..RUNS {
        let started = Instant::now();
        last = work();
        seconds.push(started.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    (last, seconds[RUNS / 2], seconds[0])
}

/// What this process has had at most, in MiB, where the system says so.
fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
    peak.unwrap_or(0.0) / 1024.0
}

fn main() {
    let named: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let open = |path: &String| image::open(Path::new(path)).expect("a photo").to_rgb8();
    let photos = match &named[..] {
        [a, b] => [open(a), open(b)],
        _ => [drawn(0), drawn(MOVED)],
    };
    let before = peak_mib();
    let started = Instant::now();
    let matcher = Matcher::built_in().expect("the program's weights");
    println!("load: {:.3} s", started.elapsed().as_secs_f64());
    let settings = FeatureSettings::default();
    let features = photos.each_ref().map(|photo| {
        let (found, median, least) = timed(|| matcher.features(photo, None, settings, &Silent).expect("features"));
        let [width, height] = found.size;
        println!("features of {width}x{height}: {median:.4} s, least {least:.4} s, {} points", found.keypoints.len());
        found
    });
    println!("memory so far: {:.0} MiB beyond {before:.0} MiB", peak_mib() - before);
    let [a, b] = &features;
    let (found, median, least) = timed(|| matcher.matches(a, b, &Silent).expect("matches"));
    println!("matches: {median:.4} s, least {least:.4} s, {} found", found.len());
    println!("memory in all: {:.0} MiB beyond {before:.0} MiB", peak_mib() - before);
}
