//! Exported files read back by readers that are not ours, and everything that can go wrong on the way to disk.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fathom::examples::synthetic;
use fathom::export::{ExportError, Format, Options, RunNotes, export_all};
use fathom::inference::{Brought, DepthFit, DepthUnit, PhotoPart, Prediction, Settings, StageSeconds, ViewPrediction};
use fathom::input::ViewId;
use fathom::scene::Thinning;

fn view(index: usize, name: &str, width: u32, height: u32) -> ViewPrediction {
    let mut view = synthetic::render(index, width, height).into_prediction(ViewId(index as u64), name.into());
    view.confidence = Some((0..view.depth.len()).map(|i| 1.0 + i as f32 * 0.004_567).collect());
    view
}

fn prediction(unit: DepthUnit, views: Vec<ViewPrediction>) -> Prediction {
    Prediction {
        model: "Test".into(),
        unit,
        views: views.into_iter().map(Arc::new).collect(),
        seconds: StageSeconds { total: 1.5, ..StageSeconds::default() },
        peak_bytes: 123_456,
        ..Prediction::default()
    }
}

fn two_views() -> Prediction {
    prediction(DepthUnit::Metres, vec![view(0, "a/IMG_1.jpg", 28, 20), view(1, "b/IMG_1.jpg", 28, 20)])
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("listing");
    let mut names: Vec<_> = entries.map(|e| e.expect("entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn export(prediction: &Prediction, options: &Options) -> (tempfile::TempDir, Vec<PathBuf>) {
    let dir = tempfile::tempdir().expect("temporary folder");
    let files = export_all(prediction, dir.path(), &RunNotes::default(), options).expect("exported").files;
    (dir, files)
}

fn summary(dir: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(dir.join("summary.json")).expect("there")).expect("JSON")
}

/// NumPy arrays by name: type, shape, bytes.
fn arrays(path: &Path) -> BTreeMap<String, (String, Vec<usize>, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(File::open(path).expect("there")).expect("a zip");
    let mut arrays = BTreeMap::new();
    for i in 0..archive.len() {
        let mut file = archive.by_index(i).expect("entry");
        assert_eq!(file.compression(), zip::CompressionMethod::Deflated);
        let name = file.name().expect("a name").strip_suffix(".npy").expect("an array").to_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).expect("readable");
        assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
        let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        assert_eq!(start % 128, 0);
        let header = std::str::from_utf8(&bytes[10..start]).expect("text");
        assert!(header.contains("'fortran_order': False"));
        let between =
            |from: &str, to: &str| header.split(from).nth(1).and_then(|s| s.split(to).next()).expect("a field");
        let shape = between("'shape': (", ")").split(',').map(str::trim).filter(|s| !s.is_empty());
        let shape = shape.map(|s| s.parse().expect("a number")).collect();
        arrays.insert(name, (between("'descr': '", "'").to_owned(), shape, bytes[start..].to_vec()));
    }
    arrays
}

fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

#[test]
fn a_run_becomes_the_documented_files() {
    let (dir, files) = export(&two_views(), &Options::default());
    let expected = [
        "0000_IMG_1_colour.png",
        "0000_IMG_1_depth.png",
        "0001_IMG_1_colour.png",
        "0001_IMG_1_depth.png",
        "results.npz",
        "scene.ply",
        "summary.json",
    ];
    assert_eq!(names(dir.path()), expected);
    assert_eq!(files.len(), expected.len());
    assert!(files.last().is_some_and(|last| last.ends_with("summary.json")));
}

#[test]
fn npz_has_the_reference_keys() {
    let prediction = two_views();
    let (dir, _) = export(&prediction, &Options::default());
    let arrays = arrays(&dir.path().join("results.npz"));
    assert_eq!(arrays.keys().collect::<Vec<_>>(), ["conf", "depth", "extrinsics", "image", "intrinsics"]);
    for (key, shape) in [
        ("depth", vec![2, 20, 28]),
        ("conf", vec![2, 20, 28]),
        ("extrinsics", vec![2, 3, 4]),
        ("intrinsics", vec![2, 3, 3]),
    ] {
        assert_eq!((arrays[key].0.as_str(), &arrays[key].1), ("<f4", &shape), "{key}");
        assert_eq!(arrays[key].2.len(), shape.iter().product::<usize>() * 4);
    }
    assert_eq!((arrays["image"].0.as_str(), arrays["image"].1.as_slice()), ("|u1", &[2, 20, 28, 3][..]));
    assert_eq!(arrays["image"].2[3 * 560..], **prediction.views[1].image.as_raw());
    let depth = floats(&arrays["depth"].2);
    assert!(depth[560..].iter().zip(&prediction.views[1].depth).all(|(a, b)| (a - b).abs() < 1e-6));
    let conf = floats(&arrays["conf"].2);
    assert!(conf.iter().all(|c| (c * 100.0 - (c * 100.0).round()).abs() < 1e-3), "two decimals");
    let pose = prediction.views[1].camera.camera_from_world.rows();
    assert_eq!(floats(&arrays["extrinsics"].2)[12..], pose.concat());
    let lens = prediction.views[0].camera.intrinsics.rows();
    assert_eq!(floats(&arrays["intrinsics"].2)[..9], lens.concat());
}

#[test]
fn views_without_predicted_cameras_have_none_in_the_npz() {
    let mut single = view(0, "a.jpg", 28, 20);
    single.confidence = None;
    single.camera.lens = fathom::inference::LensSource::Assumed;
    single.camera.pose = fathom::inference::PoseSource::None;
    single.sky = Some((0..560).map(|i| i < 28).collect());
    single.background = Some((0..560).map(|i| i < 7).collect());
    single.disparity = Some(single.depth.iter().map(|d| 1.0 / d).collect());
    let (dir, _) = export(&prediction(DepthUnit::Relative, vec![single]), &Options::default());
    let arrays = arrays(&dir.path().join("results.npz"));
    assert_eq!(arrays.keys().collect::<Vec<_>>(), ["background", "depth", "disparity", "image", "sky"]);
    assert_eq!(arrays["background"].2.iter().map(|&b| usize::from(b)).sum::<usize>(), 7);
    assert_eq!(arrays["sky"].0, "|b1");
    assert_eq!(arrays["sky"].2.iter().map(|&b| usize::from(b)).sum::<usize>(), 28);
    assert_eq!(summary(dir.path())["views"][0]["lens_source"], "assumed");
}

#[test]
fn different_sizes_and_scenes_are_kept_apart() {
    let mut second = view(1, "b.jpg", 14, 28);
    second.scene = 4;
    // A photo between them gave nothing: files and numbers count without a gap.
    let (dir, _) = export(&prediction(DepthUnit::Metres, vec![view(0, "a.jpg", 28, 20), second]), &Options::default());
    let names = names(dir.path());
    for name in ["results_0000.npz", "results_0001.npz", "scene_0000.ply", "scene_0001.ply"] {
        assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
    }
    assert_eq!(arrays(&dir.path().join("results_0001.npz"))["depth"].1, [1, 28, 14]);
    let summary = summary(dir.path());
    assert_eq!(summary["views"][1]["npz"], "results_0001.npz");
    assert_eq!((&summary["views"][1]["scene"], &summary["scenes"][1]["scene"]), (&1.into(), &1.into()));
}

#[test]
fn depth_png_says_its_unit_and_scale() {
    for unit in [DepthUnit::Metres, DepthUnit::Relative] {
        let mut one = view(0, "a.jpg", 28, 20);
        one.background = Some((0..560).map(|i| i == 3).collect());
        let depths = one.depth.clone();
        let (dir, _) = export(&prediction(unit, vec![one]), &Options::default());
        let file = std::io::BufReader::new(File::open(dir.path().join("0000_a_depth.png")).expect("there"));
        let mut reader = png::Decoder::new(file).read_info().expect("a PNG");
        let texts: BTreeMap<_, _> =
            reader.info().uncompressed_latin1_text.iter().map(|t| (t.keyword.clone(), t.text.clone())).collect();
        assert!(texts["Software"].starts_with("Fathom "));
        assert_eq!(texts["Unit"], if unit == DepthUnit::Metres { "metres" } else { "relative" });
        let scale: f32 = texts["Scale"].parse().expect("a number");
        let stored = &summary(dir.path())["views"][0]["depth_png_scale"];
        assert!((stored.as_f64().expect("a number") - f64::from(scale)).abs() < 1e-9);

        let mut bytes = vec![0; reader.output_buffer_size().expect("size")];
        let info = reader.next_frame(&mut bytes).expect("pixels");
        assert_eq!((info.bit_depth, info.color_type), (png::BitDepth::Sixteen, png::ColorType::Grayscale));
        for (i, (pixel, depth)) in bytes.chunks_exact(2).zip(&depths).enumerate() {
            let value = f32::from(u16::from_be_bytes([pixel[0], pixel[1]]));
            let expected = if i == 3 { 0.0 } else { *depth };
            assert!((value * scale - expected).abs() <= scale * 0.51, "pixel {i}");
        }
    }
}

#[test]
fn full_size_is_the_photo_size() {
    let mut one = view(0, "a.jpg", 28, 20);
    (one.photo_size, one.photo_part) = ([57, 41], PhotoPart::whole([57, 41]));
    let corner = one.depth[0];
    let options = Options { full_size: true, ..Options::default() };
    let (dir, _) = export(&prediction(DepthUnit::Metres, vec![one]), &options);
    let depth = image::open(dir.path().join("0000_a_depth.png")).expect("a PNG").into_luma16();
    assert_eq!(depth.dimensions(), (57, 41));
    assert!((f32::from(depth.get_pixel(0, 0).0[0]) - corner * 1000.0).abs() <= 0.5);
    assert_eq!(image::image_dimensions(dir.path().join("0000_a_colour.png")).expect("a PNG"), (57, 41));
    assert_eq!(summary(dir.path())["views"][0]["depth_png_size"], serde_json::json!([57, 41]));
}

#[test]
fn full_size_of_a_crop_leaves_its_rim_empty() {
    let mut cropped = view(0, "a.jpg", 28, 20);
    (cropped.photo_size, cropped.photo_part) =
        ([80, 40], PhotoPart { left: 12.0, top: 0.0, width: 56.0, height: 40.0 });
    let options = Options { full_size: true, formats: [Format::Npy, Format::Cameras].into(), ..Options::default() };
    let (dir, files) = export(&prediction(DepthUnit::Metres, vec![cropped.clone()]), &options);
    let npy = files.iter().find(|file| file.extension().is_some_and(|ending| ending == "npy")).expect("depth");
    let bytes = fs::read(npy).expect("there");
    let depth: Vec<f32> = bytes[bytes.len() - 80 * 40 * 4..]
        .chunks_exact(4)
        .map(|b| f32::from_le_bytes(b.try_into().expect("four")))
        .collect();
    let row = &depth[20 * 80..21 * 80];
    assert!(row[..12].iter().chain(&row[68..]).all(|&d| d == 0.0), "{row:?}");
    assert!(row[12..68].iter().all(|&d| d > 0.0), "{row:?}");
    let cameras: serde_json::Value =
        serde_json::from_slice(&fs::read(dir.path().join("cameras.json")).expect("there")).expect("JSON");
    // Twice as many pixels, behind twelve columns.
    let k = cropped.camera.intrinsics;
    let photo = &cameras["cameras"][0]["photo_intrinsics"];
    for (value, expected) in [(&photo[0][0], 2.0 * k.fx), (&photo[0][2], 2.0 * k.cx + 12.0), (&photo[1][2], 2.0 * k.cy)]
    {
        let value = value.as_f64().expect("a number") as f32;
        assert!((value - expected).abs() < 1e-3, "{value} for {expected}");
    }
    assert_eq!(summary(dir.path())["views"][0]["photo_part"]["left"], 12.0);
}

#[test]
fn the_cloud_has_as_many_points_as_it_says() {
    let (dir, _) =
        export(&two_views(), &Options { thinning: Thinning { voxel: None, most: 300 }, ..Options::default() });
    let bytes = fs::read(dir.path().join("scene.ply")).expect("there");
    let end = bytes.windows(11).position(|w| w == b"end_header\n").expect("a header") + 11;
    let header = std::str::from_utf8(&bytes[..end]).expect("text");
    let count = header.split("element vertex ").nth(1).and_then(|s| s.lines().next()).expect("a count");
    let count: usize = count.parse().expect("a number");
    assert!((1..=300).contains(&count) && header.contains("property float confidence"));
    assert_eq!(bytes.len() - end, count * 19);
    assert_eq!(summary(dir.path())["scenes"][0]["points"], count);
}

#[test]
fn the_summary_tells_the_run() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let notes = RunNotes {
        settings: Settings { weights: Some(odd_path()), ..Settings::default() },
        device: Some("CPU".into()),
        precision: Some("f32".into()),
        warnings: vec!["Memory is short".into()],
        failed: vec!["c.jpg: is empty".into()],
    };
    export_all(&two_views(), dir.path(), &notes, &Options::default()).expect("exported");
    let summary = summary(dir.path());
    assert_eq!(summary["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(summary["model"], "Test");
    assert_eq!(summary["unit"], "metres");
    assert_eq!(summary["seconds"]["total"], 1.5);
    assert_eq!(summary["peak_memory_bytes"], 123_456);
    assert_eq!(summary["settings"]["model"], "da2-small");
    assert_eq!(summary["warnings"][0], "Memory is short");
    assert_eq!(summary["failed"][0], "c.jpg: is empty");
    let view = &summary["views"][1];
    assert_eq!(view["photo"], "IMG_1.jpg");
    assert_eq!(view["processed_size"], serde_json::json!([28, 20]));
    assert_eq!(view["extrinsics"].as_array().map(Vec::len), Some(3));
    let depth = |key: &str| view["depth"][key].as_f64().expect("a number");
    assert!(depth("min") <= depth("median") && depth("median") <= depth("max") && depth("min") > 0.5);
    assert!(dir.path().join(view["depth_png"].as_str().expect("a name")).exists());
}

#[test]
fn a_scale_set_by_hand_is_told_per_scene_and_every_file_has_its_unit() {
    let mut run = two_views();
    run.unit = DepthUnit::Relative;
    let second = ViewPrediction { scene: 1, ..(*run.views[1]).clone() };
    run.views[1] = Arc::new(second.scaled(3.0));
    run.set_scales = [(1, 3.0)].into();
    let (dir, _) = export(&run, &Options::default());
    let told = summary(dir.path());
    assert_eq!(told["unit"], serde_json::Value::Null, "there is no unit of all");
    for (index, unit, scale) in [(0, "relative", None), (1, "metres", Some(3.0))] {
        assert_eq!(told["scenes"][index]["unit"], unit);
        assert_eq!(told["scenes"][index]["scale_set_by_user"].as_f64(), scale);
        assert_eq!(told["views"][index]["unit"], unit);
        let ply = fs::read(dir.path().join(format!("scene_000{index}.ply"))).expect("there");
        let header = String::from_utf8_lossy(&ply[..200]).into_owned();
        assert!(header.contains(&format!("comment unit: {unit}")), "{header}");
    }
    let depths = floats(&arrays(&dir.path().join("results.npz"))["depth"].2);
    assert!((depths[600] - second.depth[40] * 3.0).abs() < 1e-4);
    let png = File::open(dir.path().join("0001_IMG_1_depth.png")).expect("there");
    let reader = png::Decoder::new(std::io::BufReader::new(png)).read_info().expect("a PNG");
    let texts: Vec<_> = reader.info().uncompressed_latin1_text.iter().map(|text| text.text.clone()).collect();
    assert!(texts.contains(&"metres".to_owned()) && texts.contains(&"0.001".to_owned()), "{texts:?}");

    run.set_scales = [(0, 2.0), (1, 3.0)].into();
    let (dir, _) = export(&run, &Options::default());
    assert_eq!(summary(dir.path())["unit"], "metres");
}

#[test]
fn what_known_depths_did_is_told_per_scene_and_comes_back() {
    let mut run = two_views();
    run.unit = DepthUnit::Relative;
    run.views[1] = Arc::new(ViewPrediction { scene: 1, ..(*run.views[1]).clone() });
    let by = Brought::Disparity { scale: 0.25, shift: -0.5 };
    let fit = DepthFit { by, values: 9, agreeing: 8, median_error: 0.125, p90_error: 0.5 };
    run.fits = [(1, fit)].into();
    let (dir, _) = export(&run, &Options::default());
    let told = summary(dir.path());
    assert_eq!(told["scenes"][0]["known_depths"], serde_json::Value::Null);
    let by = serde_json::json!({"disparity": {"scale": 0.25, "shift": -0.5}});
    let fit = serde_json::json!({"by": by, "values": 9, "agreeing": 8, "median_error": 0.125, "p90_error": 0.5});
    assert_eq!((&told["scenes"][1]["known_depths"], &told["scenes"][1]["unit"]), (&fit, &"metres".into()));
    let mut ids = (0..).map(ViewId);
    let back = fathom::reopen::reopen(dir.path(), || ids.next().expect("endless")).expect("opened").prediction;
    assert_eq!((back.fits.clone(), back.unit), (run.fits, DepthUnit::Relative));
    assert_eq!([0, 1].map(|scene| back.unit_of(scene)), [DepthUnit::Relative, DepthUnit::Metres]);
    assert_eq!(back.set_scales.len(), 0);
}

#[test]
fn odd_photo_names_give_plain_file_names() {
    let mut odd = view(0, "", 28, 20);
    odd.path = odd_path();
    let long = view(1, &("x".repeat(240) + ".jpg"), 28, 20);
    let (dir, files) = export(&prediction(DepthUnit::Metres, vec![odd, long]), &Options::default());
    assert_eq!(names(dir.path()).len(), 7);
    for file in &files {
        let name = file.file_name().and_then(|n| n.to_str()).expect("text");
        assert!(name.len() < 130 && file.exists());
    }
}

#[cfg(unix)]
fn odd_path() -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(b"bl\xfcte:?\n.jpg").into()
}

#[cfg(not(unix))]
fn odd_path() -> PathBuf {
    "bl\u{fffd}te.jpg".into()
}

#[test]
fn nothing_is_written_when_the_prediction_is_broken() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let mut short = view(0, "a.jpg", 28, 20);
    short.confidence = Some(vec![1.0; 559]);
    let broken = prediction(DepthUnit::Metres, vec![short]);
    let error = export_all(&broken, dir.path(), &RunNotes::default(), &Options::default()).expect_err("broken");
    assert!(matches!(error, ExportError::MapLength { map: "confidence", expected: 560, actual: 559, .. }), "{error}");
    let empty = prediction(DepthUnit::Metres, Vec::new());
    let error = export_all(&empty, dir.path(), &RunNotes::default(), &Options::default()).expect_err("empty");
    assert!(matches!(error, ExportError::Empty));
    assert!(names(dir.path()).is_empty());
}

#[test]
fn a_file_in_the_way_is_named() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let file = dir.path().join("taken");
    fs::write(&file, b"x").expect("written");
    for out in [file.clone(), file.join("deeper")] {
        let error = export_all(&two_views(), &out, &RunNotes::default(), &Options::default()).expect_err("no folder");
        assert!(error.to_string().contains("taken"), "{error}");
    }
    // A folder with the name of a result cannot be replaced by a file.
    let out = dir.path().join("out");
    fs::create_dir_all(out.join("results.npz")).expect("made");
    let options = Options { overwrite: true, ..Options::default() };
    let error = export_all(&two_views(), &out, &RunNotes::default(), &options).expect_err("in the way");
    assert!(error.to_string().contains("results.npz"), "{error}");
    assert_eq!(names(&out), ["results.npz"], "no temporary file is left");
}

#[test]
fn results_are_replaced_only_when_allowed() {
    let (dir, _) = export(&two_views(), &Options::default());
    let again = |overwrite| {
        let options = Options { overwrite, ..Options::default() };
        export_all(&two_views(), dir.path(), &RunNotes::default(), &options)
    };
    assert!(matches!(again(false), Err(ExportError::FolderNotEmpty { .. })));
    assert_eq!(again(true).expect("allowed").files.len(), 7);
    assert_eq!(names(dir.path()).len(), 7);
}
