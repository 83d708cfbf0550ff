//! The pyramid that stands for a photo's camera: its lines, and whether the cursor is on it.

use glam::{Vec2, Vec3};

use super::{OrbitCamera, Segment};
use crate::inference::ViewPrediction;

/// Cursor distance in pixels within which a line counts as hit.
const HIT_PIXELS: f32 = 7.0;

/// A camera as a pyramid: the apex at its centre, the base where the photo would hang.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frustum {
    pub apex: Vec3,
    /// Top left, top right, bottom right, bottom left of the photo.
    pub corners: [Vec3; 4],
}

impl Frustum {
    /// Of a view's camera, with the photo at z-depth `depth`.
    pub fn new(view: &ViewPrediction, depth: f32) -> Self {
        let world_from_camera = view.camera.camera_from_world.inverse();
        // Pixel centres are at integers, so the photo reaches half a pixel further on every side.
        let (right, bottom) = (view.width as f32 - 0.5, view.height as f32 - 0.5);
        let corner = |u, v| world_from_camera.apply(view.camera.intrinsics.unproject(u, v, depth));
        Self {
            apex: world_from_camera.translation,
            corners: [corner(-0.5, -0.5), corner(right, -0.5), corner(right, bottom), corner(-0.5, bottom)],
        }
    }

    /// Four edges, four sides of the base and a tick that shows which side is up.
    pub fn segments(&self, [r, g, b]: [u8; 3], width: f32) -> [Segment; 10] {
        let c = self.corners;
        let middle = (c[0] + c[1]) / 2.0;
        let tip = middle + (c[0] - c[3]) * 0.22;
        let (left, right) = (middle.lerp(c[0], 0.35), middle.lerp(c[1], 0.35));
        let line = |a, b_end| Segment { a, b: b_end, colour: [r, g, b, 255], width };
        [
            line(self.apex, c[0]),
            line(self.apex, c[1]),
            line(self.apex, c[2]),
            line(self.apex, c[3]),
            line(c[0], c[1]),
            line(c[1], c[2]),
            line(c[2], c[3]),
            line(c[3], c[0]),
            line(left, tip),
            line(tip, right),
        ]
    }

    /// z-depth of the frustum when the cursor (pixels) is on one of its lines, or on its photo where `filled`.
    pub fn hit(&self, cursor: Vec2, camera: &OrbitCamera, viewport: Vec2, filled: bool) -> Option<f32> {
        let aspect = viewport.x / viewport.y;
        let on_screen = |point| {
            let (screen, _) = camera.project(point, aspect)?;
            Some((screen + Vec2::ONE) / 2.0 * viewport)
        };
        let near_line = self.segments([0; 3], 1.0).iter().any(|segment| {
            let (Some(a), Some(b)) = (on_screen(segment.a), on_screen(segment.b)) else { return false };
            distance_to_line(cursor, a, b) <= HIT_PIXELS
        });
        let corners = self.corners.map(on_screen);
        let inside = || {
            let turns = (0..4).map(|i| Some((corners[(i + 1) % 4]? - corners[i]?).perp_dot(cursor - corners[i]?)));
            let turns: Option<Vec<f32>> = turns.collect();
            turns.is_some_and(|t| t.iter().all(|&v| v >= 0.0) || t.iter().all(|&v| v <= 0.0))
        };
        let depth = camera.project((self.corners[0] + self.corners[2]) / 2.0, aspect)?.1;
        (near_line || (filled && inside())).then_some(depth)
    }
}

fn distance_to_line(p: Vec2, a: Vec2, b: Vec2) -> f32 {
    let ab = b - a;
    let t = (p - a).dot(ab) / ab.length_squared().max(f32::MIN_POSITIVE);
    (a + ab * t.clamp(0.0, 1.0)).distance(p)
}

#[cfg(test)]
mod tests {
    use super::super::Bounds;
    use super::super::synthetic::flat_view;
    use super::*;
    use crate::geometry::Rigid;

    #[test]
    fn the_photo_hangs_where_the_intrinsics_say() {
        let frustum = Frustum::new(&flat_view(40, 20, 1.0), 2.0);
        assert_eq!(frustum.apex, Vec3::ZERO);
        let size = frustum.corners[2] - frustum.corners[0];
        assert!((size - Vec3::new(2.0, 1.0, 0.0)).length() < 1e-5, "{size}");
        let top = frustum.segments([1, 2, 3], 1.0)[8].b;
        assert!(top.y < frustum.corners[0].y, "the tick is above the photo, and y points down");
    }

    #[test]
    fn cursor_hits_lines_and_filled_photos() {
        let frustum = Frustum::new(&flat_view(40, 20, 1.0), 2.0);
        let bounds = Bounds { min: Vec3::new(-1.0, -1.0, 0.0), max: Vec3::new(1.0, 1.0, 2.0) };
        let camera = OrbitCamera::new(&Rigid::IDENTITY, &bounds, 1.0);
        let viewport = Vec2::splat(400.0);
        let at = |point| (camera.project(point, 1.0).expect("in front").0 + Vec2::ONE) / 2.0 * viewport;
        let rim = at((frustum.corners[0] + frustum.corners[1]) / 2.0);
        let face = at((frustum.corners[0] * 2.0 + frustum.corners[1] + frustum.corners[2]) / 4.0);
        assert!(frustum.hit(rim, &camera, viewport, false).is_some());
        assert!(frustum.hit(face, &camera, viewport, false).is_none() || face.distance(rim) < HIT_PIXELS);
        assert!(frustum.hit(face, &camera, viewport, true).is_some());
        assert!(frustum.hit(Vec2::new(2.0, 2.0), &camera, viewport, true).is_none());
    }
}
