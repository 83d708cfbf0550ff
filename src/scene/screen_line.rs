//! What of a straight line of the world can be seen on the screen.

use glam::{Vec2, Vec3};

use super::OrbitCamera;

/// Lines are cut this far before the eye, in near planes: right at it they would leave the screen by miles.
const CUT: f32 = 10.0;

/// The part of the line from `a` to `b` that is in front of the camera and on the screen (−1..1, x right and y down);
/// `None` where nothing of it is. `aspect` is width / height.
pub fn screen_line(camera: &OrbitCamera, aspect: f32, a: Vec3, b: Vec3) -> Option<[Vec2; 2]> {
    let cut = camera.near() * CUT;
    let [za, zb] = [a, b].map(|point| (point - camera.eye).dot(camera.forward()));
    let in_front = |z: f32, other_z: f32, point: Vec3, other: Vec3| {
        if z >= cut { point } else { point + (other - point) * ((cut * 1.01 - z) / (other_z - z)) }
    };
    if za.max(zb) < cut * 1.01 {
        return None;
    }
    let (from, _) = camera.project(in_front(za, zb, a, b), aspect)?;
    let (to, _) = camera.project(in_front(zb, za, b, a), aspect)?;
    on_screen(from, to)
}

/// Cuts a line at the edges of the screen, one axis after the other.
fn on_screen(from: Vec2, to: Vec2) -> Option<[Vec2; 2]> {
    let way = to - from;
    let (mut enter, mut leave) = (0.0f32, 1.0f32);
    for axis in 0..2 {
        if way[axis].abs() < 1e-12 {
            if from[axis].abs() > 1.0 {
                return None;
            }
            continue;
        }
        let [p, q] = [-1.0, 1.0].map(|edge: f32| (edge - from[axis]) / way[axis]);
        enter = enter.max(p.min(q));
        leave = leave.min(p.max(q));
    }
    (enter <= leave).then(|| [from + way * enter, from + way * leave])
}

#[cfg(test)]
mod tests {
    use super::super::Bounds;
    use super::*;
    use crate::geometry::Rigid;

    /// At the origin, looking along z, 90° high.
    fn camera() -> OrbitCamera {
        let bounds = Bounds { min: Vec3::splat(-1.0), max: Vec3::splat(1.0) };
        let mut camera = OrbitCamera::new(&Rigid::IDENTITY, &bounds, 1.0);
        camera.world_from_camera = glam::Quat::IDENTITY;
        (camera.eye, camera.vertical_fov) = (Vec3::ZERO, std::f32::consts::FRAC_PI_2);
        camera
    }

    #[test]
    fn a_line_on_the_screen_stays_as_it_is() {
        let line = screen_line(&camera(), 1.0, Vec3::new(-1.0, 0.0, 2.0), Vec3::new(1.0, 1.0, 2.0));
        let [from, to] = line.expect("seen");
        assert!((from - Vec2::new(-0.5, 0.0)).length() < 1e-5 && (to - Vec2::new(0.5, 0.5)).length() < 1e-5);
    }

    #[test]
    fn lines_are_cut_at_the_edges() {
        let line = screen_line(&camera(), 1.0, Vec3::new(-8.0, 0.0, 2.0), Vec3::new(1.0, 0.0, 2.0));
        let [from, to] = line.expect("seen");
        assert!((from - Vec2::new(-1.0, 0.0)).length() < 1e-5 && (to.x - 0.5).abs() < 1e-5);
        assert_eq!(screen_line(&camera(), 1.0, Vec3::new(-8.0, 0.0, 2.0), Vec3::new(-8.0, 5.0, 2.0)), None);
    }

    #[test]
    fn what_is_behind_is_cut_away() {
        let line = screen_line(&camera(), 1.0, Vec3::new(0.5, 0.0, 2.0), Vec3::new(0.5, 0.0, -2.0));
        let [from, to] = line.expect("half of it is seen");
        assert!((from.x - 0.25).abs() < 1e-5 && (to.x - 1.0).abs() < 1e-4);
        assert_eq!(screen_line(&camera(), 1.0, Vec3::new(0.0, 0.0, -1.0), Vec3::new(0.0, 1.0, -2.0)), None);
        assert_eq!(screen_line(&camera(), 1.0, Vec3::NAN, Vec3::NAN), None);
    }
}
