//! Exported files read by programs of others: pycolmap, trimesh, Khronos' validator, laspy, OpenEXR and more.
//!
//! They are Python and npm packages in target/readers-venv; scripts/test.sh installs them. tests/readers/check.py says what
//! they have to find.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use fathom::examples::synthetic;
use fathom::export::{Enlarging, Format, Options, ReferenceRule, RunNotes, StereoOptions, export_all};
use fathom::geometry::GAUSSIAN_CHANNELS;
use fathom::inference::{DepthUnit, FeatureMap, GaussianMaps, PhotoPart, Prediction, RawGaussians, ViewPrediction};
use fathom::input::ViewId;
use fathom::scene::{EyeDistance, Eyes, Filters, Thinning};
use fathom::session::{SavedPhoto, SavedResults, Session, save};
use serde_json::json;

const PERCENTILE: f32 = 40.0;
/// Photos as they come from two folders; COLMAP wants different names, and has them below the folder of both.
const PHOTOS: [&str; 3] = ["p/a/IMG 1.jpg", "p/b/IMG 1.jpg", "p/b/IMG_2.png"];
const COLMAP_NAMES: [&str; 3] = ["a/IMG 1.jpg", "b/IMG 1.jpg", "b/IMG_2.png"];

fn python() -> PathBuf {
    let venv = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/readers-venv");
    let python = if cfg!(windows) { venv.join("Scripts/python.exe") } else { venv.join("bin/python") };
    assert!(
        python.exists(),
        "{} is missing: run scripts/readers.sh, or all tests by scripts/test.sh",
        python.display()
    );
    python
}

fn view(index: usize) -> ViewPrediction {
    let mut view = synthetic::render(index, 56, 42).into_prediction(ViewId(index as u64), PHOTOS[index].into());
    view.confidence = Some((0..view.depth.len()).map(|i| 1.0 + ((i * 37 + index * 11) % 101) as f32 * 0.04).collect());
    view.sky = Some((0..view.depth.len()).map(|i| i < 100 * index).collect());
    // Another size than the network's, and another scale on each axis.
    (view.photo_size, view.photo_part) = ([200, 131], PhotoPart::whole([200, 131]));
    view
}

fn prediction(change: impl Fn(&mut ViewPrediction)) -> Prediction {
    let views = (0..PHOTOS.len()).map(|index| {
        let mut view = view(index);
        change(&mut view);
        Arc::new(view)
    });
    Prediction { model: "Test".into(), unit: DepthUnit::Metres, views: views.collect(), ..Prediction::default() }
}

/// The numbers that were exported, in the plainest form there is.
fn tell_truth(dir: &Path, prediction: &Prediction) {
    let floats = |map: &[f32]| map.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let mut views = Vec::new();
    for (i, view) in prediction.views.iter().enumerate() {
        let put = |name: &str, bytes: &[u8]| fs::write(dir.join(format!("{i}.{name}")), bytes).expect("written");
        put("depth", &floats(&view.depth));
        put("image", view.image.as_raw());
        put("sky", &view.sky.iter().flatten().map(|&sky| u8::from(sky)).collect::<Vec<_>>());
        if let Some(confidence) = &view.confidence {
            put("confidence", &floats(confidence));
        }
        if let Some(gaussians) = &view.extras.gaussians {
            put("raw", &floats(&gaussians.raw.channels));
            put("opacity", &floats(&gaussians.raw.opacity));
            put("distance", &floats(&gaussians.distance));
        }
        for map in view.extras.features.iter() {
            put(&format!("features{}", map.block), &floats(&map.values));
        }
        views.push(json!({
            "size": [view.width, view.height],
            "photo_size": view.photo_size,
            "intrinsics": view.camera.intrinsics.rows(),
            "extrinsics": view.camera.camera_from_world.rows(),
            "has_confidence": view.confidence.is_some(),
        }));
    }
    let truth = json!({"views": views, "percentile": PERCENTILE, "names": COLMAP_NAMES});
    fs::write(dir.join("truth.json"), truth.to_string()).expect("written");
}

/// Numbers of a Gaussian head, all different and of both signs.
fn with_gaussians(view: &mut ViewPrediction) {
    let number = |i: usize, by: usize| ((i * by) % 199) as f32 / 100.0 - 1.0;
    let pixels = view.depth.len();
    let channels = (0..pixels * GAUSSIAN_CHANNELS).map(|i| number(i, 37)).collect();
    let opacity = (0..pixels).map(|i| 0.5 + 0.49 * number(i, 53)).collect();
    let distance = view.depth.iter().enumerate().map(|(i, depth)| depth + 0.1 * number(i, 71)).collect();
    let raw = Arc::new(RawGaussians { channels, opacity });
    view.extras.gaussians = Some(GaussianMaps { raw, distance });
}

/// Features that are a known mixture of few directions.
fn with_features(view: &mut ViewPrediction) {
    let values = (0..3 * 4).flat_map(|patch| {
        let (a, b) = ((patch % 4) as f32, (patch / 4) as f32);
        (0..8).map(move |c| a * c as f32 + b * (7 - c) as f32 * 0.3)
    });
    let map = FeatureMap { block: 7, height: 3, width: 4, channels: 8, values: values.collect() };
    view.extras.features = Arc::new(vec![map]);
}

/// Exports and has the files read.
fn check(prediction: &Prediction, options: &Options, what: &[&str]) {
    let (out, truth) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    export_all(prediction, out.path(), &RunNotes::default(), options).expect("exported");
    tell_truth(truth.path(), prediction);
    read(&out, &truth, what);
}

/// Has the files of `out` read and compared with the truth.
fn read(out: &tempfile::TempDir, truth: &tempfile::TempDir, what: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers/check.py");
    for what in what {
        let mut command = Command::new(python());
        let output = command.arg(&script).arg(out.path()).arg(truth.path()).arg(what).output().expect("Python starts");
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

fn options(formats: &[Format]) -> Options {
    let rule = ReferenceRule { confidence_percentile: PERCENTILE, ..ReferenceRule::default() };
    Options { formats: formats.iter().copied().collect(), rule, filters: Filters::NONE, ..Options::default() }
}

const MAPS: [Format; 8] = [
    Format::DepthPng,
    Format::Tiff,
    Format::Exr,
    Format::Pfm,
    Format::Npy,
    Format::SkyPng,
    Format::ColourJpg,
    Format::DepthVis,
];

#[test]
fn colmap_reads_binary_and_text_models() {
    check(&prediction(|_| {}), &options(&[Format::Colmap, Format::ColmapText]), &["colmap"]);
}

#[test]
fn glb_files_are_valid_and_hold_the_references_points_and_cameras() {
    check(&prediction(|_| {}), &options(&[Format::Glb]), &["valid", "glb"]);
    let without_confidence = prediction(|view| view.confidence = None);
    check(&without_confidence, &options(&[Format::Glb]), &["valid", "glb"]);
}

#[test]
fn glb_files_with_few_or_no_points_are_valid() {
    let rule = ReferenceRule {
        confidence_percentile: PERCENTILE,
        most_points: 500,
        show_cameras: false,
        ..ReferenceRule::default()
    };
    check(&prediction(|_| {}), &Options { rule, ..options(&[Format::Glb]) }, &["valid", "few"]);
    let empty = prediction(|view| view.depth.fill(0.0));
    check(&empty, &options(&[Format::Glb]), &["valid"]);
    check(&empty, &Options { rule, ..options(&[Format::Glb]) }, &["valid"]);
    let apart = prediction(|view| view.scene = view.view.0 as usize);
    check(&apart, &options(&[Format::Glb]), &["valid"]);
}

#[test]
fn maps_keep_every_bit() {
    check(&prediction(|_| {}), &options(&MAPS), &["depth"]);
}

#[test]
fn maps_at_full_size_are_what_they_say() {
    let options = Options { full_size: true, enlarging: Enlarging::Nearest, ..options(&MAPS) };
    check(&prediction(|_| {}), &options, &["full_size"]);
}

#[test]
fn eyes_see_what_depth_says() {
    let eyes = Eyes { distance: EyeDistance::Millimetres(500.0), ..Eyes::default() };
    let stereo = StereoOptions { eyes, ..StereoOptions::default() };
    let formats = [Format::StereoPng, Format::StereoJpg, Format::StereoGif];
    check(&prediction(|_| {}), &Options { stereo, ..options(&formats) }, &["stereo"]);
}

#[test]
fn arrays_have_the_references_keys() {
    check(&prediction(|_| {}), &options(&[Format::Npz, Format::MiniNpz]), &["arrays"]);
}

#[test]
fn sessions_are_read_by_numpy_and_not_rounded() {
    let prediction = prediction(|_| {});
    let (out, truth) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let photos = prediction.views.iter().map(|view| SavedPhoto::new(view.view, view.path.clone()));
    let photos = photos.collect();
    let results = SavedResults { prediction: prediction.clone(), ..SavedResults::default() };
    let session = Session { photos, results: Some(results), ..Session::default() };
    save(&out.path().join("scene.fathom"), &session).expect("saved");
    tell_truth(truth.path(), &prediction);
    read(&out, &truth, &["session"]);
}

#[test]
fn cameras_are_told_in_both_directions() {
    check(&prediction(|_| {}), &options(&[Format::Cameras, Format::Npz, Format::Chan]), &["cameras", "recipe", "chan"]);
}

#[test]
fn clouds_are_read_by_their_programs() {
    let thinning = Thinning::NONE;
    let formats = [Format::Ply, Format::Xyz, Format::Las];
    check(&prediction(|_| {}), &Options { normals: true, thinning, ..options(&formats) }, &["clouds"]);
}

#[test]
fn meshes_are_read_by_3d_programs() {
    let formats = options(&Format::MESHES);
    check(&prediction(|_| {}), &formats, &["meshes_valid", "meshes"]);
    let hidden = prediction(|view| view.depth[..56 * 7].fill(0.0));
    check(&hidden, &formats, &["meshes_valid", "meshes"]);
}

#[test]
fn gaussians_are_read_by_programs_for_splats() {
    let plain = options(&[Format::GsPly]);
    check(&prediction(with_gaussians), &plain, &["gaussians"]);
    check(&prediction(with_gaussians), &Options { gaussian_directions: true, ..plain }, &["gaussians"]);
}

#[test]
fn features_are_arrays_and_pictures() {
    check(&prediction(with_features), &options(&[Format::Features, Format::FeatVis]), &["features"]);
}
