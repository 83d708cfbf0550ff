//! Cameras from points that photos share: right, or refused in words.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::sync::atomic::{AtomicUsize, Ordering};

use fathom::examples::synthetic;
use fathom::geometry::{Intrinsics, Rigid};
use fathom::sfm::{Doing, Follow, LensPrior, PairMatches, SfmError, Shot, Solved, SolverView, cameras_of, solve};
use glam::{Mat3, Vec3};

const LENS: Intrinsics = Intrinsics { fx: 700.0, fy: 700.0, cx: 400.0, cy: 300.0 };

/// Numbers between -1 and 1, the same every time.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}

/// Points in a box before the cameras.
fn points(seed: u64, count: usize) -> Vec<Vec3> {
    let mut draws = Draws(seed);
    (0..count).map(|_| Vec3::new(2.0 * draws.next(), 1.5 * draws.next(), 6.0 + 2.0 * draws.next())).collect()
}

/// On an arc around the points, looking at their middle.
fn arc(index: usize) -> Rigid {
    let angle = (index as f32 - 2.0) * 0.12;
    let rotation = Mat3::from_rotation_y(angle);
    let centre = Vec3::new(0.0, 0.0, 6.0) + Mat3::from_rotation_y(-angle) * Vec3::new(0.0, 0.1 * index as f32, -6.0);
    Rigid::new(rotation, -(rotation * centre))
}

/// What cameras see of points, off by up to `noise` pixels, with every pair matched point by point.
fn seen(cameras: &[Rigid], points: &[Vec3], lens: LensPrior, noise: f32) -> (Vec<SolverView>, Vec<PairMatches>) {
    let mut draws = Draws(7);
    let mut keypoints = Vec::new();
    let mut visible = Vec::new();
    for camera in cameras {
        let mut here = Vec::new();
        let mut which = Vec::new();
        for (number, &point) in points.iter().enumerate() {
            let at = camera.apply(point);
            let [x, y] = [LENS.fx * at.x / at.z + LENS.cx, LENS.fy * at.y / at.z + LENS.cy];
            if at.z > 0.1 && (0.0..800.0).contains(&x) && (0.0..600.0).contains(&y) {
                here.push([x - 0.5 + noise * draws.next(), y - 0.5 + noise * draws.next()]);
                which.push(number);
            }
        }
        keypoints.push(here);
        visible.push(which);
    }
    let mut pairs = Vec::new();
    for a in 0..cameras.len() {
        for b in a + 1..cameras.len() {
            let other = |number: &usize| visible[b].binary_search(number).ok();
            let both = visible[a].iter().enumerate();
            let matches = both.filter_map(|(i, number)| Some([i as u32, other(number)? as u32])).collect();
            pairs.push(PairMatches { photos: [a, b], matches });
        }
    }
    let views = keypoints.into_iter().map(|keypoints| SolverView { size: [800, 600], lens, keypoints });
    (views.collect(), pairs)
}

/// Largest angle, degrees, by which rotations and directions of the ways between two cameras are off.
fn worst(solved: &Solved, truth: &[Rigid]) -> f32 {
    let mut worst: f32 = 0.0;
    let found: Vec<(usize, Rigid)> = solved
        .cameras
        .iter()
        .enumerate()
        .filter_map(|(i, camera)| Some((i, camera.as_ref()?.camera_from_world)))
        .collect();
    for (i, a) in &found {
        for (j, b) in &found {
            if i == j {
                continue;
            }
            let between = |a: &Rigid, b: &Rigid| b.after(&a.inverse());
            let (got, true_one) = (between(a, b), between(&truth[*i], &truth[*j]));
            let turn = (got.rotation * true_one.rotation.transpose()).to_cols_array();
            let trace = turn[0] + turn[4] + turn[8];
            let turned = ((trace - 1.0) / 2.0).clamp(-1.0, 1.0).acos();
            let way = got.translation.angle_between(true_one.translation);
            worst = worst.max(turned.to_degrees()).max(way.to_degrees());
        }
    }
    worst
}

fn never() -> bool {
    false
}

#[test]
fn cameras_come_back_with_the_lens_known_guessed_or_unknown() {
    let truth: Vec<Rigid> = (0..6).map(arc).collect();
    let scene = points(1, 400);
    let guess = Intrinsics { fx: 760.0, fy: 760.0, ..LENS };
    for (lens, most) in [(LensPrior::Known(LENS), 0.3), (LensPrior::Likely(guess), 1.0), (LensPrior::Unknown, 1.0)] {
        let (views, pairs) = seen(&truth, &scene, lens, 0.3);
        let solved = solve(&views, &pairs, &never).expect("a scene");
        assert_eq!(solved.count(), 6, "{lens:?}");
        let off = worst(&solved, &truth);
        assert!(off < most, "{lens:?}: {off}");
        assert!(solved.points.len() > 300 && solved.residual < 0.5, "{lens:?}: {}", solved.residual);
        let focal = solved.cameras[0].as_ref().expect("a camera").intrinsics.fx;
        assert!((focal / LENS.fx - 1.0).abs() < 0.02, "{lens:?}: {focal}");
        if lens == LensPrior::Known(LENS) {
            assert_eq!(focal, LENS.fx);
        }
    }
}

#[test]
fn the_same_photos_give_the_same_cameras_at_any_number_of_threads() {
    let (views, pairs) = seen(&(0..5).map(arc).collect::<Vec<_>>(), &points(2, 300), LensPrior::Unknown, 0.5);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let solved = pool.install(|| solve(&views, &pairs, &never)).expect("a scene");
        format!("{solved:?}")
    };
    let one = with(1);
    assert!(one == with(2) && one == with(5));
}

#[test]
fn turning_on_the_spot_and_strangers_are_refused_in_words() {
    let spot: Vec<Rigid> = (0..4).map(|i| Rigid::new(Mat3::from_rotation_y(i as f32 * 0.08), Vec3::ZERO)).collect();
    let (views, pairs) = seen(&spot, &points(3, 300), LensPrior::Known(LENS), 0.3);
    let error = solve(&views, &pairs, &never).expect_err("nobody went anywhere");
    assert!(matches!(error, SfmError::NoPairs { photos: 4 }) && error.advice().contains("turning on the spot"));

    // Points of different scenes matched at random.
    let truth: Vec<Rigid> = (0..2).map(arc).collect();
    let [(a, _), (b, _)] = [4, 5].map(|seed| seen(&truth, &points(seed, 300), LensPrior::Known(LENS), 0.0));
    let matches = (0..a[0].keypoints.len().min(b[1].keypoints.len()) as u32).map(|i| [i, i]).collect();
    let strangers = [a[0].clone(), b[1].clone()];
    let error = solve(&strangers, &[PairMatches { photos: [0, 1], matches }], &never).expect_err("no scene");
    assert!(matches!(error, SfmError::NoPairs { photos: 2 }), "{error}");

    assert!(matches!(solve(&a[..1], &[], &never), Err(SfmError::TooFew)));
    assert!(matches!(solve(&a, &[], &never), Err(SfmError::NoPairs { .. })));
}

#[test]
fn a_stranger_among_photos_has_no_camera_and_does_no_harm() {
    let truth: Vec<Rigid> = (0..5).map(arc).collect();
    let (mut views, mut pairs) = seen(&truth, &points(6, 300), LensPrior::Known(LENS), 0.3);
    let mut draws = Draws(11);
    let keypoints: Vec<[f32; 2]> =
        (0..300).map(|_| [400.0 + 399.0 * draws.next(), 300.0 + 299.0 * draws.next()]).collect();
    views.push(SolverView { keypoints, ..views[0].clone() });
    for photo in 0..5 {
        // Some of its points look like some of theirs.
        let matches = (0..60u32).map(|i| [i * 3, (i * 3 + photo as u32) % 300]).collect();
        pairs.push(PairMatches { photos: [photo, 5], matches });
    }
    pairs.sort_by_key(|pair| pair.photos);
    let solved = solve(&views, &pairs, &never).expect("a scene");
    assert_eq!(solved.count(), 5);
    assert!(solved.cameras[5].is_none());
    let off = worst(&solved, &truth);
    assert!(off < 0.5, "{off}");
}

#[test]
fn a_wall_that_looks_like_another_does_not_bend_the_scene() {
    let truth: Vec<Rigid> = (0..6).map(arc).collect();
    let (mut views, mut pairs) = seen(&truth, &points(8, 300), LensPrior::Known(LENS), 0.3);
    // Photos 0 and 5 show other things that look alike: together they fit as if they stood as 0 and 2 do.
    let (alike, _) = seen(&[truth[0], truth[2]], &points(9, 250), LensPrior::Known(LENS), 0.3);
    let starts = [0, 5].map(|photo: usize| views[photo].keypoints.len() as u32);
    let count = alike[0].keypoints.len().min(alike[1].keypoints.len()) as u32;
    for (photo, alike) in [0, 5].into_iter().zip(alike) {
        views[photo].keypoints.extend(alike.keypoints);
    }
    let pair = pairs.iter_mut().find(|pair| pair.photos == [0, 5]).expect("each with each");
    pair.matches = (0..count).map(|i| [starts[0] + i, starts[1] + i]).collect();
    let solved = solve(&views, &pairs, &never).expect("a scene");
    assert_eq!(solved.count(), 6);
    let off = worst(&solved, &truth);
    assert!(off < 0.5, "{off}");
    assert!(solved.pairs.len() < pairs.len(), "the pair that looks alike is no pair");
}

/// Cancels when it was asked so often.
struct Patience {
    left: AtomicUsize,
}

impl Follow for Patience {
    fn is_cancelled(&self) -> bool {
        let left = self.left.load(Ordering::Relaxed);
        self.left.store(left.saturating_sub(1), Ordering::Relaxed);
        left == 0
    }

    fn progress(&self, _doing: Doing, done: f32) {
        assert!((0.0..=1.0).contains(&done));
    }
}

fn shot(index: usize) -> Option<Shot> {
    let view = synthetic::render(index, 640, 480);
    Some(Shot { picture: view.image, hidden: None, lens: LensPrior::Known(view.intrinsics) })
}

#[test]
fn drawn_photos_have_the_cameras_they_were_drawn_with() {
    let patient = Patience { left: AtomicUsize::new(usize::MAX) };
    // The third cannot be read.
    let read = |photo: usize| if photo == 2 { None } else { shot(photo) };
    let scene = cameras_of(5, &read, &patient).expect("a scene");
    assert!(scene.views[2].is_none() && scene.solved.cameras[2].is_none());
    assert_eq!(scene.solved.count(), 4, "by {}", scene.by());
    let truth: Vec<Rigid> = (0..5).map(|index| synthetic::render(index, 64, 48).camera_from_world).collect();
    let off = worst(&scene.solved, &truth);
    // Drawn surfaces have little on them.
    assert!(off < 1.0, "{off}");
    for point in &scene.solved.points {
        assert!(point.seen.len() >= 2);
        for &[photo, keypoint] in &point.seen {
            let view = scene.views[photo as usize].as_ref().expect("a photo that was read");
            assert!((keypoint as usize) < view.keypoints.len());
        }
    }
}

#[test]
fn work_ends_where_it_is_cancelled() {
    for asks in [0, 3, 12] {
        let impatient = Patience { left: AtomicUsize::new(asks) };
        assert!(matches!(cameras_of(4, &shot, &impatient), Err(SfmError::Cancelled)), "{asks}");
    }
}

#[test]
fn one_photo_twice_does_no_harm() {
    let patient = Patience { left: AtomicUsize::new(usize::MAX) };
    let scene = cameras_of(5, &|photo| shot(photo % 4), &patient).expect("a scene");
    let truth: Vec<Rigid> = (0..5).map(|index| synthetic::render(index % 4, 64, 48).camera_from_world).collect();
    assert!((0..4).all(|photo| scene.solved.cameras[photo].is_some()), "those that differ have a camera each");
    let mut without = scene.solved.clone();
    without.cameras[4] = None;
    let off = worst(&without, &truth);
    assert!(off < 1.0, "{off}");
    if let Some(twin) = &scene.solved.cameras[4] {
        let first = scene.solved.cameras[0].as_ref().expect("a camera");
        let between = twin.camera_from_world.after(&first.camera_from_world.inverse());
        assert!(between.translation.length() < 0.02 * first.camera_from_world.camera_centre().length().max(1.0));
    }
}

#[test]
fn blank_walls_are_refused_in_words() {
    let patient = Patience { left: AtomicUsize::new(usize::MAX) };
    let wall = |photo: usize| {
        let grey = 120 + 10 * photo as u8;
        let picture = image::RgbImage::from_pixel(320, 240, image::Rgb([grey; 3]));
        Some(Shot { picture, hidden: None, lens: LensPrior::Unknown })
    };
    let error = cameras_of(3, &wall, &patient).map(|_| ()).expect_err("nothing is on them");
    assert!(matches!(error, SfmError::NoPairs { photos: 3 }), "{error}");
    assert!(error.to_string().contains("3 photos") && error.advice().contains("told apart"));
}
