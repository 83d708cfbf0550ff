//! The views of one scene with what is computed once for all of them: percentiles, the upward direction.

use std::sync::Arc;

use glam::Vec3;

use super::filters::{FilterLimits, Filters, is_drawable, usable_confidence, usable_depth};
use super::quantiles::Quantiles;
use super::{Bounds, DepthRange};
use crate::inference::ViewPrediction;

/// Samples per statistic: more would not move a percentile by what a screen can show.
const MAX_SAMPLES: usize = 200_000;

/// Points that are un-projected to find where a cloud lies.
const MAX_POINTS: usize = 20_000;

/// The drawable views of one scene.
#[derive(Clone, Debug)]
pub struct CloudScene {
    views: Vec<Arc<ViewPrediction>>,
    depth: Quantiles,
    confidence: Option<Quantiles>,
    height: [f32; 2],
    up: Vec3,
}

impl CloudScene {
    /// Of the views of one scene (they share a world frame). Views whose maps or camera cannot be drawn are left out;
    /// `None` when nothing can be drawn.
    pub fn new(views: &[Arc<ViewPrediction>]) -> Option<Self> {
        let views: Vec<_> = views.iter().filter(|view| is_drawable(view)).cloned().collect();
        let up = -views.first()?.camera.camera_from_world.rotation.row(1);
        let depth = Quantiles::of(sample(&views, |view, i| usable_depth(view.depth[i])).filter(|&d| d > 0.0))?;
        let confidence = Quantiles::of(
            sample(&views, |view, i| view.confidence.as_ref().map_or(f32::NAN, |map| usable_confidence(map[i])))
                .filter(|c| !c.is_nan()),
        );
        let heights = sample_points(&views, &|_, _, _| true, MAX_POINTS).into_iter().map(|p| p.dot(up));
        let height = Quantiles::of(heights).map_or([0.0, 0.0], |q| q.range(2.0, 98.0));
        Some(Self { views, depth, confidence, height, up })
    }

    pub fn views(&self) -> &[Arc<ViewPrediction>] {
        &self.views
    }

    /// Up in the world: against the y axis of the reference (first) camera, because y points down in OpenCV's frame.
    pub fn up(&self) -> Vec3 {
        self.up
    }

    /// The filters in absolute numbers.
    pub fn limits(&self, filters: &Filters) -> FilterLimits {
        filters.limits(&self.depth, self.confidence.as_ref())
    }

    /// Limits of the colours by depth, as depth pictures have them: the 2nd and 98th percentile of inverse depth.
    pub fn depth_colours(&self) -> DepthRange {
        let [near, far] = self.depth.range(2.0, 98.0);
        let (far, near) = (far.recip(), near.recip());
        if far < near { DepthRange { far, near } } else { DepthRange { far: far - 1e-6, near: near + 1e-6 } }
    }

    /// Confidence drawn as 0 and 1 of the colour map: the 2nd and 98th percentile; `None` without confidence.
    pub fn confidence_colours(&self) -> Option<[f32; 2]> {
        self.confidence.as_ref().map(|q| q.range(2.0, 98.0))
    }

    /// Height along [`Self::up`] drawn as 0 and 1 of the colour map.
    pub fn height_colours(&self) -> [f32; 2] {
        self.height
    }

    /// Where the points of the visible views lie that the filters keep; of all points when none is left.
    pub fn bounds(&self, visible: impl Fn(&ViewPrediction) -> bool, filters: &Filters) -> Option<Bounds> {
        let limits = self.limits(filters);
        let views: Vec<_> = self.views.iter().filter(|view| visible(view)).cloned().collect();
        let kept = sample_points(&views, &|view, x, y| limits.keeps(view, x, y), MAX_POINTS);
        Bounds::robust(&kept).or_else(|| Bounds::robust(&sample_points(&self.views, &|_, _, _| true, MAX_POINTS)))
    }

    /// Number of pixels of the visible views, the points that are offered to the filters.
    pub fn pixel_count(&self, visible: impl Fn(&ViewPrediction) -> bool) -> usize {
        self.views.iter().filter(|view| visible(view)).map(|view| view.depth.len()).sum()
    }
}

/// Up to [`MAX_SAMPLES`] evenly spaced values of `value(view, pixel index)` over all views.
fn sample<'a>(
    views: &'a [Arc<ViewPrediction>],
    value: impl Fn(&ViewPrediction, usize) -> f32 + 'a,
) -> impl Iterator<Item = f32> + 'a {
    let total: usize = views.iter().map(|view| view.depth.len()).sum();
    let step = (total / MAX_SAMPLES).max(1);
    let value = Arc::new(value);
    views.iter().flat_map(move |view| {
        let value = Arc::clone(&value);
        (0..view.depth.len()).step_by(step).map(move |i| value(view, i))
    })
}

/// About `count` world points on an even grid over the views' pixels, of those that `keep` keeps. All of them when the
/// grid meets none, so that a few last points are found too.
fn sample_points(
    views: &[Arc<ViewPrediction>],
    keep: &dyn Fn(&ViewPrediction, u32, u32) -> bool,
    count: usize,
) -> Vec<Vec3> {
    let total: usize = views.iter().map(|view| view.depth.len()).sum();
    let step = ((total as f64 / count as f64).sqrt().ceil() as usize).max(1);
    let points = grid_points(views, keep, step);
    if points.is_empty() && step > 1 { grid_points(views, keep, 1) } else { points }
}

fn grid_points(
    views: &[Arc<ViewPrediction>],
    keep: &dyn Fn(&ViewPrediction, u32, u32) -> bool,
    step: usize,
) -> Vec<Vec3> {
    let mut points = Vec::new();
    for view in views {
        let world_from_camera = view.camera.camera_from_world.inverse();
        for (y, x) in (0..view.height).step_by(step).flat_map(|y| (0..view.width).step_by(step).map(move |x| (y, x))) {
            let depth = usable_depth(view.depth[y as usize * view.width as usize + x as usize]);
            if depth > 0.0 && keep(view, x, y) {
                points.push(world_from_camera.apply(view.camera.intrinsics.unproject(x as f32, y as f32, depth)));
            }
        }
    }
    points
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::flat_view;
    use super::*;

    #[test]
    fn up_is_against_the_reference_cameras_y() {
        let scene = CloudScene::new(&[Arc::new(flat_view(8, 8, 2.0))]).expect("drawable");
        assert_eq!(scene.up(), Vec3::NEG_Y);
        assert_eq!(scene.pixel_count(|_| true), 64);
        assert_eq!(scene.confidence_colours(), None);
    }

    #[test]
    fn percentiles_become_limits() {
        let mut view = flat_view(101, 1, 1.0);
        view.depth = (0..101).map(|i| 1.0 + i as f32).collect();
        view.confidence = Some((0..101).map(|i| 1.0 + i as f32).collect());
        let scene = CloudScene::new(&[Arc::new(view)]).expect("drawable");
        let limits = scene.limits(&Filters { confidence_percentile: 50.0, depth_range: [10.0, 90.0], ..Filters::NONE });
        assert!((limits.confidence - 51.0).abs() < 1e-3);
        assert!((limits.depth[0] - 11.0).abs() < 1e-3 && (limits.depth[1] - 91.0).abs() < 1e-3);
    }

    #[test]
    fn nothing_drawable_is_no_scene() {
        assert!(CloudScene::new(&[]).is_none());
        assert!(CloudScene::new(&[Arc::new(flat_view(4, 4, f32::NAN))]).is_none());
        let mut lying = flat_view(4, 4, 1.0);
        lying.depth.truncate(3);
        assert!(CloudScene::new(&[Arc::new(lying)]).is_none());
    }
}
