//! Cameras, photos and points as a COLMAP model, binary and text.

mod binary;
mod names;
mod text;

use std::io::{self, Write};
use std::sync::Arc;

use glam::{DQuat, DVec3};

use super::selection::Selection;
use super::{ReferenceRule, Selected};
use crate::geometry::Intrinsics;
use crate::inference::ViewPrediction;
use crate::scene::Filters;

/// The views of one scene as COLMAP counts them: camera, rig, photo and frame of a view have its place + 1 as their number,
/// points are numbered from 1 by view, row and column. Each point is seen by its own view only.
///
/// Points are the reference's: those whose confidence reaches a percentile, all that have depth where there is no confidence.
pub struct ColmapModel<'a> {
    views: &'a [Arc<ViewPrediction>],
    selection: Selection,
    /// Kept points of each view.
    counts: Vec<usize>,
}

/// One of the files of a model: its name without an ending, and what writes it.
type File = (&'static str, fn(&mut dyn Write, &ColmapModel<'_>) -> io::Result<()>);

/// `cameras`, `images`, `points3D`, `rigs`, `frames`, each with `.bin` behind its name.
pub const COLMAP_BINARY: [File; 5] = [
    ("cameras.bin", binary::cameras),
    ("images.bin", binary::images),
    ("points3D.bin", binary::points),
    ("rigs.bin", binary::rigs),
    ("frames.bin", binary::frames),
];

/// The same with `.txt`.
pub const COLMAP_TEXT: [File; 5] = [
    ("cameras.txt", text::cameras),
    ("images.txt", text::images),
    ("points3D.txt", text::points),
    ("rigs.txt", text::rigs),
    ("frames.txt", text::frames),
];

/// A pinhole camera at the photo's own size, as it is stored.
struct Pinhole {
    size: [u32; 2],
    /// fx, fy, cx, cy
    lens: [f64; 4],
}

/// w2c: a unit quaternion with w ≥ 0, and a translation.
struct Pose {
    wxyz: [f64; 4],
    translation: [f64; 3],
}

/// A point and where its view sees it.
struct Seen {
    /// Of the photo, cut to whole numbers as the reference does.
    pixel: [f64; 2],
    position: DVec3,
    colour: [u8; 3],
}

impl<'a> ColmapModel<'a> {
    pub fn new(views: &'a [Arc<ViewPrediction>], filters: &Filters, rule: &ReferenceRule) -> Self {
        let selection = Selection::for_colmap(views, filters, rule.confidence_percentile);
        let counts = views.iter().map(|view| selection.pixels(view).count()).collect();
        Self { views, selection, counts }
    }

    pub fn selected(&self) -> Selected {
        Selected { points: self.counts.iter().sum(), threshold: self.selection.threshold }
    }

    fn pinhole(&self, view: &ViewPrediction) -> Pinhole {
        let ([sx, sy], part) = (photo_scale(view), view.photo_part);
        let Intrinsics { fx, fy, cx, cy } = view.camera.intrinsics;
        let [fx, fy, cx, cy] = [fx, fy, cx, cy].map(f64::from);
        let mut lens = [fx * sx, fy * sy, part.left + cx * sx, part.top + cy * sy];
        let mut size = view.photo_size;
        for _ in 0..quarters_to_stored(view) {
            let [fx, fy, cx, cy] = lens;
            lens = [fy, fx, f64::from(size[1]) - cy, cx];
            size.swap(0, 1);
        }
        Pinhole { size, lens }
    }

    fn pose(&self, view: &ViewPrediction) -> Pose {
        let w2c = (0..quarters_to_stored(view)).fold(view.camera.camera_from_world, |w2c, _| w2c.quarter_turned());
        let q = DQuat::from_mat3(&w2c.rotation.as_dmat3()).normalize();
        let q = if q.w < 0.0 { -q } else { q };
        Pose { wxyz: [q.w, q.x, q.y, q.z], translation: w2c.translation.as_dvec3().to_array() }
    }

    /// What a view sees, in row order.
    fn seen<'v>(&self, view: &'v ViewPrediction) -> impl Iterator<Item = Seen> + use<'v> {
        let ([sx, sy], part) = (photo_scale(view), view.photo_part);
        let world_from_camera = view.camera.camera_from_world.inverse();
        self.selection.pixels(view).map(move |(x, y, depth)| {
            let in_camera = view.camera.intrinsics.unproject(x as f32, y as f32, depth);
            let at = [part.left + f64::from(x) * sx, part.top + f64::from(y) * sy];
            let (mut pixel, mut size) = (at.map(f64::trunc), view.photo_size);
            for _ in 0..quarters_to_stored(view) {
                pixel = [f64::from(size[1]) - 1.0 - pixel[1], pixel[0]];
                size.swap(0, 1);
            }
            Seen {
                pixel,
                position: world_from_camera.apply(in_camera).as_dvec3(),
                colour: view.image.get_pixel(x, y).0,
            }
        })
    }

    /// Each view with its number and that of its first point.
    fn numbered(&self) -> impl Iterator<Item = (u32, u64, &'a ViewPrediction)> {
        let mut next = 1;
        self.views.iter().zip(&self.counts).zip(1..).map(move |((view, &count), number)| {
            let first = next;
            next += count as u64;
            (number, first, &**view)
        })
    }
}

/// By how many quarters a photo as it is shown must be turned clockwise to be as it is stored, which is how COLMAP sees it. A
/// photo that was mirrored stays: what is stored has no camera without a mirror.
fn quarters_to_stored(view: &ViewPrediction) -> u8 {
    if view.photo_turn.is_mirrored { 0 } else { view.photo_turn.quarters_back() }
}

/// Pixels of the photo per pixel of what the network saw.
fn photo_scale(view: &ViewPrediction) -> [f64; 2] {
    view.photo_part.scale([view.width, view.height])
}
