//! The camera of a photo that others' depth has placed, adjusted to its matches.
//!
//! What depth lifts is off by some percent along the line of sight of the view that has the depth, and hardly across it, where the match
//! says within a pixel or two where the point is. So each point may move along that line, at a price that counts its depth as a weak
//! measurement, and the camera follows the matches. Points are taken out of the equations one by one (Schur complement), which leaves
//! six unknowns, found by Levenberg's and Marquardt's method.

use glam::{DMat3, DQuat, DVec3};
use nalgebra::{Matrix6, Vector6};

use crate::geometry::Rigid;

/// One point that was lifted by the depth of a view.
#[derive(Clone, Copy)]
pub(super) struct LiftedPoint {
    /// The centre of that view, and where its depth puts the point, both in the scene.
    pub eye: DVec3,
    pub position: DVec3,
    /// Where the photo sees it, on the plane at distance 1.
    pub ray: DVec3,
    /// Standard deviation of the logarithm of its depth.
    pub depth_error: f64,
}

const ROUNDS: usize = 30;
/// Each says two of the camera's six unknowns.
const LEAST_POINTS: usize = 3;
/// A round that gains a smaller part than this was the last.
const GAINS: f64 = 1e-6;

/// A camera that is looked at, w2c.
#[derive(Clone, Copy)]
struct Pose {
    rotation: DMat3,
    translation: DVec3,
}

/// Adjusts `camera` (w2c) so that it and the depths of `points` agree best. `off`: how far matches are off, as a part of the focal
/// length. `None` where the points do not hold a camera.
pub(super) fn adjusted(camera: &Rigid, points: &[LiftedPoint], off: f64) -> Option<Rigid> {
    if points.len() < LEAST_POINTS {
        return None;
    }
    let mut pose = Pose { rotation: camera.rotation.as_dmat3(), translation: camera.translation.as_dvec3() };
    let mut moved = vec![0.0; points.len()];
    let mut cost = cost_of(&pose, points, &moved, off)?;
    let (mut damping, mut was_solved) = (1e-4, false);
    for _ in 0..ROUNDS {
        // Equations that cannot be solved now may be with more damping; what was found so far is no worse for it.
        let Some((step, moves)) = step(&pose, points, &moved, off, damping) else {
            damping *= 8.0;
            continue;
        };
        was_solved = true;
        let next = pose.turned(&step);
        let next_moved: Vec<f64> = moved.iter().zip(moves).map(|(moved, by)| moved + by).collect();
        match cost_of(&next, points, &next_moved, off) {
            Some(next_cost) if next_cost < cost => {
                let gain = (cost - next_cost) / cost;
                (pose, moved, cost, damping) = (next, next_moved, next_cost, (damping / 4.0).max(1e-9));
                if gain < GAINS {
                    break;
                }
            }
            _ if damping > 1e6 => break,
            _ => damping *= 8.0,
        }
    }
    if !was_solved {
        return None;
    }
    let rotation = DMat3::from_quat(DQuat::from_mat3(&pose.rotation).normalize());
    Some(Rigid::new(rotation.as_mat3(), pose.translation.as_vec3()))
}

impl Pose {
    /// Turned and moved by (rotation vector, translation) in the camera's frame.
    fn turned(&self, step: &Vector6<f64>) -> Self {
        let turn = DMat3::from_quat(DQuat::from_scaled_axis(DVec3::new(step[0], step[1], step[2])));
        let by = DVec3::new(step[3], step[4], step[5]);
        Self { rotation: turn * self.rotation, translation: turn * self.translation + by }
    }

    /// A point whose depth was multiplied by e^`moved`, in the camera's frame, and its change with `moved`.
    fn seen(&self, point: &LiftedPoint, moved: f64) -> (DVec3, DVec3) {
        let along = (point.position - point.eye) * moved.exp();
        (self.rotation * (point.eye + along) + self.translation, self.rotation * along)
    }
}

/// Cauchy's loss of how far points are off, and the squares of how far they were moved, both in their standard deviations. `None` where
/// a point comes to lie behind the camera.
fn cost_of(pose: &Pose, points: &[LiftedPoint], moved: &[f64], off: f64) -> Option<f64> {
    let mut sum = 0.0;
    for (point, &moved) in points.iter().zip(moved) {
        let (at, _) = pose.seen(point, moved);
        if at.z <= 0.0 {
            return None;
        }
        let [x, y] = [at.x / at.z - point.ray.x, at.y / at.z - point.ray.y].map(|by| by / off);
        sum += (x * x + y * y).ln_1p() + (moved / point.depth_error).powi(2);
    }
    sum.is_finite().then_some(sum)
}

/// What a point adds to the equations of the camera, and how its own move follows from the camera's.
struct Row {
    /// Change of its move with the camera, and its own part.
    camera: Vector6<f64>,
    own: f64,
    curvature: f64,
}

/// The camera's next step, and those of all points.
fn step(
    pose: &Pose,
    points: &[LiftedPoint],
    moved: &[f64],
    off: f64,
    damping: f64,
) -> Option<(Vector6<f64>, Vec<f64>)> {
    let (mut normal, mut right) = (Matrix6::zeros(), Vector6::zeros());
    let mut rows = Vec::with_capacity(points.len());
    for (point, &moved) in points.iter().zip(moved) {
        let (at, along) = pose.seen(point, moved);
        // Both coordinates on the plane at distance 1: their change with the point in the camera's frame.
        let by_place =
            [DVec3::new(at.z, 0.0, -at.x), DVec3::new(0.0, at.z, -at.y)].map(|row| row / (at.z * at.z * off));
        let residuals = [at.x / at.z - point.ray.x, at.y / at.z - point.ray.y].map(|by| by / off);
        // Cauchy's loss as weighted squares.
        let weight = 1.0 / (1.0 + residuals.iter().map(|by| by * by).sum::<f64>());
        let prior = point.depth_error.powi(-2);
        let mut row = Row { camera: Vector6::zeros(), own: -prior * moved, curvature: prior * (1.0 + damping) };
        for (by_place, residual) in by_place.into_iter().zip(residuals) {
            let turn = at.cross(by_place);
            let camera = Vector6::new(turn.x, turn.y, turn.z, by_place.x, by_place.y, by_place.z);
            let own = by_place.dot(along);
            normal += weight * camera * camera.transpose();
            right -= weight * residual * camera;
            row.camera += weight * own * camera;
            row.own -= weight * own * residual;
            row.curvature += weight * own * own * (1.0 + damping);
        }
        rows.push(row);
    }
    for i in 0..6 {
        normal[(i, i)] *= 1.0 + damping;
    }
    for row in &rows {
        normal -= row.camera * row.camera.transpose() / row.curvature;
        right -= row.camera * (row.own / row.curvature);
    }
    let step = normal.cholesky()?.solve(&right);
    let moves = rows.iter().map(|row| (row.own - row.camera.dot(&step)) / row.curvature).collect();
    Some((step, moves))
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::{Mat3, Vec3};

    const OFF: f64 = 1.0 / 800.0;

    /// Numbers between −1 and 1 that are the same every time.
    struct Numbers(u64);

    impl Numbers {
        fn next(&mut self) -> f64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 11) as f64 / (1u64 << 52) as f64 - 1.0
        }
    }

    fn truth() -> Rigid {
        Rigid::new(Mat3::from_rotation_y(0.2) * Mat3::from_rotation_x(-0.1), Vec3::new(-0.8, 0.2, 0.3))
    }

    /// Points before a view at the origin, whose depth is off by up to `depth` (a part) and matches by up to `pixels`.
    fn points(depth: f64, pixels: f64) -> Vec<LiftedPoint> {
        let mut numbers = Numbers(5);
        let of = |_| {
            let direction = DVec3::new(numbers.next() * 0.5, numbers.next() * 0.4, 1.0);
            let place = direction * (4.0 + 2.0 * numbers.next());
            let seen = truth().rotation.as_dmat3() * place + truth().translation.as_dvec3();
            let ray = seen / seen.z + DVec3::new(numbers.next(), numbers.next(), 0.0) * pixels * OFF;
            let position = place * (depth * numbers.next()).exp();
            LiftedPoint { eye: DVec3::ZERO, position, ray, depth_error: 0.05 }
        };
        (0..80).map(of).collect()
    }

    /// Degrees, and a part of the distance between the views.
    fn error(pose: &Rigid) -> [f32; 2] {
        let between = pose.after(&truth().inverse());
        let turned = glam::Quat::from_mat3(&between.rotation).angle_between(glam::Quat::IDENTITY).to_degrees();
        [turned, between.translation.length() / truth().translation.length()]
    }

    /// Off by 1.5° and a tenth of the way.
    fn beside() -> Rigid {
        let turn = Mat3::from_axis_angle(Vec3::new(0.6, 0.8, 0.0), 1.5f32.to_radians());
        Rigid::new(turn * truth().rotation, truth().translation + Vec3::new(0.06, -0.04, 0.05))
    }

    #[test]
    fn without_errors_the_camera_is_found() {
        let found = adjusted(&beside(), &points(0.0, 0.0), OFF).expect("a camera");
        let [turned, moved] = error(&found);
        assert!(turned < 1e-3 && moved < 1e-4, "{turned}° {moved}");
    }

    #[test]
    fn depth_that_is_off_turns_the_camera_less_than_where_it_is_believed() {
        let points = points(0.12, 0.5);
        let [turned, moved] = error(&adjusted(&beside(), &points, OFF).expect("a camera"));
        // Depth that counts as exact.
        let believed: Vec<LiftedPoint> =
            points.into_iter().map(|point| LiftedPoint { depth_error: 1e-6, ..point }).collect();
        let [firmly_turned, firmly_moved] = error(&adjusted(&beside(), &believed, OFF).expect("a camera"));
        assert!(
            turned < 0.5 * firmly_turned && moved < firmly_moved,
            "{turned}° {moved}, not {firmly_turned}° {firmly_moved}"
        );
        assert!(turned < 0.2 && moved < 0.05, "{turned}° {moved}");
    }

    #[test]
    fn wrong_matches_and_points_behind_the_camera_do_no_harm() {
        let mut strays = points(0.03, 0.5);
        for point in strays.iter_mut().step_by(6) {
            point.ray = -point.ray.with_z(-1.0);
        }
        let [turned, moved] = error(&adjusted(&beside(), &strays, OFF).expect("a camera"));
        assert!(turned < 0.15 && moved < 0.05, "{turned}° {moved}");
        strays[0].position = DVec3::new(0.0, 0.0, -5.0);
        assert!(adjusted(&beside(), &strays, OFF).is_none());
        assert!(adjusted(&beside(), &strays[1..3], OFF).is_none(), "two points hold no camera");
    }
}
