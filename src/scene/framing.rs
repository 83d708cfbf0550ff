//! Where a camera stands so that all of a scene is within its frame.

use glam::Vec3;

use super::{CloudScene, Extent, OrbitCamera, StandardView, percentile};
use crate::inference::ViewPrediction;

/// Part of the frame that a scene may fill, and that a single photo may fill.
const FILLED: f32 = 0.94;
const FILLED_BY_PHOTO: f32 = 0.98;

/// Percentile of the points up to which a side of the frame leaves room: four sides together cut off less than a hundredth.
const WITHIN: f32 = 99.8;
/// The same for all sides of a photo together.
const WITHIN_PHOTO: f32 = 99.5;

/// How far a single photo's relief is first looked at from the side and from above, radians about its middle.
const ASIDE: [f32; 2] = [-0.22, 0.12];
/// Parts of that which are tried: what is far behind the middle would leave the frame.
const TURNS: [f32; 4] = [1.0, 0.7, 0.4, 0.2];
/// How much further back a turn may lead, in median depths of the photo.
const MOST_BACK: f32 = 0.35;

/// Goes to where a scene is first seen from, with all of it within the frame: a single photo from its camera or close behind,
/// turned a little as far as its depth allows; several views with their cameras, from the front, turned and raised a little.
pub fn go_home(camera: &mut OrbitCamera, scene: &CloudScene, extent: &Extent, aspect: f32) {
    camera.look_from(StandardView::Home, &extent.bounds, aspect);
    match scene.views() {
        [view] => behind_photo(camera, view, scene.median_depth(), &extent.points, aspect),
        _ => surround(camera, extent, &extent.cameras, aspect),
    }
}

/// Turns to a standard view, with the whole cloud within the frame.
pub fn look_from_side(camera: &mut OrbitCamera, view: StandardView, extent: &Extent, aspect: f32) {
    camera.look_from(view, &extent.bounds, aspect);
    surround(camera, extent, &[], aspect);
}

/// Moves, without turning, until the whole cloud is within the frame and fills it.
pub fn fit_cloud(camera: &mut OrbitCamera, extent: &Extent, aspect: f32) {
    camera.fit(&extent.bounds, aspect);
    surround(camera, extent, &[], aspect);
}

fn behind_photo(camera: &mut OrbitCamera, view: &ViewPrediction, depth: f32, points: &[Vec3], aspect: f32) {
    camera.look_through(view, depth, aspect);
    let room = |camera: &OrbitCamera| {
        let [wide, high] = slopes(camera, aspect, FILLED_BY_PHOTO);
        let needed = in_camera(camera, points).map(|p| (p.x.abs() / wide).max(p.y.abs() / high) - p.z);
        percentile(needed, WITHIN_PHOTO).unwrap_or(0.0).max(0.0)
    };
    let mut back = room(camera);
    let most = back + MOST_BACK * depth;
    for part in TURNS {
        let mut turned = *camera;
        turned.orbit(ASIDE[0] * part, ASIDE[1] * part);
        let needed = room(&turned);
        if needed <= most {
            (*camera, back) = (turned, needed);
            break;
        }
    }
    camera.eye -= camera.forward() * back;
}

/// Moves sideways and back or forth until all that counts of the points, and all of `others`, is within the frame.
fn surround(camera: &mut OrbitCamera, extent: &Extent, others: &[Vec3], aspect: f32) {
    let slopes = slopes(camera, aspect, FILLED);
    let reach = |value: &dyn Fn(Vec3) -> f32| {
        let points = percentile(in_camera(camera, &extent.points).map(value), WITHIN);
        in_camera(camera, others).map(value).fold(points.unwrap_or(0.0), f32::max)
    };
    // What a point needs grows with its distance from the axis and, unless rays are parallel, falls with its depth. Between the two
    // sides of the frame the least way back is in the middle.
    let nearer = if camera.is_orthographic { 0.0 } else { 1.0 };
    let [across, down] = [0, 1].map(|axis: usize| {
        let side = |sign: f32| reach(&|p: Vec3| sign * p[axis] / slopes[axis] - p.z * nearer);
        let (plus, minus) = (side(1.0), side(-1.0));
        ((plus - minus) / 2.0 * slopes[axis], (plus + minus) / 2.0)
    });
    let back = across.1.max(down.1);
    let shift = camera.world_from_camera * Vec3::new(across.0, down.0, 0.0);
    let middle = (extent.bounds.centre() - camera.eye).dot(camera.forward());
    // With parallel rays the distance of the pivot says how much is seen.
    let (forth, depth) = if camera.is_orthographic { (middle - back, back) } else { (-back, middle + back) };
    if !(shift.is_finite() && forth.is_finite() && depth > 0.0) {
        return;
    }
    camera.eye += shift + camera.forward() * forth;
    camera.pivot = camera.eye + camera.forward() * depth;
}

/// Half of what the filled part of the frame shows across and down at z-depth 1.
fn slopes(camera: &OrbitCamera, aspect: f32, filled: f32) -> [f32; 2] {
    let high = (camera.vertical_fov / 2.0).tan() * filled;
    [high * aspect, high]
}

fn in_camera<'a>(camera: &OrbitCamera, points: &'a [Vec3]) -> impl Iterator<Item = Vec3> + 'a {
    let (eye, turn) = (camera.eye, camera.world_from_camera.conjugate());
    points.iter().map(move |point| turn * (*point - eye))
}

#[cfg(test)]
mod tests;
