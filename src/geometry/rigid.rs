//! Rotation and translation, the pose of a camera: `camera_from_world` is what the field calls extrinsics (w2c).

use glam::{Mat3, Mat4, Vec3};
use serde::{Deserialize, Serialize};

/// x ↦ rotation·x + translation, with an orthonormal rotation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rigid {
    pub rotation: Mat3,
    pub translation: Vec3,
}

impl Rigid {
    pub const IDENTITY: Self = Self { rotation: Mat3::IDENTITY, translation: Vec3::ZERO };

    pub fn new(rotation: Mat3, translation: Vec3) -> Self {
        Self { rotation, translation }
    }

    /// From the row-major 3×4 matrix [R | t].
    pub fn from_rows(m: [[f32; 4]; 3]) -> Self {
        Self {
            rotation: Mat3::from_cols(
                Vec3::new(m[0][0], m[1][0], m[2][0]),
                Vec3::new(m[0][1], m[1][1], m[2][1]),
                Vec3::new(m[0][2], m[1][2], m[2][2]),
            ),
            translation: Vec3::new(m[0][3], m[1][3], m[2][3]),
        }
    }

    /// The row-major 3×4 matrix [R | t].
    pub fn rows(&self) -> [[f32; 4]; 3] {
        let (r, t) = (self.rotation, self.translation);
        [
            [r.x_axis.x, r.y_axis.x, r.z_axis.x, t.x],
            [r.x_axis.y, r.y_axis.y, r.z_axis.y, t.y],
            [r.x_axis.z, r.y_axis.z, r.z_axis.z, t.z],
        ]
    }

    /// As a homogeneous 4×4 matrix.
    pub fn matrix(&self) -> Mat4 {
        Mat4::from_cols(
            self.rotation.x_axis.extend(0.0),
            self.rotation.y_axis.extend(0.0),
            self.rotation.z_axis.extend(0.0),
            self.translation.extend(1.0),
        )
    }

    /// [Rᵀ | −Rᵀ·t]: exact for an orthonormal rotation, and what the reference applies to any other.
    pub fn inverse(&self) -> Self {
        let rotation = self.rotation.transpose();
        Self { rotation, translation: -(rotation * self.translation) }
    }

    /// The transform that applies `first`, then `self`.
    pub fn after(&self, first: &Self) -> Self {
        Self {
            rotation: self.rotation * first.rotation,
            translation: self.rotation * first.translation + self.translation,
        }
    }

    /// `camera_from_world` after the camera's picture was turned clockwise by a quarter: right becomes down.
    pub fn quarter_turned(&self) -> Self {
        Self::new(Mat3::from_cols(Vec3::Y, -Vec3::X, Vec3::Z), Vec3::ZERO).after(self)
    }

    pub fn apply(&self, point: Vec3) -> Vec3 {
        self.rotation * point + self.translation
    }

    /// The world position of the camera whose `camera_from_world` this is.
    pub fn camera_centre(&self) -> Vec3 {
        self.inverse().translation
    }

    /// `camera_from_world` of a camera at `eye` that looks at `target`; `up` points up in the world.
    ///
    /// Returns the identity rotation when the directions are parallel or zero.
    pub fn looking_at(eye: Vec3, target: Vec3, up: Vec3) -> Self {
        let forward = (target - eye).normalize_or_zero();
        let right = forward.cross(up).normalize_or_zero();
        if right == Vec3::ZERO {
            return Self::new(Mat3::IDENTITY, -eye);
        }
        let down = forward.cross(right);
        let world_from_camera = Self::new(Mat3::from_cols(right, down, forward), eye);
        world_from_camera.inverse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_at_puts_target_in_front_and_up_is_up() {
        let eye = Vec3::new(3.0, 2.0, -5.0);
        let pose = Rigid::looking_at(eye, Vec3::ZERO, Vec3::Y);
        let target = pose.apply(Vec3::ZERO);
        assert!(target.x.abs() < 1e-5 && target.y.abs() < 1e-5 && target.z > 0.0);
        assert!(pose.apply(Vec3::Y).y < target.y, "y points down in the camera frame");
        assert!((pose.camera_centre() - eye).length() < 1e-5);
        assert!((pose.rotation.determinant() - 1.0).abs() < 1e-5);
    }

    #[test]
    fn rows_and_inverse_round_trip() {
        let pose = Rigid::looking_at(Vec3::new(1.0, 2.0, 3.0), Vec3::new(0.0, 1.0, 9.0), Vec3::Y);
        assert_eq!(Rigid::from_rows(pose.rows()), pose);
        let p = Vec3::new(0.3, -0.7, 2.0);
        assert!((pose.inverse().apply(pose.apply(p)) - p).length() < 1e-5);
        assert!((pose.matrix().transform_point3(p) - pose.apply(p)).length() < 1e-6);
        let twice = pose.after(&pose);
        assert!((twice.apply(p) - pose.apply(pose.apply(p))).length() < 1e-5);
    }
}
