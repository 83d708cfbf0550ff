//! 8-bit photos in, prediction out: preprocessing, network and post-processing together.

use candle_core::{Device, Tensor};
use fathom::geometry::{Intrinsics, Rigid, decode_pose, normalise_extrinsics, umeyama};
use fathom::inference::fill_sky;
use fathom::inference::selftest::images;
use fathom::input::Method;
use fathom::input::preprocess::{Prepared, Shapes, common, crop, normalise, prepare};
use fathom::model::{Conditioning, Encoded, Maps, Preset, Silent};

use crate::golden::{Case, Verdict};
use crate::networks::common::{Networks, check_exported, joined, pinhole, reference, rigid};

/// Same bytes as the reference after the resize, or one off here and there: the second moves depth by up to a percent.
struct Tolerances {
    depth: f64,
    cameras: f64,
    intrinsics: f64,
}

const SAME_BYTES: Tolerances = Tolerances { depth: 1e-4, cameras: 1e-4, intrinsics: 1e-5 };
const BYTES_OFF_BY_ONE: Tolerances = Tolerances { depth: 3e-2, cameras: 3e-2, intrinsics: 3e-2 };

pub fn api_case(case: &Case, preset: Preset, networks: &mut Networks, verdict: &mut Verdict) {
    let network = networks.generated(preset, case.number("seed"), false);
    let prepared = prepared(case);
    let tolerances = resize_verdict(case, &prepared, verdict);
    let (width, height) = prepared[0].image.dimensions();
    let values: Vec<f32> = prepared.iter().flat_map(|one| normalise(&one.image)).collect();
    let shape = (prepared.len(), 3, height as usize, width as usize);
    let images = Tensor::from_vec(values, shape, &Device::Cpu).expect("an image tensor");
    let given = given_cameras(case, &prepared, verdict);
    let exported: Vec<usize> = case.names().filter_map(|name| name.strip_prefix("feat_layer_")?.parse().ok()).collect();
    let conditioning = Conditioning {
        reference: Some(reference(case)),
        poses: given.as_ref().map(|given| given.normalised.as_slice()),
        export_features: &exported,
        tile_bytes: None,
    };
    let mut encoded = network.encode(&images, &conditioning, &Silent).expect("a run of the backbone");
    let maps: Vec<Maps> =
        encoded.views.drain(..).map(|view| network.decode(view, &Silent).expect("a run of the head")).collect();
    check_exported(case, "feat_layer_", &exported, &maps, tolerances.depth.max(1e-4), verdict);
    let mut depth = joined(&maps, |m| Some(&m.depth)).expect("depth");
    if let Some(sky) = joined(&maps, |m| m.sky.as_ref()) {
        fill_sky(&mut [(&mut depth, &sky)]);
        let shown: Vec<f32> = sky.iter().map(|&s| if s >= 0.5 { 1.0 } else { 0.0 }).collect();
        verdict.check(case, "sky", &shown, 0.0);
        verdict.check(case, "depth", &depth, tolerances.depth);
        return;
    }
    let confidence = joined(&maps, |m| m.confidence.as_ref()).expect("confidence");
    verdict.check(case, "conf", &confidence, tolerances.depth);
    let cameras = decoded(&encoded, width, height);
    match given {
        None => {
            verdict.check(case, "depth", &depth, tolerances.depth);
            check_cameras(case, "", &cameras, &tolerances, verdict);
        }
        Some(given) => aligned(case, &given, &cameras, &depth, &tolerances, verdict),
    }
}

/// All at one size, as the reference brings them there.
fn cropped_alike(prepared: &[Prepared]) -> Vec<Prepared> {
    let sizes: Vec<[u32; 2]> = prepared.iter().map(|one| [one.image.width(), one.image.height()]).collect();
    let size = common(&sizes, Shapes::Crop).size;
    prepared.iter().map(|one| crop(one, size)).collect()
}

fn prepared(case: &Case) -> Vec<Prepared> {
    let sizes: Vec<[usize; 2]> = serde_json::from_str(case.text("sizes_wh").expect("sizes")).expect("sizes");
    let name = case.text("method").expect("a method");
    let method = Method::ALL.into_iter().find(|m| m.upstream_name() == name).expect("a known method");
    let photos = sizes.iter().enumerate().map(|(view, &[width, height])| {
        let pixels = images::rgb_image(view, height, width, case.number("image"));
        let photo = image::RgbImage::from_raw(width as u32, height as u32, pixels).expect("an image");
        prepare(&photo, case.number("process_res"), method)
    });
    let prepared: Vec<_> = photos.collect();
    cropped_alike(&prepared)
}

/// Samples may differ from the reference's by one; which tolerances then apply follows from the whole image's hash.
fn resize_verdict(case: &Case, prepared: &[Prepared], verdict: &mut Verdict) -> Tolerances {
    use sha2::{Digest, Sha256};
    let bytes: Vec<u8> = prepared.iter().flat_map(|one| one.image.as_raw().clone()).collect();
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let samples: Vec<f32> = bytes.iter().map(|&b| f32::from(b)).collect();
    let golden = case.values("resized_u8");
    let stride: usize = case.number("stride.resized_u8");
    let worst = golden.iter().zip(samples.iter().step_by(stride)).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    verdict.require(case, "resized samples are within one step", worst <= 1.0);
    if case.text("resized_sha256") == Some(hash.as_str()) { SAME_BYTES } else { BYTES_OFF_BY_ONE }
}

/// Known cameras: as given, and as the network gets them.
struct Given {
    extrinsics: Vec<Rigid>,
    normalised: Vec<(Rigid, Intrinsics)>,
}

fn given_cameras(case: &Case, prepared: &[Prepared], verdict: &mut Verdict) -> Option<Given> {
    if !case.has("in_extrinsics") {
        return None;
    }
    let extrinsics: Vec<Rigid> = case.values("in_extrinsics").chunks(16).map(rigid).collect();
    let photo_intrinsics = case.values("in_intrinsics");
    let intrinsics: Vec<Intrinsics> =
        photo_intrinsics.chunks(9).zip(prepared).map(|(k, one)| one.transform.apply(&pinhole(k))).collect();
    let normalised = normalise_extrinsics(&extrinsics);
    verdict.check(case, "norm_extrinsics", &homogeneous(&normalised), 1e-5);
    verdict.check(case, "proc_intrinsics", &rows_of(&intrinsics), 1e-5);
    Some(Given { extrinsics, normalised: normalised.into_iter().zip(intrinsics).collect() })
}

/// Depth and cameras in the frame and scale of the given extrinsics (specification §5.8).
fn aligned(
    case: &Case,
    given: &Given,
    predicted: &[(Rigid, Intrinsics)],
    depth: &[f32],
    tolerances: &Tolerances,
    verdict: &mut Verdict,
) {
    check_cameras(case, "pred_", predicted, tolerances, verdict);
    let centres =
        |cameras: &[Rigid]| cameras.iter().map(|camera| camera.camera_centre().as_dvec3()).collect::<Vec<_>>();
    let predicted_poses: Vec<Rigid> = predicted.iter().map(|(pose, _)| *pose).collect();
    let similarity = umeyama(&centres(&given.extrinsics), &centres(&predicted_poses)).expect("cameras off a line");
    verdict.check(case, "umeyama_scale", &[similarity.scale as f32], tolerances.cameras);
    let scaled: Vec<f32> = depth.iter().map(|d| d / similarity.scale as f32).collect();
    verdict.check(case, "depth", &scaled, tolerances.depth);
    verdict.check(case, "noscale_depth", depth, tolerances.depth);
    verdict.check(case, "extrinsics", &rows_of_poses(&given.extrinsics), 1e-6);
    let processed: Vec<Intrinsics> = given.normalised.iter().map(|(_, k)| *k).collect();
    verdict.check(case, "intrinsics", &rows_of(&processed), 1e-5);
    let carried: Vec<Rigid> = given
        .extrinsics
        .iter()
        .map(|camera| {
            let world_from_camera = camera.inverse();
            let rotation = similarity.rotation.as_mat3() * world_from_camera.rotation;
            let centre = similarity.apply(world_from_camera.translation.as_dvec3()).as_vec3();
            Rigid::new(rotation, centre).inverse()
        })
        .collect();
    verdict.check(case, "noscale_extrinsics", &homogeneous(&carried), tolerances.cameras);
}

fn decoded(encoded: &Encoded, width: u32, height: u32) -> Vec<(Rigid, Intrinsics)> {
    encoded.poses.as_ref().expect("poses").iter().map(|pose| decode_pose(pose, width, height)).collect()
}

fn check_cameras(
    case: &Case,
    prefix: &str,
    cameras: &[(Rigid, Intrinsics)],
    tolerances: &Tolerances,
    verdict: &mut Verdict,
) {
    let (poses, intrinsics): (Vec<_>, Vec<_>) = cameras.iter().copied().unzip();
    verdict.check(case, &format!("{prefix}extrinsics"), &rows_of_poses(&poses), tolerances.cameras);
    verdict.check(case, &format!("{prefix}intrinsics"), &rows_of(&intrinsics), tolerances.intrinsics);
}

fn rows_of_poses(poses: &[Rigid]) -> Vec<f32> {
    poses.iter().flat_map(|pose| pose.rows().concat()).collect()
}

fn rows_of(intrinsics: &[Intrinsics]) -> Vec<f32> {
    intrinsics.iter().flat_map(|k| k.rows().concat()).collect()
}

fn homogeneous(poses: &[Rigid]) -> Vec<f32> {
    poses.iter().flat_map(|pose| pose.rows().concat().into_iter().chain([0.0, 0.0, 0.0, 1.0])).collect()
}
