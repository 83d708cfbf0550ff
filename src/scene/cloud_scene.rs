//! The views of one scene with what is computed once for all of them: percentiles, the upward direction.

use std::sync::Arc;

use glam::Vec3;

use super::filters::{FilterLimits, Filters, is_drawable, largest_step, usable_confidence, usable_depth};
use super::quantiles::{Histogram, Quantiles};
use super::{Bounds, DepthRange, Extent, Frustum, percentile, percentiles};
use crate::inference::ViewPrediction;

/// Samples per statistic: more would not move a percentile by what a screen can show.
const MAX_SAMPLES: usize = 200_000;

/// Points that are un-projected to find where a cloud lies.
const MAX_POINTS: usize = 20_000;

/// Points from which the limits of heights are taken, whichever way is up.
const MAX_HEIGHTS: usize = 3_000;

/// Bars of a histogram, and the percentiles that it reaches over: stray values would leave one bar of it.
const BINS: usize = 48;
const BULK: [f32; 2] = [0.5, 99.5];

/// How many times as far as the usual one a camera may stand and still belong to the picture of its scene.
const FAR_OFF: f32 = 4.0;

/// Cameras whose distance to the nearest other is measured.
const MAX_SPACINGS: usize = 64;

/// The drawable views of one scene.
#[derive(Clone, Debug)]
pub struct CloudScene {
    views: Vec<Arc<ViewPrediction>>,
    depth: Quantiles,
    confidence: Option<Quantiles>,
    edge: Quantiles,
    /// A few points of the cloud, for limits of heights.
    points: Vec<Vec3>,
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
        let edge = Quantiles::of(sample(&views, |view, i| {
            let (x, y) = (i as u32 % view.width, i as u32 / view.width);
            largest_step(view, x, y)
        }))?;
        let points = sample_points(&views, &|_, _, _| true, MAX_HEIGHTS);
        Some(Self { views, depth, confidence, edge, points, up })
    }

    /// The drawable views, in the order given.
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

    /// Median z-depth of all views.
    pub fn median_depth(&self) -> f32 {
        self.depth.range(50.0, 50.0)[0]
    }

    /// Whether its cameras say more than "somebody took this photo": more than one, or predicted.
    pub fn has_cameras(&self) -> bool {
        !matches!(self.views.as_slice(), [view] if !view.camera.pose.is_some())
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

    /// Height along `up` drawn as 0 and 1 of the colour map: the 2nd and 98th percentile.
    pub fn height_colours(&self, up: Vec3) -> [f32; 2] {
        percentiles(self.points.iter().map(|p| p.dot(up)), [2.0, 98.0]).unwrap_or([0.0, 1.0])
    }

    /// How z-depth is spread.
    pub fn depth_histogram(&self) -> Histogram {
        self.depth.histogram(BINS, BULK)
    }

    /// How confidence is spread; `None` without confidence.
    pub fn confidence_histogram(&self) -> Option<Histogram> {
        self.confidence.as_ref().map(|confidence| confidence.histogram(BINS, BULK))
    }

    /// How the largest relative depth step from a pixel to its neighbours is spread.
    pub fn edge_histogram(&self) -> Histogram {
        self.edge.histogram(BINS, [0.0, 97.0])
    }

    /// Number of points offered by views before the `index`-th one: where its points begin in a count over all views.
    pub fn first_point(&self, index: usize) -> usize {
        self.views.iter().take(index).map(|view| view.depth.len()).sum()
    }

    /// Where the bulk of the points of the visible views lies that the filters keep; of all points when none is left.
    pub fn bounds(&self, visible: impl Fn(&ViewPrediction) -> bool, filters: &Filters) -> Option<Bounds> {
        self.extent(visible, filters).map(|extent| extent.bounds)
    }

    /// What a picture of all of the visible views has to hold: the points that the filters keep, and where there are cameras that
    /// say something, those too; of all points when none is left.
    pub fn extent(&self, visible: impl Fn(&ViewPrediction) -> bool, filters: &Filters) -> Option<Extent> {
        let limits = self.limits(filters);
        let views: Vec<_> = self.views.iter().filter(|view| visible(view)).cloned().collect();
        let kept = sample_points(&views, &|view, x, y| limits.keeps(view, x, y), MAX_POINTS);
        let of = |points: Vec<Vec3>| {
            let bounds = Bounds::robust(&points)?;
            Some(Extent { cameras: self.camera_corners(&views, &bounds), bounds, points })
        };
        of(kept).or_else(|| of(sample_points(&self.views, &|_, _, _| true, MAX_POINTS)))
    }

    /// Corners of the pyramids that stand for the cameras of `views`. One many times as far away as they usually are says more about
    /// a mistake than about the scene.
    fn camera_corners(&self, views: &[Arc<ViewPrediction>], bounds: &Bounds) -> Vec<Vec3> {
        if !self.has_cameras() {
            return Vec::new();
        }
        let distance = |frustum: &Frustum| frustum.apex.distance(bounds.centre());
        let depth = self.frustum_depth(bounds.radius());
        let frusta: Vec<Frustum> = views.iter().map(|view| Frustum::new(view, depth)).collect();
        let usual = percentile(frusta.iter().map(distance), 50.0).unwrap_or(0.0);
        let near = frusta.iter().filter(|frustum| distance(frustum) <= bounds.radius() + FAR_OFF * usual);
        near.flat_map(|frustum| frustum.corners.into_iter().chain([frustum.apex])).collect()
    }

    /// z-depth at which photos hang in the frusta that stand for the cameras: a part of the scene's `reach`, less where
    /// cameras stand close together.
    pub fn frustum_depth(&self, reach: f32) -> f32 {
        let centres: Vec<Vec3> = self.views.iter().map(|view| view.camera.camera_from_world.camera_centre()).collect();
        let nearest = centres.iter().enumerate().take(MAX_SPACINGS).map(|(i, a)| {
            let others = centres.iter().enumerate().filter(|&(j, _)| j != i);
            others.map(|(_, b)| a.distance(*b)).fold(f32::INFINITY, f32::min)
        });
        let spacing = percentiles(nearest, [50.0]).map_or(f32::INFINITY, |[spacing]| spacing);
        (0.7 * spacing).clamp(0.04 * reach, 0.14 * reach)
    }

    /// About how many points of the visible views the filters keep, from an even sample.
    pub fn estimated_points(&self, visible: impl Fn(&ViewPrediction) -> bool, filters: &Filters) -> usize {
        let limits = self.limits(filters);
        let views: Vec<_> = self.views.iter().filter(|view| visible(view)).cloned().collect();
        let pixels: usize = views.iter().map(|view| view.depth.len()).sum();
        let step = grid_step(pixels, MAX_POINTS);
        let offered: usize = views.iter().map(|v| (v.width.div_ceil(step) * v.height.div_ceil(step)) as usize).sum();
        let kept = grid_points(&views, &|view, x, y| limits.keeps(view, x, y), step).len();
        (pixels as f64 * kept as f64 / offered.max(1) as f64).round() as usize
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
    let step = grid_step(total, count);
    let points = grid_points(views, keep, step);
    if points.is_empty() && step > 1 { grid_points(views, keep, 1) } else { points }
}

/// Every how many rows and columns about `count` of `pixels` are met.
fn grid_step(pixels: usize, count: usize) -> u32 {
    ((pixels as f64 / count as f64).sqrt().ceil() as u32).max(1)
}

fn grid_points(
    views: &[Arc<ViewPrediction>],
    keep: &dyn Fn(&ViewPrediction, u32, u32) -> bool,
    step: u32,
) -> Vec<Vec3> {
    let mut points = Vec::new();
    for view in views {
        let world_from_camera = view.camera.camera_from_world.inverse();
        for (y, x) in (0..view.height)
            .step_by(step as usize)
            .flat_map(|y| (0..view.width).step_by(step as usize).map(move |x| (y, x)))
        {
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
    fn estimates_are_near_the_exact_count() {
        let mut view = flat_view(400, 300, 1.0);
        view.background = Some((0..120_000).map(|i| i % 400 < 100).collect());
        let scene = CloudScene::new(&[Arc::new(view)]).expect("drawable");
        let estimate = scene.estimated_points(|_| true, &Filters::default());
        assert!(estimate.abs_diff(90_000) < 3_000, "{estimate}");
        assert_eq!(scene.estimated_points(|_| false, &Filters::default()), 0);
    }

    #[test]
    fn frusta_of_close_cameras_are_small() {
        let mut beside = flat_view(8, 8, 2.0);
        beside.camera.camera_from_world.translation.x = 0.1;
        let alone = CloudScene::new(&[Arc::new(flat_view(8, 8, 2.0))]).expect("drawable");
        let pair = CloudScene::new(&[Arc::new(flat_view(8, 8, 2.0)), Arc::new(beside)]).expect("drawable");
        assert!((alone.frustum_depth(1.0) - 0.14).abs() < 1e-6);
        assert!((pair.frustum_depth(1.0) - 0.07).abs() < 1e-6);
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
