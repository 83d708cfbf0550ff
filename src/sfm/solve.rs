//! Cameras and points from matches, by openmvg-sfm.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use glam::{DVec3, Mat3, Vec3};
use nalgebra::Matrix3;
use openmvg_core::RunSeed;
use openmvg_sfm::model::{ImageMeta, PairGeometry, ViewRecord};
use openmvg_sfm::progress::SfmProgressSink;
use openmvg_sfm::{
    FeatureId, FeatureMatch, Global, Incremental, IntrinsicId, Keypoint, PoseId, Reconstruction, ViewGraph,
    ViewGraphParts, ViewId, ViewPair,
};
use rayon::prelude::*;

use super::lens::{Lenses, solved};
use super::pair::{Fit, fit};
use super::{LensPrior, SfmError};
use crate::geometry::{Intrinsics, Rigid};

/// The same photos give the same cameras.
const SEED: u64 = 42;

/// A photo, as the solver sees it.
#[derive(Clone, Debug)]
pub struct SolverView {
    /// Width × height.
    pub size: [u32; 2],
    pub lens: LensPrior,
    /// (x, y) in pixels; centres of pixels are whole numbers.
    pub keypoints: Vec<[f32; 2]>,
}

/// Which keypoints of two photos are the same.
#[derive(Clone, Debug)]
pub struct PairMatches {
    /// Places of the photos, in ascending order.
    pub photos: [usize; 2],
    /// Places of keypoints in either, in ascending order.
    pub matches: Vec<[u32; 2]>,
}

/// What was solved: one scene of unknown scale, whose world is that of OpenCV's cameras.
#[derive(Clone, Debug, Default)]
pub struct Solved {
    /// By photo; `None` where it has no place in the scene.
    pub cameras: Vec<Option<SolvedCamera>>,
    pub points: Vec<SolvedPoint>,
    /// Median distance, in pixels, between where a point is and where it was found.
    pub residual: f64,
    /// Pairs of photos that fit.
    pub pairs: usize,
}

#[derive(Clone, Copy, Debug)]
pub struct SolvedCamera {
    /// In pixels of the photo; (0.5, 0.5) is the middle of the first one.
    pub intrinsics: Intrinsics,
    /// First radial term of the distortion.
    pub k1: f64,
    /// Extrinsics, w2c.
    pub camera_from_world: Rigid,
}

#[derive(Clone, Debug)]
pub struct SolvedPoint {
    pub position: DVec3,
    /// Mean distance, in pixels, between where it is and where it was found.
    pub error: f64,
    /// Photo and keypoint, by place.
    pub seen: Vec<[u32; 2]>,
}

impl Solved {
    /// Photos that have a camera.
    pub fn count(&self) -> usize {
        self.cameras.iter().flatten().count()
    }

    /// More cameras are better, then a smaller residual.
    pub fn is_better_than(&self, other: &Self) -> bool {
        (self.count(), -self.residual) > (other.count(), -other.residual)
    }
}

/// Stops the solver, which asks between its steps.
struct Stop<'a>(&'a (dyn Fn() -> bool + Sync));

impl SfmProgressSink for Stop<'_> {
    fn is_canceled(&self) -> bool {
        (self.0)()
    }
}

/// Solves for the cameras of photos in two ways, photo by photo and all at once, and gives the better result: neither always is.
/// The same input gives the same result at any number of threads.
///
/// # Errors
/// [`SfmError`]; a panic of the solver is one as well.
pub fn solve(
    views: &[SolverView],
    pairs: &[PairMatches],
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Solved, SfmError> {
    if views.len() < 2 {
        return Err(SfmError::TooFew);
    }
    // Other people's code.
    let solved = catch_unwind(AssertUnwindSafe(|| best(views, pairs, is_cancelled)));
    let solved = solved.unwrap_or_else(|_| Err(SfmError::Solver("the solver gave up".into())));
    if is_cancelled() { Err(SfmError::Cancelled) } else { solved }
}

fn best(
    views: &[SolverView],
    pairs: &[PairMatches],
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Solved, SfmError> {
    let mut lenses = Lenses::new(views)?;
    lenses.begin_well(views, pairs, |pair| places(views, pair), RunSeed::from_u64(SEED));
    let (graph, fitting) = graph(views, pairs, &lenses, is_cancelled)?;
    let stop = Stop(is_cancelled);
    let one_by_one = Incremental::default().runner().progress(&stop).run_prepared(&graph);
    let all_at_once = Global::default().runner().progress(&stop).run_prepared(&graph);
    let mut found: Option<Solved> = None;
    for output in [one_by_one, all_at_once].into_iter().flatten() {
        let solved = told(output.reconstruction(), views.len(), fitting);
        if solved.count() >= 2 && found.as_ref().is_none_or(|found| solved.is_better_than(found)) {
            found = Some(solved);
        }
    }
    found.ok_or(SfmError::NoScene { pairs: fitting })
}

/// What the solver begins with, and how many pairs fit.
fn graph(
    views: &[SolverView],
    pairs: &[PairMatches],
    lenses: &Lenses,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<(ViewGraph, usize), SfmError> {
    let seed = RunSeed::from_u64(SEED);
    let solver = |error: &dyn ToString| SfmError::Solver(error.to_string());
    let fit_of = |pair: &PairMatches| -> Option<Fit> {
        let [a, b] = pair.photos;
        if is_cancelled() {
            return None;
        }
        let longest = [a, b].iter().flat_map(|&photo| views[photo].size).max().unwrap_or(1);
        let cameras = [a, b].map(|photo| &lenses.cameras[lenses.of[photo]]);
        fit(&places(views, pair), cameras, longest.into(), seed.derive("pair", &[a as u64, b as u64]))
    };
    let fits: Vec<Option<Fit>> = pairs.par_iter().map(fit_of).collect();
    if is_cancelled() {
        return Err(SfmError::Cancelled);
    }
    let fitting = fits.iter().flatten().count();
    if fitting == 0 {
        return Err(SfmError::NoPairs { photos: views.len() });
    }
    let record = |(place, view): (usize, &SolverView)| {
        let about = ImageMeta::external_id(place.to_string(), view.size[0], view.size[1]);
        ViewRecord::new(ViewId::new(place), about, IntrinsicId::new(lenses.of[place]), PoseId::new(place))
    };
    let keypoint = |&at: &[f32; 2]| {
        let [x, y] = corner_based(at);
        Keypoint::try_new(x, y, 1.0, 0.0)
    };
    let keypoints: Vec<Vec<Keypoint>> = views
        .iter()
        .map(|view| view.keypoints.iter().map(keypoint).collect::<Result<_, _>>())
        .collect::<Result<_, _>>()
        .map_err(|error| solver(&error))?;
    let mut parts =
        ViewGraphParts::new(seed, lenses.cameras.clone(), views.iter().enumerate().map(record).collect(), keypoints)
            .with_calibrated_intrinsics(lenses.are_known);
    for (pair, fit) in pairs.iter().zip(fits) {
        let number = |place: u32| FeatureId::new(place as usize);
        let matches = pair.matches.iter().map(|&[i, j]| FeatureMatch::try_new(number(i), number(j), None));
        let matches = matches.collect::<Result<_, _>>().map_err(|error| solver(&error))?;
        let fit = fit.map(|Fit { essential, pose, inliers }| {
            (PairGeometry::Essential { matrix: essential, relative_pose: Some(pose) }, inliers)
        });
        let [a, b] = pair.photos.map(ViewId::new);
        parts = parts.with_pair(ViewPair::new(a, b), matches, fit);
    }
    Ok((ViewGraph::try_from_parts(parts).map_err(|error| solver(&error))?, fitting))
}

/// Where a pair's matches are in either photo.
fn places(views: &[SolverView], pair: &PairMatches) -> Vec<[[f32; 2]; 2]> {
    let [a, b] = pair.photos;
    let place = |photo: usize, keypoint: u32| corner_based(views[photo].keypoints[keypoint as usize]);
    pair.matches.iter().map(|&[i, j]| [place(a, i), place(b, j)]).collect()
}

/// Lenses count from the corner of the first pixel, keypoints from its middle.
fn corner_based([x, y]: [f32; 2]) -> [f32; 2] {
    [x + 0.5, y + 0.5]
}

/// The largest part of a reconstruction.
fn told(found: &Reconstruction, photos: usize, pairs: usize) -> Solved {
    let mut sizes = BTreeMap::new();
    for (_, pose) in found.registered_views() {
        *sizes.entry(pose.component).or_insert(0) += 1;
    }
    let largest = sizes.iter().max_by_key(|&(component, size)| (size, std::cmp::Reverse(component)));
    let largest = largest.map(|(component, _)| *component);
    let mut cameras = vec![None; photos];
    for (view, pose) in found.registered_views().filter(|(_, pose)| Some(pose.component) == largest) {
        let lens = found.views().get(view.index()).map(|record| record.intrinsic_id);
        let camera = lens.and_then(|lens| found.camera_models().get(lens.index())).and_then(solved);
        cameras[view.index()] = camera.map(|(intrinsics, k1)| {
            let rotation = rotation(pose.pose.rotation_matrix());
            let translation = pose.pose.translation();
            let translation = Vec3::new(translation.x as f32, translation.y as f32, translation.z as f32);
            SolvedCamera { intrinsics, k1, camera_from_world: Rigid::new(rotation, translation) }
        });
    }
    let mut seen: BTreeMap<usize, Vec<[u32; 2]>> = BTreeMap::new();
    for observation in found.observations().filter(|one| cameras[one.view.index()].is_some()) {
        let place = [observation.view.index() as u32, observation.feature.index() as u32];
        seen.entry(observation.landmark.index()).or_default().push(place);
    }
    let mut points = Vec::with_capacity(seen.len());
    let mut residuals = Vec::with_capacity(seen.len());
    for landmark in found.landmarks().iter_active() {
        let Some(seen) = seen.remove(&landmark.id.index()).filter(|seen| seen.len() >= 2) else { continue };
        let (position, error) = (landmark.point, landmark.reprojection_error.value());
        points.push(SolvedPoint { position: DVec3::new(position.x, position.y, position.z), error, seen });
        residuals.push(error);
    }
    residuals.sort_unstable_by(f64::total_cmp);
    let residual = residuals.get(residuals.len() / 2).copied().unwrap_or(f64::INFINITY);
    Solved { cameras, points, residual, pairs }
}

fn rotation(matrix: &Matrix3<f64>) -> Mat3 {
    let column = |at: usize| Vec3::new(matrix[(0, at)] as f32, matrix[(1, at)] as f32, matrix[(2, at)] as f32);
    Mat3::from_cols(column(0), column(1), column(2))
}
