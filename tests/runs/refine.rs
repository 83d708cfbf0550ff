//! Predicted cameras are made exact by what photos share; where that is no gain, they stay.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use fathom::geometry::Rigid;
use fathom::inference::{DepthUnit, LensSource, PoseSource, Prediction, ViewPrediction};
use fathom::input::{Limits, ViewId};
use fathom::sfm::{OneScene, SfmError, WhyLeftOut, refined};
use glam::{Mat3, Vec3};

use crate::drawn::{Nobody, SIZE, drawn, make_strange};

/// Numbers between -1 and 1, the same every time.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn direction(&mut self) -> Vec3 {
        Vec3::new(self.next(), self.next(), self.next() + 0.01).normalize_or_zero()
    }
}

/// A drawn view as a network gives it that sees everything right.
fn predicted(folder: &Path, index: usize) -> ViewPrediction {
    let mut view = drawn(folder, index);
    (view.scene, view.camera.lens, view.camera.pose) = (3, LensSource::Predicted, PoseSource::Predicted);
    view
}

/// The same as a coarse network gives it: turned by `degrees`, moved by `way`, with another focal length and noisy depth.
fn coarse(mut view: ViewPrediction, draws: &mut Draws, degrees: f32, way: f32) -> ViewPrediction {
    let pose = view.camera.camera_from_world;
    let turn = Mat3::from_axis_angle(draws.direction(), degrees.to_radians());
    let rotation = turn * pose.rotation;
    let centre = pose.camera_centre() + way * draws.direction();
    view.camera.camera_from_world = Rigid::new(rotation, -(rotation * centre));
    let focal = 1.0 + 0.08 * draws.next();
    (view.camera.intrinsics.fx, view.camera.intrinsics.fy) =
        (view.camera.intrinsics.fx * focal, view.camera.intrinsics.fy * focal);
    let whole = 1.0 + 0.05 * draws.next();
    view.depth.iter_mut().for_each(|depth| *depth *= whole * (1.0 + 0.1 * draws.next()));
    view
}

fn prediction(views: Vec<ViewPrediction>) -> Prediction {
    Prediction { views: views.into_iter().map(Arc::new).collect(), unit: DepthUnit::Metres, ..Prediction::default() }
}

/// Largest angle, degrees, by which the ways and turns between two cameras are off.
fn worst(views: &[&ViewPrediction], truth: &[Rigid]) -> f32 {
    let mut worst: f32 = 0.0;
    for i in 0..views.len() {
        for j in (0..views.len()).filter(|j| *j != i) {
            let between = |a: &Rigid, b: &Rigid| b.after(&a.inverse());
            let pose = |at: usize| views[at].camera.camera_from_world;
            let (got, right) = (between(&pose(i), &pose(j)), between(&truth[i], &truth[j]));
            let turn = glam::Quat::from_mat3(&(got.rotation * right.rotation.transpose()));
            let turned = turn.angle_between(glam::Quat::IDENTITY).to_degrees();
            worst = worst.max(turned).max(got.translation.angle_between(right.translation).to_degrees());
        }
    }
    worst
}

/// How far depth is off in the middle, as a part of it.
fn depth_error(view: &ViewPrediction, truth: &ViewPrediction) -> f32 {
    let surfaces = (0..truth.depth.len()).filter(|&at| view.is_surface(at));
    let mut errors: Vec<f32> = surfaces.map(|at| (view.depth[at] / truth.depth[at] - 1.0).abs()).collect();
    errors.sort_unstable_by(f32::total_cmp);
    errors[errors.len() / 2]
}

#[test]
fn coarse_cameras_become_exact_in_the_world_that_was_predicted() {
    let folder = tempfile::tempdir().expect("a folder");
    let truth: Vec<ViewPrediction> = (0..5).map(|index| predicted(folder.path(), index)).collect();
    let right: Vec<Rigid> = truth.iter().map(|view| view.camera.camera_from_world).collect();
    let mut draws = Draws(5);
    let coarse: Vec<ViewPrediction> = truth.iter().map(|view| coarse(view.clone(), &mut draws, 5.0, 0.1)).collect();
    let before = worst(&coarse.iter().collect::<Vec<_>>(), &right);
    let found =
        refined(&prediction(coarse.clone()), &BTreeSet::new(), &Limits::default(), &Nobody).expect("better cameras");
    let OneScene { prediction, left_out } = found;
    assert!(left_out.is_empty(), "{left_out:?}");
    let views: Vec<&ViewPrediction> = prediction.views.iter().map(Arc::as_ref).collect();
    let after = worst(&views, &right);
    assert!(before > 5.0 && after < 2.0, "{before}° before, {after}° after");
    let moved = prediction.matched.as_ref().and_then(|matched| matched.moved).expect("how far");
    assert!(moved.after < 1.5 && moved.before > 4.0 * moved.after, "{moved:?}");
    assert!((2.0..8.0).contains(&moved.degrees) && moved.way > 0.005 && moved.focal > 0.005, "{moved:?}");
    // World, scale and unit are those that were predicted, up to the noise of these.
    assert_eq!((prediction.unit_of(3), views[0].scene), (DepthUnit::Metres, 3));
    for (view, right) in views.iter().zip(&truth) {
        let [now, then] = [view, right].map(|view| view.camera.camera_from_world.camera_centre());
        assert!(now.distance(then) < 0.3, "{now} {then}");
        assert_eq!((view.camera.lens, view.camera.pose), (LensSource::Matched, PoseSource::Matched));
        let error = depth_error(view, right);
        assert!(error < 0.07, "depth is off by {error}");
    }
    let again =
        refined(&prediction, &BTreeSet::new(), &Limits::default(), &Nobody).map(|_| ()).expect_err("they are exact");
    assert!(matches!(again, SfmError::NotNearer { .. }), "{again}");
}

#[test]
fn a_view_that_matches_nothing_keeps_its_camera_and_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut draws = Draws(8);
    let mut views: Vec<ViewPrediction> =
        (0..4).map(|index| coarse(predicted(folder.path(), index), &mut draws, 4.0, 0.1)).collect();
    let mut stranger = predicted(folder.path(), 4);
    make_strange(&stranger);
    stranger.camera.intrinsics.fx *= 1.02;
    views.push(stranger.clone());
    let OneScene { prediction, left_out } =
        refined(&prediction(views), &BTreeSet::new(), &Limits::default(), &Nobody).expect("better cameras");
    assert_eq!(left_out, [(ViewId(4), WhyLeftOut::NoCamera)]);
    assert_eq!(prediction.views[4].camera, stranger.camera);
    assert_eq!(prediction.views[4].depth, stranger.depth);
    let matched = prediction.matched.as_ref().expect("what was matched");
    assert_eq!((matched.placed, matched.photos, matched.scene), (4, 5, 3));
}

#[test]
fn cameras_stay_where_matches_say_too_little_or_the_contrary() {
    let folder = tempfile::tempdir().expect("a folder");
    let blank = |index: usize| {
        let view = predicted(folder.path(), index);
        image::RgbImage::from_pixel(SIZE[0], SIZE[1], image::Rgb([130; 3])).save(&view.path).expect("a photo");
        view
    };
    let nothing = refined(&prediction((0..3).map(blank).collect()), &BTreeSet::new(), &Limits::default(), &Nobody);
    let nothing = nothing.map(|_| ()).expect_err("nothing is on them");
    assert!(matches!(nothing, SfmError::NoPairs { photos: 3 }), "{nothing}");

    let alone = refined(&prediction(vec![predicted(folder.path(), 0)]), &BTreeSet::new(), &Limits::default(), &Nobody);
    assert!(matches!(alone.map(|_| ()), Err(SfmError::TooFew)));

    let mut draws = Draws(3);
    let astray = (0..4).map(|index| coarse(predicted(folder.path(), index), &mut draws, 70.0, 0.1)).collect();
    let contrary = refined(&prediction(astray), &BTreeSet::new(), &Limits::default(), &Nobody)
        .map(|_| ())
        .expect_err("another scene");
    assert!(matches!(contrary, SfmError::Contradicted { degrees } if degrees > 30.0), "{contrary}");
    assert!(contrary.advice().contains("--cameras-from matches"));
}
