//! Whole runs of the program under a hard limit of memory: they finish, or are refused with a way that works.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use fathom::examples::synthetic;
use fathom::inference::write_generated;
use fathom::model::Preset;

const PHOTOS: usize = 9;

/// Photos and generated weights of DA3-Small.
struct Desk {
    folder: tempfile::TempDir,
    weights: PathBuf,
    photos: Vec<PathBuf>,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let weights = folder.path().join("weights.safetensors");
        write_generated(&weights, Preset::Da3Small, 9).expect("space for weights");
        let photos = (0..PHOTOS).map(|number| {
            let path = folder.path().join(format!("{number:02}.png"));
            synthetic::render(number % synthetic::VIEWS, 504, 336).image.save(&path).expect("space");
            path
        });
        let photos = photos.collect();
        Self { folder, weights, photos }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// `fathom depth` over the photos with at most so many mebibytes of addresses.
    fn run(&self, mebibytes: u64, more: &[&str]) -> Output {
        self.command(mebibytes, more).output().expect("a shell")
    }

    fn command(&self, mebibytes: u64, more: &[&str]) -> Command {
        let script = format!("ulimit -c 0; ulimit -v {}; exec \"$0\" \"$@\"", mebibytes << 10);
        let mut command = Command::new("sh");
        command.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_fathom")).arg("depth").args(&self.photos);
        command.args(["--model", "da3-small", "--overwrite", "--out"]).arg(self.out()).args(more);
        // The size of pools of threads should not depend on the machine.
        command.env("RAYON_NUM_THREADS", "2").env("FATHOM_STATE", self.state());
        command.arg("--weights").arg(&self.weights);
        command
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("out")
    }

    fn summary(&self) -> serde_json::Value {
        let text = std::fs::read(self.out().join("summary.json")).expect("a summary");
        serde_json::from_slice(&text).expect("JSON")
    }
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn views(summary: &serde_json::Value) -> usize {
    summary["views"].as_array().map_or(0, Vec::len)
}

#[test]
fn a_run_under_a_limit_is_cut_into_passes_and_finishes() {
    let desk = Desk::new();
    let output = desk.run(420, &[]);
    assert!(output.status.success(), "{}: {}", output.status, errors(&output));
    let summary = desk.summary();
    assert_eq!(views(&summary), PHOTOS);
    let passes = summary["memory"]["passes"].as_u64().expect("a number");
    assert!((2..=8).contains(&passes), "{passes} passes");
    let (estimated, measured) =
        (&summary["memory"]["estimated_peak_bytes"], summary["peak_memory_bytes"].as_f64().expect("a number"));
    let ratio = estimated.as_f64().expect("a number") / measured;
    assert!((0.9..1.15).contains(&ratio), "estimated by measured: {ratio}");
    assert_eq!(leftovers(&desk.state()), 0, "a run that ended leaves no note");
}

#[test]
fn what_cannot_fit_is_refused_before_it_starts_with_a_way_that_works() {
    let desk = Desk::new();
    let output = desk.run(272, &[]);
    assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
    let told = errors(&output);
    assert!(told.contains("Not enough memory: this run needs about"), "{told}");
    assert!(!desk.out().join("summary.json").exists(), "nothing was run");
    // Which 16-bit format is offered depends on the processor.
    let offered = told.lines().find_map(|line| line.trim().strip_prefix("--precision ")?.split_whitespace().next());
    let precision = offered.unwrap_or_else(|| panic!("a precision is offered: {told}"));
    let output = desk.run(272, &["--precision", precision, "--quiet"]);
    assert!(output.status.success(), "{}: {}", output.status, errors(&output));
    assert_eq!(views(&desk.summary()), PHOTOS);
}

#[test]
fn a_small_share_plans_the_smallest_pass_and_says_what_it_lacks() {
    let desk = Desk::new();
    let plan = |percent: &str| {
        let output = desk.run(1200, &["--dry-run", "--memory", percent]);
        assert!(output.status.success(), "{}", errors(&output));
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = told.lines().find(|line| line.starts_with("Plan:")).expect("a plan").to_owned();
        (line, errors(&output))
    };
    let (line, warning) = plan("10");
    assert!(line.contains("8 passes of 2 views") && line.ends_with(" MB over 10 %"), "{line}");
    assert!(warning.contains(" MB more than the 10 % that it may plan with"), "{warning}");
    let (line, warning) = plan("90");
    assert!(line.contains("9 views in one pass") && line.ends_with("that are free"), "{line}");
    assert!(!warning.contains("warning"), "{warning}");
}

/// The limit comes down when the plan is made: what the network takes then cannot be had.
#[test]
fn a_run_that_meets_the_limit_shrinks_and_loses_no_view() {
    let desk = Desk::new();
    let mut running = desk.command(3000, &[]).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().expect("a shell");
    let mut told = String::new();
    for line in BufReader::new(running.stderr.take().expect("a pipe")).lines() {
        let line = line.expect("text");
        if line.starts_with("Plan:") {
            lower_limit(running.id(), 40 << 20);
        }
        told += &format!("{line}\n");
    }
    let status = running.wait().expect("it ends");
    assert!(status.success(), "{status}: {told}");
    assert!(told.contains("views in one pass") && told.contains("the run goes on with 4 views per pass"), "{told}");
    assert_eq!(views(&desk.summary()), PHOTOS);
}

/// Leaves a process so many bytes of addresses beside those it has, once it has set its reserve aside.
fn lower_limit(process: u32, left: u64) {
    // The model takes some 110 MB of addresses, the reserve as much as it may.
    let ready = addresses(process) + (100 << 20) + (240 << 20);
    let start = Instant::now();
    while addresses(process) < ready {
        assert!(start.elapsed().as_secs() < 10, "no reserve was set aside");
        std::thread::sleep(Duration::from_millis(1));
    }
    let limit = addresses(process) + left;
    let done = Command::new("prlimit").args([format!("--pid={process}"), format!("--as={limit}")]).status();
    assert!(done.expect("prlimit of util-linux").success());
}

/// Bytes of addresses that a process has.
fn addresses(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it lives");
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).expect("a size");
    let kibibytes: u64 = size.trim().trim_end_matches(" kB").parse().expect("a number");
    kibibytes << 10
}

fn leftovers(state: &Path) -> usize {
    std::fs::read_dir(state.join("runs")).map_or(0, Iterator::count)
}
