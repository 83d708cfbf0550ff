//! Photos that were looked at one by one become one scene.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::path::Path;
use std::sync::Arc;

use fathom::geometry::Rigid;
use fathom::inference::{DepthUnit, LensSource, PoseSource, Prediction, ViewPrediction, depth_from_disparity};
use fathom::input::{Limits, ViewId};
use fathom::sfm::{OneScene, SfmError, WhyLeftOut, one_scene};

use crate::drawn::{self, Nobody, make_strange};

/// A drawn view alone, and its depth.
fn alone(folder: &Path, index: usize) -> (ViewPrediction, Vec<f32>) {
    let mut view = drawn::drawn(folder, index);
    let truth = view.depth.clone();
    view.scene = index;
    view.camera.camera_from_world = Rigid::IDENTITY;
    (view.camera.lens, view.camera.pose) = (LensSource::Given, PoseSource::None);
    (view, truth)
}

/// The same as a network for relative disparity sees it: with a scale and a shift that differ from view to view.
fn relative(mut view: ViewPrediction, index: usize) -> ViewPrediction {
    let (scale, shift) = (3.0 + index as f32, 0.3 * index as f32);
    let disparity: Vec<f32> = view.depth.iter().map(|depth| scale / depth + shift).collect();
    let (depth, background) = depth_from_disparity(&disparity).expect("surfaces");
    (view.depth, view.disparity, view.background) = (depth, Some(disparity), Some(background));
    view
}

/// Median of depth ÷ truth, and the share of pixels within 5 % of it.
fn against(views: &[(&ViewPrediction, &Vec<f32>)]) -> (f32, f32) {
    let mut ratios: Vec<f32> = views
        .iter()
        .flat_map(|(view, truth)| (0..truth.len()).filter(|&i| view.is_surface(i)).map(|i| view.depth[i] / truth[i]))
        .collect();
    ratios.sort_unstable_by(f32::total_cmp);
    let middle = ratios[ratios.len() / 2];
    let near = ratios.iter().filter(|ratio| (*ratio / middle - 1.0).abs() < 0.05).count();
    (middle, near as f32 / ratios.len() as f32)
}

#[test]
fn depths_with_a_scale_and_a_shift_each_become_one_scene() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut views, mut truths) = (Vec::new(), Vec::new());
    for index in 0..4 {
        let (view, truth) = alone(folder.path(), index);
        views.push(Arc::new(relative(view, index)));
        truths.push(truth);
    }
    // A stranger: noise, which has nothing to do with the others.
    let (mut stranger, _) = alone(folder.path(), 4);
    make_strange(&stranger);
    stranger = relative(stranger, 4);
    views.push(Arc::new(stranger));
    let prediction = Prediction { views, ..Prediction::default() };
    let OneScene { prediction: joined, left_out } =
        one_scene(&prediction, &Limits::default(), &Nobody).expect("a scene");
    assert_eq!(left_out, [(ViewId(4), WhyLeftOut::NoCamera)]);
    assert!(joined.views[..4].iter().all(|view| view.scene == 0), "one scene");
    assert!(Arc::ptr_eq(&joined.views[4], &prediction.views[4]), "what has no place stays what it was");
    let views: Vec<_> = joined.views[..4].iter().map(Arc::as_ref).zip(&truths).collect();
    let (_, near) = against(&views);
    assert!(near > 0.97, "{near} of all pixels are within 5 % by one scale");
    for (view, truth) in &views {
        let alone = against(&[(view, truth)]);
        assert!(alone.1 > 0.95, "{:?}", alone);
        assert_eq!((view.camera.lens, view.camera.pose), (LensSource::Given, PoseSource::Matched));
        let sure = view.confidence.as_ref().expect("how far others agree");
        let mean = sure.iter().sum::<f32>() / sure.len() as f32;
        assert!(sure.iter().all(|sure| (1.0..=5.0).contains(sure)) && mean > 3.0, "{mean}");
    }
    let matched = joined.matched.as_ref().expect("what was matched");
    assert_eq!((matched.placed, matched.photos, matched.scene), (4, 5, 0));
    assert!(matched.depth_error < 0.02 && matched.shared == matched.points.len() && matched.shared > 50);
    assert_eq!(joined.unit_of(0), DepthUnit::Relative);
}

#[test]
fn a_model_in_metres_says_how_large_the_scene_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let (views, truths): (Vec<_>, Vec<_>) = (0..3).map(|index| alone(folder.path(), index)).unzip();
    // Each view is off by some percent.
    let off = [0.96, 1.0, 1.05];
    let views = views.into_iter().zip(off).map(|(view, off)| Arc::new(view.scaled(off)));
    let prediction = Prediction { views: views.collect(), unit: DepthUnit::Metres, ..Prediction::default() };
    let joined = one_scene(&prediction, &Limits::default(), &Nobody).expect("a scene").prediction;
    let views: Vec<_> = joined.views.iter().map(Arc::as_ref).zip(&truths).collect();
    let (middle, near) = against(&views);
    assert!((middle - 1.0).abs() < 0.05 && near > 0.97, "{middle} {near}");
    assert_eq!(joined.unit_of(0), DepthUnit::Metres);
}

#[test]
fn depth_that_has_nothing_to_do_with_the_photos_is_no_scene() {
    let folder = tempfile::tempdir().expect("a folder");
    let nonsense = |index: usize| {
        let (mut view, _) = alone(folder.path(), index);
        view.depth.iter_mut().enumerate().for_each(|(i, depth)| *depth = 1.0 + (i * 7919 % 100) as f32);
        Arc::new(view)
    };
    let prediction = Prediction { views: (0..3).map(nonsense).collect(), ..Prediction::default() };
    let refused = one_scene(&prediction, &Limits::default(), &Nobody).map(|_| ()).expect_err("no scene");
    assert!(matches!(refused, SfmError::NoDepth), "{refused}");
}
