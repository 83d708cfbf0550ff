//! Which pixels become points of GLB and COLMAP files: the reference's rule, which knows nothing of edges and ranges.

use std::sync::Arc;

use super::{Backdrops, ReferenceRule};
use crate::inference::ViewPrediction;
use crate::scene::{Filters, percentiles};

/// Pixels whose channels are all below this are a black backdrop, and all at or above the other a white one.
const BLACK: u8 = 16;
const WHITE: u8 = 240;
/// The confidence that backdrops are given: the lowest there is.
const UNSURE: f32 = 1.0;
/// GLB leaves out what is no surer than this, and never more than the least sure 90 %.
const LEAST: f32 = 1.05;
const HIGHEST_PERCENTILE: f32 = 90.0;

/// The rule for the views of one scene.
#[derive(Clone, Copy, Debug)]
pub(super) struct Selection {
    filters: Filters,
    backdrops: Backdrops,
    /// Smallest confidence kept; `None` where the model gives none: then every pixel with depth is kept.
    pub threshold: Option<f32>,
}

impl Selection {
    /// GLB: the percentile, but at least 1.05, and at most the 90th percentile.
    pub fn for_glb(views: &[Arc<ViewPrediction>], filters: &Filters, rule: &ReferenceRule) -> Self {
        let none = Self { filters: *filters, backdrops: rule.backdrops, threshold: None };
        let threshold = percentiles(none.confidences(views), [rule.confidence_percentile, HIGHEST_PERCENTILE]);
        Self { threshold: threshold.map(|[at, highest]| at.max(LEAST).min(highest)), ..none }
    }

    /// COLMAP: the plain percentile.
    pub fn for_colmap(views: &[Arc<ViewPrediction>], filters: &Filters, rule: &ReferenceRule) -> Self {
        let none = Self { filters: *filters, backdrops: rule.backdrops, threshold: None };
        let threshold = percentiles(none.confidences(views), [rule.confidence_percentile]);
        Self { threshold: threshold.map(|[at]| at), ..none }
    }

    /// The kept pixels (x, y) of a view with their depth, in row order.
    pub fn pixels(self, view: &ViewPrediction) -> impl Iterator<Item = (u32, u32, f32)> {
        let all = (0..view.height).flat_map(|y| (0..view.width).map(move |x| (x, y)));
        all.zip(&view.depth)
            .enumerate()
            .filter(move |&(at, (_, &depth))| self.keeps(view, at, depth))
            .map(|(_, ((x, y), &depth))| (x, y, depth))
    }

    fn keeps(&self, view: &ViewPrediction, at: usize, depth: f32) -> bool {
        let hidden = self.filters.hide_background && view.background.as_ref().is_some_and(|mask| mask[at]);
        let hidden = hidden || self.backdrops == Backdrops::Hidden && self.is_backdrop(view, at);
        let sure = match (self.threshold, self.confidence(view, at)) {
            (Some(threshold), Some(confidence)) => confidence >= threshold,
            _ => true,
        };
        depth > 0.0 && depth.is_finite() && !hidden && sure
    }

    /// Of the pixels that have a say in the threshold.
    fn confidences<'a>(&'a self, views: &'a [Arc<ViewPrediction>]) -> impl Iterator<Item = f32> + 'a {
        views.iter().flat_map(move |view| (0..view.depth.len()).filter_map(move |at| self.confidence(view, at)))
    }

    /// Of one pixel. Backdrops that are to be left out have none, or are not sure of anything.
    fn confidence(&self, view: &ViewPrediction, at: usize) -> Option<f32> {
        let confidence = view.confidence.as_ref()?[at];
        match self.backdrops {
            _ if !self.is_backdrop(view, at) => Some(confidence),
            Backdrops::Hidden => None,
            Backdrops::LeastSure => Some(UNSURE),
        }
    }

    fn is_backdrop(&self, view: &ViewPrediction, at: usize) -> bool {
        let Filters { hide_black, hide_white, .. } = self.filters;
        let rgb = &view.image.as_raw()[3 * at..][..3];
        hide_black && rgb.iter().all(|&channel| channel < BLACK)
            || hide_white && rgb.iter().all(|&channel| channel >= WHITE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::input::ViewId;

    fn view(confidence: impl Fn(usize) -> f32) -> ViewPrediction {
        let mut view = synthetic::render(0, 10, 10).into_prediction(ViewId(0), "a.jpg".into());
        view.confidence = Some((0..100).map(confidence).collect());
        view
    }

    fn at(confidence_percentile: f32) -> ReferenceRule {
        ReferenceRule { confidence_percentile, ..ReferenceRule::default() }
    }

    #[test]
    fn backdrops_are_no_points_with_any_model_and_add_none() {
        // Half of the picture is black, and the network is sure of it.
        let mut view = view(|i| if i < 50 { 9.0 } else { 1.0 + i as f32 * 0.01 });
        (0..50).for_each(|i| view.image.put_pixel(i % 10, i / 10, image::Rgb([0, 0, 0])));
        (50..100).for_each(|i| view.image.put_pixel(i % 10, i / 10, image::Rgb([90, 90, 90])));
        let filters = Filters { hide_black: true, ..Filters::NONE };
        let count = |view: &ViewPrediction, filters: &Filters, rule: &ReferenceRule| {
            let views = [Arc::new(view.clone())];
            [Selection::for_glb, Selection::for_colmap].map(|of| of(&views, filters, rule).pixels(&views[0]).count())
        };
        assert_eq!(count(&view, &filters, &at(40.0)), [30, 30], "the surest 60 % of what is left");
        assert_eq!(count(&view, &filters, &at(0.0)), [50, 50]);
        let as_reference = ReferenceRule { backdrops: Backdrops::LeastSure, ..at(40.0) };
        assert_eq!(count(&view, &filters, &as_reference), [50, 100], "COLMAP's threshold is that of the backdrop");
        view.confidence = None;
        assert_eq!(count(&view, &filters, &at(40.0)), [50, 50]);
    }

    #[test]
    fn the_glb_threshold_has_a_floor_and_a_ceiling() {
        let glb = |view: ViewPrediction, percentile| {
            Selection::for_glb(&[Arc::new(view)], &Filters::NONE, &at(percentile)).threshold.expect("a threshold")
        };
        let near = |a: f32, b: f32| assert!((a - b).abs() < 1e-4, "{a} {b}");
        near(glb(view(|i| 1.0 + i as f32), 40.0), 40.6);
        near(glb(view(|i| 1.0 + i as f32 * 0.001), 10.0), 1.05);
        near(glb(view(|i| 1.0 + i as f32), 99.0), 90.1);
        near(glb(view(|_| 1.0), 40.0), 1.0);
        let views = [Arc::new(view(|i| 1.0 + i as f32 * 0.001))];
        near(Selection::for_colmap(&views, &Filters::NONE, &at(10.0)).threshold.expect("one"), 1.0099);
    }

    #[test]
    fn backdrops_and_what_has_no_depth_are_left_out() {
        let mut view = view(|_| 5.0);
        view.confidence.as_mut().expect("there")[50..].fill(2.0);
        view.depth[0] = 0.0;
        view.depth[1] = f32::NAN;
        view.image.put_pixel(2, 0, image::Rgb([15, 15, 15]));
        view.image.put_pixel(3, 0, image::Rgb([240, 255, 240]));
        view.image.put_pixel(4, 0, image::Rgb([15, 15, 16]));
        view.background = Some((0..100).map(|i| i == 5).collect());
        let filters = Filters { hide_black: true, hide_white: true, hide_background: true, ..Filters::NONE };
        let views = [Arc::new(view)];
        let selection = Selection::for_colmap(&views, &filters, &at(60.0));
        let kept: Vec<_> = selection.pixels(&views[0]).map(|(x, y, _)| (x, y)).collect();
        assert_eq!((kept.len(), kept[0], kept[1]), (45, (4, 0), (6, 0)));
        let all = Selection::for_colmap(&views, &Filters::NONE, &at(0.0));
        assert_eq!(all.pixels(&views[0]).count(), 98);
    }

    #[test]
    fn without_confidence_there_is_no_threshold() {
        let mut view = view(|_| 1.0);
        view.confidence = None;
        let views = [Arc::new(view)];
        let selection = Selection::for_glb(&views, &Filters::NONE, &at(40.0));
        assert_eq!((selection.threshold, selection.pixels(&views[0]).count()), (None, 100));
    }
}
