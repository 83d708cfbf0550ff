//! The eye of the 3D view: orbit around any point, pan, dolly, fly, fit, look through a photo's camera.
//!
//! An orthographic camera is the same camera with parallel rays: it shows what lies at the pivot's depth as large as the
//! perspective one would, so switching keeps the place, and moving towards the pivot is zooming in.

use std::f32::consts::PI;

use glam::{Mat3, Mat4, Quat, Vec2, Vec3, Vec4};
use serde::{Deserialize, Serialize};

use super::Bounds;
use crate::geometry::{Rigid, Similarity};
use crate::inference::ViewPrediction;

/// Vertical field of view of a fresh camera, radians (45°).
const DEFAULT_FOV: f32 = PI / 4.0;

/// Orbiting stops this close to straight up and straight down, radians: beyond it left and right would swap.
const POLE_MARGIN: f32 = 0.02;

/// Part of the distance that one wheel notch leaves.
const NOTCH: f32 = 0.9;

/// Nearer to a surface than this part of the scene's reach the wheel does not go: numbers end soon after.
const LEAST_DISTANCE: f32 = 1e-5;

/// What a wheel notch goes towards in empty space is at least this part of the scene's reach away, so that it gets there.
const LEAST_STRIDE: f32 = 0.25;

/// How far behind the eye an orthographic picture begins, in reaches: it has no eye that things could be behind.
const ORTHOGRAPHIC_BACK: f32 = 8.0;

/// How far an orthographic picture reaches, in reaches. Lines end there; points have no such border.
const ORTHOGRAPHIC_FAR: f32 = 2000.0;

/// Directions from which a scene is looked at with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandardView {
    /// As the reference camera looked.
    Front,
    Back,
    /// From the reference camera's right.
    Right,
    Left,
    Top,
    Bottom,
    /// From the front, turned and raised a little, so that the relief shows.
    Home,
}

/// A straight line from `origin`; `direction` covers a z-depth of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ray {
    pub origin: Vec3,
    pub direction: Vec3,
}

impl Ray {
    /// The point at z-depth `depth` from the origin.
    pub fn at(&self, depth: f32) -> Vec3 {
        self.origin + self.direction * depth
    }
}

/// A camera in the world. Screen positions are in −1..1, x right and y down; `aspect` is width / height.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrbitCamera {
    pub eye: Vec3,
    /// Turns the camera frame (OpenCV: x right, y down, z forward) into the world.
    pub world_from_camera: Quat,
    /// The point that [`Self::orbit`] turns around.
    pub pivot: Vec3,
    /// Radians.
    pub vertical_fov: f32,
    /// Rays are parallel, see this file's head.
    pub is_orthographic: bool,
    /// Orientation of the scene's reference camera: up is against its y axis, the standard views are relative to it.
    reference: Quat,
    /// Radius of the scene: the yardstick for speeds and the near plane.
    reach: f32,
}

impl OrbitCamera {
    /// Looks at `bounds` from [`StandardView::Home`]; the world is upright as the reference camera was.
    pub fn new(reference_from_world: &Rigid, bounds: &Bounds, aspect: f32) -> Self {
        let rotation = Quat::from_mat3(&reference_from_world.rotation.transpose());
        let is_rotation = rotation.is_finite() && rotation.length_squared() > 0.5;
        let reference = if is_rotation { rotation.normalize() } else { Quat::IDENTITY };
        let mut camera = Self {
            eye: Vec3::ZERO,
            world_from_camera: reference,
            pivot: bounds.centre(),
            vertical_fov: DEFAULT_FOV,
            is_orthographic: false,
            reference,
            reach: bounds.radius(),
        };
        camera.look_from(StandardView::Home, bounds, aspect);
        camera
    }

    /// Whether these can be a camera's numbers: one that was read may hold anything.
    pub fn is_sound(&self) -> bool {
        let turns = [self.world_from_camera, self.reference];
        self.eye.is_finite()
            && self.pivot.is_finite()
            && turns.iter().all(|turn| (turn.length() - 1.0).abs() < 1e-3)
            && (0.01..3.1).contains(&self.vertical_fov)
            && (f32::MIN_POSITIVE..f32::MAX).contains(&self.reach)
    }

    /// To the right of the screen, unit length.
    pub fn right(&self) -> Vec3 {
        self.world_from_camera * Vec3::X
    }

    /// Into the screen, unit length.
    pub fn forward(&self) -> Vec3 {
        self.world_from_camera * Vec3::Z
    }

    /// Up in the world.
    pub fn up(&self) -> Vec3 {
        self.reference * Vec3::NEG_Y
    }

    /// To the right of the reference camera: with [`Self::up`] the frame in which normals have colours.
    pub fn reference_right(&self) -> Vec3 {
        self.reference * Vec3::X
    }

    /// Radius of the scene that the camera was last fitted to.
    pub fn reach(&self) -> f32 {
        self.reach
    }

    /// z-depth of the near plane: nothing that is turned around is cut by it. A perspective camera has no far plane:
    /// depth is reversed and reaches infinity.
    pub fn near(&self) -> f32 {
        let pivot = (self.pivot - self.eye).dot(self.forward());
        (pivot * 0.02).clamp(self.reach * LEAST_DISTANCE * 0.1, self.reach * 1e-3)
    }

    /// Pixels per unit of length in a viewport `height` pixels high: at z-depth 1, or everywhere if orthographic.
    pub fn focal_pixels(&self, height: f32) -> f32 {
        height / 2.0 / (self.half_height() * if self.is_orthographic { self.pivot_depth() } else { 1.0 })
    }

    /// Where z-depths of the picture count from: the eye, or far behind it if orthographic.
    fn origin(&self) -> Vec3 {
        let back = if self.is_orthographic { ORTHOGRAPHIC_BACK * self.reach } else { 0.0 };
        self.eye - self.forward() * back
    }

    /// Half of what a screen shows upwards at z-depth 1.
    fn half_height(&self) -> f32 {
        (self.vertical_fov / 2.0).tan()
    }

    /// World to camera frame (OpenCV), whose origin is [`Self::eye`] or, if orthographic, far behind it.
    pub fn camera_from_world(&self) -> Mat4 {
        let rotation = Mat3::from_quat(self.world_from_camera.conjugate());
        Rigid::new(rotation, -(rotation * self.origin())).matrix()
    }

    /// Camera frame (OpenCV) to wgpu's clip space: y turned up; depth falls from 1 at the near plane to 0 at infinity, or
    /// at the end of an orthographic picture.
    pub fn clip_from_camera(&self, aspect: f32) -> Mat4 {
        let scale = self.half_height().recip();
        if self.is_orthographic {
            let scale = scale / self.pivot_depth();
            let far = ORTHOGRAPHIC_FAR * self.reach;
            return Mat4::from_cols(
                Vec4::new(scale / aspect, 0.0, 0.0, 0.0),
                Vec4::new(0.0, -scale, 0.0, 0.0),
                Vec4::new(0.0, 0.0, -far.recip(), 0.0),
                Vec4::new(0.0, 0.0, 1.0, 1.0),
            );
        }
        Mat4::from_cols(
            Vec4::new(scale / aspect, 0.0, 0.0, 0.0),
            Vec4::new(0.0, -scale, 0.0, 0.0),
            Vec4::new(0.0, 0.0, 0.0, 1.0),
            Vec4::new(0.0, 0.0, self.near(), 0.0),
        )
    }

    /// The ray through a screen position.
    pub fn ray(&self, screen: Vec2, aspect: f32) -> Ray {
        let half = self.half_height();
        let across = Vec3::new(screen.x * half * aspect, screen.y * half, 0.0);
        if self.is_orthographic {
            let origin = self.origin() + self.world_from_camera * (across * self.pivot_depth());
            return Ray { origin, direction: self.forward() };
        }
        Ray { origin: self.eye, direction: self.world_from_camera * (across + Vec3::Z) }
    }

    /// Screen position of a world point, and its z-depth from the ray's origin; `None` before the near plane.
    pub fn project(&self, point: Vec3, aspect: f32) -> Option<(Vec2, f32)> {
        let p = self.camera_from_world().transform_point3(point);
        let half = self.half_height() * if self.is_orthographic { self.pivot_depth() } else { p.z };
        (p.z >= self.near()).then(|| (Vec2::new(p.x / (half * aspect), p.y / half), p.z))
    }

    /// z-depth of the pivot from the eye, at least the near plane.
    pub fn pivot_depth(&self) -> f32 {
        (self.pivot - self.eye).dot(self.forward()).max(self.near())
    }

    /// Turns around the pivot, radians: with `yaw` what lies before the pivot moves to the right on the screen, with
    /// `pitch` it moves up. The pivot keeps its place.
    pub fn orbit(&mut self, yaw: f32, pitch: f32) {
        let up = self.up();
        let polar = self.forward().angle_between(up);
        let pitch = pitch.clamp(-(PI - POLE_MARGIN - polar).max(0.0), (polar - POLE_MARGIN).max(0.0));
        let turn = Quat::from_axis_angle(up, -yaw) * Quat::from_axis_angle(self.right(), pitch);
        self.eye = self.pivot + turn * (self.eye - self.pivot);
        self.world_from_camera = (turn * self.world_from_camera).normalize();
    }

    /// Moves sideways so that what lies at z-depth `depth` from the eye follows the cursor by `delta` (screen units).
    pub fn pan(&mut self, delta: Vec2, depth: f32, aspect: f32) {
        let depth = if self.is_orthographic { self.pivot_depth() } else { depth.max(self.near()) };
        let half = self.half_height() * depth;
        let shift = self.world_from_camera * Vec3::new(-delta.x * half * aspect, -delta.y * half, 0.0);
        self.eye += shift;
        self.pivot += shift;
    }

    /// What a wheel notch moves towards: the point under the cursor; where there is none, a point on the cursor's ray as far
    /// as the pivot, but never so near that moving towards it would get nowhere.
    pub fn dolly_anchor(&self, under_cursor: Option<Vec3>, screen: Vec2, aspect: f32) -> Vec3 {
        let ray = self.ray(screen, aspect);
        if self.is_orthographic {
            return ray.at(ORTHOGRAPHIC_BACK * self.reach + self.pivot_depth());
        }
        let in_front = |point: &Vec3| (*point - self.eye).dot(self.forward()) > 0.0;
        under_cursor.filter(in_front).unwrap_or_else(|| ray.at(self.pivot_depth().max(LEAST_STRIDE * self.reach)))
    }

    /// Moves towards `anchor`, or away from it for negative `notches`, by a part of the distance: it comes ever nearer to a
    /// surface, never stands still and never passes through. Turns around the anchor's depth from now on.
    pub fn dolly(&mut self, anchor: Vec3, notches: f32) {
        let depth = (anchor - self.eye).dot(self.forward());
        let least = LEAST_DISTANCE * self.reach;
        let left = NOTCH.powf(notches.clamp(-20.0, 20.0));
        let left = if left < 1.0 { left.max((least / depth).min(1.0)) } else { left };
        self.eye += (anchor - self.eye) * (1.0 - left);
        if self.is_orthographic {
            return;
        }
        // Else the next drag would turn around something behind the eye, or the near plane would cut what is looked at.
        if left < 1.0 || (self.pivot - self.eye).dot(self.forward()) < self.near() {
            self.pivot = self.eye + self.forward() * (depth * left).max(least);
        }
    }

    /// Flies by `offset` in units of the scene's reach: x right, y up, z forward.
    pub fn fly(&mut self, offset: Vec3) {
        let shift = self.world_from_camera * Vec3::new(offset.x, -offset.y, offset.z) * self.reach;
        self.eye += shift;
        self.pivot += shift;
    }

    /// Moves, without turning, until `bounds` just fits on the screen.
    pub fn fit(&mut self, bounds: &Bounds, aspect: f32) {
        self.vertical_fov = DEFAULT_FOV;
        self.reach = bounds.radius();
        self.pivot = bounds.centre();
        let tan_y = self.half_height();
        let tan_x = tan_y * aspect;
        let nearer = if self.is_orthographic { 0.0 } else { 1.0 };
        let camera_from_world = self.world_from_camera.conjugate();
        let half = (bounds.max - bounds.min) / 2.0;
        let distance = (0..8).map(|corner| {
            let sign = |bit: u32| if corner >> bit & 1 == 1 { 1.0 } else { -1.0 };
            let p = camera_from_world * (half * Vec3::new(sign(0), sign(1), sign(2)));
            (p.x.abs() / tan_x).max(p.y.abs() / tan_y) - p.z * nearer
        });
        let distance = distance.fold(self.near() * 10.0, f32::max);
        self.eye = self.pivot - self.forward() * distance;
    }

    /// Makes `up` (unit length) the upward direction, which orbits, standard views and heights follow; the front stays as
    /// near to where it was as it can.
    pub fn set_up(&mut self, up: Vec3) {
        if up.is_normalized() && self.up().angle_between(up) > 1e-4 {
            let turn = Quat::from_rotation_arc(self.up(), up);
            self.reference = (turn * self.reference).normalize();
            // Level again: the right stays as it is seen, as far as it is level.
            let level = (self.right() - up * self.right().dot(up)).normalize_or(up.any_orthonormal_vector());
            let forward = (self.forward() - level * self.forward().dot(level)).normalize_or(up.cross(level));
            self.turn_to(forward, level);
        }
    }

    /// Turns on the spot to look along `forward` with `right` to the right (unit length, at right angles), and turns
    /// around what is then in the middle.
    fn turn_to(&mut self, forward: Vec3, right: Vec3) {
        let depth = self.pivot_depth();
        self.world_from_camera = Quat::from_mat3(&Mat3::from_cols(right, forward.cross(right), forward)).normalize();
        self.eye = self.pivot - self.forward() * depth;
    }

    /// Turns around the pivot until it looks against `from` (unit length): the view from that side.
    pub fn look_against(&mut self, from: Vec3) {
        // Straight up or down the orbit's axis nothing says where right is; as near to it as orbiting goes, it does.
        let level = from - self.up() * from.dot(self.up());
        let tilted = if level.length() < POLE_MARGIN {
            let back = -(self.reference * Vec3::Z);
            (from * POLE_MARGIN.cos() + back * POLE_MARGIN.sin()).normalize_or(from)
        } else {
            from
        };
        let forward = -tilted;
        let right = forward.cross(self.up()).normalize_or(self.right());
        self.turn_to(forward, right);
    }

    /// Turns to a standard view and fits `bounds`.
    pub fn look_from(&mut self, view: StandardView, bounds: &Bounds, aspect: f32) {
        let turn = match view {
            StandardView::Front => Quat::IDENTITY,
            StandardView::Back => Quat::from_rotation_y(PI),
            StandardView::Right => Quat::from_rotation_y(-PI / 2.0),
            StandardView::Left => Quat::from_rotation_y(PI / 2.0),
            StandardView::Top => Quat::from_rotation_x(-PI / 2.0 + POLE_MARGIN),
            StandardView::Bottom => Quat::from_rotation_x(PI / 2.0 - POLE_MARGIN),
            StandardView::Home => Quat::from_rotation_y(-0.28) * Quat::from_rotation_x(-0.2),
        };
        self.world_from_camera = (self.reference * turn).normalize();
        self.fit(bounds, aspect);
    }

    /// Takes the place of a photo's camera, with the whole photo on the screen; turns around what lies at its median
    /// depth `depth`.
    pub fn look_through(&mut self, view: &ViewPrediction, depth: f32, aspect: f32) {
        let world_from_camera = view.camera.camera_from_world.inverse();
        let k = view.camera.intrinsics;
        let tan_x = view.width as f32 / 2.0 / k.fx;
        let tan_y = view.height as f32 / 2.0 / k.fy;
        self.vertical_fov = 2.0 * tan_y.max(tan_x / aspect).atan();
        self.is_orthographic = false;
        self.eye = world_from_camera.translation;
        self.world_from_camera = Quat::from_mat3(&world_from_camera.rotation).normalize();
        self.pivot = self.eye + self.forward() * depth.max(self.near());
    }

    /// Puts `point` in the middle of the screen, nearer than before, and turns around it from now on.
    pub fn focus(&mut self, point: Vec3) {
        let depth = (point - self.eye).dot(self.forward()).max(self.near());
        let distance = (depth * 0.6).min(self.reach).max(self.reach * 0.02);
        self.pivot = point;
        self.eye = point - self.forward() * distance;
    }

    /// The same picture of a world whose lengths are multiplied by `factor`.
    pub fn scaled(&self, factor: f32) -> Self {
        Self { eye: self.eye * factor, pivot: self.pivot * factor, reach: self.reach * factor, ..*self }
    }

    /// The same picture of a world that was carried elsewhere.
    pub fn carried(&self, by: &Similarity) -> Self {
        let (place, turn) = (|at: Vec3| by.apply(at.as_dvec3()).as_vec3(), Quat::from_mat3(&by.rotation.as_mat3()));
        let [world_from_camera, reference] =
            [self.world_from_camera, self.reference].map(|turned| (turn * turned).normalize());
        let (eye, pivot, reach) = (place(self.eye), place(self.pivot), self.reach * by.scale as f32);
        Self { eye, pivot, world_from_camera, reference, reach, ..*self }
    }

    /// The camera this far to its right, looking the same way.
    pub fn beside(&self, offset: f32) -> Self {
        let shift = self.right() * offset;
        Self { eye: self.eye + shift, pivot: self.pivot + shift, ..*self }
    }

    /// How far a sensor must be shifted for a camera that stands `offset` to the right to show this one's pivot where this one
    /// shows it, in halves of the picture's width; `aspect` is width over height.
    pub fn lens_shift(&self, offset: f32, aspect: f32) -> f32 {
        offset / (self.half_height() * aspect * self.pivot_depth())
    }

    /// Between two cameras, for a glide; `t` from 0 (self) to 1 (`to`).
    pub fn towards(&self, to: &Self, t: f32) -> Self {
        Self {
            eye: self.eye.lerp(to.eye, t),
            world_from_camera: self.world_from_camera.slerp(to.world_from_camera, t),
            pivot: self.pivot.lerp(to.pivot, t),
            vertical_fov: self.vertical_fov + (to.vertical_fov - self.vertical_fov) * t,
            ..*to
        }
    }
}

#[cfg(test)]
mod tests;
