//! Cameras, alignment, sky and the reference view against the reference's numbers.
//!
//! Reads `geometry.json` and `geometry.safetensors` in `tests/goldens`, or in the folder that `FATHOM_GOLDENS` names.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use candle_core::{DType, Device, Tensor};
use fathom::geometry::{
    GAUSSIAN_CHANNELS, Gaussian, GaussianCamera, Intrinsics, PoseEncoding, RayMap, Rigid, align_given, camera_of_rays,
    decode_pose, encode_pose, normalise_extrinsics, umeyama,
};
use fathom::inference::{TwiceSeen, bring_to_metres, fill_sky};
use fathom::model::{Reference, select_reference};
use glam::DVec3;
use serde_json::Value;

use crate::golden;

struct Goldens {
    json: Value,
    tensors: std::collections::HashMap<String, Tensor>,
}

impl Goldens {
    fn read() -> Option<Self> {
        let (json, bytes) = golden::geometry()?;
        let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu).expect("tensors");
        Some(Self { json, tensors })
    }

    fn values(&self, name: &str) -> Vec<f64> {
        let tensor = self.tensors.get(name).unwrap_or_else(|| panic!("no tensor {name}"));
        tensor.to_dtype(DType::F64).and_then(|t| t.flatten_all()).and_then(|t| t.to_vec1()).expect("numbers")
    }

    fn singles(&self, name: &str) -> Vec<f32> {
        self.values(name).into_iter().map(|v| v as f32).collect()
    }

    fn list(&self, pointer: &str) -> &[Value] {
        let list = self.json.pointer(pointer).and_then(Value::as_array).unwrap_or_else(|| panic!("no {pointer}"));
        assert!(!list.is_empty(), "{pointer} is empty");
        list
    }
}

fn name<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or_else(|| panic!("no {key} in {case}"))
}

/// Largest difference relative to the root mean square of what is expected.
fn assert_close(what: &str, actual: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len(), "{what}");
    let rms = (expected.iter().map(|v| v * v).sum::<f64>() / expected.len() as f64).sqrt().max(1e-300);
    let worst = actual.iter().zip(expected).map(|(a, e)| (a - e).abs()).fold(0.0, f64::max) / rms;
    assert!(worst <= tolerance, "{what}: {worst:.2e} > {tolerance:.0e}");
}

fn close(what: &str, actual: &[f32], expected: &[f64], tolerance: f64) {
    assert_close(what, &actual.iter().map(|&v| f64::from(v)).collect::<Vec<_>>(), expected, tolerance);
}

fn rigid(rows: &[f32]) -> Rigid {
    Rigid::from_rows(std::array::from_fn(|r| std::array::from_fn(|c| rows[4 * r + c])))
}

fn pinhole(rows: &[f32]) -> Intrinsics {
    Intrinsics::from_rows(std::array::from_fn(|r| std::array::from_fn(|c| rows[3 * r + c])))
}

fn rows(pose: &Rigid) -> Vec<f32> {
    pose.rows().concat()
}

#[test]
fn golden_pose_encoding() {
    let Some(goldens) = Goldens::read() else { return };
    let side = |key: &str| goldens.json["pose"][key].as_u64().expect("a size") as u32;
    let (width, height) = (side("W"), side("H"));
    let (poses, intrinsics) = (goldens.singles("pose_encode.w2c"), goldens.singles("pose_encode.K"));
    let encoded: Vec<PoseEncoding> = poses
        .chunks(16)
        .zip(intrinsics.chunks(9))
        .map(|(pose, k)| encode_pose(&rigid(pose), &pinhole(k), width, height))
        .collect();
    close("encodings", &encoded.concat(), &goldens.values("pose_encode.enc"), 1e-5);

    let encodings = goldens.singles("pose_decode.enc");
    let decoded: Vec<_> =
        encodings.chunks(9).map(|encoding| decode_pose(&std::array::from_fn(|i| encoding[i]), width, height)).collect();
    let extrinsics: Vec<f32> = decoded.iter().flat_map(|(pose, _)| rows(pose)).collect();
    close("extrinsics", &extrinsics, &goldens.values("pose_decode.w2c"), 1e-5);
    let world_from_camera: Vec<f32> = decoded.iter().flat_map(|(pose, _)| rows(&pose.inverse())).collect();
    close("c2w", &world_from_camera, &goldens.values("pose_decode.c2w"), 1e-5);
    let intrinsics: Vec<f32> = decoded.iter().flat_map(|(_, k)| k.rows().concat()).collect();
    close("intrinsics", &intrinsics, &goldens.values("pose_decode.K"), 1e-5);
}

#[test]
fn golden_normalised_extrinsics() {
    let Some(goldens) = Goldens::read() else { return };
    for pair in goldens.list("/normalize_extrinsics") {
        let (given, expected) = (pair[0].as_str().expect("a name"), pair[1].as_str().expect("a name"));
        let cameras: Vec<Rigid> = goldens.singles(given).chunks(16).map(rigid).collect();
        let actual: Vec<f32> = normalise_extrinsics(&cameras)
            .iter()
            .flat_map(|camera| rows(camera).into_iter().chain([0.0, 0.0, 0.0, 1.0]))
            .collect();
        close(given, &actual, &goldens.values(expected), 1e-5);
    }
}

/// Camera centres of w2c matrices [n, 4, 4].
fn centres(matrices: &[f64]) -> Vec<DVec3> {
    let centre = |m: &[f64]| {
        let column = |c: usize| DVec3::new(m[c], m[4 + c], m[8 + c]);
        let t = column(3);
        -DVec3::new(column(0).dot(t), column(1).dot(t), column(2).dot(t))
    };
    matrices.chunks(16).map(centre).collect()
}

#[test]
fn golden_umeyama() {
    let Some(goldens) = Goldens::read() else { return };
    for case in goldens.list("/umeyama/cases") {
        let of = |key: &str| centres(&goldens.values(name(case, key)));
        let found = umeyama(&of("moving"), &of("reference")).expect("cameras that determine an alignment");
        let rotation: Vec<f64> = (0..3).flat_map(|row| found.rotation.row(row).to_array()).collect();
        assert_close("R", &rotation, &goldens.values(name(case, "R")), 1e-9);
        assert_close("t", &found.translation.to_array(), &goldens.values(name(case, "t")), 1e-9);
        assert_close("s", &[found.scale], &[case["s"].as_f64().expect("a scale")], 1e-9);
    }
}

fn cameras(goldens: &Goldens, name: &str) -> Vec<Rigid> {
    goldens.singles(name).chunks(16).map(rigid).collect()
}

#[test]
fn golden_alignment_to_given_cameras() {
    let Some(goldens) = Goldens::read() else { return };
    for case in goldens.list("/umeyama/cases").iter().chain(goldens.list("/umeyama/ransac")) {
        let of = |key: &str| cameras(&goldens, name(case, key));
        let found = align_given(&of("moving"), &of("reference")).expect("a scale");
        // Through single precision.
        assert_close("s", &[found.scale], &[case["s"].as_f64().expect("a scale")], 1e-6);
        let similarity = found.similarity.expect("a rotation");
        let carried = of("moving").iter().map(|camera| rows(&similarity.apply_to_camera(camera))).collect::<Vec<_>>();
        let aligned = of("aligned").iter().map(rows).collect::<Vec<_>>().concat();
        close("aligned", &carried.concat(), &aligned.iter().map(|&v| f64::from(v)).collect::<Vec<_>>(), 1e-5);
    }
    for case in goldens.list("/umeyama/degenerate") {
        let of = |key: &str| cameras(&goldens, name(case, key));
        let found = align_given(&of("moving"), &of("reference"));
        match case["expected_scale"].as_f64() {
            Some(scale) => assert_close(name(case, "name"), &[found.expect("a scale").scale], &[scale], 1e-5),
            None => assert_eq!(found, None, "{case}"),
        }
    }
    let two = &goldens.json["umeyama"]["two_views_decision"];
    let of = |key: &str| cameras(&goldens, name(two, key));
    let found = align_given(&of("input"), &of("predicted")).expect("a scale");
    assert_close("two views", &[found.scale], &[two["scale"].as_f64().expect("a scale")], 1e-5);
}

/// Rays and confidences of a case: [S, P, Q, 6] and [S, P, Q].
fn rays(goldens: &Goldens, case: &Value) -> (Vec<f32>, Vec<f32>) {
    if case.get("ray").is_some() {
        return (goldens.singles(name(case, "ray")), goldens.singles(name(case, "conf")));
    }
    let number =
        |pointer: &str| case.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("no {pointer}"));
    let [p, q, height, width] = ["/P", "/Q", "/H", "/W"].map(|key| number(key) as usize);
    let [fx, fy] = ["fx", "fy"].map(|key| number(&format!("/regenerate/{key}/0")));
    let vector = |path: String| DVec3::from([0, 1, 2].map(|i| number(&format!("/regenerate/{path}/{i}"))));
    let [row_x, row_y, row_z] = [0, 1, 2].map(|row| vector(format!("R_c2w/0/{row}")));
    let centre = vector("centre/0".into()).as_vec3().to_array();
    let ray = |i: usize| {
        let middle =
            |index: usize, count: usize, side: usize| ((2 * index + 1) as f64 / count as f64 - 1.0) * side as f64 / 2.0;
        let seen = DVec3::new(middle(i % q, q, width) / fx, middle(i / q, p, height) / fy, 1.0);
        [[row_x.dot(seen), row_y.dot(seen), row_z.dot(seen)].map(|v| v as f32), centre].concat()
    };
    ((0..p * q).flat_map(ray).collect(), vec![2.0; p * q])
}

#[test]
fn golden_cameras_of_rays() {
    let Some(goldens) = Goldens::read() else { return };
    for case in goldens.list("/rays") {
        let (rays, confidence) = rays(&goldens, case);
        let side = |key: &str| case[key].as_u64().expect("a size") as usize;
        let (width, height) = (side("Q"), side("P"));
        let found: Vec<_> = rays
            .chunks(width * height * 6)
            .zip(confidence.chunks(width * height))
            .map(|(rays, confidence)| {
                let map = RayMap { width, height, rays, confidence };
                camera_of_rays(&map, [side("W") as u32, side("H") as u32]).expect("a camera")
            })
            .collect();
        assert_eq!(found.len(), side("S"));
        let what = name(case, "name");
        let extrinsics: Vec<f32> = found.iter().flat_map(|(camera, _)| rows(camera)).collect();
        close(what, &extrinsics, &goldens.values(name(case, "w2c")), 1e-4);
        let intrinsics: Vec<f32> = found.iter().flat_map(|(_, k)| k.rows().concat()).collect();
        for (actual, expected) in intrinsics.iter().zip(goldens.values(name(case, "K"))) {
            assert!((f64::from(*actual) - expected).abs() < 0.02, "{what}: {actual} for {expected} px");
        }
    }
}

#[test]
fn golden_sky_fill() {
    let Some(goldens) = Goldens::read() else { return };
    for case in goldens.list("/sky_fill/cases") {
        let (mut depth, sky) = (goldens.singles(name(case, "depth")), goldens.singles(name(case, "sky")));
        fill_sky(&mut [(&mut depth, &sky)]);
        close(name(case, "kind"), &depth, &goldens.values(name(case, "out")), 1e-5);
    }
}

#[test]
fn golden_nested_scale() {
    let Some(goldens) = Goldens::read() else { return };
    for (i, case) in goldens.list("/nested/cases").iter().enumerate() {
        let read = |key: &str| goldens.singles(name(case, key));
        let (mut depth, mut confidence) = (read("depth"), read("conf"));
        let (metric, sky) = (read("metric_depth"), read("sky"));
        let mut poses: Vec<Rigid> = read("extrinsics").chunks(12).map(rigid).collect();
        let lenses: Vec<Intrinsics> = read("intrinsics").chunks(9).map(pinhole).collect();
        let pixels = depth.len() / poses.len();
        let maps = depth.chunks_mut(pixels).zip(confidence.chunks_mut(pixels)).zip(&mut poses).zip(&lenses);
        let mut views: Vec<TwiceSeen> = maps
            .enumerate()
            .map(|(view, (((depth, confidence), camera_from_world), lens))| TwiceSeen {
                depth,
                confidence,
                camera_from_world,
                focal: (lens.fx + lens.fy) / 2.0,
                metric: &metric[view * pixels..][..pixels],
                sky: &sky[view * pixels..][..pixels],
            })
            .collect();
        let scale = bring_to_metres(&mut views).expect("not only sky");
        let what = format!("nested {i}");
        assert_close(&what, &[f64::from(scale)], &[case["scale_factor"].as_f64().expect("a factor")], 1e-5);
        close(&what, &depth, &goldens.values(name(case, "out_depth")), 1e-5);
        close(&what, &confidence, &goldens.values(name(case, "out_conf")), 1e-5);
        let extrinsics: Vec<f32> = poses.iter().flat_map(rows).collect();
        close(&what, &extrinsics, &goldens.values(name(case, "out_extrinsics")), 1e-5);
    }
}

#[test]
fn golden_gaussians() {
    let Some(goldens) = Goldens::read() else { return };
    for (i, case) in goldens.list("/gs_adapter/cases").iter().enumerate() {
        let read = |key: &str| goldens.singles(name(case, key));
        let (raw, depth) = (read("raw"), read("depth"));
        let mut poses = cameras(&goldens, name(case, "extrinsics"));
        let lenses: Vec<Intrinsics> = read("intrinsics").chunks(9).map(pinhole).collect();
        // With given cameras the reference makes the predicted scene as large as theirs, within bounds.
        let scale = match case.get("given_extrinsics") {
            Some(_) => {
                let given = cameras(&goldens, name(case, "given_extrinsics"));
                align_given(&poses, &given).expect("cameras at different places").scale.clamp(1.0 / 3.0, 3.0) as f32
            }
            None => 1.0,
        };
        poses.iter_mut().for_each(|pose| pose.translation *= scale);
        let (pixels, width) = (depth.len() / poses.len(), case["W"].as_u64().expect("a width") as usize);
        let placed = raw.chunks_exact(GAUSSIAN_CHANNELS).enumerate().map(|(at, raw)| {
            let (view, pixel) = (at / pixels, at % pixels);
            let distance = (depth[at] + raw[GAUSSIAN_CHANNELS - 1]) * scale;
            GaussianCamera::new(&poses[view], lenses[view]).gaussian([pixel % width, pixel / width], raw, distance)
        });
        let placed: Vec<Gaussian> = placed.collect();
        let all = |part: fn(&Gaussian) -> Vec<f32>| placed.iter().flat_map(part).collect::<Vec<f32>>();
        let check = |key: &str, actual: &[f32]| {
            close(&format!("gaussians {i} {key}"), actual, &goldens.values(name(case, key)), 1e-5);
        };
        check("means", &all(|g| g.mean.to_array().into()));
        check("scales", &all(|g| g.scale.to_array().into()));
        check("harmonics", &all(|g| g.harmonics.concat()));
        check("rotations", &all(|g| g.rotation.into()));
    }
}

#[test]
fn golden_reference_view() {
    let Some(goldens) = Goldens::read() else { return };
    let strategies = [
        ("first", Reference::First),
        ("middle", Reference::Middle),
        ("saddle_balanced", Reference::SaddleBalanced),
        ("saddle_sim_range", Reference::SaddleSimRange),
    ];
    for case in goldens.list("/select_reference/cases") {
        let views = case["S"].as_u64().expect("a number of views") as usize;
        let tokens = goldens.singles(name(case, "tokens"));
        let tokens: Vec<Vec<f32>> = tokens.chunks(tokens.len() / views).map(<[f32]>::to_vec).collect();
        for (key, strategy) in strategies {
            let chosen = select_reference(strategy, &tokens) as u64;
            assert_eq!(Some(chosen), case[key].as_u64(), "{key} of {}", case["tokens"]);
        }
    }
}
