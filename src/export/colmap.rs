//! Cameras, photos and points as a COLMAP model, binary and text.

mod binary;
mod lens_model;
mod sparse;
mod text;

use std::io::{self, Write};
use std::sync::Arc;

use glam::{DQuat, DVec3};

use self::lens_model::LensModel;
pub use self::sparse::{SparseModel, SparsePoint};
use super::choice::Choice;
use super::file_name::photo_name;
use super::selection::Selection;
use super::stored_camera::StoredCamera;
use super::{PhotoNames, ReferenceRule, Selected};
use crate::geometry::Rigid;
use crate::inference::ViewPrediction;
use crate::scene::Filters;

/// The views of one scene as COLMAP counts them: camera, rig, photo and frame of a view have its place + 1 as their number,
/// points are numbered from 1 by view, row and column. Each point is seen by its own view only.
///
/// Points are the reference's: those whose confidence reaches a percentile, all that have depth where there is no confidence.
pub struct ColmapModel<'a> {
    views: &'a [Arc<ViewPrediction>],
    names: &'a PhotoNames,
    selection: Selection,
    /// Cameras are those of the photos as they were taken, with the distortion of their lenses.
    as_taken: bool,
    /// Points of each view that the selection keeps, and how many of them are written.
    all: Vec<usize>,
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

/// w2c: a unit quaternion with w ≥ 0, and a translation.
struct Pose {
    wxyz: [f64; 4],
    translation: [f64; 3],
}

impl Pose {
    fn of(camera_from_world: &Rigid) -> Self {
        let q = DQuat::from_mat3(&camera_from_world.rotation.as_dmat3()).normalize();
        let q = if q.w < 0.0 { -q } else { q };
        let translation = camera_from_world.translation.as_dvec3().to_array();
        Self { wxyz: [q.w, q.x, q.y, q.z], translation }
    }
}

/// A point and where its view sees it.
struct Seen {
    /// Of the photo, cut to whole numbers as the reference does.
    pixel: [f64; 2],
    position: DVec3,
    colour: [u8; 3],
}

impl<'a> ColmapModel<'a> {
    /// `names`: of these views, in their order.
    pub fn new(
        views: &'a [Arc<ViewPrediction>],
        names: &'a PhotoNames,
        filters: &Filters,
        rule: &ReferenceRule,
        as_taken: bool,
    ) -> Self {
        let selection = Selection::for_colmap(views, filters, rule);
        let all: Vec<usize> = views.iter().map(|view| selection.pixels(view).count()).collect();
        let counts = shares(&all, rule.most_colmap_points.unwrap_or(usize::MAX));
        Self { views, names, selection, as_taken, all, counts }
    }

    pub fn selected(&self) -> Selected {
        Selected { points: self.counts.iter().sum(), threshold: self.selection.threshold }
    }

    fn camera<'v>(&self, view: &'v ViewPrediction) -> StoredCamera<'v> {
        StoredCamera::new(view, self.as_taken)
    }

    /// Its size and lens.
    fn lens(&self, view: &ViewPrediction) -> io::Result<([u32; 2], LensModel)> {
        let camera = self.camera(view);
        let model = LensModel::new(camera.lens, &camera.distortion)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, no_model(view)))?;
        Ok((camera.size, model))
    }

    fn pose(&self, view: &ViewPrediction) -> Pose {
        Pose::of(&self.camera(view).camera_from_world)
    }

    /// What the view of this number sees, in row order.
    fn seen<'v>(&self, number: u32, view: &'v ViewPrediction) -> impl Iterator<Item = Seen> + use<'v> {
        let camera = self.camera(view);
        let place = number as usize - 1;
        let mut choice = Choice::new(self.all[place], self.counts[place]);
        self.selection.pixels(view).filter(move |_| choice.takes_next()).map(move |(x, y, depth)| Seen {
            pixel: camera.pixel(x, y),
            position: camera.position(x, y, depth),
            colour: view.image.get_pixel(x, y).0,
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

/// How many of each view's points are written where all together may be so many: the same part of each.
fn shares(all: &[usize], most: usize) -> Vec<usize> {
    let sum: usize = all.iter().sum();
    if sum <= most {
        return all.to_vec();
    }
    // What rounding leaves over goes to whoever is next.
    let mut given = 0;
    let mut before = 0;
    let share = |count: &usize| {
        before += count;
        let until = (before as u128 * most as u128 / sum as u128) as usize;
        until - std::mem::replace(&mut given, until)
    };
    all.iter().map(share).collect()
}

/// Why there can be no model of these photos as they were taken, as the start of a sentence.
pub(super) fn lens_fault(cameras: &[StoredCamera<'_>]) -> Option<String> {
    let has_none = |camera: &&StoredCamera<'_>| LensModel::new(camera.lens, &camera.distortion).is_none();
    cameras.iter().find(has_none).map(|camera| no_model(camera.view))
}

fn no_model(view: &ViewPrediction) -> String {
    format!("COLMAP has no camera model for the lens of {}", photo_name(&view.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_give_points_in_proportion() {
        assert_eq!(shares(&[10, 0, 5], 20), [10, 0, 5]);
        assert_eq!(shares(&[100, 0, 50, 50], 100), [50, 0, 25, 25]);
        let uneven = shares(&[7, 7, 7], 10);
        assert!(uneven.iter().sum::<usize>() == 10 && uneven.iter().all(|&count| count >= 3), "{uneven:?}");
    }
}
