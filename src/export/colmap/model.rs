//! A scene as COLMAP counts it: its cameras, its photos, and the points that each photo gives.

use std::io;
use std::sync::Arc;

use glam::DVec3;

use super::lens_model::LensModel;
use super::pose::Pose;
use crate::export::choice::Choice;
use crate::export::file_name::photo_name;
use crate::export::selection::Selection;
use crate::export::stored_camera::StoredCamera;
use crate::export::{PhotoNames, ReferenceRule, Selected};
use crate::inference::ViewPrediction;
use crate::scene::Filters;

/// The views of one scene as COLMAP counts them: camera, rig, photo and frame of a view have its place + 1 as their number,
/// points are numbered from 1 by view, row and column. Each point is seen by its own view only.
///
/// Points are the reference's: those whose confidence reaches a percentile, all that have depth where there is no confidence.
pub struct ColmapModel<'a> {
    pub(super) views: &'a [Arc<ViewPrediction>],
    pub(super) names: &'a PhotoNames,
    selection: Selection,
    /// Cameras are those of the photos as they were taken, with the distortion of their lenses.
    as_taken: bool,
    /// Points of each view that the selection keeps, and how many of them are written.
    all: Vec<usize>,
    pub(super) counts: Vec<usize>,
}

/// A point and where its view sees it.
pub(super) struct Seen {
    /// Of the photo, cut to whole numbers as the reference does.
    pub pixel: [f64; 2],
    pub position: DVec3,
    pub colour: [u8; 3],
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
    pub(super) fn lens(&self, view: &ViewPrediction) -> io::Result<([u32; 2], LensModel)> {
        let camera = self.camera(view);
        let model = LensModel::new(camera.lens, &camera.distortion)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, no_model(view)))?;
        Ok((camera.size, model))
    }

    pub(super) fn pose(&self, view: &ViewPrediction) -> Pose {
        Pose::of(&self.camera(view).camera_from_world)
    }

    /// What the view of this number sees, in row order.
    pub(super) fn seen<'v>(&self, number: u32, view: &'v ViewPrediction) -> impl Iterator<Item = Seen> + use<'v> {
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
    pub(super) fn numbered(&self) -> impl Iterator<Item = (u32, u64, &'a ViewPrediction)> {
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
pub(in crate::export) fn lens_fault(cameras: &[StoredCamera<'_>]) -> Option<String> {
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
