//! Ways of a camera through a scene: around it, and along the places where its photos were taken.

use std::f32::consts::{PI, TAU};
use std::sync::Arc;

use glam::{Quat, Vec3};

use super::{Bounds, OrbitCamera};
use crate::inference::ViewPrediction;

/// How far a camera sways to either side, radians (8°): so much of what is behind things that single photos never saw stays hidden.
const SWAY: f32 = 8.0 * PI / 180.0;
/// Directions from which a scene is looked at to find how far away all of it can be seen.
const DIRECTIONS: usize = 24;
/// Pieces of the way between two photos whose lengths are measured.
const PIECES: usize = 48;
/// A camera that turns on the spot takes as long for one radian as one that walks this part of the scene's depth.
const DEPTHS_PER_RADIAN: f32 = 0.5;
/// Photos nearer to each other than this part of the scene's depth stand in one place.
const ONE_PLACE: f32 = 1e-5;

/// Cameras on a circle around the middle of `bounds`, about the scene's upward axis: `frames` of them, from `start`, to
/// the right. The last stands one step before the first, so that they can be shown in a loop.
pub fn turntable(start: &OrbitCamera, bounds: &Bounds, frames: usize) -> Vec<OrbitCamera> {
    (0..frames).map(|i| turned(start, bounds.centre(), TAU * i as f32 / frames as f32)).collect()
}

/// Cameras that sway about what is in the middle of `start`'s picture: to the right, to the left and back, `frames` of them. The last
/// stands one step before the first, so that they can be shown in a loop.
pub fn sway(start: &OrbitCamera, frames: usize) -> Vec<OrbitCamera> {
    let middle = start.eye + start.forward() * start.pivot_depth();
    (0..frames).map(|i| turned(start, middle, SWAY * (TAU * i as f32 / frames as f32).sin())).collect()
}

/// `start`, moved along its line of sight to where a turntable shows all of `bounds` from every side; `aspect` is width
/// over height.
pub fn all_round(start: &OrbitCamera, bounds: &Bounds, aspect: f32) -> OrbitCamera {
    let mut camera = *start;
    camera.fit(bounds, aspect);
    let sides = turntable(&camera, bounds, DIRECTIONS);
    let distances = sides.into_iter().map(|mut side| {
        side.fit(bounds, aspect);
        side.eye.distance(side.pivot)
    });
    camera.eye = camera.pivot - camera.forward() * distances.fold(0.0, f32::max);
    camera
}

/// `frames` cameras from the first to the last of `views`, through every one of them: a smooth curve (centripetal
/// Catmull-Rom) at an even pace, with the views' orientations and fields of view in between. What is drawn, up and the near
/// plane are those of `start`; `depth` is the scene's usual z-depth, and `aspect` width over height. None without a view.
pub fn photo_path(
    start: &OrbitCamera,
    views: &[Arc<ViewPrediction>],
    depth: f32,
    aspect: f32,
    frames: usize,
) -> Vec<OrbitCamera> {
    let station = |view: &Arc<ViewPrediction>| {
        let mut camera = *start;
        camera.look_through(view, depth, aspect);
        camera
    };
    camera_path(&views.iter().map(station).collect::<Vec<_>>(), depth, frames)
}

/// As [`photo_path`], through any cameras. Parallel rays and perspective have no between: all are drawn as the first one.
pub fn camera_path(stations: &[OrbitCamera], depth: f32, frames: usize) -> Vec<OrbitCamera> {
    let Some(&first) = stations.first() else {
        return Vec::new();
    };
    let alike = |station: &OrbitCamera| {
        let mut camera = *station;
        camera.is_orthographic = first.is_orthographic;
        camera
    };
    let way = Way { one_place: ONE_PLACE * depth, stations: stations.iter().map(alike).collect() };
    let last = stations.len() - 1;
    // Times (0 at the first station, 1 at the second, …) with the length of the way up to there.
    let mut marks = vec![(0.0f32, 0.0f32)];
    let (mut before, mut length) = (way.at(0.0), 0.0);
    for piece in 1..=last * PIECES {
        let time = piece as f32 / PIECES as f32;
        let now = way.at(time);
        let angle = before.world_from_camera.angle_between(now.world_from_camera);
        length += before.eye.distance(now.eye) + angle * depth * DEPTHS_PER_RADIAN;
        marks.push((time, length));
        before = now;
    }
    let steps = frames.saturating_sub(1).max(1) as f32;
    (0..frames).map(|i| way.at(time_at(&marks, length * i as f32 / steps))).collect()
}

/// `camera` carried around an upright axis through `centre`, radians to the right.
fn turned(camera: &OrbitCamera, centre: Vec3, angle: f32) -> OrbitCamera {
    let turn = Quat::from_axis_angle(camera.up(), angle);
    let carried = |point: Vec3| centre + turn * (point - centre);
    let mut turned = *camera;
    turned.eye = carried(camera.eye);
    turned.pivot = carried(camera.pivot);
    turned.world_from_camera = (turn * camera.world_from_camera).normalize();
    turned
}

/// When the way is `length` long.
fn time_at(marks: &[(f32, f32)], length: f32) -> f32 {
    let after = marks.partition_point(|&(_, l)| l < length).clamp(1, marks.len().max(2) - 1);
    match (marks.get(after - 1), marks.get(after)) {
        (Some(&(t0, l0)), Some(&(t1, l1))) if l1 > l0 => t0 + (t1 - t0) * ((length - l0) / (l1 - l0)).clamp(0.0, 1.0),
        (Some(&(t0, _)), _) => t0,
        _ => 0.0,
    }
}

/// The cameras of the photos, and everything between them.
struct Way {
    stations: Vec<OrbitCamera>,
    one_place: f32,
}

impl Way {
    /// The camera at `time`: a whole number is a station.
    fn at(&self, time: f32) -> OrbitCamera {
        let last = self.stations.len() - 1;
        if last == 0 {
            return self.stations[0];
        }
        let from = (time.max(0.0) as usize).min(last - 1);
        let t = (time - from as f32).clamp(0.0, 1.0);
        let (a, b) = (&self.stations[from], &self.stations[from + 1]);
        let mut camera = a.towards(b, t);
        // Beyond the ends the way goes on as it came.
        let before = if from > 0 { self.stations[from - 1].eye } else { 2.0 * a.eye - b.eye };
        let after = self.stations.get(from + 2).map_or(2.0 * b.eye - a.eye, |station| station.eye);
        camera.eye = catmull_rom([before, a.eye, b.eye, after], t, self.one_place);
        camera
    }
}

/// From the second to the third point for `t` from 0 to 1, by Barry and Goldman's pyramid over centripetal knots: such a
/// curve has no loops and no cusps. Points nearer than `one_place` count as that far apart.
fn catmull_rom(points: [Vec3; 4], t: f32, one_place: f32) -> Vec3 {
    let [p0, p1, p2, p3] = points;
    let step = |a: Vec3, b: Vec3| a.distance(b).max(one_place).max(f32::MIN_POSITIVE).sqrt();
    let k0 = 0.0;
    let k1 = k0 + step(p0, p1);
    let k2 = k1 + step(p1, p2);
    let k3 = k2 + step(p2, p3);
    let k = k1 + (k2 - k1) * t;
    let between = |a: Vec3, b: Vec3, ka: f32, kb: f32| a + (b - a) * ((k - ka) / (kb - ka));
    let (a, b, c) = (between(p0, p1, k0, k1), between(p1, p2, k1, k2), between(p2, p3, k2, k3));
    between(between(a, b, k0, k2), between(b, c, k1, k3), k1, k2)
}

#[cfg(test)]
mod tests {
    use super::super::synthetic::flat_view;
    use super::*;
    use crate::geometry::Rigid;

    const ASPECT: f32 = 1.5;

    fn bounds() -> Bounds {
        Bounds { min: Vec3::new(-1.0, -0.5, 2.0), max: Vec3::new(1.0, 0.5, 8.0) }
    }

    fn start() -> OrbitCamera {
        OrbitCamera::new(&Rigid::IDENTITY, &bounds(), ASPECT)
    }

    fn photo(eye: Vec3, target: Vec3, focal: f32) -> Arc<ViewPrediction> {
        let mut view = flat_view(30, 20, 3.0);
        view.camera.camera_from_world = Rigid::looking_at(eye, target, Vec3::NEG_Y);
        view.camera.intrinsics.fx = focal;
        view.camera.intrinsics.fy = focal;
        Arc::new(view)
    }

    fn walk() -> Vec<Arc<ViewPrediction>> {
        let target = Vec3::new(0.0, 0.0, 5.0);
        let eyes = [[0.0, 0.0, 0.0], [0.3, 0.1, 0.2], [2.0, 0.0, 0.5], [3.0, -1.0, 3.0]];
        eyes.into_iter().zip([30.0, 40.0, 30.0, 25.0]).map(|(eye, focal)| photo(eye.into(), target, focal)).collect()
    }

    #[test]
    fn a_turntable_closes_without_a_doubled_picture() {
        let (start, bounds) = (start(), bounds());
        let cameras = turntable(&start, &bounds, 8);
        assert_eq!(cameras.len(), 8);
        assert!(cameras[0].eye.distance(start.eye) < 1e-5);
        let steps = (0..8).map(|i| cameras[i].eye.distance(cameras[(i + 1) % 8].eye));
        let steps: Vec<f32> = steps.collect();
        assert!(steps.iter().all(|step| (step - steps[0]).abs() < 1e-3 && *step > 0.1), "{steps:?}");
        for camera in &cameras {
            assert!((camera.eye.y - start.eye.y).abs() < 1e-4, "level");
            let (screen, _) = camera.project(bounds.centre(), ASPECT).expect("in front");
            assert!(screen.length() < 1e-4, "{screen}");
            assert!(camera.right().dot(camera.up()).abs() < 1e-5, "upright");
        }
        assert!((cameras[1].eye - start.eye).dot(start.right()) > 0.0, "to the right");
        assert!(turntable(&start, &bounds, 0).is_empty());
    }

    #[test]
    fn a_sway_goes_to_both_sides_and_closes() {
        let start = start();
        let cameras = sway(&start, 40);
        assert_eq!((cameras.len(), sway(&start, 0).len()), (40, 0));
        let middle = start.eye + start.forward() * start.pivot_depth();
        let angle = |camera: &OrbitCamera| {
            let [from, to] =
                [start.eye - middle, camera.eye - middle].map(|way| way - start.up() * way.dot(start.up()));
            from.angle_between(to).to_degrees() * (camera.eye - start.eye).dot(start.right()).signum()
        };
        assert!(cameras[0].eye.distance(start.eye) < 1e-5);
        assert!((angle(&cameras[10]) - 8.0).abs() < 0.05 && (angle(&cameras[30]) + 8.0).abs() < 0.05);
        let steps = (0..40).map(|i| cameras[i].eye.distance(cameras[(i + 1) % 40].eye));
        let widest = steps.fold(0.0, f32::max);
        assert!(cameras[39].eye.distance(cameras[0].eye) <= widest + 1e-6, "no jump where it begins again");
        for camera in &cameras {
            let (screen, _) = camera.project(middle, ASPECT).expect("in front");
            assert!(screen.length() < 1e-4 && camera.right().dot(camera.up()).abs() < 1e-5, "{screen}");
        }
    }

    #[test]
    fn from_all_round_nothing_is_cut_off() {
        let start = all_round(&start(), &bounds(), ASPECT);
        let (min, max) = (bounds().min, bounds().max);
        for camera in turntable(&start, &bounds(), 48) {
            for corner in 0..8u32 {
                let pick = |bit: u32, axis: usize| if corner >> bit & 1 == 1 { max[axis] } else { min[axis] };
                let (screen, _) =
                    camera.project(Vec3::new(pick(0, 0), pick(1, 1), pick(2, 2)), ASPECT).expect("in front");
                assert!(screen.abs().max_element() < 1.02, "{screen}");
            }
        }
    }

    #[test]
    fn the_path_goes_through_every_photo_at_an_even_pace() {
        let views = walk();
        let cameras = photo_path(&start(), &views, 3.0, ASPECT, 400);
        assert_eq!(cameras.len(), 400);
        let station = |i: usize| {
            let mut camera = start();
            camera.look_through(&views[i], 3.0, ASPECT);
            camera
        };
        for i in 0..views.len() {
            let nearest =
                cameras.iter().min_by(|a, b| a.eye.distance(station(i).eye).total_cmp(&b.eye.distance(station(i).eye)));
            let nearest = nearest.expect("cameras");
            assert!(nearest.eye.distance(station(i).eye) < 0.02, "photo {i}");
            assert!(nearest.world_from_camera.angle_between(station(i).world_from_camera) < 0.02, "photo {i}");
            assert!((nearest.vertical_fov - station(i).vertical_fov).abs() < 0.01, "photo {i}");
        }
        assert!(cameras[0].eye.distance(station(0).eye) < 1e-5);
        assert!(cameras[399].eye.distance(station(3).eye) < 1e-4);
        let pace: Vec<f32> = cameras
            .windows(2)
            .map(|pair| {
                let angle = pair[0].world_from_camera.angle_between(pair[1].world_from_camera);
                pair[0].eye.distance(pair[1].eye) + angle * 3.0 * DEPTHS_PER_RADIAN
            })
            .collect();
        let (slow, fast) = pace.iter().fold((f32::MAX, 0.0f32), |(a, b), &p| (a.min(p), b.max(p)));
        assert!(fast < 1.2 * slow, "{slow} to {fast}");
        // Smooth: the direction never jumps.
        let ways: Vec<Vec3> = cameras.windows(2).map(|p| (p[1].eye - p[0].eye).normalize_or_zero()).collect();
        assert!(ways.windows(2).all(|pair| pair[0].dot(pair[1]) > 0.98));
    }

    #[test]
    fn a_path_through_any_cameras_begins_and_ends_at_them() {
        let (first, mut last) = (start(), start());
        last.orbit(0.8, 0.2);
        last.is_orthographic = true;
        let cameras = camera_path(&[first, last], 3.0, 9);
        assert_eq!(cameras.len(), 9);
        assert!(cameras[0].eye.distance(first.eye) < 1e-5 && cameras[8].eye.distance(last.eye) < 1e-4);
        assert!(cameras.iter().all(|camera| !camera.is_orthographic));
        assert!(camera_path(&[], 3.0, 9).is_empty());
    }

    #[test]
    fn odd_paths_stay_finite() {
        let here = photo(Vec3::ZERO, Vec3::Z, 30.0);
        let turned = photo(Vec3::ZERO, Vec3::X, 30.0);
        for views in [vec![], vec![here.clone()], vec![here.clone(), here.clone()], vec![here.clone(), turned, here]] {
            for frames in [0, 1, 2, 9] {
                let cameras = photo_path(&start(), &views, 3.0, ASPECT, frames);
                assert_eq!(cameras.len(), if views.is_empty() { 0 } else { frames });
                assert!(cameras.iter().all(|c| c.eye.is_finite() && c.world_from_camera.is_finite()));
            }
        }
    }
}
