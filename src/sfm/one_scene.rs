//! From photos that were looked at one by one to one scene: cameras from what they share, and depth that fits them.

use std::sync::Arc;

use rayon::prelude::*;

use super::agreement::confidence;
use super::fit::{at_neighbour, at_points, line, seen_by_photo};
use super::straight::with_lens;
use super::{Doing, Follow, LensPrior, Scene, SfmError, Shot, SolvedCamera, cameras_of};
use crate::geometry::{KnownDepth, MetreFit, fit_scale, percentile};
use crate::inference::{
    DepthFit, DepthUnit, LensSource, Matched, MatchedPoint, PoseSource, Prediction, ViewPrediction,
};
use crate::input::{Limits, ViewId, load_view};

/// Other views that a view is held against: those that share most points with it.
const NEIGHBOURS: usize = 4;
/// Pixels of a view that say how large the scene is, at most.
const MOST_VALUES: usize = 1000;
/// Of the pixels of a view every so many-th says how far away surfaces are.
const STEP: usize = 101;

/// A scene of those photos that have a place in it.
pub struct OneScene {
    /// All views; those of the scene have its number, the others stay what they were.
    pub prediction: Prediction,
    /// Photos that have no place, and why.
    pub left_out: Vec<(ViewId, WhyLeftOut)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhyLeftOut {
    #[error("shares too little with the others")]
    NoCamera,
    #[error("has depth that does not fit the points that it shares with the others")]
    NoFit,
}

/// Finds the cameras of photos by what they share, and brings the depth of each view to their scene by a line in inverse depth: scale
/// and shift. Of a prediction in metres the scene is in metres as well, else its unit is the median depth of its surfaces.
///
/// # Errors
/// Where there is no scene.
pub fn one_scene(prediction: &Prediction, limits: &Limits, follow: &dyn Follow) -> Result<OneScene, SfmError> {
    let views = &prediction.views;
    let read = |photo: usize| shot(&views[photo], limits);
    let scene = cameras_of(views.len(), &read, follow)?;
    follow.progress(Doing::Placing, 0.95);
    let neighbours = neighbours(&scene);
    let fitted = fitted(views, &scene, &neighbours);
    if fitted.iter().flatten().count() < 2 {
        return Err(SfmError::NoDepth);
    }
    if follow.is_cancelled() {
        return Err(SfmError::Cancelled);
    }
    Ok(told(prediction, &scene, fitted, &neighbours))
}

/// A photo as it is searched for points: not where it hides something itself.
fn shot(view: &ViewPrediction, limits: &Limits) -> Option<Shot> {
    let photo = load_view(view.view, &view.path, limits).ok()?;
    let lens = view.photo_intrinsics();
    let lens = match view.camera.lens {
        LensSource::Given | LensSource::Known => LensPrior::Known(lens),
        LensSource::Exif | LensSource::Estimated | LensSource::Predicted | LensSource::Matched => {
            LensPrior::Likely(lens)
        }
        LensSource::Assumed => LensPrior::Unknown,
    };
    Some(Shot { picture: photo.image, hidden: photo.hidden, lens })
}

/// A view in the scene, and how its depth came there.
struct Fitted {
    view: ViewPrediction,
    fit: MetreFit,
}

/// By view; `None` where it has no camera or its depth does not fit.
fn fitted(views: &[Arc<ViewPrediction>], scene: &Scene, neighbours: &[Vec<usize>]) -> Vec<Option<Fitted>> {
    let seen = seen_by_photo(scene);
    let in_place = |photo: usize| {
        let camera = scene.solved.cameras[photo].as_ref()?;
        let known = at_points(&views[photo], &camera.camera_from_world, &seen[photo]);
        Some((placed(&views[photo], camera), known))
    };
    let places: Vec<Option<(ViewPrediction, Vec<KnownDepth>)>> =
        (0..views.len()).into_par_iter().map(in_place).collect();
    let of_view = |view: &ViewPrediction, known: &[KnownDepth]| {
        let fit = line(known)?;
        Some(Fitted { view: view.with_inverse_line(fit.scale, fit.shift)?, fit })
    };
    let mut fitted: Vec<Option<Fitted>> =
        places.par_iter().map(|place| place.as_ref().and_then(|(view, known)| of_view(view, known))).collect();
    // Where points are few, the surfaces of neighbours say more. Those that came to fit help the next round.
    loop {
        let helped = |photo: usize| {
            let (view, known) = places[photo].as_ref().filter(|_| fitted[photo].is_none())?;
            let others = neighbours[photo].iter().filter_map(|&other| fitted[other].as_ref());
            let around = others.take(NEIGHBOURS).flat_map(|other| at_neighbour(view, &other.view));
            let known: Vec<KnownDepth> = known.iter().copied().chain(around).collect();
            Some((photo, of_view(view, &known)?))
        };
        let more: Vec<(usize, Fitted)> = (0..views.len()).into_par_iter().filter_map(helped).collect();
        if more.is_empty() {
            return fitted;
        }
        more.into_iter().for_each(|(photo, fit)| fitted[photo] = Some(fit));
    }
}

/// A view with its camera in the scene, whose depth is still its own.
fn placed(view: &ViewPrediction, camera: &SolvedCamera) -> ViewPrediction {
    let is_given = matches!(view.camera.lens, LensSource::Given | LensSource::Known);
    let mut placed = with_lens(view, &camera.lens());
    placed.camera.camera_from_world = camera.camera_from_world;
    placed.camera.pose = PoseSource::Matched;
    placed.camera.lens = if is_given { view.camera.lens } else { LensSource::Matched };
    placed
}

/// By photo: the others that share points with it, those that share most first.
fn neighbours(scene: &Scene) -> Vec<Vec<usize>> {
    let of = |(photo, shared): (usize, Vec<usize>)| {
        let mut others: Vec<usize> = (0..shared.len()).filter(|&other| other != photo && shared[other] > 0).collect();
        others.sort_by_key(|&other| std::cmp::Reverse(shared[other]));
        others
    };
    scene.solved.shared().into_iter().enumerate().map(of).collect()
}

fn told(prediction: &Prediction, scene: &Scene, fitted: Vec<Option<Fitted>>, neighbours: &[Vec<usize>]) -> OneScene {
    let (number, errors): (Vec<usize>, Vec<f32>) = fitted
        .iter()
        .zip(&prediction.views)
        .filter_map(|(fitted, view)| Some((view.scene, fitted.as_ref()?.fit.median_error as f32)))
        .unzip();
    let number = number.into_iter().min().unwrap_or(0);
    let (scale, metres) = scale(prediction, &fitted);
    let sure = |photo: usize| {
        let view = &fitted[photo].as_ref()?.view;
        let others: Vec<&ViewPrediction> = neighbours[photo]
            .iter()
            .filter_map(|&other| Some(&fitted[other].as_ref()?.view))
            .take(NEIGHBOURS)
            .collect();
        Some(confidence(view, &others))
    };
    let confidences: Vec<Option<Vec<f32>>> = (0..fitted.len()).map(sure).collect();
    let points = points(prediction, scene, &fitted);
    let mut matched = Matched {
        scene: number,
        placed: fitted.iter().flatten().count(),
        photos: fitted.len(),
        by: scene.by(),
        pairs: scene.solved.pairs,
        residual: scene.solved.residual,
        depth_error: percentile(errors.iter().copied(), 50.0).unwrap_or(0.0).into(),
        shared: points.len(),
        points,
    };
    matched.scale(scale);
    let mut left_out = Vec::new();
    let mut views = Vec::with_capacity(fitted.len());
    for (photo, (fitted, confidence)) in fitted.into_iter().zip(confidences).enumerate() {
        let view = &prediction.views[photo];
        match fitted {
            Some(fitted) => {
                let mut placed = fitted.view.scaled(scale);
                (placed.scene, placed.confidence) = (number, confidence);
                views.push(Arc::new(placed));
            }
            None => {
                let has_camera = scene.solved.cameras[photo].is_some();
                left_out.push((view.view, if has_camera { WhyLeftOut::NoFit } else { WhyLeftOut::NoCamera }));
                views.push(Arc::clone(view));
            }
        }
    }
    let mut prediction = Prediction { views, matched: Some(matched), ..prediction.clone() };
    let is_left: std::collections::BTreeSet<usize> =
        prediction.views.iter().map(|view| view.scene).filter(|scene| *scene != number).collect();
    prediction.fits.retain(|scene, _| is_left.contains(scene));
    prediction.fits.extend(metres.map(|fit| (number, fit)));
    OneScene { prediction, left_out }
}

/// By what the scene is to be multiplied, and the fit that brings it to metres where known depths said what they are.
fn scale(prediction: &Prediction, fitted: &[Option<Fitted>]) -> (f32, Option<DepthFit>) {
    let in_metres = |view: &ViewPrediction| prediction.unit_of(view.scene) == DepthUnit::Metres;
    let values = |(view, fitted): (&Arc<ViewPrediction>, &Option<Fitted>)| -> Vec<KnownDepth> {
        let Some(fitted) = fitted.as_ref().filter(|_| in_metres(view)) else { return Vec::new() };
        // The same pixels where the lens did not bend, neighbours of them where it did.
        let step = view.depth.len().div_ceil(MOST_VALUES).max(1);
        let pixels = (0..view.depth.len()).step_by(step);
        let is_seen = |pixel: &usize| view.is_surface(*pixel) && fitted.view.is_surface(*pixel);
        let value = |pixel: usize| KnownDepth {
            inverse: 1.0 / f64::from(fitted.view.depth[pixel]),
            metres: view.depth[pixel].into(),
        };
        pixels.filter(is_seen).map(value).collect()
    };
    let known: Vec<KnownDepth> = prediction.views.iter().zip(fitted).flat_map(values).collect();
    if let Ok(fit) = fit_scale(&known) {
        let told = DepthFit::of_depth(&fit);
        return ((1.0 / fit.scale) as f32, (prediction.unit != DepthUnit::Metres).then_some(told));
    }
    let depths = fitted.iter().flatten().flat_map(|fitted| {
        let view = &fitted.view;
        (0..view.depth.len()).step_by(STEP).filter(|&pixel| view.is_surface(pixel)).map(|pixel| view.depth[pixel])
    });
    (percentile(depths, 50.0).filter(|depth| *depth > 0.0).map_or(1.0, |depth| 1.0 / depth), None)
}

/// The scene's points, in the colours of a photo that sees them.
fn points(prediction: &Prediction, scene: &Scene, fitted: &[Option<Fitted>]) -> Vec<MatchedPoint> {
    let point = |point: &super::SolvedPoint| {
        let seen = point.seen.iter().filter(|one| fitted[one[0] as usize].is_some()).count();
        let colour = point.seen.iter().find_map(|&seen| {
            let view = prediction.views.get(seen[0] as usize)?;
            let pixel = view.pixel_at(scene.keypoint(seen)?.map(f64::from))? as u32;
            view.image.get_pixel_checked(pixel % view.width, pixel / view.width).map(|pixel| pixel.0)
        });
        let position = point.position.as_vec3().to_array();
        (seen >= 2).then_some(MatchedPoint { position, colour: colour?, seen: seen as u32 })
    };
    scene.solved.points.iter().filter_map(point).collect()
}
