//! Points and cameras as a GLB file (binary glTF 2.0), which web pages and most 3D programs show.

mod container;
mod views;

use std::io::{self, Write};
use std::sync::Arc;

use glam::{DMat4, DVec3, Vec3};
use serde_json::json;

use super::ReferenceRule;
use super::choice::Choice;
use super::selection::Selection;
use crate::geometry::percentiles;
use crate::inference::{DepthUnit, ViewPrediction};
use crate::scene::Filters;
use container::{Cameras, Geometry, Mode};
use views::Camera;

/// Depth of a camera's wire frame as a part of the cloud's diagonal.
const CAMERA_SIZE: f64 = 0.03;
/// How near a camera sees, as a part of that.
const NEAR: f64 = 0.1;

/// What became of a cloud that is selected by confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selected {
    pub points: usize,
    /// Smallest confidence kept; `None` for models that give none.
    pub threshold: Option<f32>,
}

/// Writes the views of one scene as the reference does: points surer than a threshold, turned so that the first camera looks
/// along −z with y up, their median at the origin; and the cameras as wire frames, as cameras, and as one camera that goes from
/// photo to photo, one in a second.
///
/// The scene's `extras.hf_alignment` is that turn (rows of a 4×4 matrix, world to file). Beyond the reference: models without
/// confidence have all their points, background is left out if the filters say so, and the choice among too many points is the
/// same every time.
///
/// # Errors
/// What the writer answers; more than 4 GB are `InvalidData`.
pub fn write_glb(
    to: impl Write,
    views: &[Arc<ViewPrediction>],
    unit: DepthUnit,
    filters: &Filters,
    rule: &ReferenceRule,
) -> io::Result<Selected> {
    let selection = Selection::for_glb(views, filters, rule);
    let flip = DMat4::from_diagonal(DVec3::new(1.0, -1.0, -1.0).extend(1.0));
    let turn = flip * views.first().map_or(DMat4::IDENTITY, |view| matrix(view));
    let middle = [0, 1, 2].map(|axis| {
        let coordinates = turned_points(views, selection, turn).map(|(point, _)| point[axis]);
        percentiles(coordinates, [50.0]).map_or(0.0, |[middle]| middle)
    });
    let middle = Vec3::from_array(middle);
    let alignment = DMat4::from_translation(-middle.as_dvec3()) * turn;

    let mut choice = Choice::new(turned_points(views, selection, turn).count(), rule.most_points);
    let mut points = Geometry::new(Mode::Points);
    for (point, [r, g, b]) in turned_points(views, selection, turn).filter(|_| choice.takes_next()) {
        points.push((point - middle).to_array(), [r, g, b, u8::MAX]);
    }
    let selected = Selected { points: points.positions.len(), threshold: selection.threshold };
    let depth = CAMERA_SIZE * diagonal(&points.positions);
    let mut geometries = vec![points];
    let mut cameras = Cameras { near: NEAR * depth, all: Vec::new() };
    if rule.show_cameras {
        geometries.extend(views.iter().enumerate().map(|(i, view)| {
            let file_from_camera = alignment * matrix(view).inverse();
            wire_frame(view, file_from_camera, depth, camera_colour(i, views.len()))
        }));
        cameras.all = Camera::all(views, alignment);
    }
    let extras = json!({
        "hf_alignment": alignment.transpose().to_cols_array_2d(),
        "unit": unit,
        "confidence_threshold": selection.threshold,
    });
    container::write(to, &geometries, &cameras, &extras)?;
    Ok(selected)
}

fn matrix(view: &ViewPrediction) -> DMat4 {
    view.camera.camera_from_world.matrix().as_dmat4()
}

/// The selected points after a turn of the world, and their colours. Made anew each time, because all of them together can be
/// many times what is written.
fn turned_points(
    views: &[Arc<ViewPrediction>],
    selection: Selection,
    turn: DMat4,
) -> impl Iterator<Item = (Vec3, [u8; 3])> {
    views.iter().flat_map(move |view| {
        let turned_from_camera = turn * matrix(view).inverse();
        let points = selection.pixels(view).map(move |(x, y, depth)| {
            let in_camera = view.camera.intrinsics.unproject(x as f32, y as f32, depth).as_dvec3();
            (turned_from_camera.transform_point3(in_camera).as_vec3(), view.image.get_pixel(x, y).0)
        });
        points.filter(|(point, _)| point.is_finite())
    })
}

/// Between the 5th and 95th percentile of each axis; 1 where there is no extent.
fn diagonal(points: &[[f32; 3]]) -> f64 {
    let extent = |axis: usize| {
        let limits = percentiles(points.iter().map(|point| point[axis]), [5.0, 95.0]);
        limits.map_or(0.0, |[low, high]| f64::from(high - low))
    };
    let diagonal = DVec3::new(extent(0), extent(1), extent(2)).length();
    if diagonal.is_finite() && diagonal > 0.0 { diagonal } else { 1.0 }
}

/// Lines from the camera's centre to the corners of its picture at `depth`, and along the picture's edges.
fn wire_frame(view: &ViewPrediction, file_from_camera: DMat4, depth: f64, colour: [u8; 4]) -> Geometry {
    let (right, bottom) = ((view.width - 1) as f32, (view.height - 1) as f32);
    let corners = [[0.0, 0.0], [right, 0.0], [right, bottom], [0.0, bottom]]
        .map(|[u, v]| view.camera.intrinsics.unproject(u, v, 1.0).as_dvec3() * depth);
    let spokes = corners.iter().map(|&corner| [DVec3::ZERO, corner]);
    let edges = (0..4).map(|i| [corners[i], corners[(i + 1) % 4]]);
    let mut lines = Geometry::new(Mode::Lines);
    for end in spokes.chain(edges).flatten() {
        lines.push(file_from_camera.transform_point3(end).as_vec3().to_array(), colour);
    }
    lines
}

/// Hues spread evenly over the cameras, saturation 0.85, value 0.95.
fn camera_colour(index: usize, cameras: usize) -> [u8; 4] {
    let hue = (index as f64 + 0.5) / cameras.max(1) as f64 * 6.0;
    let (saturation, value) = (0.85, 0.95);
    let channel = |offset: f64| {
        let k = (offset + hue) % 6.0;
        let level = value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0);
        (level * 255.0) as u8
    };
    [channel(5.0), channel(3.0), channel(1.0), u8::MAX]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn camera_colours_run_through_the_hues() {
        // hsv(1/6 + …): red-ish, then cyan-ish for two cameras at hue 0.25 and 0.75.
        assert_eq!(camera_colour(0, 2), [139, 242, 36, 255]);
        assert_eq!(camera_colour(1, 2), [139, 36, 242, 255]);
        assert_eq!(camera_colour(0, 1), [36, 242, 242, 255]);
    }

    #[test]
    fn stray_points_do_not_make_cameras_large() {
        let mut points: Vec<[f32; 3]> = (0..101).map(|i| [i as f32 * 0.03, i as f32 * 0.04, 7.0]).collect();
        assert!((diagonal(&points) - 4.5).abs() < 1e-5);
        points[100] = [1e6; 3];
        assert!((diagonal(&points) - 4.5).abs() < 1e-5);
        assert_eq!((diagonal(&[]), diagonal(&[[1.0; 3]; 5])), (1.0, 1.0));
    }
}
