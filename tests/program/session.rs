//! Sessions of the whole program: written without a window, drawn, quick to open, and never half-written.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::time::Instant;

use crate::program::fathom;
use fathom::examples::synthetic;
use fathom::inference::{Prediction, ViewPrediction};
use fathom::input::ViewId;
use fathom::session::{PhotoFile, SavedPhoto, SavedResults, Session, open, save};

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have text names")
}

/// Two photos in `dir`.
fn photos(dir: &Path) -> [PathBuf; 2] {
    [0, 1].map(|index| {
        let path = dir.join(format!("{index}.png"));
        synthetic::render(index, 84, 56).image.save(&path).expect("a photo");
        path
    })
}

fn depth(photos: &[PathBuf], options: &[&str]) -> Output {
    let photos = photos.iter().map(|path| text(path));
    fathom(&["depth"].into_iter().chain(photos).chain(options.iter().copied()).collect::<Vec<_>>())
}

#[test]
fn a_run_without_a_window_becomes_a_session_that_can_be_drawn() {
    let dir = tempfile::tempdir().expect("a folder");
    let photos = photos(dir.path());
    let path = dir.path().join("new/scene.fathom");
    let out = dir.path().join("out");
    let options = ["--resolution", "56", "--session", text(&path)];
    let output = depth(&photos, &[&options[..], &["--out", text(&out)]].concat());
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("scene.fathom"));

    let session = open(&path).expect("opened");
    assert_eq!(session.photos.iter().map(|photo| &photo.path).collect::<Vec<_>>(), photos.iter().collect::<Vec<_>>());
    assert!(session.photos.iter().all(|photo| photo.file == PhotoFile::AsItWas));
    assert_eq!(session.settings.resolution, Some(56));
    let results = session.results.expect("results");
    assert!(results.is_finished && results.notes.device.is_some());
    // What was exported beside it is the same, but for rounding.
    let exported = open(&out).expect("opened").results.expect("results").prediction;
    for (exact, rounded) in results.prediction.views.iter().zip(&exported.views) {
        assert_eq!((&exact.image, &exact.disparity), (&rounded.image, &rounded.disparity));
        assert!(exact.depth.iter().zip(&rounded.depth).all(|(a, b)| (a - b).abs() <= 1e-6));
    }

    let picture = dir.path().join("picture.png");
    let drawn = ["render", text(&path), "--adapter", "software", "--size", "160x120", "--out", text(&picture)];
    let output = fathom(&drawn);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(image::open(&picture).expect("a PNG").into_rgb8().dimensions(), (160, 120));

    let again = depth(&photos, &options);
    assert_eq!(again.status.code(), Some(1));
    assert!(stderr(&again).contains("exists already"), "{}", stderr(&again));
    let output = depth(&photos[..1], &[&options[..], &["--overwrite", "--quiet"]].concat());
    assert!(output.status.success() && output.stdout.is_empty(), "{}", stderr(&output));
    assert_eq!(open(&path).expect("opened").photos.len(), 1);
}

#[test]
fn a_session_has_its_ending() {
    let dir = tempfile::tempdir().expect("a folder");
    let output = depth(&photos(dir.path()), &["--session", "scene.npz"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("sessions end in .fathom"), "{}", stderr(&output));
}

#[test]
fn a_damaged_session_is_told_by_name() {
    let dir = tempfile::tempdir().expect("a folder");
    let (path, picture) = (dir.path().join("scene.fathom"), dir.path().join("picture.png"));
    let render = || fathom(&["render", text(&path), "--adapter", "software", "--out", text(&picture)]);
    let missing = render();
    assert_eq!(missing.status.code(), Some(1));
    assert!(stderr(&missing).contains("cannot be read"), "{}", stderr(&missing));
    save(&path, &session_of(1, 28, 20)).expect("saved");
    let whole = fs::read(&path).expect("there");
    fs::write(&path, &whole[..whole.len() - 40]).expect("cut off");
    let damaged = render();
    assert_eq!(damaged.status.code(), Some(1));
    assert!(stderr(&damaged).contains("scene.fathom is damaged"), "{}", stderr(&damaged));
}

/// A session over photos that do not exist.
fn session_of(views: usize, width: u32, height: u32) -> Session {
    let view = synthetic::render(0, width, height).into_prediction(ViewId(0), PathBuf::new());
    let pixels = view.depth.len();
    let view = |index: u64| {
        let confidence = Some((0..pixels).map(|i| 1.0 + (i as f32 + index as f32).sin().abs()).collect());
        let flags = Some((0..pixels).map(|i| i % 9 == 0).collect());
        Arc::new(ViewPrediction {
            view: ViewId(index),
            path: format!("/photos/{index}.jpg").into(),
            confidence,
            sky: flags.clone(),
            background: flags,
            ..view.clone()
        })
    };
    let views: Vec<_> = (0..views as u64).map(view).collect();
    let photos = views.iter().map(|view| SavedPhoto::new(view.view, view.path.clone()));
    let photos = photos.collect();
    let prediction = Prediction { views, ..Prediction::default() };
    let results = SavedResults { prediction, is_finished: true, ..SavedResults::default() };
    Session { photos, results: Some(results), ..Session::default() }
}

#[test]
fn thirty_views_open_in_less_than_a_second() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("thirty.fathom");
    let session = session_of(30, 504, 336);
    let start = Instant::now();
    save(&path, &session).expect("saved");
    let (saved, start) = (start.elapsed(), Instant::now());
    let opened = open(&path).expect("opened");
    let took = start.elapsed();
    let megabytes = fs::metadata(&path).expect("there").len() / 1_000_000;
    eprintln!("30 views of 504×336, {megabytes} MB: saved in {saved:.2?}, opened in {took:.2?}");
    assert!(took.as_secs_f64() < 1.0, "{took:?}");
    let (a, b) = (opened.results.expect("results"), session.results.expect("results"));
    assert_eq!(a.prediction.views[29].depth, b.prediction.views[29].depth);
    assert!(opened.photos.iter().all(|photo| photo.file == PhotoFile::Missing));
}

/// Writing where no file can become larger than that many kilobytes; Linux' shell sets the limit.
#[cfg(target_os = "linux")]
fn depth_with_limit(kilobytes: u32, photo: &Path, session: &Path) -> Output {
    let state = tempfile::tempdir().expect("a folder");
    let script = format!("trap '' XFSZ; ulimit -f {kilobytes}; exec \"$@\"");
    let mut command = std::process::Command::new("bash");
    command.args(["-c", &script, "bash", env!("CARGO_BIN_EXE_fathom"), "depth"]).arg(photo);
    command.arg("--session").arg(session).args(["--resolution", "56", "--overwrite", "--quiet"]);
    command.env("FATHOM_STATE", state.path()).output().expect("the program starts")
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_session_that_was_there() {
    let dir = tempfile::tempdir().expect("a folder");
    let [photo, _] = photos(dir.path());
    let sessions = dir.path().join("sessions");
    let path = sessions.join("scene.fathom");
    for kilobytes in [0, 8] {
        let failed = depth_with_limit(kilobytes, &photo, &path);
        assert_eq!(failed.status.code(), Some(1));
        assert!(stderr(&failed).contains("scene.fathom cannot be written"), "{}", stderr(&failed));
        assert!(!sessions.exists(), "nothing half-written stays, nor an empty folder");
    }
    assert!(depth_with_limit(1 << 20, &photo, &path).status.success());
    let before = fs::read(&path).expect("there");
    assert!(before.len() > 8192);
    assert_eq!(depth_with_limit(8, &photo, &path).status.code(), Some(1));
    assert_eq!(fs::read(&path).expect("there"), before);
    assert_eq!(fs::read_dir(&sessions).expect("there").count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn photos_with_any_name_come_back() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = tempfile::tempdir().expect("a folder");
    let [photo, _] = photos(dir.path());
    let odd = dir.path().join(std::ffi::OsStr::from_bytes(b"bl\xFCte \n.png"));
    fs::rename(photo, &odd).expect("renamed");
    let path = dir.path().join("scene.fathom");
    let output = depth_with_limit(1 << 20, &odd, &path);
    assert!(output.status.success(), "{}", stderr(&output));
    let session = open(&path).expect("opened");
    assert_eq!((&session.photos[0].path, session.photos[0].file), (&odd, PhotoFile::AsItWas));
}
