//! Which pixels of a depth map become points: plain settings, and the absolute limits that they mean for one scene.

use serde::{Deserialize, Serialize};

use super::quantiles::Quantiles;
use crate::inference::ViewPrediction;

/// Depths above this (in the prediction's unit) are hostile numbers, not scenery: their squares overflow an `f32`.
const MAX_DEPTH: f32 = 1e9;

/// Edge limit that lets everything pass; WGSL has no literal for infinity.
const NO_EDGE_LIMIT: f32 = f32::MAX;

/// What is left out of a cloud. Filters never change the prediction, so each can be undone by its slider.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filters {
    /// Points whose confidence lies below this percentile (0..=100) of the scene are left out.
    pub confidence_percentile: f32,
    /// Strength (0 = off ..= 1) of the filter that removes the pixels which smear between two surfaces.
    pub edge: f32,
    /// Percentiles (0..=100) of the scene's depth between which points are kept.
    pub depth_range: [f32; 2],
    /// Leave out pixels without a surface (sky, or infinitely far).
    pub hide_background: bool,
}

impl Default for Filters {
    fn default() -> Self {
        Self { confidence_percentile: 10.0, edge: 0.5, depth_range: [0.0, 100.0], hide_background: true }
    }
}

impl Filters {
    /// Everything that can be drawn at all.
    pub const NONE: Self =
        Self { confidence_percentile: 0.0, edge: 0.0, depth_range: [0.0, 100.0], hide_background: false };

    /// The largest relative step of depth between neighbours that still counts as one surface: 0.5 for the weakest
    /// filter, falling exponentially to 0.01 for the strongest.
    pub fn edge_limit(&self) -> f32 {
        if self.edge > 0.0 { 0.5 * 0.02f32.powf(self.edge.min(1.0)) } else { NO_EDGE_LIMIT }
    }

    /// The limits in the units of a scene with these depths and confidences.
    pub fn limits(&self, depth: &Quantiles, confidence: Option<&Quantiles>) -> FilterLimits {
        let floor = |percentile: f32, q: &Quantiles| if percentile > 0.0 { q.at(percentile) } else { f32::MIN };
        let [low, high] = self.depth_range;
        FilterLimits {
            confidence: confidence.map_or(f32::MIN, |q| floor(self.confidence_percentile, q)),
            edge: self.edge_limit(),
            depth: [floor(low, depth), if high < 100.0 { depth.at(high) } else { f32::MAX }],
            hide_background: self.hide_background,
        }
    }
}

/// [`Filters`] in absolute numbers. Keep in sync with `keep_pixel` in shaders/pixel.wgsl.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FilterLimits {
    /// Smallest confidence kept.
    pub confidence: f32,
    /// Largest relative depth step to a neighbour kept.
    pub edge: f32,
    /// Smallest and largest depth kept.
    pub depth: [f32; 2],
    pub hide_background: bool,
}

impl FilterLimits {
    /// Whether pixel (x, y) becomes a point. Keep in sync with `keep_pixel` in shaders/pixel.wgsl.
    pub fn keeps(&self, view: &ViewPrediction, x: u32, y: u32) -> bool {
        let index = |x: u32, y: u32| y as usize * view.width as usize + x as usize;
        let at = index(x, y);
        let depth = usable_depth(view.depth[at]);
        if depth <= 0.0 || depth < self.depth[0] || depth > self.depth[1] {
            return false;
        }
        if self.hide_background && view.background.as_ref().is_some_and(|mask| mask[at]) {
            return false;
        }
        if view.confidence.as_ref().is_some_and(|map| usable_confidence(map[at]) < self.confidence) {
            return false;
        }
        let step = |x: u32, y: u32| {
            let neighbour = usable_depth(view.depth[index(x, y)]);
            if neighbour > 0.0 { (neighbour - depth).abs() / neighbour.min(depth) } else { 0.0 }
        };
        let (right, bottom) = ((x + 1).min(view.width - 1), (y + 1).min(view.height - 1));
        step(x.saturating_sub(1), y) <= self.edge
            && step(right, y) <= self.edge
            && step(x, y.saturating_sub(1)) <= self.edge
            && step(x, bottom) <= self.edge
    }
}

/// The depth, or 0 where it is no number that can be drawn: not finite, not positive, denormal or beyond 10⁹.
pub fn usable_depth(depth: f32) -> f32 {
    if (f32::MIN_POSITIVE..=MAX_DEPTH).contains(&depth) { depth } else { 0.0 }
}

/// The confidence, or the lowest there is where it is not a number.
pub fn usable_confidence(confidence: f32) -> f32 {
    if confidence.is_finite() { confidence } else { 0.0 }
}

/// Whether the maps have the length that the size promises and the camera consists of usable numbers.
pub fn is_drawable(view: &ViewPrediction) -> bool {
    let pixels = view.width as usize * view.height as usize;
    let fits = |length: usize| length == pixels;
    let (k, pose) = (view.camera.intrinsics, view.camera.camera_from_world);
    pixels > 0
        && fits(view.depth.len())
        && view.confidence.as_ref().is_none_or(|map| fits(map.len()))
        && view.background.as_ref().is_none_or(|map| fits(map.len()))
        && view.image.dimensions() == (view.width, view.height)
        && [k.fx, k.fy, k.cx, k.cy].iter().all(|v| v.is_finite())
        && k.fx > f32::MIN_POSITIVE
        && k.fy > f32::MIN_POSITIVE
        && pose.rotation.is_finite()
        && pose.translation.is_finite()
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::flat_view;
    use super::*;

    const ALL: FilterLimits =
        FilterLimits { confidence: f32::MIN, edge: f32::MAX, depth: [f32::MIN, f32::MAX], hide_background: true };

    #[test]
    fn hostile_depths_are_never_kept() {
        let mut view = flat_view(4, 1, 2.0);
        view.depth = vec![f32::NAN, f32::INFINITY, 1e-42, -1.0];
        assert!((0..4).all(|x| !ALL.keeps(&view, x, 0)));
        assert_eq!(usable_depth(1e30), 0.0);
        assert_eq!(usable_depth(3.5), 3.5);
    }

    #[test]
    fn edge_filter_takes_both_sides_of_a_step() {
        let mut view = flat_view(6, 1, 1.0);
        view.depth[3..].fill(3.0);
        let limits = FilterLimits { edge: Filters { edge: 0.1, ..Filters::NONE }.edge_limit(), ..ALL };
        let kept: Vec<bool> = (0..6).map(|x| limits.keeps(&view, x, 0)).collect();
        assert_eq!(kept, [true, true, false, false, true, true]);
        assert!((0..6).all(|x| ALL.keeps(&view, x, 0)), "off means off");
    }

    #[test]
    fn background_and_confidence_and_range_are_left_out() {
        let mut view = flat_view(3, 1, 1.0);
        view.depth = vec![1.0, 2.0, 3.0];
        view.background = Some(vec![true, false, false]);
        view.confidence = Some(vec![5.0, 1.0, f32::NAN]);
        let kept = |limits: FilterLimits| [0, 1, 2].map(|x| limits.keeps(&view, x, 0));
        assert_eq!(kept(ALL), [false, true, true]);
        assert_eq!(kept(FilterLimits { hide_background: false, confidence: 0.5, ..ALL }), [true, true, false]);
        assert_eq!(kept(FilterLimits { depth: [2.5, 9.0], ..ALL }), [false, false, true]);
    }

    #[test]
    fn a_view_that_lies_about_its_size_is_not_drawable() {
        let mut view = flat_view(3, 2, 1.0);
        assert!(is_drawable(&view));
        view.depth.pop();
        assert!(!is_drawable(&view));
        let mut view = flat_view(3, 2, 1.0);
        view.camera.camera_from_world.translation.x = f32::NAN;
        assert!(!is_drawable(&view));
    }
}
