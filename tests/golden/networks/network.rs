//! Whole networks on a normalised float image: features, cameras, maps.

use fathom::geometry::{GAUSSIAN_CHANNELS, Gaussian, GaussianCamera, Intrinsics, Rigid, decode_pose};
use fathom::inference::fill_sky;
use fathom::model::{Conditioning, Encoded, Maps, Preset, Silent};

use crate::golden::{Case, Verdict};
use crate::networks::common::{
    Networks, Tolerances, check_exported, flat, given_poses, input, joined, pixels, reference,
};

pub fn network_case(case: &Case, preset: Preset, networks: &mut Networks, verdict: &mut Verdict) {
    let network = networks.generated(preset, case.number("seed"), case.text("probe") == Some("tiny"));
    let images = input(case);
    verdict.check(case, "input_sample", &pixels(&images), 1e-6);
    let poses = given_poses(case);
    let block: usize = case.number("aux_layer");
    let conditioning = Conditioning {
        reference: Some(reference(case)),
        poses: poses.as_deref(),
        export_features: &[block],
        tile_bytes: None,
    };
    let mut encoded = network.encode(&images, &conditioning, &Silent).expect("a run of the backbone");
    check_features(case, &encoded, verdict);
    let maps: Vec<Maps> =
        encoded.views.drain(..).map(|view| network.decode(view, &Silent).expect("a run of the head")).collect();
    check_exported(case, "aux_layer_", &[block], &maps, 1e-4, verdict);
    assert_eq!(maps.len(), case.number::<usize>("S"), "maps of every view");
    if preset.is_any_view() {
        any_view_outputs(case, &encoded, &maps, verdict);
    } else {
        sky_outputs(case, &maps, verdict);
    }
}

/// The four features for the heads, of all views.
pub fn check_features(case: &Case, encoded: &Encoded, verdict: &mut Verdict) {
    for i in 0..4 {
        let level: Vec<f32> = encoded.views.iter().flat_map(|view| flat(view.levels()[i])).collect();
        verdict.check(case, &format!("feat{i}"), &level, 1e-4);
    }
}

fn any_view_outputs(case: &Case, encoded: &Encoded, maps: &[Maps], verdict: &mut Verdict) {
    let tolerances = Tolerances::of(case);
    let (width, height) = (case.number("W"), case.number("H"));
    if let Some(tokens) = encoded.given_tokens.as_deref() {
        verdict.check(case, "cam_token", &flat(tokens), 5e-5);
    }
    verdict.check(case, "cam_feat", &flat(encoded.camera_tokens.as_deref().expect("camera tokens")), 5e-5);
    let poses = encoded.poses.as_ref().expect("poses");
    verdict.check(case, "pose_enc", &poses.concat(), 1e-4);
    let cameras: Vec<_> = poses.iter().map(|pose| decode_pose(pose, width, height)).collect();
    let extrinsics: Vec<f32> = cameras.iter().flat_map(|(pose, _)| pose.rows().concat()).collect();
    let intrinsics: Vec<f32> = cameras.iter().flat_map(|(_, k)| k.rows().concat()).collect();
    verdict.check(case, "extrinsics", &extrinsics, 1e-4);
    verdict.check(case, "intrinsics", &intrinsics, 1e-5);

    let depth = joined(maps, |m| Some(&m.depth)).expect("depth");
    verdict.check(case, "depth", &depth, tolerances.maps());
    let confidence = joined(maps, |m| m.confidence.as_ref()).expect("confidence");
    verdict.check(case, "depth_conf", &confidence, tolerances.maps());
    let rays = joined(maps, |m| m.rays.as_ref().map(|r| &r.rays)).expect("rays");
    verdict.check(case, "ray", &rays, tolerances.rays());
    let ray_confidence = joined(maps, |m| m.rays.as_ref().map(|r| &r.confidence)).expect("confidence of rays");
    verdict.check(case, "ray_conf", &ray_confidence, tolerances.ray_confidence());
    if case.has("raw_gs") {
        gaussians(case, &cameras, maps, verdict);
    }
}

/// The Gaussian head, and its Gaussians in the world of the predicted cameras.
fn gaussians(case: &Case, cameras: &[(Rigid, Intrinsics)], maps: &[Maps], verdict: &mut Verdict) {
    let width: usize = case.number("W");
    let raw = joined(maps, |m| m.gaussians.as_ref().map(|g| &g.channels)).expect("Gaussians");
    let opacity = joined(maps, |m| m.gaussians.as_ref().map(|g| &g.opacity)).expect("opacities");
    verdict.check(case, "raw_gs", &raw, 1e-4);
    verdict.check(case, "raw_gs_conf", &opacity, 1e-4);
    verdict.check(case, "gs_opacities", &opacity, 1e-4);
    let depth = joined(maps, |m| Some(&m.depth)).expect("depth");
    let per_view = depth.len() / maps.len();
    let placed: Vec<Gaussian> = raw
        .chunks_exact(GAUSSIAN_CHANNELS)
        .enumerate()
        .map(|(i, raw)| {
            let (pose, intrinsics) = &cameras[i / per_view];
            let pixel = i % per_view;
            let distance = depth[i] + raw[GAUSSIAN_CHANNELS - 1];
            GaussianCamera::new(pose, *intrinsics).gaussian([pixel % width, pixel / width], raw, distance)
        })
        .collect();
    let all = |part: fn(&Gaussian) -> Vec<f32>| placed.iter().flat_map(part).collect::<Vec<f32>>();
    verdict.check(case, "gs_means", &all(|g| g.mean.to_array().into()), 3e-4);
    verdict.check(case, "gs_scales", &all(|g| g.scale.to_array().into()), 3e-4);
    verdict.check(case, "gs_harmonics", &all(|g| g.harmonics.concat()), 3e-4);
    verdict.check(case, "gs_rotations", &all(|g| g.rotation.into()), 2e-3);
}

fn sky_outputs(case: &Case, maps: &[Maps], verdict: &mut Verdict) {
    let tolerances = Tolerances::of(case);
    let mut depth = joined(maps, |m| Some(&m.depth)).expect("depth");
    let sky = joined(maps, |m| m.sky.as_ref()).expect("sky");
    verdict.check(case, "depth_raw", &depth, tolerances.maps());
    verdict.check(case, "sky", &sky, 1e-4);
    let filled = fill_sky(&mut [(&mut depth, &sky)]);
    verdict.require(case, "this case has sky to fill", filled.is_some());
    verdict.check(case, "depth", &depth, tolerances.maps());
}
