//! The whole program on photos: `fathom depth` gives the numbers of the golden cases, and an any-view model's files.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::golden;
use crate::program::fathom;
use fathom::inference::selftest::images;
use fathom::inference::write_generated;
use fathom::model::Preset;

fn photo(folder: &Path, view: usize, [width, height]: [usize; 2], number: usize) -> PathBuf {
    let path = folder.join(format!("view {view}.png"));
    let pixels = images::rgb_image(view, height, width, number);
    let image = image::RgbImage::from_raw(width as u32, height as u32, pixels).expect("an image");
    image.save(&path).expect("space");
    path
}

/// The shape and the f32 numbers of one array of an npz file.
fn array(npz: &Path, name: &str) -> (String, Vec<f32>) {
    let file = std::fs::File::open(npz).expect("an npz file");
    let mut archive = zip::ZipArchive::new(file).expect("a zip file");
    let mut bytes = Vec::new();
    archive.by_name(&format!("{name}.npy")).expect("the array").read_to_end(&mut bytes).expect("readable");
    let header_bytes = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let header = String::from_utf8_lossy(&bytes[10..10 + header_bytes]).into_owned();
    assert!(header.contains("'<f4'"), "{header}");
    let shape = header.split("'shape': (").nth(1).and_then(|rest| rest.split(')').next()).expect("a shape").to_owned();
    let numbers = bytes[10 + header_bytes..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    (shape, numbers.collect())
}

#[test]
fn golden_disparity_comes_out_of_the_command_line() {
    let cases: Vec<_> = golden::cases().into_iter().filter(|case| case.text("mode") == Some("api")).collect();
    let mut verdict = golden::Verdict::default();
    for case in &cases {
        let folder = tempfile::tempdir().expect("a folder");
        let size: [usize; 2] = serde_json::from_str(case.text("wh").expect("wh")).expect("two sizes");
        let photo = photo(folder.path(), case.number("view"), size, case.number("image"));
        let (out, resolution) = (folder.path().join("out"), case.text("res").expect("res"));
        let output = fathom::<&std::ffi::OsStr>(&[
            "depth".as_ref(),
            photo.as_ref(),
            "--out".as_ref(),
            out.as_ref(),
            "--resolution".as_ref(),
            resolution.as_ref(),
        ]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let (_, disparity) = array(&out.join("results.npz"), "disparity");
        verdict.check(case, "disparity", &disparity, 1e-4);
    }
    // A folder of other cases is none of this test's business; the repository's own must be found.
    assert!(std::env::var_os("FATHOM_GOLDENS").is_some() || cases.len() >= 2, "{} cases", cases.len());
    verdict.conclude();
}

#[test]
fn three_photos_of_a_scene_give_three_depth_maps_three_poses_and_one_cloud() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("da3-small.safetensors");
    write_generated(&file, Preset::Da3Small, 9).expect("space for weights");
    let photos: Vec<_> = (0..3).map(|view| photo(folder.path(), view, [112, 84], 0)).collect();
    let out = folder.path().join("out");
    let mut arguments: Vec<&std::ffi::OsStr> = vec!["depth".as_ref()];
    arguments.extend(photos.iter().map(|photo| photo.as_os_str()));
    arguments
        .extend(["--model", "da3-small", "--resolution", "112", "--weights"].map(AsRef::<std::ffi::OsStr>::as_ref));
    arguments.extend([file.as_os_str(), "--out".as_ref(), out.as_os_str()]);
    let output = fathom(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let npz = out.join("results.npz");
    assert_eq!(array(&npz, "depth").0, "3, 84, 112");
    assert_eq!(array(&npz, "conf").0, "3, 84, 112");
    assert_eq!(array(&npz, "intrinsics").0, "3, 3, 3");
    let (shape, extrinsics) = array(&npz, "extrinsics");
    assert_eq!(shape, "3, 3, 4");
    let poses: Vec<_> = extrinsics.chunks(12).collect();
    assert!(poses[0] != poses[1] && poses[1] != poses[2]);
    let clouds = std::fs::read_dir(&out).expect("a folder").filter_map(Result::ok);
    let clouds: Vec<_> = clouds.map(|e| e.file_name()).filter(|n| n.to_string_lossy().ends_with(".ply")).collect();
    assert_eq!(clouds, ["scene.ply"]);
    let summary = std::fs::read_to_string(out.join("summary.json")).expect("a summary");
    let summary: serde_json::Value = serde_json::from_str(&summary).expect("JSON");
    assert_eq!(summary["views"].as_array().map(Vec::len), Some(3));
    assert_eq!(summary["views"][0]["lens_source"], "predicted");
    assert!(summary["peak_memory_bytes"].as_u64().is_some_and(|bytes| bytes > 100 << 20));
}
