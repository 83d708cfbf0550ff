//! The eye of the 3D view: orbit around any point, pan, dolly, fly, fit, look through a photo's camera.

use std::f32::consts::PI;

use glam::{Mat3, Mat4, Quat, Vec2, Vec3, Vec4};

use super::{Bounds, CloudScene};
use crate::geometry::Rigid;
use crate::inference::ViewPrediction;

/// Vertical field of view of a fresh camera, radians (45°).
const DEFAULT_FOV: f32 = PI / 4.0;

/// Orbiting stops this close to straight up and straight down, radians: beyond it left and right would swap.
const POLE_MARGIN: f32 = 0.02;

/// Part of the distance that one wheel notch leaves.
const NOTCH: f32 = 0.82;

/// A point nearer than this part of the scene's reach is passed through instead of approached.
const LEAST_ANCHOR: f32 = 0.01;

/// Directions from which a scene is looked at with one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandardView {
    /// As the reference camera looked.
    Front,
    /// From the reference camera's right.
    Right,
    Top,
    /// From the front, turned and raised a little, so that the relief shows.
    Home,
}

/// A perspective camera in the world. Screen positions are in −1..1, x right and y down; `aspect` is width / height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OrbitCamera {
    pub eye: Vec3,
    /// Turns the camera frame (OpenCV: x right, y down, z forward) into the world.
    pub world_from_camera: Quat,
    /// The point that [`Self::orbit`] turns around.
    pub pivot: Vec3,
    /// Radians.
    pub vertical_fov: f32,
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
            reference,
            reach: bounds.radius(),
        };
        camera.look_from(StandardView::Home, bounds, aspect);
        camera
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

    /// Radius of the scene that the camera was last fitted to.
    pub fn reach(&self) -> f32 {
        self.reach
    }

    /// z-depth of the near plane. There is no far plane: depth is reversed and reaches infinity.
    pub fn near(&self) -> f32 {
        self.reach * 1e-4
    }

    /// Pixels per unit of length at z-depth 1 in a viewport `height` pixels high.
    pub fn focal_pixels(&self, height: f32) -> f32 {
        height / 2.0 / (self.vertical_fov / 2.0).tan()
    }

    /// World to camera frame (OpenCV).
    pub fn camera_from_world(&self) -> Mat4 {
        let rotation = Mat3::from_quat(self.world_from_camera.conjugate());
        Rigid::new(rotation, -(rotation * self.eye)).matrix()
    }

    /// Camera frame (OpenCV) to wgpu's clip space: y turned up, depth 1 at the near plane and 0 at infinity.
    pub fn clip_from_camera(&self, aspect: f32) -> Mat4 {
        let scale = (self.vertical_fov / 2.0).tan().recip();
        Mat4::from_cols(
            Vec4::new(scale / aspect, 0.0, 0.0, 0.0),
            Vec4::new(0.0, -scale, 0.0, 0.0),
            Vec4::new(0.0, 0.0, 0.0, 1.0),
            Vec4::new(0.0, 0.0, self.near(), 0.0),
        )
    }

    /// Direction (z-depth 1, not unit length) in the world of the ray through a screen position.
    pub fn ray(&self, screen: Vec2, aspect: f32) -> Vec3 {
        let tan = (self.vertical_fov / 2.0).tan();
        self.world_from_camera * Vec3::new(screen.x * tan * aspect, screen.y * tan, 1.0)
    }

    /// Screen position and z-depth of a world point; `None` before the near plane.
    pub fn project(&self, point: Vec3, aspect: f32) -> Option<(Vec2, f32)> {
        let p = self.camera_from_world().transform_point3(point);
        let tan = (self.vertical_fov / 2.0).tan();
        (p.z >= self.near()).then(|| (Vec2::new(p.x / (p.z * tan * aspect), p.y / (p.z * tan)), p.z))
    }

    /// z-depth of the pivot, at least the near plane.
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

    /// Moves sideways so that what lies at z-depth `depth` follows the cursor by `delta` (screen units).
    pub fn pan(&mut self, delta: Vec2, depth: f32, aspect: f32) {
        let tan = (self.vertical_fov / 2.0).tan() * depth.max(self.near());
        let shift = self.world_from_camera * Vec3::new(-delta.x * tan * aspect, -delta.y * tan, 0.0);
        self.eye += shift;
        self.pivot += shift;
    }

    /// What a wheel notch moves towards: the point under the cursor; a point on the cursor's ray as far as the pivot where
    /// there is none; a point beyond it where it is so near that moving towards it would get nowhere.
    pub fn dolly_anchor(&self, under_cursor: Option<Vec3>, screen: Vec2, aspect: f32) -> Vec3 {
        let least = LEAST_ANCHOR * self.reach;
        let on_ray = |depth: f32| self.eye + self.ray(screen, aspect) * depth;
        match under_cursor {
            Some(point) if (point - self.eye).dot(self.forward()) > least => point,
            Some(_) => on_ray(least * 2.0),
            None => on_ray(self.pivot_depth().max(least * 2.0)),
        }
    }

    /// Moves towards `anchor`, or away from it for negative `notches`, by a part of the distance. With anchors of
    /// [`Self::dolly_anchor`] it slows down near a surface, passes through it and never sticks.
    pub fn dolly(&mut self, anchor: Vec3, notches: f32) {
        self.eye += (anchor - self.eye) * (1.0 - NOTCH.powf(notches.clamp(-20.0, 20.0)));
        // A pivot behind the eye would turn the next drag inside out.
        if (self.pivot - self.eye).dot(self.forward()) < self.near() {
            self.pivot = self.eye + self.forward() * (self.reach * 0.05);
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
        let tan_y = (self.vertical_fov / 2.0).tan();
        let tan_x = tan_y * aspect;
        let camera_from_world = self.world_from_camera.conjugate();
        let half = (bounds.max - bounds.min) / 2.0;
        let distance = (0..8).map(|corner| {
            let sign = |bit: u32| if corner >> bit & 1 == 1 { 1.0 } else { -1.0 };
            let p = camera_from_world * (half * Vec3::new(sign(0), sign(1), sign(2)));
            (p.x.abs() / tan_x).max(p.y.abs() / tan_y) - p.z
        });
        let distance = distance.fold(self.near() * 10.0, f32::max);
        self.eye = self.pivot - self.forward() * distance;
    }

    /// Turns to a standard view and fits `bounds`.
    pub fn look_from(&mut self, view: StandardView, bounds: &Bounds, aspect: f32) {
        let turn = match view {
            StandardView::Front => Quat::IDENTITY,
            StandardView::Right => Quat::from_rotation_y(-PI / 2.0),
            StandardView::Top => Quat::from_rotation_x(-PI / 2.0 + POLE_MARGIN),
            StandardView::Home => Quat::from_rotation_y(-0.28) * Quat::from_rotation_x(-0.2),
        };
        self.world_from_camera = (self.reference * turn).normalize();
        self.fit(bounds, aspect);
    }

    /// Goes to where a scene is first seen from: turned and raised a little, so that the relief shows. A single photo is
    /// seen from near its camera, as its perspective asks; several views from where their cloud just fits.
    pub fn go_home(&mut self, scene: &CloudScene, bounds: &Bounds, aspect: f32) {
        self.look_from(StandardView::Home, bounds, aspect);
        if let [view] = scene.views() {
            let depth = scene.median_depth();
            self.look_through(view, depth, aspect);
            self.orbit(-0.22, 0.12);
            self.eye -= self.forward() * (depth * 0.15);
        }
    }

    /// Takes the place of a photo's camera, with the whole photo on the screen; turns around what lies at its median
    /// depth `depth`.
    pub fn look_through(&mut self, view: &ViewPrediction, depth: f32, aspect: f32) {
        let world_from_camera = view.camera.camera_from_world.inverse();
        let k = view.camera.intrinsics;
        let tan_x = view.width as f32 / 2.0 / k.fx;
        let tan_y = view.height as f32 / 2.0 / k.fy;
        self.vertical_fov = 2.0 * tan_y.max(tan_x / aspect).atan();
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
