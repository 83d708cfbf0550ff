//! Predicted cameras made exact by what photos share: cameras and lens by their matches, depth by the points of these, all in the world
//! that was predicted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use glam::{DMat3, DQuat, DVec3};

use super::candidates::each_with_each;
use super::epipolar::distances;
use super::fit::with_camera;
use super::one_scene::{depth_ratio, points, shot};
use super::placing::Placement;
use super::{Doing, Follow, LensPrior, OneScene, Scene, SfmError, Shot, SolvedCamera, WhyLeftOut, cameras_of};
use crate::geometry::{Intrinsics, Reading, Rigid, Similarity, median, percentile};
use crate::inference::{LensSource, Matched, Moved, PoseSource, Prediction, ViewPrediction, carry};
use crate::input::{Limits, ViewId};

/// Matches have to come so much nearer to where cameras say they are, as a part of how far off they were.
const CLEARLY: f64 = 0.75;
/// Where the turns between two cameras are off from those predicted by more, degrees in the middle of all pairs, matches contradict the
/// prediction: walls that look alike do so.
const MOST_DEGREES: f64 = 40.0;

/// Adjusts the cameras of the largest scene of a prediction, and refits its depth. Views that share too little keep the camera that was
/// predicted, and so do those whose photo is another by now (`changed`); world and unit stay those of the prediction. Gaussians of
/// adjusted views are dropped: they lie where the network put them with its own cameras.
///
/// # Errors
/// Where cameras stay as they are: too few views match, the matches contradict the prediction or each other, or they do not come
/// clearly nearer.
pub fn refined(
    prediction: &Prediction,
    changed: &BTreeSet<ViewId>,
    limits: &Limits,
    follow: &dyn Follow,
) -> Result<OneScene, SfmError> {
    let group = largest_scene(prediction);
    let views: Vec<Arc<ViewPrediction>> = group.iter().map(|&at| Arc::clone(&prediction.views[at])).collect();
    let common = common_lenses(&views);
    let read = |photo: usize| {
        let view = views[photo].as_ref();
        let shot = shot(view, limits).filter(|_| !changed.contains(&view.view))?;
        let is_guess = is_guess(view) && shot.lens == LensPrior::Likely(view.photo_intrinsics());
        let common = common.get(&view.photo_size).filter(|_| is_guess);
        Some(Shot { lens: common.map_or(shot.lens, |lens| LensPrior::Likely(*lens)), ..shot })
    };
    let scene = cameras_of(views.len(), &read, follow)?;
    follow.progress(Doing::Placing, 0.95);
    let residuals = judged(&views, &scene)?;
    told(prediction, &group, &Placement::new(&views, scene, follow)?, residuals)
}

/// Where the views are that share most with others: those of the scene with most of them.
fn largest_scene(prediction: &Prediction) -> Vec<usize> {
    let mut scenes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, view) in prediction.views.iter().enumerate().filter(|(_, view)| view.camera.pose.is_some()) {
        scenes.entry(view.scene).or_default().push(at);
    }
    scenes.into_values().rev().max_by_key(Vec::len).unwrap_or_default()
}

/// Whether nobody but the network said what the lens is.
fn is_guess(view: &ViewPrediction) -> bool {
    view.camera.lens == LensSource::Predicted && view.bent.is_none()
}

/// By size of photos: the lens in the middle of those that were predicted. They differ from photo to photo, and photos of one size are
/// most often of one camera.
fn common_lenses(views: &[Arc<ViewPrediction>]) -> BTreeMap<[u32; 2], Intrinsics> {
    let mut focals: BTreeMap<[u32; 2], Vec<f32>> = BTreeMap::new();
    for view in views.iter().filter(|view| is_guess(view)) {
        let lens = view.photo_intrinsics();
        focals.entry(view.photo_size).or_default().push((lens.fx * lens.fy).sqrt());
    }
    let middle = |([width, height], focals): ([u32; 2], Vec<f32>)| {
        Some(([width, height], Intrinsics::centred(percentile(focals, 50.0)?, width, height)))
    };
    focals.into_iter().filter_map(middle).collect()
}

/// A predicted camera as a solved one, in pixels of the photo as its view shows it.
fn predicted(view: &ViewPrediction) -> SolvedCamera {
    SolvedCamera { intrinsics: view.photo_intrinsics(), k1: 0.0, camera_from_world: view.camera.camera_from_world }
}

/// How far matches are off, in pixels in the middle: by the predicted cameras, and by the solved ones.
///
/// # Errors
/// Where that speaks against the solved ones.
fn judged(views: &[Arc<ViewPrediction>], scene: &Scene) -> Result<[f64; 2], SfmError> {
    let (placed, photos) = (scene.solved.count(), views.len());
    if 2 * placed < photos {
        return Err(SfmError::FewPlaced { placed, photos });
    }
    if !scene.solved.is_sound() {
        return Err(SfmError::NoScene { pairs: scene.solved.pairs.len() });
    }
    let before: Vec<Option<SolvedCamera>> =
        views.iter().zip(&scene.solved.cameras).map(|(view, camera)| camera.map(|_| predicted(view))).collect();
    let (before, after) = (residual(scene, &before), residual(scene, &scene.solved.cameras));
    let poses: Vec<[Rigid; 2]> = poses(views, scene);
    let [solved, predicted] = [0, 1].map(|which| poses.iter().map(|both| both[which]).collect::<Vec<Rigid>>());
    if let Some(degrees) = Reading::AsGiven.error(&solved, &predicted).filter(|degrees| *degrees > MOST_DEGREES) {
        return Err(SfmError::Contradicted { degrees });
    }
    if after > CLEARLY * before {
        return Err(SfmError::NotNearer { before, after });
    }
    Ok([before, after])
}

/// The median over the matches of all pairs that fit and whose photos have a camera; pixels.
fn residual(scene: &Scene, cameras: &[Option<SolvedCamera>]) -> f64 {
    let mut all = Vec::new();
    for pair in &scene.solved.pairs {
        let [Some(a), Some(b)] = pair.photos.map(|photo| cameras[photo].as_ref()) else { continue };
        let keypoints =
            pair.photos.map(|photo| scene.views[photo].as_ref().map_or(&[][..], |view| view.keypoints.as_slice()));
        all.extend(distances([a, b], keypoints, &pair.matches));
    }
    median(all).unwrap_or(f64::INFINITY)
}

fn told(
    prediction: &Prediction,
    group: &[usize],
    placement: &Placement<'_>,
    [before, after]: [f64; 2],
) -> Result<OneScene, SfmError> {
    let Placement { views, fitted, .. } = placement;
    let carried = into_predicted(placement).ok_or(SfmError::NoDepth)?;
    let adjusted: Vec<Option<ViewPrediction>> =
        (0..views.len()).map(|photo| adjusted(placement, photo, &carried)).collect();
    let moved = moved(views, &adjusted, [before, after]);
    let mut matched = Matched { moved: Some(moved), ..placement.told() };
    matched.points = points(placement);
    for at in matched.points.iter_mut().map(|point| &mut point.position) {
        *at = carried.apply(DVec3::from(at.map(f64::from))).as_vec3().to_array();
    }
    (matched.scene, matched.shared) = (views.first().map_or(0, |view| view.scene), matched.points.len());
    let mut left_out = Vec::new();
    let mut prediction = Prediction { matched: Some(matched), ..prediction.clone() };
    for ((&at, adjusted), fitted) in group.iter().zip(adjusted).zip(fitted) {
        let why = if adjusted.is_some() { WhyLeftOut::NoFit } else { WhyLeftOut::NoCamera };
        if fitted.is_none() {
            left_out.push((prediction.views[at].view, why));
        }
        if let Some(view) = adjusted {
            prediction.views[at] = Arc::new(view);
        }
    }
    Ok(OneScene { prediction, left_out })
}

/// A view with its solved camera in the world that was predicted; `None` where it has none.
fn adjusted(placement: &Placement<'_>, photo: usize, carried: &Similarity) -> Option<ViewPrediction> {
    let mut view = match &placement.fitted[photo] {
        Some(fitted) => {
            let mut view = fitted.view.clone();
            carry(&mut view, carried);
            view
        }
        // Its depth stays as it was predicted, in the scale that the world has kept.
        None => {
            let camera = placement.scene.solved.cameras[photo].as_ref()?;
            let mut view = with_camera(&placement.views[photo], camera);
            view.camera.camera_from_world = carried.apply_to_camera(&camera.camera_from_world);
            view
        }
    };
    view.extras.gaussians = None;
    Some(view)
}

/// What brings the solved scene into the world that was predicted: the rotation that most cameras agree on, the ratio of depths (of
/// distances between cameras, where these are known), and the place in the middle. A similarity through the places alone would not do:
/// those of a walk lie on a line.
fn into_predicted(placement: &Placement<'_>) -> Option<Similarity> {
    let Placement { views, scene, .. } = placement;
    let cameras = poses(views, scene);
    let are_known = views.iter().any(|view| view.camera.pose == PoseSource::Known);
    let known = are_known.then(|| distance_ratio(&cameras)).flatten();
    let scale = known.or_else(|| Some(depth_ratio(placement, |_| true)?.0))?;
    let turn = |[solved, predicted]: &[Rigid; 2]| {
        DQuat::from_mat3(&(predicted.rotation.transpose() * solved.rotation).as_dmat3())
    };
    let turns: Vec<DQuat> = cameras.iter().map(turn).collect();
    let rotation = DMat3::from_quat(middle_of_turns(&turns)?);
    let centre = |camera: &Rigid| camera.camera_centre().as_dvec3();
    let ways: Vec<DVec3> =
        cameras.iter().map(|[solved, predicted]| centre(predicted) - scale * (rotation * centre(solved))).collect();
    let axis = |axis: usize| percentile(ways.iter().map(|way| way[axis] as f32), 50.0).map(f64::from);
    let translation = DVec3::new(axis(0)?, axis(1)?, axis(2)?);
    Some(Similarity { scale, rotation, translation })
}

/// Extrinsics of the views that were placed: solved, and predicted.
fn poses(views: &[Arc<ViewPrediction>], scene: &Scene) -> Vec<[Rigid; 2]> {
    let both = views.iter().zip(&scene.solved.cameras);
    both.filter_map(|(view, camera)| Some([camera.as_ref()?.camera_from_world, view.camera.camera_from_world]))
        .collect()
}

/// How much larger distances between predicted cameras are than between solved ones, in the middle.
fn distance_ratio(cameras: &[[Rigid; 2]]) -> Option<f64> {
    let pairs = each_with_each(cameras.len()).into_iter();
    let between = |[i, j]: [usize; 2], which: usize| {
        cameras[i][which].camera_centre().distance(cameras[j][which].camera_centre())
    };
    let ratios =
        pairs.map(|pair| between(pair, 1) / between(pair, 0)).filter(|ratio| ratio.is_finite() && *ratio > 0.0);
    percentile(ratios, 50.0).map(f64::from)
}

/// The mean of those turns that lie within twice the median angle around the one that is nearest to all.
fn middle_of_turns(turns: &[DQuat]) -> Option<DQuat> {
    let far = |from: &DQuat| turns.iter().map(|turn| turn.angle_between(*from)).sum::<f64>();
    let nearest = turns.iter().min_by(|a, b| far(a).total_cmp(&far(b)))?;
    let bound = 2.0 * median(turns.iter().map(|turn| turn.angle_between(*nearest)))? + 1e-6;
    let near = turns.iter().filter(|turn| turn.angle_between(*nearest) <= bound);
    // A turn and its negative are the same.
    let sum = near.map(|turn| if turn.dot(*nearest) < 0.0 { -*turn } else { *turn }).reduce(|sum, turn| sum + turn)?;
    Some(sum.normalize())
}

/// How far cameras have moved, in the middle.
fn moved(views: &[Arc<ViewPrediction>], adjusted: &[Option<ViewPrediction>], [before, after]: [f64; 2]) -> Moved {
    let both = || views.iter().zip(adjusted).filter_map(|(view, adjusted)| Some((view, adjusted.as_ref()?)));
    let middle = |values: &mut dyn Iterator<Item = f32>| percentile(values, 50.0).map_or(0.0, f64::from);
    let turned = |view: &ViewPrediction, now: &ViewPrediction| {
        let [then, now] = [view, now].map(|view| DQuat::from_mat3(&view.camera.camera_from_world.rotation.as_dmat3()));
        then.angle_between(now).to_degrees() as f32
    };
    let way = |view: &ViewPrediction, now: &ViewPrediction| {
        let depth = percentile((0..view.depth.len()).filter(|&at| view.is_surface(at)).map(|at| view.depth[at]), 50.0);
        let [then, now] = [view, now].map(|view| view.camera.camera_from_world.camera_centre());
        then.distance(now) / depth.unwrap_or(f32::INFINITY)
    };
    let focal = |view: &ViewPrediction, now: &ViewPrediction| {
        let [then, now] = [view, now].map(|view| view.photo_intrinsics().fx);
        (now / then - 1.0).abs()
    };
    Moved {
        before,
        after,
        degrees: middle(&mut both().map(|(view, now)| turned(view, now))),
        way: middle(&mut both().map(|(view, now)| way(view, now))),
        focal: middle(&mut both().map(|(view, now)| focal(view, now))),
    }
}
