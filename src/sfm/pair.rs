//! What two photos say of each other: which of their matches one rigid scene explains.

use nalgebra::{Matrix3, Point2, Vector3};
use openmvg_core::model::RelativePose;
use openmvg_core::{Camera, CameraModel, NormalizedImageThreshold, PixelThreshold, RunSeed};
use openmvg_geometry::correspondence::{BearingCorrespondence, PixelCorrespondence};
use openmvg_geometry::essential::{EssentialMatrix, estimate_essential};
use openmvg_geometry::homography::estimate_homography;
use openmvg_geometry::robust::{RobustEstimate, RobustOptions};

/// A match may lie so many pixels beside its epipolar line, in a photo whose longer side is [`OF_SIDE`].
const OFF: f64 = 4.0;
const OF_SIDE: f64 = 1600.0;
/// Fewer fit by chance.
const LEAST: usize = 16;
const LEAST_SHARE: f64 = 0.1;
/// Where a plane explains this part of what fits, it may be one plane or a turn on the spot: neither says where the camera went.
const FLAT: f64 = 0.95;
/// So many of what fits tell that: a share of 0.95 is then known to a hundredth.
const TELLING: usize = 500;

/// How two photos stand to each other.
pub(super) struct Fit {
    pub essential: Matrix3<f64>,
    pub pose: RelativePose,
    /// By match.
    pub inliers: Vec<bool>,
}

impl Fit {
    /// Matches that fit.
    pub fn count(&self) -> usize {
        self.inliers.iter().filter(|fits| **fits).count()
    }
}

/// What `off` pixels of a photo whose longer side is [`OF_SIDE`] are in the larger of photos of these sizes.
pub(super) fn in_photos(off: f64, sizes: &[[u32; 2]]) -> f64 {
    let longest = sizes.iter().flatten().max().copied().unwrap_or(1);
    off * f64::from(longest) / OF_SIDE
}

/// `matches`: places in both photos, which have these sizes. `None` where no rigid scene explains enough of them, or a
/// plane explains all.
pub(super) fn fit(
    matches: &[[[f32; 2]; 2]],
    cameras: [&Camera; 2],
    sizes: [[u32; 2]; 2],
    seed: RunSeed,
) -> Option<Fit> {
    let off = in_photos(OFF, &sizes);
    let rays = rays(matches, cameras)?;
    let found = epipolar(&rays, cameras, off, seed)?;
    let count = found.inliers().len();
    if count < LEAST || (count as f64) < LEAST_SHARE * matches.len() as f64 {
        return None;
    }
    let telling = found.inliers().iter().step_by(count.div_ceil(TELLING)).map(|&at| matches[at]);
    if is_flat(&telling.collect::<Vec<_>>(), off, seed) {
        return None;
    }
    let fitting: Vec<BearingCorrespondence> = found.inliers().iter().map(|&at| rays[at]).collect();
    let pose = found.model().decompose_with_cheirality(&fitting)?;
    let mut inliers = vec![false; matches.len()];
    found.inliers().iter().for_each(|&at| inliers[at] = true);
    Some(Fit { essential: *found.model().matrix(), pose, inliers })
}

/// How many matches one rigid scene explains to `off` pixels, with both photos taken by `camera`.
pub(super) fn explained(matches: &[[[f32; 2]; 2]], camera: &Camera, off: f64, seed: RunSeed) -> usize {
    let cameras = [camera; 2];
    let found = rays(matches, cameras).and_then(|rays| epipolar(&rays, cameras, off, seed));
    found.map_or(0, |found| found.inliers().len())
}

fn epipolar(
    rays: &[BearingCorrespondence],
    cameras: [&Camera; 2],
    off: f64,
    seed: RunSeed,
) -> Option<RobustEstimate<EssentialMatrix>> {
    if rays.len() < LEAST {
        return None;
    }
    let focals = cameras.iter().filter_map(|camera| camera.focal_lengths());
    let focal = focals.fold(f64::MAX, |least, (fx, fy)| least.min(fx).min(fy));
    let threshold = NormalizedImageThreshold::from_pixels(PixelThreshold::try_new(off).ok()?, focal).ok()?;
    estimate_essential(rays, threshold, &RobustOptions::default().with_seed(seed)).ok()
}

fn rays(matches: &[[[f32; 2]; 2]], cameras: [&Camera; 2]) -> Option<Vec<BearingCorrespondence>> {
    let pair = |[a, b]: &[[f32; 2]; 2]| BearingCorrespondence::try_new(ray(cameras[0], *a)?, ray(cameras[1], *b)?).ok();
    matches.iter().map(pair).collect()
}

fn ray(camera: &Camera, [x, y]: [f32; 2]) -> Option<Vector3<f64>> {
    camera.unproject(&Point2::new(x.into(), y.into())).ok()?.try_normalize(1e-12)
}

/// Whether one plane explains these matches, which fit a scene.
fn is_flat(matches: &[[[f32; 2]; 2]], off: f64, seed: RunSeed) -> bool {
    let pixel =
        |[a, b]: &[[f32; 2]; 2]| PixelCorrespondence::from_coords(a[0].into(), a[1].into(), b[0].into(), b[1].into());
    let pixels: Vec<PixelCorrespondence> = matches.iter().map(pixel).collect();
    // Both ways together may be off as far as one way for the epipolar lines.
    let Ok(threshold) = PixelThreshold::try_new(off * std::f64::consts::SQRT_2) else { return false };
    let options = RobustOptions::default().with_confidence(0.99).with_max_draws(256).with_seed(seed);
    let flat = estimate_homography(&pixels, threshold, &options).map_or(0, |flat| flat.inliers().len());
    flat as f64 >= FLAT * matches.len() as f64
}
