//! What one step of a 16-bit depth picture means, and which depths the ends of its colours: the same for all views that belong
//! together, so that their pictures can be compared and a film of them does not flicker.

use std::sync::Arc;

use super::depth_png::{DepthScale, surfaces};
use super::{Options, ScaleBy};
use crate::inference::{DepthUnit, Prediction, ViewPrediction};
use crate::scene::DepthRange;

/// By the place of each view.
pub(super) struct Scales(Vec<(DepthScale, DepthRange)>);

impl Scales {
    pub fn new(prediction: &Prediction, options: &Options) -> Self {
        let views = &prediction.views;
        let unit = |view: &ViewPrediction| prediction.unit_of(view.scene);
        // Metres and what has no unit are never one scale.
        let belong_together =
            |(i, a): (usize, &ViewPrediction), (j, b): (usize, &ViewPrediction)| match options.scale_by {
                ScaleBy::View => i == j,
                ScaleBy::Scene => a.scene == b.scene,
                ScaleBy::Run => unit(a) == unit(b),
            };
        let mut scales: Vec<Option<(DepthScale, DepthRange)>> = vec![None; views.len()];
        for (first, view) in views.iter().enumerate() {
            if scales[first].is_some() {
                continue;
            }
            let others = views.iter().enumerate().skip(first);
            let group: Vec<usize> =
                others.filter(|(at, other)| belong_together((first, view), (*at, other))).map(|(at, _)| at).collect();
            let group_views: Vec<&Arc<ViewPrediction>> = group.iter().map(|&at| &views[at]).collect();
            let mut scale = of_group(unit(view), &group_views);
            if scale.0.unit == DepthUnit::Metres {
                scale.0.step = options.metre_step;
            }
            group.into_iter().for_each(|at| scales[at] = Some(scale));
        }
        Self(scales.into_iter().flatten().collect())
    }

    /// Of the view at this place.
    pub fn of(&self, place: usize) -> (DepthScale, DepthRange) {
        self.0[place]
    }
}

fn of_group(unit: DepthUnit, views: &[&Arc<ViewPrediction>]) -> (DepthScale, DepthRange) {
    let depths = views.iter().flat_map(|view| surfaces(&view.depth, view.background.as_deref()));
    let range = DepthRange::of(views.iter().flat_map(|view| view.depth.iter().copied()), 2.0, 98.0);
    (DepthScale::of(unit, depths), range)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::input::ViewId;

    /// Three views whose depth is constant, of two scenes.
    fn prediction() -> Prediction {
        let view = |(scene, depth): (usize, f32)| {
            let view = synthetic::render(0, 8, 6).into_prediction(ViewId(0), "a.jpg".into());
            Arc::new(ViewPrediction { scene, depth: vec![depth; 48], background: None, ..view })
        };
        Prediction { views: [(0, 1.0), (1, 2.0), (0, 4.0)].map(view).into(), ..Prediction::default() }
    }

    fn deepest(scale_by: ScaleBy) -> Vec<f32> {
        let scales = Scales::new(&prediction(), &Options { scale_by, ..Options::default() });
        (0..3).map(|place| (scales.of(place).0.step * 65535.0 * 100.0).round() / 100.0).collect()
    }

    #[test]
    fn views_of_a_scene_share_their_scale() {
        assert_eq!(deepest(ScaleBy::Scene), [4.0, 2.0, 4.0]);
        assert_eq!(deepest(ScaleBy::View), [1.0, 2.0, 4.0]);
        assert_eq!(deepest(ScaleBy::Run), [4.0, 4.0, 4.0]);
        let scales = Scales::new(&prediction(), &Options::default());
        assert_eq!(scales.of(0).1, scales.of(2).1);
        let [near, far] = [1.0, 4.0].map(|depth| scales.of(0).1.position(depth));
        assert!(near < 0.1 && far > 0.9, "{near} {far}");
    }

    #[test]
    fn metres_and_relative_depth_are_never_one_scale() {
        let mut mixed = prediction();
        mixed.set_scales.insert(1, 1.0);
        let scales = Scales::new(&mixed, &Options { scale_by: ScaleBy::Run, ..Options::default() });
        assert_eq!(scales.of(1).0, DepthScale::MILLIMETRES);
        assert_eq!(scales.of(0).0.unit, DepthUnit::Relative);
    }
}
