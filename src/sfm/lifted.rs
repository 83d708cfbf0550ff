//! Photos that the points of a scene leave out, placed by the depth of those that it holds: there a match with one other photo says where
//! something is.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use glam::{DVec3, Vec3};
use nalgebra::{Point3, Vector3};
use openmvg_core::{AngularThreshold, PixelThreshold, RunSeed};
use openmvg_geometry::pose::{AbsolutePoseOptions, BearingToPoint, PoseRefinement, estimate_absolute_pose};
use openmvg_geometry::robust::RobustOptions;

use super::agreement::agree;
use super::epipolar::ray;
use super::fit::{Fitted, Seen, at_points, pixel_of, with_camera};
use super::graph::SEED;
use super::pair::in_photos;
use super::told::rigid;
use super::weak_depth::{LiftedPoint, adjusted};
use super::{LensPrior, Scene, SolvedCamera};
use crate::geometry::Rigid;
use crate::inference::ViewPrediction;

/// Fewer lifted points that agree on a camera are chance.
const LEAST: usize = 30;
/// And so is a smaller part of all that were matched: then the photo shows something that looks alike.
const LEAST_SHARE: f64 = 0.5;
/// Lifted points may lie so many pixels from where they were found, in a photo whose longer side is 1600: depth is off by some percent.
const OFF: f64 = 12.0;

/// Matches are off by so many pixels, in such a photo.
const MATCH_OFF: f64 = 2.0;
/// Depth is off by this part at least, however well it fits where points are known.
const LEAST_DEPTH_ERROR: f64 = 0.03;

/// A photo that was placed.
pub(super) struct Lifted {
    pub camera: SolvedCamera,
    pub fitted: Fitted,
    /// Photos that say so, those with most points first.
    pub neighbours: Vec<usize>,
}

/// A match with a photo that has depth: where it is in the scene, and its direction in the photo that has no camera yet.
struct Point {
    photo: usize,
    lifted: LiftedPoint,
    keypoint: [f32; 2],
}

/// Where a photo without a camera was taken: by at least [`LEAST`] points which others' depth lifts, most of what was matched, adjusted
/// with that depth as a weak term, and only if then its depth and theirs see the same surfaces, looked at from either side.
pub(super) fn lift(
    photo: usize,
    views: &[Arc<ViewPrediction>],
    scene: &Scene,
    fitted: &[Option<Fitted>],
) -> Option<Lifted> {
    if scene.solved.cameras[photo].is_some() {
        return None;
    }
    let lens = lens_of(photo, scene)?;
    let points = points(photo, &lens, scene, fitted);
    let off = in_photos(OFF, &[scene.views[photo].as_ref()?.size]);
    let (pose, inliers) = camera_of(&points, off, lens.intrinsics.fx.into(), photo)?;
    if inliers.len() < LEAST || (inliers.len() as f64) < LEAST_SHARE * points.len() as f64 {
        return None;
    }
    let agreeing = inliers.iter().map(|&at| points[at].lifted);
    let exact = in_photos(MATCH_OFF, &[scene.views[photo].as_ref()?.size]) / f64::from(lens.intrinsics.fx);
    let pose = adjusted(&pose, &agreeing.collect::<Vec<_>>(), exact)?;
    let camera = SolvedCamera { camera_from_world: pose, ..lens };
    let mut support: BTreeMap<usize, usize> = BTreeMap::new();
    inliers.iter().for_each(|&at| *support.entry(points[at].photo).or_default() += 1);
    let seen: Seen = inliers.iter().map(|&at| (points[at].lifted.position, points[at].keypoint)).collect();
    let known = at_points(&views[photo], &pose, &seen);
    let fitted_view = Fitted::of(&with_camera(&views[photo], &camera), &known)?;
    let mut neighbours: Vec<usize> = support.keys().copied().collect();
    neighbours.sort_by_key(|other| Reverse(support[other]));
    let agrees = neighbours
        .iter()
        .filter_map(|&other| fitted[other].as_ref())
        .any(|other| agree(&fitted_view.view, &other.view) && agree(&other.view, &fitted_view.view));
    agrees.then_some(Lifted { camera, fitted: fitted_view, neighbours })
}

/// The lens of a photo, at no place: that of photos like it which were placed, else what is known of it.
fn lens_of(photo: usize, scene: &Scene) -> Option<SolvedCamera> {
    let view = scene.views[photo].as_ref()?;
    let is_alike = |other: usize| {
        let other = scene.views[other].as_ref();
        other.is_some_and(|other| other.size == view.size && other.lens == view.lens)
    };
    let alike = (0..scene.views.len()).filter(|&other| is_alike(other));
    let solved = alike.filter_map(|other| scene.solved.cameras[other]).next();
    let known = match view.lens {
        LensPrior::Known(intrinsics) | LensPrior::Likely(intrinsics) => {
            Some(SolvedCamera { intrinsics, k1: 0.0, camera_from_world: Rigid::IDENTITY })
        }
        LensPrior::Unknown => None,
    };
    solved.or(known)
}

/// Matches with photos in the scene, lifted by the depth of these.
fn points(photo: usize, lens: &SolvedCamera, scene: &Scene, fitted: &[Option<Fitted>]) -> Vec<Point> {
    let mut points = Vec::new();
    for pair in scene.pairs.iter().filter(|pair| pair.photos.contains(&photo)) {
        let here = usize::from(pair.photos[1] == photo);
        let other = pair.photos[1 - here];
        let (Some(depth), Some(camera)) = (&fitted[other], &scene.solved.cameras[other]) else { continue };
        let point = |keypoints: &[u32; 2]| {
            let [keypoint, there] = [(photo, keypoints[here]), (other, keypoints[1 - here])]
                .map(|(photo, keypoint)| scene.keypoint([photo as u32, keypoint]));
            let position = lifted(&depth.view, ray(camera, there?)?.as_vec3())?;
            let eye = camera.camera_from_world.camera_centre().as_dvec3();
            let depth_error = depth.fit.median_error.max(LEAST_DEPTH_ERROR);
            let lifted = LiftedPoint { eye, position, ray: ray(lens, keypoint?)?, depth_error };
            Some(Point { photo: other, lifted, keypoint: keypoint? })
        };
        points.extend(pair.matches.iter().filter_map(point));
    }
    points
}

/// Where the surface lies that a view sees along a ray, given on the plane at distance 1.
fn lifted(view: &ViewPrediction, ray: Vec3) -> Option<DVec3> {
    let pixel = pixel_of(&view.camera.intrinsics, ray, [view.width, view.height])?;
    let at = view.is_surface(pixel).then(|| ray * view.depth[pixel])?;
    Some(view.camera.camera_from_world.inverse().apply(at).as_dvec3())
}

/// The camera that most of the points agree on, and these. `off`, `focal`: pixels.
fn camera_of(points: &[Point], off: f64, focal: f64, photo: usize) -> Option<(Rigid, Vec<usize>)> {
    if points.len() < LEAST {
        return None;
    }
    let datum = |point: &Point| {
        let LiftedPoint { position, ray, .. } = point.lifted;
        let bearing = Vector3::new(ray.x, ray.y, ray.z).try_normalize(1e-12)?;
        let position = Point3::new(position.x, position.y, position.z);
        BearingToPoint::try_new(position, nalgebra::Unit::new_unchecked(bearing)).ok()
    };
    let data: Vec<BearingToPoint> = points.iter().map(datum).collect::<Option<_>>()?;
    let threshold = AngularThreshold::from_pixels(PixelThreshold::try_new(off).ok()?, focal).ok()?;
    let robust = RobustOptions::default().with_seed(RunSeed::from_u64(SEED).derive("lift", &[photo as u64]));
    let options =
        AbsolutePoseOptions::default().with_robust_options(robust).with_refinement(PoseRefinement::Perspective);
    // Other people's code: a panic there costs this photo its place.
    let found = catch_unwind(AssertUnwindSafe(|| estimate_absolute_pose(&data, threshold, &options))).ok()?.ok()?;
    Some((rigid(found.model()), found.inliers().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::geometry::MetreFit;
    use crate::inference::PoseSource;
    use crate::input::ViewId;
    use crate::sfm::{PairMatches, Solved, SolverView};

    const SIZE: [u32; 2] = [320, 240];

    struct Case {
        views: Vec<Arc<ViewPrediction>>,
        scene: Scene,
        fitted: Vec<Option<Fitted>>,
        truth: Rigid,
    }

    fn drawn(index: usize) -> ViewPrediction {
        synthetic::render(index, SIZE[0], SIZE[1]).into_prediction(ViewId(index as u64), "photo.png".into())
    }

    /// Two views that have a place, and a third that shares points with the second alone, every `step`-th pixel.
    fn case(step: usize) -> Case {
        let views: Vec<ViewPrediction> = (0..3).map(drawn).collect();
        let (mut there, mut here) = (Vec::new(), Vec::new());
        for pixel in (0..views[2].depth.len()).step_by(step) {
            let [x, y] = [pixel as u32 % SIZE[0], pixel as u32 / SIZE[0]].map(|at| at as f32);
            let [second, third] = [1, 2].map(|at: usize| &views[at].camera);
            let at = third.intrinsics.unproject(x + 0.5, y + 0.5, views[2].depth[pixel]);
            let at = second.camera_from_world.apply(third.camera_from_world.inverse().apply(at));
            let Some(seen) = pixel_of(&second.intrinsics, at, SIZE) else { continue };
            if (views[1].depth[seen] / at.z - 1.0).abs() < 0.01
                && let Some(place) = second.intrinsics.project(at)
            {
                there.push(place.map(|at| at - 0.5));
                here.push([x, y]);
            }
        }
        let count = here.len() as u32;
        let camera = |view: &ViewPrediction| SolvedCamera {
            intrinsics: view.photo_intrinsics(),
            k1: 0.0,
            camera_from_world: view.camera.camera_from_world,
        };
        let solver_view = |view: &ViewPrediction, keypoints| {
            Some(SolverView { size: SIZE, lens: LensPrior::Known(view.photo_intrinsics()), keypoints })
        };
        let keypoints = [Vec::new(), there, here];
        let scene = Scene {
            kinds: Vec::new(),
            solved: Solved {
                cameras: vec![Some(camera(&views[0])), Some(camera(&views[1])), None],
                ..Solved::default()
            },
            views: views.iter().zip(keypoints).map(|(view, keypoints)| solver_view(view, keypoints)).collect(),
            pairs: vec![PairMatches { photos: [1, 2], matches: (0..count).map(|i| [i, i]).collect() }],
        };
        let fit = MetreFit { scale: 1.0, shift: 0.0, values: 100, agreeing: 100, median_error: 0.0, high_error: 0.0 };
        let fitted = views.iter().take(2).map(|view| Some(Fitted { view: view.clone(), fit }));
        let fitted = fitted.chain([None]).collect();
        let truth = views[2].camera.camera_from_world;
        let mut views = views;
        // As a network for single photos gives it.
        views[2].depth.iter_mut().for_each(|depth| *depth *= 3.0);
        (views[2].camera.camera_from_world, views[2].camera.pose) = (Rigid::IDENTITY, PoseSource::None);
        Case { views: views.into_iter().map(Arc::new).collect(), scene, fitted, truth }
    }

    fn lift_third(case: &Case) -> Option<Lifted> {
        lift(2, &case.views, &case.scene, &case.fitted)
    }

    #[test]
    fn a_photo_that_shares_points_with_one_other_is_placed_by_its_depth() {
        let mut case = case(331);
        // A fifth of the matches is wrong.
        for (i, keypoints) in case.scene.pairs[0].matches.iter_mut().enumerate().filter(|(i, _)| i % 5 == 0) {
            keypoints[0] = (i as u32 * 7 + 3) % 100;
        }
        let found = lift_third(&case).expect("a place");
        let between = found.camera.camera_from_world.after(&case.truth.inverse());
        let turned = glam::Quat::from_mat3(&between.rotation).angle_between(glam::Quat::IDENTITY).to_degrees();
        let depth = found.fitted.view.depth[60_000 % found.fitted.view.depth.len()];
        assert!(turned < 0.5 && between.translation.length() < 0.02 * depth, "{turned}° {between:?}");
        assert_eq!(found.neighbours, [1]);
        assert_eq!(found.fitted.view.camera.pose, PoseSource::Matched);
        // Its depth has come to the scene.
        let right = drawn(2);
        let near = |at: &usize| (found.fitted.view.depth[*at] / right.depth[*at] - 1.0).abs() < 0.05;
        let count = (0..right.depth.len()).filter(near).count();
        assert!(count as f64 > 0.95 * right.depth.len() as f64, "{count} of {}", right.depth.len());
        assert!(lift(0, &case.views, &case.scene, &case.fitted).is_none(), "it has a camera");
    }

    #[test]
    fn too_few_points_or_depth_that_sees_something_else_give_no_place() {
        let few = case(4001);
        assert!(few.scene.pairs[0].matches.len() < LEAST && lift_third(&few).is_none());

        // Most matches are wrong.
        let mut strays = case(331);
        for (i, keypoints) in strays.scene.pairs[0].matches.iter_mut().enumerate().filter(|(i, _)| i % 5 != 0) {
            keypoints[0] = (i as u32 * 7 + 3) % 100;
        }
        assert!(lift_third(&strays).is_none());

        // Its depth is that of another place where nothing matches.
        let mut elsewhere = case(331);
        let view = Arc::make_mut(&mut elsewhere.views[2]);
        let number = view.depth.len();
        view.depth.iter_mut().enumerate().for_each(|(i, depth)| *depth = 1.0 + (i * 7919 % number) as f32);
        assert!(lift_third(&elsewhere).is_none());
    }
}
