//! What the solver begins with: photos, their lenses, and which pairs of them fit.

use openmvg_core::RunSeed;
use openmvg_sfm::model::{ImageMeta, PairGeometry, ViewRecord};
use openmvg_sfm::{
    FeatureId, FeatureMatch, IntrinsicId, Keypoint, PoseId, ViewGraph, ViewGraphParts, ViewId, ViewPair,
};
use rayon::prelude::*;

use super::consistent::keep_consistent;
use super::given::corner_based;
use super::lens::Lenses;
use super::pair::{Fit, fit};
use super::{PairMatches, SfmError, SolverView};

/// The same photos give the same cameras.
pub(super) const SEED: u64 = 42;

/// What the solver begins with, and the matches of pairs that fit.
pub(super) fn graph(
    views: &[SolverView],
    pairs: &[PairMatches],
    lenses: &Lenses,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<(ViewGraph, Vec<PairMatches>), SfmError> {
    let seed = RunSeed::from_u64(SEED);
    let solver = |error: &dyn ToString| SfmError::Solver(error.to_string());
    let fit_of = |pair: &PairMatches| -> Option<Fit> {
        let [a, b] = pair.photos;
        if is_cancelled() {
            return None;
        }
        let sizes = [a, b].map(|photo| views[photo].size);
        let cameras = [a, b].map(|photo| &lenses.cameras[lenses.of[photo]]);
        fit(&places(views, pair), cameras, sizes, seed.derive("pair", &[a as u64, b as u64]))
    };
    let mut fits: Vec<Option<Fit>> = pairs.par_iter().map(fit_of).collect();
    keep_consistent(views.len(), pairs, &mut fits);
    if is_cancelled() {
        return Err(SfmError::Cancelled);
    }
    let fitting: Vec<PairMatches> =
        pairs.iter().zip(&fits).filter_map(|(pair, fit)| Some(fitting(pair, fit.as_ref()?))).collect();
    if fitting.is_empty() {
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
            .with_calibrated_intrinsics(lenses.are_known());
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

/// The matches that fit.
fn fitting(pair: &PairMatches, fit: &Fit) -> PairMatches {
    let matches = pair.matches.iter().zip(&fit.inliers).filter(|(_, fits)| **fits).map(|(matched, _)| *matched);
    PairMatches { photos: pair.photos, matches: matches.collect() }
}

/// Where a pair's matches are in either photo.
pub(super) fn places(views: &[SolverView], pair: &PairMatches) -> Vec<[[f32; 2]; 2]> {
    let [a, b] = pair.photos;
    let place = |photo: usize, keypoint: u32| corner_based(views[photo].keypoints[keypoint as usize]);
    pair.matches.iter().map(|&[i, j]| [place(a, i), place(b, j)]).collect()
}
