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
    /// Leave out pixels that are (almost) black in the photo: the backdrop of rendered and masked pictures.
    pub hide_black: bool,
    /// Leave out pixels that are (almost) white in the photo.
    pub hide_white: bool,
    /// Keep every n-th pixel, evenly spread; 0 and 1 keep all.
    pub every: u32,
}

impl Default for Filters {
    fn default() -> Self {
        Self { confidence_percentile: 10.0, edge: 0.5, hide_background: true, ..Self::NONE }
    }
}

impl Filters {
    /// Everything that can be drawn at all.
    pub const NONE: Self = Self {
        confidence_percentile: 0.0,
        edge: 0.0,
        depth_range: [0.0, 100.0],
        hide_background: false,
        hide_black: false,
        hide_white: false,
        every: 1,
    };

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
            hide_black: self.hide_black,
            hide_white: self.hide_white,
            lattice: lattice(self.every),
        }
    }
}

/// The lattice that spreads every n-th pixel evenly: pixel (x, y) belongs to it where (x + y·shift) mod n is 0. Of all shifts
/// the one whose nearest two pixels are farthest apart.
fn lattice(every: u32) -> [u32; 2] {
    let n = every.max(1);
    let nearest = |shift: &u32| {
        let in_row = |y: u32| {
            let x = shift * y % n;
            x.min(n - x).pow(2) + y * y
        };
        (1..n).map(in_row).fold(n * n, u32::min)
    };
    [n, (0..n).max_by_key(nearest).unwrap_or(0)]
}

/// Sum of the three 8-bit channels below which a pixel counts as black, and the value above which each of them must lie to
/// count as white: the thresholds of the reference implementation's masks.
const BLACK_SUM: u32 = 16;
const WHITE_CHANNEL: u8 = 240;

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
    pub hide_black: bool,
    pub hide_white: bool,
    /// n and shift: pixel (x, y) is kept where (x + y·shift) mod n is 0.
    pub lattice: [u32; 2],
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
        let [every, shift] = self.lattice;
        if !(x + y * shift).is_multiple_of(every) {
            return false;
        }
        let image::Rgb(rgb) = *view.image.get_pixel(x, y);
        if self.hide_black && rgb.iter().map(|&channel| u32::from(channel)).sum::<u32>() < BLACK_SUM
            || self.hide_white && rgb.iter().all(|&channel| channel > WHITE_CHANNEL)
        {
            return false;
        }
        largest_step(view, x, y) <= self.edge
    }
}

/// The largest relative depth step from pixel (x, y) to one of its four neighbours; 0 where there is no depth.
pub fn largest_step(view: &ViewPrediction, x: u32, y: u32) -> f32 {
    let depth_at = |x: u32, y: u32| usable_depth(view.depth[y as usize * view.width as usize + x as usize]);
    let depth = depth_at(x, y);
    let step = |x: u32, y: u32| {
        let neighbour = depth_at(x, y);
        if neighbour > 0.0 && depth > 0.0 { (neighbour - depth).abs() / neighbour.min(depth) } else { 0.0 }
    };
    let (right, bottom) = ((x + 1).min(view.width - 1), (y + 1).min(view.height - 1));
    [step(x.saturating_sub(1), y), step(right, y), step(x, y.saturating_sub(1)), step(x, bottom)]
        .into_iter()
        .fold(0.0, f32::max)
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

    const ALL: FilterLimits = FilterLimits {
        confidence: f32::MIN,
        edge: f32::MAX,
        depth: [f32::MIN, f32::MAX],
        hide_background: true,
        hide_black: false,
        hide_white: false,
        lattice: [1, 1],
    };

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
    fn black_and_white_backdrops_are_left_out() {
        let mut view = flat_view(4, 1, 1.0);
        for (x, rgb) in [[5, 5, 5], [6, 5, 5], [241, 255, 250], [241, 240, 255]].into_iter().enumerate() {
            view.image.put_pixel(x as u32, 0, image::Rgb(rgb));
        }
        let kept = |limits: FilterLimits| [0, 1, 2, 3].map(|x| limits.keeps(&view, x, 0));
        assert_eq!(kept(FilterLimits { hide_black: true, ..ALL }), [false, true, true, true]);
        assert_eq!(kept(FilterLimits { hide_white: true, ..ALL }), [true, true, false, true]);
    }

    #[test]
    fn every_nth_pixel_is_kept_evenly() {
        let view = flat_view(120, 120, 1.0);
        for every in 1..=16 {
            let limits = FilterLimits { lattice: lattice(every), ..ALL };
            let kept: Vec<[i32; 2]> = (0..120u32 * 120)
                .map(|i| [i % 120, i / 120])
                .filter(|&[x, y]| limits.keeps(&view, x, y))
                .map(|at| at.map(|v| v as i32))
                .collect();
            let expected = 14_400 / every as usize;
            assert!(kept.len().abs_diff(expected) <= 130, "{every}: {}", kept.len());
            // No two are much nearer than an even spread has them.
            let nearest = kept.iter().filter(|p| **p != kept[0]).map(|[x, y]| {
                let (dx, dy) = (x - kept[0][0], y - kept[0][1]);
                dx * dx + dy * dy
            });
            let nearest = nearest.min().expect("more than one point");
            assert!(f64::from(nearest) >= f64::from(every) * 0.45, "{every}: {nearest}");
        }
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
