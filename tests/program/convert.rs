//! Weights in fewer bits: what the files say, and that runs with them give nearly what they gave before.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::fs;
use std::path::Path;

use crate::program::fathom;
use fathom::inference::selftest::images;
use fathom::inference::write_generated;
use fathom::input::ViewId;
use fathom::model::Preset;
use fathom::reopen::reopen;
use sha2::{Digest, Sha256};

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn photo(dir: &Path) -> String {
    let path = dir.join("photo.png");
    image::RgbImage::from_raw(112, 84, images::rgb_image(0, 84, 112, 4)).expect("an image").save(&path).expect("space");
    text(&path)
}

/// Depth of the photo with this model and, where one is named, this weight file.
fn depth(dir: &Path, model: &str, weights: Option<&str>) -> Vec<f32> {
    let (photo, out) = (photo(dir), text(&dir.join("out")));
    let mut words = vec!["depth", &photo, "--out", &out, "--model", model, "--formats", "npz", "--overwrite"];
    words.extend(["--resolution", "112"]);
    words.extend(weights.iter().flat_map(|file| ["--weights", file]));
    let run = fathom(&words);
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    reopen(Path::new(&out), || ViewId(0)).expect("results").prediction.views[0].depth.clone()
}

fn convert(model: &str, weights: Option<&str>, to: &str, out: &str) -> std::process::Output {
    let mut words = vec!["convert", "--model", model, "--to", to, "--out", out];
    words.extend(weights.iter().flat_map(|file| ["--weights", file]));
    fathom(&words)
}

/// Root mean square of the difference, relative to what is expected.
fn error(actual: &[f32], expected: &[f32]) -> f64 {
    let square = |x: f32| f64::from(x) * f64::from(x);
    let differences: f64 = actual.iter().zip(expected).map(|(a, e)| square(a - e)).sum();
    (differences / expected.iter().map(|&e| square(e)).sum::<f64>()).sqrt()
}

fn sha256(path: &str) -> String {
    Sha256::digest(fs::read(path).expect("a file")).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn converted_files_are_smaller_say_their_source_and_give_nearly_the_same_depth() {
    let dir = tempfile::tempdir().expect("a folder");
    let source = text(&dir.path().join("small.safetensors"));
    write_generated(Path::new(&source), Preset::Da3Small, 9).expect("space for weights");
    let expected = depth(dir.path(), "da3-small", Some(&source));
    let length = fs::metadata(&source).expect("there").len() as f64;
    for (to, part, bound) in [("f16", 0.65, 2e-3), ("int8", 0.52, 3e-2)] {
        let out = text(&dir.path().join(to));
        let run = convert("da3-small", Some(&source), to, &out);
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let said = String::from_utf8_lossy(&run.stdout).into_owned();
        assert!(said.contains(&sha256(&source)) && said.contains("small.safetensors"), "{said}");
        let bytes = fs::read(&out).expect("the file");
        assert!(bytes.len() as f64 <= part * length, "{to}: {} of {length}", bytes.len());
        let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).expect("safetensors");
        let notes = header.metadata().as_ref().expect("notes");
        assert_eq!(notes["fathom.model"], "da3-small");
        assert_eq!((notes["fathom.format"].as_str(), &notes["fathom.source_sha256"]), (to, &sha256(&source)));
        let found = depth(dir.path(), "da3-small", Some(&out));
        let error = error(&found, &expected);
        assert!(error > 0.0 && error < bound, "{to}: {error}");

        let other = fathom(&["depth", &photo(dir.path()), "--out", &text(&dir.path().join("x")), "--weights", &out]);
        let said = String::from_utf8_lossy(&other.stderr).into_owned();
        assert!(!other.status.success() && said.contains("da3-small") && said.contains("V2 Small"), "{said}");
    }
    assert!(fs::read_dir(dir.path()).expect("listing").all(|file| {
        let name = file.expect("a file").file_name();
        !name.to_string_lossy().contains("incomplete")
    }));
}

#[test]
fn the_built_in_model_is_converted_without_loss() {
    let dir = tempfile::tempdir().expect("a folder");
    let out = text(&dir.path().join("half.safetensors"));
    assert!(convert("da2-small", None, "f16", &out).status.success());
    let (found, expected) = (depth(dir.path(), "da2-small", Some(&out)), depth(dir.path(), "da2-small", None));
    assert!(error(&found, &expected) < 1e-5);
    // A file that is there stays.
    let before = fs::read(&out).expect("the file");
    let again = convert("da2-small", None, "int8", &out);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("--overwrite"));
    assert_eq!(fs::read(&out).expect("the file"), before);
}

#[test]
fn a_place_that_cannot_be_written_to_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    let out = text(&dir.path().join("no such folder/half.safetensors"));
    let run = convert("da2-small", None, "f16", &out);
    assert!(!run.status.success() && String::from_utf8_lossy(&run.stderr).contains("no such folder"));
    let unknown = convert("da9", None, "f16", &text(&dir.path().join("x")));
    assert_eq!(unknown.status.code(), Some(2));
}
