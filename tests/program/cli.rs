//! The program from outside: what it prints where, and its exit codes. Nothing here needs a display or a model.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::path::Path;
use std::process::Output;

use crate::program::fathom;

fn code(output: &Output) -> i32 {
    output.status.code().expect("no signal")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have text names")
}

#[test]
fn help_says_what_can_be_done() {
    let output = fathom(&["--help"]);
    assert_eq!(code(&output), 0);
    for part in ["depth", "render", "models", "example", "bench", "Examples:", "Exit codes:", "some photos failed"] {
        assert!(stdout(&output).contains(part), "{part} in {}", stdout(&output));
    }
    let output = fathom(&["depth", "--help"]);
    assert_eq!(code(&output), 0);
    for part in ["--views-per-pass", "--full-size", "saddle_balanced", "upper_bound_resize", "scene.ply", "da2-small"] {
        assert!(stdout(&output).contains(part), "{part} in {}", stdout(&output));
    }
    assert!(stdout(&fathom(&["--version"])).starts_with("fathom "));
}

#[test]
fn usage_errors_are_2_and_on_stderr() {
    let cases: [(&[&str], &str); 6] = [
        (&["depth"], "--out"),
        (&["depth", "a.jpg", "--out", "o", "--resolution", "7"], "--resolution"),
        (&["depth", "a.jpg", "--out", "o", "--views-per-pass", "none"], "'all'"),
        (&["depth", "a.jpg", "--out", "o", "--model", "no-such-model"], "no-such-model"),
        (&["example", "--out", "o", "--views", "99"], "--views"),
        (&["no-such-photo.jpg"], "no-such-photo.jpg"),
    ];
    for (arguments, part) in cases {
        let output = fathom(arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(output.stdout.is_empty() && stderr(&output).contains(part), "{arguments:?}: {}", stderr(&output));
    }
    assert!(!Path::new("o").exists());
}

#[test]
fn models_lists_the_whole_catalogue() {
    let output = fathom(&["models"]);
    assert_eq!(code(&output), 0);
    let lines: Vec<_> = stdout(&output).lines().map(str::to_owned).collect();
    assert!(lines[0].starts_with("ID") && lines[0].contains("LICENCE"));
    assert!(lines.last().is_some_and(|line| line.contains("--weights")), "where weights go is said");
    let rows = lines[1..].iter().filter(|line| !line.starts_with(' '));
    for (line, entry) in rows.zip(fathom::catalog::entries()) {
        assert!(line.starts_with(entry.id), "{line}");
        assert_eq!(line.contains("non-commercial"), entry.non_commercial, "{line}");
        assert!(lines.iter().any(|line| line.contains(entry.licence)), "{}", entry.licence);
    }
}

#[test]
fn example_writes_a_scene_and_protects_what_is_there() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let out = dir.path().join("scene");
    let arguments = ["example", "--out", text(&out), "--views", "2", "--width", "40", "--height", "30"];
    let output = fathom(&arguments);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stdout(&output).lines().count(), 2);
    for line in stdout(&output).lines() {
        assert_eq!(image::image_dimensions(line).expect("a photo"), (40, 30));
    }
    assert!(out.join("ground_truth.json").exists());

    let again = fathom(&arguments);
    assert_eq!(code(&again), 1);
    assert!(stderr(&again).contains("not empty") && stderr(&again).contains(text(&out)), "{}", stderr(&again));
    assert_eq!(code(&fathom(&[&arguments[..], &["--overwrite"]].concat())), 0);
}

#[test]
fn without_a_usable_photo_nothing_is_made() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let (photo, out) = (dir.path().join("gone.jpg"), dir.path().join("out"));
    let output = fathom(&["depth", text(&photo), "--out", text(&out)]);
    assert_eq!(code(&output), 1);
    assert!(output.stdout.is_empty() && stderr(&output).starts_with("error: "), "{}", stderr(&output));
    assert!(!out.exists());
}

#[test]
fn cameras_are_found_from_photos_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let (scene, out) = (dir.path().join("scene"), dir.path().join("out"));
    let example = fathom(&["example", "--out", text(&scene), "--views", "4"]);
    let photos: Vec<String> = stdout(&example).lines().map(String::from).collect();
    assert_eq!((code(&example), photos.len()), (0, 4), "{photos:?}");
    let words: Vec<&str> =
        ["cameras", "--out", text(&out)].into_iter().chain(photos.iter().map(String::as_str)).collect();
    let run = fathom(&words);
    assert_eq!(code(&run), 0, "{}", stderr(&run));
    assert!(stdout(&run).contains("4 of 4 photos have a camera"), "{}", stdout(&run));
    let cameras = std::fs::read_to_string(out.join("cameras.json")).expect("written");
    assert!(cameras.contains("\"pose_source\": \"matched\""));
    for name in ["cameras.txt", "images.txt", "points3D.txt"] {
        assert!(out.join("sparse/0").join(name).is_file());
    }
    // What was found can be used, and alone a photo has no place.
    let dry = fathom(&["depth", &photos[0], "--cameras", text(&out), "--model", "da3-small", "--dry-run"]);
    assert!(!stderr(&dry).contains("no camera"), "{}", stderr(&dry));
    let alone = fathom(&["cameras", &photos[0], "--out", text(&dir.path().join("alone"))]);
    assert!(code(&alone) == 1 && stderr(&alone).contains("has no place"), "{}", stderr(&alone));
}
