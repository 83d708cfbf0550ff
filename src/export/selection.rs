//! Which pixels become points of GLB and COLMAP files: the reference's rule, which knows nothing of edges and ranges.

use std::sync::Arc;

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
    /// Smallest confidence kept; `None` where the model gives none: then every pixel with depth is kept.
    pub threshold: Option<f32>,
}

impl Selection {
    /// GLB: the percentile, but at least 1.05, and at most the 90th percentile.
    pub fn for_glb(views: &[Arc<ViewPrediction>], filters: &Filters, percentile: f32) -> Self {
        let threshold = percentiles(confidences(views, filters), [percentile, HIGHEST_PERCENTILE]);
        Self { filters: *filters, threshold: threshold.map(|[at, highest]| at.max(LEAST).min(highest)) }
    }

    /// COLMAP: the plain percentile.
    pub fn for_colmap(views: &[Arc<ViewPrediction>], filters: &Filters, percentile: f32) -> Self {
        let threshold = percentiles(confidences(views, filters), [percentile]);
        Self { filters: *filters, threshold: threshold.map(|[at]| at) }
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
        let sure = match (self.threshold, confidence(view, &self.filters, at)) {
            (Some(threshold), Some(confidence)) => confidence >= threshold,
            _ => true,
        };
        depth > 0.0 && depth.is_finite() && !hidden && sure
    }
}

fn confidences<'a>(views: &'a [Arc<ViewPrediction>], filters: &'a Filters) -> impl Iterator<Item = f32> + 'a {
    let of_view =
        move |view: &'a Arc<ViewPrediction>| (0..view.depth.len()).map(move |at| confidence(view, filters, at));
    views.iter().flat_map(of_view).flatten()
}

/// Of one pixel; backdrops are not sure of anything if they are to be left out.
fn confidence(view: &ViewPrediction, filters: &Filters, at: usize) -> Option<f32> {
    let confidence = view.confidence.as_ref()?[at];
    let rgb = &view.image.as_raw()[3 * at..][..3];
    let is_backdrop = filters.hide_black && rgb.iter().all(|&channel| channel < BLACK)
        || filters.hide_white && rgb.iter().all(|&channel| channel >= WHITE);
    Some(if is_backdrop { UNSURE } else { confidence })
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

    #[test]
    fn the_glb_threshold_has_a_floor_and_a_ceiling() {
        let glb = |view: ViewPrediction, percentile| {
            Selection::for_glb(&[Arc::new(view)], &Filters::NONE, percentile).threshold.expect("a threshold")
        };
        let near = |a: f32, b: f32| assert!((a - b).abs() < 1e-4, "{a} {b}");
        near(glb(view(|i| 1.0 + i as f32), 40.0), 40.6);
        near(glb(view(|i| 1.0 + i as f32 * 0.001), 10.0), 1.05);
        near(glb(view(|i| 1.0 + i as f32), 99.0), 90.1);
        near(glb(view(|_| 1.0), 40.0), 1.0);
        let views = [Arc::new(view(|i| 1.0 + i as f32 * 0.001))];
        near(Selection::for_colmap(&views, &Filters::NONE, 10.0).threshold.expect("one"), 1.0099);
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
        let selection = Selection::for_colmap(&views, &filters, 60.0);
        let kept: Vec<_> = selection.pixels(&views[0]).map(|(x, y, _)| (x, y)).collect();
        assert_eq!((kept.len(), kept[0], kept[1]), (45, (4, 0), (6, 0)));
        let all = Selection::for_colmap(&views, &Filters::NONE, 0.0);
        assert_eq!(all.pixels(&views[0]).count(), 98);
    }

    #[test]
    fn without_confidence_there_is_no_threshold() {
        let mut view = view(|_| 1.0);
        view.confidence = None;
        let views = [Arc::new(view)];
        let selection = Selection::for_glb(&views, &Filters::NONE, 40.0);
        assert_eq!((selection.threshold, selection.pixels(&views[0]).count()), (None, 100));
    }
}
