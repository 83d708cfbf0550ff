//! A network's maps to depth with a unit and a camera: the rules that turn raw output into a result.

use std::sync::Arc;

use super::estimate::wants_poses;
use super::prepare::Ready;
use super::rim::without_rim;
use super::sky::SHOWN_THRESHOLD;
use super::{
    Camera, DepthUnit, Extras, GaussianMaps, InferenceError, Lens, LensSource, PoseSource, Settings, ViewPrediction,
    fill_sky,
};
use crate::geometry::{
    GAUSSIAN_CHANNELS, Intrinsics, PoseEncoding, RayMap, Rigid, camera_of_rays, decode_pose, percentile,
};
use crate::model::{Da2Output, HeadKind, Maps, Preset, RawGaussians, Rays};

/// Field of view across the longer side of a photo whose lens is not known, in degrees.
pub const ASSUMED_FOV_DEGREES: u32 = 60;
/// Focal length in pixels at which the metric model's output is metres (specification §5.7).
pub(super) const METRIC_FOCAL: f32 = 300.0;
/// Disparity up to this part of the view's largest is no surface but background.
const BACKGROUND_DISPARITY: f32 = 0.01;
/// The shift that stands in for the unknown one, as a part of the view's largest disparity: what is infinitely far comes
/// to lie at 11 times the distance of what is nearest.
const DISPARITY_SHIFT: f32 = 0.1;
/// The largest disparity is this percentile, so that a few hot pixels do not set the scale.
const LARGEST_DISPARITY_PERCENTILE: f32 = 99.0;

/// The unit in which a network's depth comes out after these rules.
pub fn unit_of(settings: &Settings, preset: Preset) -> DepthUnit {
    // Known cameras bring their own unit, which nobody tells.
    let is_given = wants_poses(settings, preset) && settings.given_cameras().is_some();
    match preset.head().kind {
        HeadKind::Single(Da2Output::Metric { .. }) => DepthUnit::Metres,
        HeadKind::Sky if preset == Preset::Da3MetricLarge => DepthUnit::Metres,
        _ if preset.metric_part().is_some() && !is_given => DepthUnit::Metres,
        _ => DepthUnit::Relative,
    }
}

/// Whether metres depend on the lens: then an assumed lens makes the scale a guess.
pub(super) fn metres_need_a_lens(preset: Preset) -> bool {
    preset == Preset::Da3MetricLarge
}

/// One result per view of a pass, in its order; `scene` is the number of the pass's scene, from which views that do not
/// share one count on.
pub(super) fn finish_pass(
    preset: Preset,
    pass: Vec<(&Ready, Maps)>,
    poses: Option<&[PoseEncoding]>,
    scene: usize,
) -> Vec<Result<ViewPrediction, InferenceError>> {
    let mut pass: Vec<_> = pass.into_iter().map(|(ready, maps)| (ready, without_rim(maps, ready))).collect();
    let mut with_sky: Vec<(&mut [f32], &[f32])> =
        pass.iter_mut().filter_map(|(_, maps)| Some((maps.depth.as_mut_slice(), maps.sky.as_deref()?))).collect();
    fill_sky(&mut with_sky);
    let views = pass.into_iter().enumerate().map(|(i, (ready, maps))| {
        let pose = poses.and_then(|poses| poses.get(i));
        let scene = if pose.is_some() { scene } else { scene + i };
        finish_view(preset, ready, maps, pose, scene)
    });
    views.collect()
}

fn finish_view(
    preset: Preset,
    ready: &Ready,
    maps: Maps,
    pose: Option<&PoseEncoding>,
    scene: usize,
) -> Result<ViewPrediction, InferenceError> {
    let [width, height] = ready.size();
    let unusable = |flaw| InferenceError::Unusable { path: ready.photo.path.clone(), flaw };
    if maps.depth.iter().any(|d| !d.is_finite()) {
        return Err(unusable("some of its numbers are not finite"));
    }
    if maps.depth.iter().all(|&d| d == maps.depth[0]) {
        return Err(unusable("every pixel has the same depth"));
    }
    let camera = match &maps.rays {
        Some(Rays { width, height, rays, confidence }) => {
            let map = RayMap { width: *width, height: *height, rays, confidence };
            let found = camera_of_rays(&map, ready.size());
            let (camera_from_world, intrinsics) = found.ok_or_else(|| unusable("its rays belong to no camera"))?;
            predicted(intrinsics, camera_from_world)
        }
        None => camera(ready, pose),
    };
    let extras =
        Extras { gaussians: maps.gaussians.map(|raw| gaussians(raw, &maps.depth)), features: Arc::new(maps.features) };
    let (mut depth, mut disparity, mut background) = (maps.depth, None, None);
    match preset.head().kind {
        HeadKind::Single(Da2Output::Disparity) => {
            let (derived, far) =
                depth_from_disparity(&depth).ok_or_else(|| unusable("everything is infinitely far"))?;
            (disparity, depth, background) = (Some(depth), derived, Some(far));
        }
        _ if metres_need_a_lens(preset) => {
            let focal = (camera.intrinsics.fx + camera.intrinsics.fy) / 2.0;
            depth.iter_mut().for_each(|d| *d *= focal / METRIC_FOCAL);
        }
        _ => {}
    }
    let hidden = ready.hidden();
    let sky: Option<Vec<bool>> = maps.sky.map(|sky| sky.iter().map(|&s| s >= SHOWN_THRESHOLD).collect());
    let mut view = ViewPrediction {
        view: ready.photo.id,
        path: ready.photo.path.clone(),
        scene,
        photo_size: ready.photo_size,
        photo_part: ready.transform.part(ready.size()),
        photo_turn: ready.photo_turn,
        bent: ready.bent,
        width,
        height,
        image: ready.image.clone(),
        depth,
        confidence: maps.confidence,
        background: background.or_else(|| sky.clone()),
        sky,
        disparity,
        camera,
        extras,
    };
    // The metric part still compares depths.
    match preset.metric_part() {
        Some(_) => view.hide_surface(hidden.as_deref()),
        None => view.hide(hidden.as_deref()),
    }
    Ok(view)
}

/// Gaussians lie at the depth of their pixel, plus an offset of their own, along its ray (specification §7.2).
fn gaussians(raw: RawGaussians, depth: &[f32]) -> GaussianMaps {
    let offsets = raw.channels.chunks_exact(GAUSSIAN_CHANNELS).map(|channels| channels[GAUSSIAN_CHANNELS - 1]);
    let distance = depth.iter().zip(offsets).map(|(depth, offset)| depth + offset).collect();
    GaussianMaps { raw: Arc::new(raw), distance }
}

/// Relative depth from relative disparity, and which pixels are background.
///
/// n = disparity / P99(disparity) of the view; depth = 1.1 / (n + 0.1). So the nearest surfaces lie at about 1, nothing
/// lies farther than 11, and a disparity of zero ("infinitely far") is never divided by; pixels with n ≤ 0.01 are
/// background. Scale and shift of the disparity are unknown: these keep near and far in one picture, and true distances
/// may be stretched against them. `None` where no pixel has a disparity above zero.
pub fn depth_from_disparity(disparity: &[f32]) -> Option<(Vec<f32>, Vec<bool>)> {
    let largest = percentile(disparity.iter().copied(), LARGEST_DISPARITY_PERCENTILE).filter(|&d| d > 0.0)?;
    let normalised = || disparity.iter().map(move |d| d / largest);
    let depth = normalised().map(|n| (1.0 + DISPARITY_SHIFT) / (n + DISPARITY_SHIFT)).collect();
    Some((depth, normalised().map(|n| n <= BACKGROUND_DISPARITY).collect()))
}

fn camera(ready: &Ready, pose: Option<&PoseEncoding>) -> Camera {
    if let Some(pose) = pose {
        let ([across, down], [left, top]) = (ready.framed_size(), ready.margins().map(|side| side as f32));
        let (camera_from_world, intrinsics) = decode_pose(pose, across, down);
        let intrinsics = intrinsics.cropped(left, top);
        return predicted(intrinsics, camera_from_world);
    }
    let alone =
        |intrinsics, lens| Camera { intrinsics, camera_from_world: Rigid::IDENTITY, lens, pose: PoseSource::None };
    let [photo_width, photo_height] = ready.photo_size;
    if let Some(intrinsics) = ready.estimated {
        return alone(intrinsics, LensSource::Estimated);
    }
    let (focal, source) = match (ready.lens, ready.focal) {
        (Some(lens), _) => (lens.focal_pixels(ready.photo_size), LensSource::Given),
        (None, Some(focal)) => (focal.pixels(photo_width, photo_height), LensSource::Exif),
        (None, None) => {
            let assumed = Lens::FieldOfView(ASSUMED_FOV_DEGREES as f32);
            (assumed.focal_pixels(ready.photo_size), LensSource::Assumed)
        }
    };
    alone(ready.intrinsics(focal), source)
}

fn predicted(intrinsics: Intrinsics, camera_from_world: Rigid) -> Camera {
    Camera { intrinsics, camera_from_world, lens: LensSource::Predicted, pose: PoseSource::Predicted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disparity_becomes_finite_depth_that_grows_with_distance() {
        let disparity: Vec<f32> = (0..=200).map(|i| i as f32 / 50.0).collect();
        let (depth, background) = depth_from_disparity(&disparity).expect("surfaces");
        assert!((depth[0] - 11.0).abs() < 1e-4 && background[0]);
        assert!((depth[198] - 1.0).abs() < 1e-5, "the 99th percentile lies at 1");
        assert!(depth.windows(2).all(|pair| pair[0] >= pair[1]), "nearer pixels have smaller depth");
        assert!(!background[10] && background.iter().filter(|&&b| b).count() <= 3);
        assert_eq!(depth_from_disparity(&[0.0; 16]), None);
    }
}
