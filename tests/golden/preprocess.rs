//! What the reference makes of photos before its networks see them, sample by sample.
//!
//! Reads `preprocess.json`, `da2/da2_sizes.json` and `da2/da2_small_api_*.safetensors` in `tests/goldens`, or in the
//! folder that `FATHOM_GOLDENS` names. Such a folder may hold other cases only: a missing file is then named on standard
//! error and its test passes, but only if the folder holds some golden case (one of these files, or any
//! `*.safetensors`). A folder without any case fails.
#![allow(clippy::expect_used, reason = "a helper of a test fails the test")]

use std::path::{Path, PathBuf};

use fathom::geometry::Intrinsics;
use fathom::inference::selftest::images;
use fathom::input::Method;
use fathom::input::preprocess::{
    Prepared, Shapes, common, crop, network_size, network_size_da2, normalise, prepare, prepare_da2,
};
use image::RgbImage;
use safetensors::SafeTensors;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

#[derive(Deserialize)]
struct Goldens {
    image: usize,
    single: Vec<Single>,
    mixed: Vec<Mixed>,
    degenerate: Vec<Degenerate>,
}

/// What a processed 8-bit image must look like.
#[derive(Deserialize)]
struct Picture {
    out_wh: [u32; 2],
    mean: [f64; 3],
    std: [f64; 3],
    sample16: String,
}

#[derive(Deserialize)]
struct Single {
    wh: [u32; 2],
    process_res: u32,
    method: String,
    input_sha256: String,
    #[serde(flatten)]
    picture: Picture,
    #[serde(rename = "K_in")]
    k_in: [f32; 9],
    #[serde(rename = "K_out")]
    k_out: [f32; 9],
    tensor_first_last: [[f32; 3]; 2],
}

#[derive(Deserialize)]
struct Mixed {
    whs: Vec<[u32; 2]>,
    process_res: u32,
    method: String,
    #[serde(rename = "K_in")]
    k_in: Vec<[f32; 9]>,
    #[serde(rename = "K_out")]
    k_out: Vec<[f32; 9]>,
    images: Vec<Picture>,
}

#[derive(Deserialize)]
struct Degenerate {
    wh: [u32; 2],
    process_res: u32,
    method: String,
    #[serde(flatten)]
    picture: Picture,
}

#[derive(Deserialize)]
struct Da2Sizes {
    sizes: Vec<Da2Size>,
}

#[derive(Deserialize)]
struct Da2Size {
    wh: [u32; 2],
    res: u32,
    net_wh: [u32; 2],
}

fn folder() -> PathBuf {
    std::env::var_os("FATHOM_GOLDENS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens"), PathBuf::from)
}

/// Every golden tensor file in the folder and below.
fn tensor_files() -> Vec<PathBuf> {
    let files =
        walkdir::WalkDir::new(folder()).sort_by_file_name().into_iter().flatten().map(|entry| entry.into_path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "safetensors")).collect()
}

/// Where a case is missing: fine in a folder of other cases, a failure in a folder without any.
fn missing(what: &str) {
    let folder = folder();
    let understood = ["preprocess.json", "da2/da2_sizes.json"].iter().any(|name| folder.join(name).exists());
    assert!(understood || !tensor_files().is_empty(), "{} holds no golden case that is understood", folder.display());
    assert!(std::env::var_os("FATHOM_GOLDENS").is_some(), "{what} is missing in {}", folder.display());
    eprintln!("{}: no {what}, nothing checked here", folder.display());
}

/// A file of the folder, `None` where there is none (see [`missing`]).
fn read(name: &str) -> Option<String> {
    match std::fs::read_to_string(folder().join(name)) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            missing(name);
            None
        }
        Err(error) => panic!("{name}: {error}"),
    }
}

fn goldens() -> Option<Goldens> {
    read("preprocess.json").map(|text| serde_json::from_str(&text).expect("preprocess.json is understood"))
}

fn method(name: &str) -> Method {
    Method::ALL.into_iter().find(|method| method.upstream_name() == name).expect("a known method")
}

fn photo(view: usize, [width, height]: [u32; 2], number: usize) -> RgbImage {
    let samples = images::rgb_image(view, height as usize, width as usize, number);
    RgbImage::from_raw(width, height, samples).expect("as many samples as the size says")
}

fn intrinsics(k: &[f32; 9]) -> Intrinsics {
    Intrinsics { fx: k[0], fy: k[4], cx: k[2], cy: k[5] }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn check_picture(case: &str, image: &RgbImage, golden: &Picture) {
    let [width, height] = golden.out_wh;
    assert_eq!(image.dimensions(), (width, height), "{case}: size");
    let count = f64::from(width) * f64::from(height);
    for channel in 0..3 {
        let samples = || image.pixels().map(|pixel| f64::from(pixel.0[channel]));
        let mean = samples().sum::<f64>() / count;
        let deviation = (samples().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt();
        let (expected_mean, expected_deviation) = (golden.mean[channel], golden.std[channel]);
        assert!((mean - expected_mean).abs() <= 0.02, "{case}: mean {channel} is {mean}, not {expected_mean}");
        assert!((deviation - expected_deviation).abs() <= 0.02, "{case}: std {channel} is {deviation}");
    }
    let middle = |index: u32, side: u32| (2 * index + 1) * side / 32;
    assert_eq!(golden.sample16.len(), 16 * 16 * 6, "{case}: 256 RGB samples in hex");
    for index in 0..256u32 {
        let (x, y) = (middle(index % 16, width), middle(index / 16, height));
        for (channel, &sample) in image.get_pixel(x, y).0.iter().enumerate() {
            let at = (index as usize * 3 + channel) * 2;
            let expected = u8::from_str_radix(&golden.sample16[at..at + 2], 16).expect("hex");
            assert!(sample.abs_diff(expected) <= 1, "{case}: ({x}, {y}) {channel} is {sample}, not {expected}");
        }
    }
}

fn check_intrinsics(case: &str, prepared: &Prepared, k_in: &[f32; 9], k_out: &[f32; 9]) {
    let (k, expected) = (prepared.transform.apply(&intrinsics(k_in)).rows().concat(), k_out);
    for (value, expected) in k.iter().zip(expected) {
        assert!((value - expected).abs() <= 1e-5 * expected.abs().max(1.0), "{case}: K has {value}, not {expected}");
    }
}

/// The normalised corners: exactly what the golden's own sample normalises to, where that sample is within 1 of ours.
fn check_corners(case: &str, image: &RgbImage, golden: &[[f32; 3]; 2]) {
    let (mean, deviation) = ([0.485f32, 0.456, 0.406], [0.229f32, 0.224, 0.225]);
    let tensor = normalise(image);
    let plane = tensor.len() / 3;
    for (corner, expected) in [0, plane - 1].into_iter().zip(golden) {
        for channel in 0..3 {
            let ours = tensor[channel * plane + corner];
            let step = 1.0 / 255.0 / deviation[channel];
            let difference = (ours - expected[channel]) / step;
            let steps = difference.round();
            assert!(steps.abs() <= 1.0, "{case}: corner {corner}, {channel}: {ours} for {}", expected[channel]);
            assert!((difference - steps).abs() < 1e-3, "{case}: corner {corner}, {channel} is off by {difference}");
            let sample = f32::from(image.as_raw()[corner * 3 + channel]);
            assert!((ours * deviation[channel] + mean[channel] - sample / 255.0).abs() < 1e-5);
        }
    }
}

#[test]
fn golden_image_generator_matches_its_check_values() {
    let at = |image: &[f32], [s, c, y, x]: [usize; 4]| image[((s * 3 + c) * 56 + y) * 84 + x];
    let first = images::float_image(2, 56, 84, 0);
    for (place, expected) in [
        ([0, 0, 0, 0], -1.386_904_7),
        ([0, 0, 0, 1], -0.940_841_9),
        ([0, 1, 0, 0], 0.190_477_53),
        ([1, 2, 55, 83], 0.749_573_77),
        ([1, 0, 28, 42], -0.793_974_34),
    ] {
        assert!((at(&first, place) - expected).abs() < 2e-7, "{place:?}");
    }
    assert!((at(&images::float_image(5, 56, 84, 1), [4, 2, 55, 83]) - 1.652_310_9).abs() < 2e-7);
    for (view, height, width, number, expected) in [
        (0, 84, 112, 0, "09a64272a2dffc818079707857f7f7e491756c5cd69a78bc9f9d249c0c3d1985"),
        (2, 84, 112, 0, "a19b786a198bef24965c13bad3642e1af7a2b145bc4955833f2321fb28c5a9ae"),
        (0, 480, 640, 4, "da2bb03604393d07496b9319e77e81ab9a2a19df5ea7b2f8e3741b9a32b0400c"),
    ] {
        assert_eq!(sha256(&images::rgb_image(view, height, width, number)), expected);
    }
}

#[test]
fn golden_single_images() {
    let Some(goldens) = goldens() else { return };
    assert!(!goldens.single.is_empty());
    for record in &goldens.single {
        let case = format!("{:?} at {} by {}", record.wh, record.process_res, record.method);
        let method = method(&record.method);
        let image = photo(0, record.wh, goldens.image);
        assert_eq!(sha256(image.as_raw()), record.input_sha256, "{case}: input");
        let prepared = prepare(&image, record.process_res, method);
        assert_eq!(network_size(record.wh[0], record.wh[1], record.process_res, method), record.picture.out_wh);
        check_picture(&case, &prepared.image, &record.picture);
        check_intrinsics(&case, &prepared, &record.k_in, &record.k_out);
        check_corners(&case, &prepared.image, &record.tensor_first_last);
    }
}

/// All at one size, as the reference brings them there.
fn cropped_alike(prepared: &[Prepared]) -> Vec<Prepared> {
    let sizes: Vec<[u32; 2]> = prepared.iter().map(|one| [one.image.width(), one.image.height()]).collect();
    let size = common(&sizes, Shapes::Crop).size;
    prepared.iter().map(|one| crop(one, size)).collect()
}

#[test]
fn golden_mixed_sizes_are_cropped_to_the_smallest() {
    let Some(goldens) = goldens() else { return };
    assert!(!goldens.mixed.is_empty());
    for record in &goldens.mixed {
        let photos = record.whs.iter().enumerate().map(|(view, &wh)| photo(view, wh, goldens.image));
        let prepared: Vec<Prepared> =
            photos.map(|image| prepare(&image, record.process_res, method(&record.method))).collect();
        let prepared = cropped_alike(&prepared);
        assert_eq!(prepared.len(), record.images.len());
        for (view, (prepared, picture)) in prepared.iter().zip(&record.images).enumerate() {
            let case = format!("view {view} of {:?} by {}", record.whs, record.method);
            check_picture(&case, &prepared.image, picture);
            check_intrinsics(&case, prepared, &record.k_in[view], &record.k_out[view]);
        }
    }
}

#[test]
fn golden_degenerate_sides_become_one_patch() {
    let Some(goldens) = goldens() else { return };
    assert!(!goldens.degenerate.is_empty());
    for record in &goldens.degenerate {
        let case = format!("{:?} at {} by {}", record.wh, record.process_res, record.method);
        let image = photo(0, record.wh, goldens.image);
        let prepared = prepare(&image, record.process_res, method(&record.method));
        check_picture(&case, &prepared.image, &record.picture);
    }
}

#[test]
fn golden_da2_network_sizes() {
    let Some(text) = read("da2/da2_sizes.json") else { return };
    let goldens: Da2Sizes = serde_json::from_str(&text).expect("da2_sizes.json is understood");
    assert!(!goldens.sizes.is_empty());
    for Da2Size { wh: [width, height], res, net_wh } in goldens.sizes {
        assert_eq!(network_size_da2(width, height, res), net_wh, "{width}×{height} at {res}");
    }
}

/// `input` is stored as every n-th value, n in the metadata entry `stride.input`.
#[test]
fn golden_da2_network_inputs() {
    let name = |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("da2_small_api_"));
    let files: Vec<PathBuf> = tensor_files().into_iter().filter(|path| name(path)).collect();
    if files.is_empty() {
        return missing("da2_small_api_*.safetensors");
    }
    for path in files {
        let case = path.display();
        let bytes = std::fs::read(&path).expect("readable");
        let (_, header) = SafeTensors::read_metadata(&bytes).expect("a header");
        let facts = header.metadata().as_ref().expect("the case's parameters");
        let number = |key: &str| facts[key].parse::<usize>().unwrap_or_else(|_| panic!("{case}: {key}"));
        let size: [u32; 2] = serde_json::from_str(&facts["wh"]).expect("[width, height]");
        let prepared = prepare_da2(&photo(number("view"), size, number("image")), number("res") as u32);
        let tensors = SafeTensors::deserialize(&bytes).expect("tensors");
        let golden: Vec<f32> = bytemuck::pod_collect_to_vec(tensors.tensor("input").expect("input").data());
        let ours: Vec<f32> = prepared.tensor.iter().step_by(number("stride.input")).copied().collect();
        assert_eq!(ours.len(), golden.len(), "{case}: values");
        for (index, (ours, golden)) in ours.iter().zip(&golden).enumerate() {
            assert!((ours - golden).abs() < 1e-4, "{case}: stored value {index} is {ours}, not {golden}");
        }
    }
}
