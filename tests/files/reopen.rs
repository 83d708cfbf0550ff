//! Exported results opened again: what comes back, and everything that may be wrong with such a folder.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use fathom::examples::synthetic;
use fathom::export::{FileNames, Format, Options, RunNotes, export_all, write_npz};
use fathom::inference::{
    DepthUnit, LensSource, PhotoPart, PoseSource, Prediction, RunMemory, StageSeconds, ViewPrediction,
};
use fathom::input::ViewId;
use fathom::reopen::{ReopenError, reopen};
use serde_json::{Value, json};

const PIXELS: usize = 28 * 20;

fn view(index: usize, width: u32, height: u32) -> ViewPrediction {
    let name = format!("photos/{index}.jpg");
    let mut view = synthetic::render(index, width, height).into_prediction(ViewId(index as u64), name.into());
    view.photo_size = [width * 3, height * 3];
    view.photo_part = PhotoPart { left: 1.5, top: 0.0, width: f64::from(width) * 2.5, height: f64::from(height) * 3.0 };
    view
}

fn prediction(views: Vec<ViewPrediction>) -> Prediction {
    Prediction {
        model: "Test".into(),
        unit: DepthUnit::Metres,
        views: views.into_iter().map(Arc::new).collect(),
        seconds: StageSeconds { total: 1.5, ..StageSeconds::default() },
        peak_bytes: 123_456,
        memory: RunMemory { passes: 2, ..RunMemory::default() },
        ..Prediction::default()
    }
}

fn exported(views: Vec<ViewPrediction>) -> (tempfile::TempDir, Prediction) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let prediction = prediction(views);
    export_all(&prediction, dir.path(), &RunNotes::default(), &Options::default()).expect("exported");
    (dir, prediction)
}

fn open(dir: &Path) -> Result<Prediction, ReopenError> {
    let mut ids = (100..).map(ViewId);
    reopen(dir, || ids.next().expect("endless")).map(|reopened| reopened.prediction)
}

fn near(a: &[f32], b: &[f32], tolerance: f32) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance)
}

#[test]
fn everything_comes_back() {
    let mut views = vec![view(0, 28, 20), view(1, 28, 20)];
    for (index, view) in views.iter_mut().enumerate() {
        view.confidence = Some((0..PIXELS).map(|i| 1.0 + i as f32 * 0.004_567).collect());
        view.sky = Some((0..PIXELS).map(|i| i % 7 == index).collect());
        view.disparity = Some(view.depth.iter().map(|d| 1.0 / d).collect());
    }
    views[1].background = Some((0..PIXELS).map(|i| i % 5 == 0).collect());
    views[1].scene = 1;
    let (dir, before) = exported(views);
    let after = open(dir.path()).expect("opened");
    assert_eq!((after.model.as_str(), after.unit, after.peak_bytes), ("Test", DepthUnit::Metres, 123_456));
    assert_eq!((after.seconds, after.memory), (before.seconds, before.memory));
    assert_eq!(after.views.len(), 2);
    for (index, (a, b)) in after.views.iter().zip(&before.views).enumerate() {
        assert_eq!(a.view, ViewId(100 + index as u64));
        assert_eq!(Some(a.path.as_os_str()), b.path.file_name());
        assert_eq!((a.scene, a.photo_size, a.width, a.height), (b.scene, b.photo_size, b.width, b.height));
        assert_eq!(a.photo_part, b.photo_part);
        assert_eq!((&a.image, &a.sky), (&b.image, &b.sky));
        assert_eq!(a.camera, b.camera);
        assert!(near(&a.depth, &b.depth, 1e-6));
        let maps =
            |view: &ViewPrediction| [view.confidence.clone(), view.disparity.clone()].map(Option::unwrap_or_default);
        let ([confidence, disparity], [confidence_b, disparity_b]) = (maps(a), maps(b));
        assert!(near(&confidence, &confidence_b, 0.0051) && near(&disparity, &disparity_b, 0.0));
    }
    // A mask that one view has is there for all.
    assert_eq!(after.views[0].background, Some(vec![false; PIXELS]));
    assert_eq!(after.views[1].background, before.views[1].background);
}

#[test]
fn views_of_different_sizes_and_without_cameras_come_back() {
    let mut second = view(1, 14, 28);
    second.camera.lens = LensSource::Assumed;
    second.camera.pose = PoseSource::None;
    let (dir, before) = exported(vec![view(0, 28, 20), second]);
    let after = open(dir.path()).expect("opened");
    for (a, b) in after.views.iter().zip(&before.views) {
        assert_eq!((a.width, &a.image, a.camera), (b.width, &b.image, b.camera));
        assert!(a.confidence.is_none() && a.sky.is_none() && a.disparity.is_none() && a.background.is_none());
    }
}

#[test]
fn files_that_are_called_by_their_photos_alone_come_back() {
    let mut views = vec![view(0, 28, 20), view(1, 28, 20), view(2, 14, 28)];
    for (view, path) in views.iter_mut().zip(["a/IMG_1.jpg", "b/img_1.jpg", "b/IMG_2.jpg"]) {
        view.path = path.into();
    }
    let before = prediction(views);
    let dir = tempfile::tempdir().expect("temporary folder");
    let formats =
        [Format::Npz, Format::DepthPng, Format::Tiff, Format::MeshPly, Format::MeshObj, Format::Colmap].into();
    let options = Options { names: FileNames::Photo, formats, ..Options::default() };
    let files = export_all(&before, dir.path(), &RunNotes::default(), &options).expect("exported").files;
    let distinct: HashSet<_> = files.iter().map(|file| file.to_string_lossy().to_lowercase()).collect();
    assert_eq!(distinct.len(), files.len(), "{files:?}");
    for name in
        ["IMG_1_depth.png", "img_1-2_depth.png", "IMG_2_depth.tiff", "mesh/img_1-2.obj", "mesh/IMG_2_texture.jpg"]
    {
        assert!(dir.path().join(name).is_file(), "{name}: {files:?}");
    }
    let after = open(dir.path()).expect("opened");
    for (a, b) in after.views.iter().zip(&before.views) {
        assert_eq!(Some(a.path.as_os_str()), b.path.file_name());
        assert!(near(&a.depth, &b.depth, 1e-6));
    }
}

/// The summary after `change`.
fn changed(change: impl FnOnce(&mut Value)) -> tempfile::TempDir {
    let (dir, _) = exported(vec![view(0, 28, 20), view(1, 28, 20)]);
    let path = dir.path().join("summary.json");
    let mut summary: Value = serde_json::from_slice(&fs::read(&path).expect("there")).expect("JSON");
    change(&mut summary);
    fs::write(path, summary.to_string()).expect("written");
    dir
}

#[test]
fn folders_that_hold_no_results_are_told() {
    let dir = tempfile::tempdir().expect("temporary folder");
    for path in [dir.path().to_owned(), dir.path().join("nowhere")] {
        let error = open(&path).expect_err("nothing there");
        assert!(matches!(error, ReopenError::NoSummary(_)) && error.to_string().contains("fathom depth"), "{error}");
    }
    let file = dir.path().join("summary.json");
    for text in ["", "[]", "{\"program\": \"fathom\"}", "\u{0}"] {
        fs::write(&file, text).expect("written");
        assert!(matches!(open(dir.path()), Err(ReopenError::NotOurs { .. })), "{text}");
    }
    assert!(matches!(open(&file), Err(ReopenError::NoSummary(_))), "a file is no folder");
    let other = changed(|summary| summary["program"] = json!("other"));
    assert!(matches!(open(other.path()), Err(ReopenError::NotOurs { .. })));
}

type Change = Box<dyn FnOnce(&mut Value)>;

#[test]
fn a_summary_that_lies_is_told() {
    let huge = json!([65_536, 65_536]);
    let cases: Vec<(&str, Change)> = vec![
        ("names no view", Box::new(|s| s["views"] = json!([]))),
        ("view 2 has a side of 0", Box::new(|s| s["views"][1]["processed_size"] = json!([0, 20]))),
        ("a side of 4000000000", Box::new(|s| s["views"][0]["photo_size"] = json!([4_000_000_000u32, 20]))),
        ("different sizes", Box::new(|s| s["views"][1]["processed_size"] = json!([20, 28]))),
        ("expected |u1", Box::new(move |s| (0..2).for_each(|i| s["views"][i]["processed_size"] = huge.clone()))),
        ("lens", Box::new(|s| s["views"][0]["intrinsics"][0][0] = json!(-1.0))),
        ("pose", Box::new(|s| s["views"][0]["extrinsics"][0] = json!([9.0, 0.0, 0.0, 0.0]))),
        ("no plain file name", Box::new(|s| s["views"][0]["npz"] = json!("../results.npz"))),
        ("no plain file name", Box::new(|s| s["views"][0]["npz"] = json!("/etc/passwd"))),
        ("missing", Box::new(|s| (0..2).for_each(|i| s["views"][i]["npz"] = json!("gone.npz")))),
        ("no npz", Box::new(|s| (0..2).for_each(|i| s["views"][i]["npz"] = json!("scene.ply")))),
        ("expected |u1 [1, 20, 28, 3]", Box::new(|s| s["views"] = json!([s["views"][0].clone()]))),
    ];
    for (part, change) in cases {
        let dir = changed(change);
        let error = open(dir.path()).expect_err(part);
        assert!(matches!(error, ReopenError::Damaged { .. }), "{part}: {error}");
        assert!(error.to_string().contains(part), "{part}: {error}");
    }
}

/// The folder with another `results.npz`: arrays by name, each as the bytes of a `.npy`.
fn with_arrays(arrays: &[(&str, Vec<u8>)]) -> tempfile::TempDir {
    let (dir, _) = exported(vec![view(0, 28, 20)]);
    let file = File::create(dir.path().join("results.npz")).expect("written");
    let mut archive = zip::ZipWriter::new(file);
    for (name, bytes) in arrays {
        archive.start_file(format!("{name}.npy"), zip::write::SimpleFileOptions::default()).expect("begun");
        archive.write_all(bytes).expect("written");
    }
    archive.finish().expect("finished");
    dir
}

fn npy(descr: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.bytes());
    bytes.extend(values);
    bytes
}

#[test]
fn arrays_that_lie_are_told() {
    let image = || ("image", npy("|u1", "(1, 20, 28, 3)", &[7; PIXELS * 3]));
    let depth = |value: f32| npy("<f4", "(1, 20, 28)", &value.to_le_bytes().repeat(PIXELS));
    assert!(open(with_arrays(&[image(), ("depth", depth(1.0))]).path()).is_ok());
    let older = open(with_arrays(&[("depth", depth(1.0))]).path()).expect_err("no image");
    assert!(matches!(older, ReopenError::Older { array: "image", .. }));
    assert!(older.to_string().contains("export the results again"), "{older}");
    let cases = [
        ("no depth", vec![image()]),
        ("'depth': it holds a number", vec![image(), ("depth", depth(f32::NAN))]),
        ("'depth': it holds a number", vec![image(), ("depth", depth(-1.0))]),
        ("'depth': its values end early", vec![image(), ("depth", depth(1.0)[..500].to_vec())]),
        ("'depth': it has more values", vec![image(), ("depth", [depth(1.0), vec![0]].concat())]),
        ("'depth': it is no NumPy array", vec![image(), ("depth", b"nonsense".to_vec())]),
        ("'conf': it is <f8", vec![image(), ("depth", depth(1.0)), ("conf", npy("<f8", "(1, 20, 28)", &[]))]),
        ("'image': its values end early", vec![("image", npy("|u1", "(1, 20, 28, 3)", &[])), ("depth", depth(1.0))]),
    ];
    for (part, arrays) in cases {
        let error = open(with_arrays(&arrays).path()).expect_err(part);
        assert!(matches!(error, ReopenError::Damaged { .. }) && error.to_string().contains(part), "{part}: {error}");
    }
}

#[test]
fn a_broken_archive_never_ends_in_a_panic() {
    let (dir, prediction) = exported(vec![view(0, 28, 20)]);
    let mut whole = Cursor::new(Vec::new());
    write_npz(&mut whole, &prediction.views).expect("written");
    let whole = whole.into_inner();
    let path = dir.path().join("results.npz");
    for length in (0..whole.len()).step_by(whole.len() / 40) {
        fs::write(&path, &whole[..length]).expect("written");
        assert!(matches!(open(dir.path()), Err(ReopenError::Damaged { .. })), "{length} bytes");
    }
    let mut noticed = 0;
    for at in (0..whole.len()).step_by(whole.len() / 200) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        fs::write(&path, &bytes).expect("written");
        noticed += usize::from(open(dir.path()).is_err());
    }
    assert!(noticed > 150, "check sums find {noticed} of 200 changed bytes");
}
