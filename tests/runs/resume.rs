//! Runs that take up what an earlier one has finished, and results in folders like their photos'.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fathom::examples::synthetic;
use fathom::session::{Session, open};
use serde_json::Value;

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn photo(&self, name: &str, view: usize) {
        let path = self.folder.path().join("photos").join(name);
        fs::create_dir_all(path.parent().expect("below photos")).expect("space");
        synthetic::render(view, 96, 64).image.save(&path).expect("space");
    }

    fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, out: &str, more: &[&str]) -> Command {
        let mut command = self.joining(out);
        // Each photo by itself: what one scene is depends on all of them.
        command.arg("--independent").args(more);
        command
    }

    /// The same with the photos made one scene where they can be.
    fn joining(&self, out: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fathom"));
        command.arg("depth").arg(self.folder.path().join("photos")).arg("--out").arg(self.out(out));
        command.args(["--resolution", "126", "--device", "cpu"]);
        command.env("FATHOM_STATE", self.folder.path().join("state"));
        command
    }

    fn run(&self, out: &str, more: &[&str]) -> Output {
        self.command(out, more).output().expect("the program starts")
    }

    fn session(&self, out: &str) -> Session {
        open(&self.out(out)).expect("results")
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn depths(session: Session) -> Vec<Vec<f32>> {
    session.results.expect("results").prediction.views.iter().map(|view| view.depth.clone()).collect()
}

/// Each start of the program takes the arithmetic that is fastest at that moment; they differ by roundings.
fn assert_alike(a: &[Vec<f32>], b: &[Vec<f32>]) {
    assert_eq!(a.len(), b.len());
    for (a, b) in a.iter().zip(b) {
        let near = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-4 * b.abs();
        assert!(a.len() == b.len() && a.iter().zip(b).all(near), "{a:?} {b:?}");
    }
}

fn summary(out: &Path) -> Value {
    serde_json::from_slice(&fs::read(out.join("summary.json")).expect("a summary")).expect("JSON")
}

#[test]
fn photos_that_are_finished_are_left_out() {
    let desk = Desk::new();
    desk.photo("b.png", 0);
    desk.photo("c.png", 1);
    assert!(desk.run("out", &[]).status.success());
    let first = depths(desk.session("out"));
    desk.photo("a.png", 2);
    let refused = desk.run("out", &[]);
    assert!(!refused.status.success() && said(&refused).contains("not empty"), "{}", said(&refused));

    let output = desk.run("out", &["--resume"]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("2 of 3 photos were finished before"), "{}", said(&output));
    assert!(said(&output).contains("[3/3]") && !said(&output).contains("[1/3]"), "{}", said(&output));
    let all = depths(desk.session("out"));
    assert_eq!(all[1..], first, "in the order of the photos, as they were");
    let fresh = desk.run("fresh", &[]);
    assert!(fresh.status.success());
    assert_alike(&depths(desk.session("fresh")), &all);
    // Files that were numbered otherwise are gone; scenes are numbered anew.
    let mut names: Vec<_> = fs::read_dir(desk.out("out")).expect("a folder").flatten().map(|e| e.file_name()).collect();
    let mut expected: Vec<_> = fs::read_dir(desk.out("fresh")).expect("one").flatten().map(|e| e.file_name()).collect();
    names.sort();
    expected.sort();
    assert_eq!(names, expected);
    let scenes =
        |out| summary(&desk.out(out))["views"].as_array().map(|v| v.iter().map(|v| v["scene"].clone()).collect());
    let (resumed, expected): (Option<Vec<Value>>, Option<Vec<Value>>) = (scenes("out"), scenes("fresh"));
    assert_eq!(resumed, expected);

    // Another picture under the same name, and other settings, are something else.
    desk.photo("b.png", 3);
    let output = desk.run("out", &["--resume"]);
    assert!(said(&output).contains("2 of 3 photos were finished before"), "{}", said(&output));
    assert_ne!(depths(desk.session("out"))[1], first[0]);
    let output = desk.run("out", &["--resume", "--fov", "70"]);
    assert!(said(&output).contains("0 of 3 photos were finished before"), "{}", said(&output));
    let output = desk.run("out", &["--resume", "--fov", "70", "--formats", "npz,xyz"]);
    assert!(said(&output).contains("3 of 3 photos were finished before"), "{}", said(&output));
    assert!(output.status.success() && desk.out("out").join("scene_0000.xyz").is_file());
    assert!(!desk.out("out").join("scene_0000.ply").exists());
    assert_eq!(summary(&desk.out("out"))["device"], "CPU");
}

#[test]
fn photos_of_one_scene_are_taken_up_as_a_whole_or_not_at_all() {
    let desk = Desk::new();
    desk.photo("b.png", 0);
    desk.photo("c.png", 1);
    let run = |more: &[&str]| desk.joining("out").args(more).output().expect("the program starts");
    let first = run(&[]);
    assert!(first.status.success() && said(&first).contains("One scene of 2 of 2 photos"), "{}", said(&first));
    let depth = depths(desk.session("out"));
    let again = run(&["--resume"]);
    assert!(said(&again).contains("2 of 2 photos were finished before"), "{}", said(&again));
    assert_eq!(depths(desk.session("out")), depth, "nothing is done twice to it");
    desk.photo("d.png", 2);
    let more = run(&["--resume"]);
    assert!(said(&more).contains("these are run again"), "{}", said(&more));
    assert!(said(&more).contains("[3/3]") && more.status.success(), "{}", said(&more));
}

#[test]
fn a_run_that_was_stopped_is_taken_up() {
    let desk = Desk::new();
    for place in 0..8 {
        desk.photo(&format!("{place}.png"), place % synthetic::VIEWS);
    }
    let mut child = desk.command("out", &[]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    assert!(lines.any(|line| line.is_ok_and(|line| line.contains("[2/8]"))), "two photos are finished");
    child.kill().expect("still running");
    child.wait().expect("gone");
    assert!(!desk.out("out").join("summary.json").exists());

    let refused = desk.run("out", &[]);
    assert!(!refused.status.success() && said(&refused).contains("--resume"), "{}", said(&refused));
    let output = desk.run("out", &["--resume"]);
    assert!(output.status.success(), "{}", said(&output));
    let before = (2..8).find(|count| said(&output).contains(&format!("{count} of 8 photos were finished before")));
    assert!(before.is_some(), "{}", said(&output));
    assert!(desk.run("fresh", &[]).status.success());
    assert_alike(&depths(desk.session("out")), &depths(desk.session("fresh")));
    let hidden = fs::read_dir(desk.out("out")).expect("a folder").flatten();
    assert!(hidden.filter(|entry| entry.file_name().to_string_lossy().starts_with('.')).count() == 0);
}

#[test]
fn results_of_folders_in_folders_lie_in_such_folders() {
    let desk = Desk::new();
    for name in ["x.png", "left/x.png", "left/far/x.png"] {
        desk.photo(name, 0);
    }
    assert!(desk.run("out", &["--recursive", "--formats", "depth_png,npz,cameras"]).status.success());
    let out = desk.out("out");
    let summary = summary(&out);
    let of_view = |view: usize| summary["views"][view]["depth_png"].as_str().expect("a name").to_owned();
    let mut names: Vec<String> = (0..3).map(of_view).collect();
    assert!(names.iter().all(|name| out.join(name).is_file()));
    names.iter_mut().for_each(|name| *name = name.replace(|c: char| c.is_ascii_digit(), "N"));
    names.sort();
    assert_eq!(names, ["NNNN_x_depth.png", "left/NNNN_x_depth.png", "left/far/NNNN_x_depth.png"]);
    // The results know where their photos are.
    let session = desk.session("out");
    let photos: Vec<&PathBuf> = session.photos.iter().map(|photo| &photo.path).collect();
    assert!(photos.iter().all(|path| path.is_file()) && photos[0] != photos[1], "{photos:?}");
}
