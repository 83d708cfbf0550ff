//! What a run can be asked for beyond depth and cameras: features of single blocks, and lenses from another network.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::program::fathom;
use fathom::inference::selftest::images;
use fathom::inference::write_generated;
use fathom::model::Preset;
use serde_json::Value;

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn photo(dir: &Path, number: usize) -> String {
    let path = dir.join(format!("{number}.png"));
    let pixels = images::rgb_image(number, 84, 112, 4);
    image::RgbImage::from_raw(112, 84, pixels).expect("an image").save(&path).expect("space");
    text(&path)
}

fn refusal(words: &[&str]) -> String {
    let run = fathom(words);
    assert_eq!(run.status.code(), Some(2), "{words:?}");
    String::from_utf8_lossy(&run.stderr).into_owned()
}

#[test]
fn features_of_blocks_become_arrays_and_pictures() {
    let dir = tempfile::tempdir().expect("a folder");
    let (first, second, out) = (photo(dir.path(), 0), photo(dir.path(), 1), dir.path().join("out"));
    let words = "--resolution 112 --formats features,feat_vis --export-feat 11,3 --feat-vis-fps 5";
    let folder = text(&out);
    let named = ["depth", &first, &second, "--out", &folder];
    let run = fathom(&named.into_iter().chain(words.split(' ')).collect::<Vec<_>>());
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let mut archive = zip::ZipArchive::new(fs::File::open(out.join("features.npz")).expect("there")).expect("a zip");
    let mut names: Vec<String> = archive.file_names().map(|name| name.expect("text").into_owned()).collect();
    names.sort();
    assert_eq!(names, ["feat_layer_11.npy", "feat_layer_3.npy"]);
    let mut header = vec![0; 128];
    std::io::Read::read_exact(&mut archive.by_name("feat_layer_3.npy").expect("there"), &mut header).expect("a header");
    assert!(String::from_utf8_lossy(&header).contains("(2, 8, 11, 384)"), "{}", String::from_utf8_lossy(&header));
    for block in [3, 11] {
        for view in 0..2 {
            let picture = out.join(format!("feat_vis/feat_layer_{block}/{view:06}.jpg"));
            assert_eq!(image::open(picture).expect("a picture").width(), 2 * 154);
        }
    }
}

#[test]
fn what_a_model_does_not_have_is_refused_before_the_run() {
    let depth = |words: &str| {
        refusal(&["depth", "a.png", "--out", "o"].into_iter().chain(words.split(' ')).collect::<Vec<_>>())
    };
    assert!(depth("--formats gs_ply --model da3-small").contains("no 3D Gaussians"));
    assert!(depth("--formats feat_vis").contains("--export-feat"));
    assert!(depth("--export-feat 3").contains("--formats"));
    assert!(depth("--export-feat three --formats feat_vis").contains("'three'"));
    assert!(depth("--lens-model da3-small --model da3-base").contains("finds the lens itself"));
    assert!(depth("--lens-model da3-mono-large").contains("does not predict cameras"));
    assert!(depth("--no-align-to-input-ext-scale").contains("--cameras"));
    let dir = tempfile::tempdir().expect("a folder");
    let words = ["depth", &photo(dir.path(), 0), "--out", &text(&dir.path().join("o")), "--export-feat", "12"];
    let run = fathom(&[&words[..], &["--formats", "features"]].concat());
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.code() == Some(1) && said.contains("no block 12") && said.contains("0 to 11"), "{said}");
}

#[test]
fn another_network_finds_the_lens_of_photos_that_do_not_say_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let models = dir.path().join("models");
    fs::create_dir(&models).expect("space");
    write_generated(&models.join("da3-small.safetensors"), Preset::Da3Small, 9).expect("space for weights");
    let known = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lens.png");
    let sources = |words: &[&str]| -> Vec<(String, f64)> {
        let (unknown, out) = (photo(dir.path(), 0), text(&dir.path().join("out")));
        let mut command = Command::new(env!("CARGO_BIN_EXE_fathom"));
        command.args(["depth", &unknown, &text(&known), "--out", &out, "--formats", "cameras", "--overwrite"]);
        command.args(["--resolution", "112"]).args(words).env("FATHOM_MODELS", &models).env("FATHOM_STATE", dir.path());
        let run = command.output().expect("the program starts");
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let summary: Value =
            serde_json::from_slice(&fs::read(Path::new(&out).join("summary.json")).expect("there")).expect("JSON");
        let views = summary["views"].as_array().expect("views").iter();
        let of = |view: &Value| {
            let source = view["lens_source"].as_str().expect("a source").to_owned();
            (source, view["intrinsics"][0][0].as_f64().expect("a number"))
        };
        views.map(of).collect()
    };
    let assumed = sources(&[]);
    assert_eq!((assumed[0].0.as_str(), assumed[1].0.as_str()), ("assumed", "exif"));
    let asked = sources(&["--lens-model", "da3-small"]);
    assert_eq!((asked[0].0.as_str(), asked[1].0.as_str()), ("estimated", "exif"));
    assert!(asked[0].1 > 0.0 && (asked[0].1 - assumed[0].1).abs() > 0.1, "{asked:?} {assumed:?}");
    assert_eq!(asked[1], assumed[1]);
}
