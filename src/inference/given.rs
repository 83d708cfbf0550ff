//! Passes whose cameras are known: what the network is told of them, and how its depth comes to their scale.

use super::prepare::Ready;
use super::{Camera, LensSource, Notice, PoseSource, ViewPrediction};
use crate::geometry::{Intrinsics, Reading, Rigid, align_given, normalise_extrinsics, wild_cameras};
use crate::input::{display_name, listed};

/// From this angle on given and predicted cameras disagree: the network's own errors are a few degrees.
const DISAGREE_DEGREES: f64 = 20.0;

/// What the camera encoder wants of a pass, lenses in pixels of what the network sees; `None` where a view has no known camera.
pub(super) fn poses<'r>(group: impl Iterator<Item = &'r Ready>) -> Option<Vec<(Rigid, Intrinsics)>> {
    let framed = |ready: &Ready| {
        let ((pose, k), [left, top]) = (camera_of(ready)?, ready.margins().map(|side| side as f32));
        Some((pose, k.cropped(-left, -top)))
    };
    let cameras: Vec<(Rigid, Intrinsics)> = group.map(framed).collect::<Option<_>>()?;
    let extrinsics: Vec<Rigid> = cameras.iter().map(|(pose, _)| *pose).collect();
    Some(normalise_extrinsics(&extrinsics).into_iter().zip(cameras.into_iter().map(|(_, k)| k)).collect())
}

/// The known camera of a view, in pixels of its picture.
fn camera_of(ready: &Ready) -> Option<(Rigid, Intrinsics)> {
    let known = ready.known?;
    Some((known.camera_from_world, ready.transform.apply(&known.intrinsics_of(ready.photo_size))))
}

/// Gives the views of a pass their known cameras (specification §5.8; §10 for what happens where these say too little).
///
/// `in_given_scale`: depth comes to their scale; where they say nothing of it, depth stays as it is, and that is told. Else
/// their poses are carried into the predicted world; where that cannot be done, the predicted ones stay, and that is told.
///
/// Also told: a `reading` of the poses that fits the predicted ones several times better than the one that was used, or how far
/// off all are, and cameras that lie far from where the others say.
pub(super) fn bring_to_given(
    views: &mut [(&Ready, ViewPrediction)],
    in_given_scale: bool,
    reading: Reading,
) -> Vec<Notice> {
    let known: Option<Vec<(Rigid, Intrinsics)>> = views.iter().map(|(ready, _)| camera_of(ready)).collect();
    let Some(known) = known else { return Vec::new() };
    let given: Vec<Rigid> = known.iter().map(|(pose, _)| *pose).collect();
    let predicted: Vec<Rigid> = views.iter().map(|(_, view)| view.camera.camera_from_world).collect();
    let mut notices: Vec<Notice> = doubt(&given, &predicted, reading).into_iter().collect();
    // One wild camera would stretch the depth of all.
    let wild = wild_cameras(&given, &predicted);
    if !wild.is_empty() {
        let names: Vec<String> = wild.iter().map(|&place| display_name(&views[place].1.path)).collect();
        notices.push(Notice::CamerasFarOff { names: listed(&names) });
    }
    let tame = |cameras: &[Rigid]| -> Vec<Rigid> {
        cameras.iter().enumerate().filter(|(place, _)| !wild.contains(place)).map(|(_, camera)| *camera).collect()
    };
    let found = align_given(&tame(&given), &tame(&predicted));
    if !in_given_scale {
        let similarity = found.and_then(|found| found.similarity);
        for ((_, view), (pose, intrinsics)) in views.iter_mut().zip(known) {
            view.camera = match &similarity {
                Some(similarity) => known_camera(intrinsics, similarity.apply_to_camera(&pose)),
                None => Camera { intrinsics, lens: LensSource::Known, ..view.camera },
            };
        }
        notices.extend(similarity.is_none().then_some(Notice::PlaceOfCamerasUnknown { views: views.len() }));
        return notices;
    }
    let scale = found.map(|found| found.scale);
    for ((_, view), (camera_from_world, intrinsics)) in views.iter_mut().zip(known) {
        if let Some(scale) = scale {
            view.depth.iter_mut().for_each(|depth| *depth = (f64::from(*depth) / scale) as f32);
            view.extras.scale((1.0 / scale) as f32);
        }
        view.camera = known_camera(intrinsics, camera_from_world);
    }
    notices.extend(scale.is_none().then_some(Notice::ScaleOfCamerasUnknown { views: views.len() }));
    notices
}

fn known_camera(intrinsics: Intrinsics, camera_from_world: Rigid) -> Camera {
    Camera { intrinsics, camera_from_world, lens: LensSource::Known, pose: PoseSource::Known }
}

/// What relative rotations say against the poses as they were read.
fn doubt(given: &[Rigid], predicted: &[Rigid], used: Reading) -> Option<Notice> {
    // Poses were read already: back to how they are written. Axes that were turned are so once more.
    let written: Vec<Rigid> = given.iter().map(|pose| used.written(pose)).collect();
    if let Some((reading, [degrees, before])) = Reading::better(used, &written, predicted) {
        return Some(Notice::CamerasReadBetter { reading, degrees, before });
    }
    let degrees = used.error(&written, predicted).filter(|degrees| *degrees > DISAGREE_DEGREES)?;
    Some(Notice::CamerasDisagree { degrees })
}
