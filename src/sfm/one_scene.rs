//! From photos that were looked at one by one to one scene: cameras from what they share, and depth that fits them.

use std::collections::BTreeSet;
use std::sync::Arc;

use image::{GrayImage, Luma};

use super::agreement::{NEIGHBOURS, confidence};
use super::placing::Placement;
use super::{Doing, Follow, LensPrior, SfmError, Shot, SolvedPoint, cameras_of};
use crate::geometry::{BentLens, Intrinsics, KnownDepth, Straightening, fit_scale, percentile};
use crate::inference::{DepthFit, DepthUnit, LensSource, Matched, MatchedPoint, Prediction, ViewPrediction};
use crate::input::{Limits, ViewId, load_view};

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
    Ok(told(prediction, Placement::new(views, scene, follow)?))
}

/// A photo as it is searched for points: as its view shows it, straight where that was made so, and not where it, or a mask of it, hides
/// something. `None` where it cannot be read, or is another than it was.
pub(super) fn shot(view: &ViewPrediction, limits: &Limits) -> Option<Shot> {
    let mut photo = load_view(view.view, &view.path, limits).ok()?;
    let size = photo.image.dimensions();
    if <[u32; 2]>::from(size) != view.photo_size {
        return None;
    }
    if let Some(BentLens { intrinsics, distortion }) = view.bent {
        photo.straighten(&Straightening::new(intrinsics, distortion, view.photo_size).ok()?);
    }
    let lens = view.photo_intrinsics();
    let lens = match view.camera.lens {
        // What made the photo straight is no matter of doubt any more.
        _ if view.bent.is_some() => LensPrior::Known(lens),
        LensSource::Given | LensSource::Known => LensPrior::Known(lens),
        // EXIF is more exact than a network.
        LensSource::Predicted => match photo.focal {
            Some(focal) => LensPrior::Likely(Intrinsics::centred(focal.pixels(size.0, size.1), size.0, size.1)),
            None => LensPrior::Likely(lens),
        },
        LensSource::Exif | LensSource::Estimated | LensSource::Matched => LensPrior::Likely(lens),
        LensSource::Assumed => LensPrior::Unknown,
    };
    let hidden = hidden(view, photo.hidden);
    Some(Shot { picture: photo.image, hidden, lens })
}

/// What a photo hides itself and where its view has no depth: what is masked has none.
fn hidden(view: &ViewPrediction, own: Option<GrayImage>) -> Option<GrayImage> {
    if !view.depth.contains(&0.0) {
        return own;
    }
    let [width, height] = view.photo_size;
    let mut hidden = own.unwrap_or_else(|| GrayImage::new(width, height));
    for (x, y, pixel) in hidden.enumerate_pixels_mut() {
        if view.pixel_at([x.into(), y.into()]).is_some_and(|at| view.depth[at] == 0.0) {
            *pixel = Luma([255]);
        }
    }
    Some(hidden)
}

fn told(prediction: &Prediction, placement: Placement<'_>) -> OneScene {
    let scenes = placement.fitted.iter().zip(&prediction.views).filter(|(fitted, _)| fitted.is_some());
    let number = scenes.map(|(_, view)| view.scene).min().unwrap_or(0);
    let (scale, metres) = scale(prediction, &placement);
    let confidences: Vec<Option<Vec<f32>>> = (0..placement.views.len()).map(|photo| sure(&placement, photo)).collect();
    let points = points(&placement);
    let mut matched = Matched { scene: number, shared: points.len(), points, ..placement.told() };
    matched.scale(scale);
    let mut left_out = Vec::new();
    let mut views = Vec::with_capacity(prediction.views.len());
    let Placement { fitted, scene, .. } = placement;
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
    let is_left: BTreeSet<usize> =
        prediction.views.iter().map(|view| view.scene).filter(|scene| *scene != number).collect();
    prediction.fits.retain(|scene, _| is_left.contains(scene));
    prediction.fits.extend(metres.map(|fit| (number, fit)));
    OneScene { prediction, left_out }
}

/// How surely a view of the scene sees what it sees.
fn sure(placement: &Placement<'_>, photo: usize) -> Option<Vec<f32>> {
    let view_of = |photo: usize| placement.fitted[photo].as_ref().map(|fitted| &fitted.view);
    let others = placement.neighbours[photo].iter().filter_map(|&other| view_of(other));
    Some(confidence(view_of(photo)?, &others.take(NEIGHBOURS).collect::<Vec<_>>()))
}

/// By what the scene is to be multiplied, and the fit that brings it to metres where known depths said what they are.
fn scale(prediction: &Prediction, placement: &Placement<'_>) -> (f32, Option<DepthFit>) {
    let in_metres = |view: &ViewPrediction| prediction.unit_of(view.scene) == DepthUnit::Metres;
    if let Some((ratio, fit)) = depth_ratio(placement, in_metres) {
        return (ratio as f32, (prediction.unit != DepthUnit::Metres).then_some(fit));
    }
    let depths = placement.fitted.iter().flatten().flat_map(|fitted| {
        let view = &fitted.view;
        (0..view.depth.len()).step_by(STEP).filter(|&pixel| view.is_surface(pixel)).map(|pixel| view.depth[pixel])
    });
    (percentile(depths, 50.0).filter(|depth| *depth > 0.0).map_or(1.0, |depth| 1.0 / depth), None)
}

/// By what the depth of the scene is to be multiplied to be that which views that count had before.
pub(super) fn depth_ratio(
    placement: &Placement<'_>,
    counts: impl Fn(&ViewPrediction) -> bool,
) -> Option<(f64, DepthFit)> {
    let values = |photo: usize| -> Vec<KnownDepth> {
        let view = &placement.views[photo];
        let Some(fitted) = placement.fitted[photo].as_ref().filter(|_| counts(view)) else { return Vec::new() };
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
    let known: Vec<KnownDepth> = (0..placement.views.len()).flat_map(values).collect();
    let fit = fit_scale(&known).ok()?;
    Some((1.0 / fit.scale, DepthFit::of_depth(&fit)))
}

/// The scene's points, in its own scale and in the colours of a photo that sees them.
pub(super) fn points(placement: &Placement<'_>) -> Vec<MatchedPoint> {
    let Placement { views, scene, fitted, .. } = placement;
    let point = |point: &SolvedPoint| {
        let seen = point.seen.iter().filter(|one| fitted[one[0] as usize].is_some()).count();
        let colour = point.seen.iter().find_map(|&seen| {
            let view = views.get(seen[0] as usize)?;
            let pixel = view.pixel_at(scene.keypoint(seen)?.map(f64::from))? as u32;
            view.image.get_pixel_checked(pixel % view.width, pixel / view.width).map(|pixel| pixel.0)
        });
        let position = point.position.as_vec3().to_array();
        (seen >= 2).then_some(MatchedPoint { position, colour: colour?, seen: seen as u32 })
    };
    scene.solved.points.iter().filter_map(point).collect()
}
