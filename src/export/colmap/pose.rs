//! Poses as COLMAP writes them.

use glam::DQuat;

use crate::geometry::Rigid;

/// w2c: a unit quaternion with w ≥ 0, and a translation.
pub(super) struct Pose {
    pub wxyz: [f64; 4],
    pub translation: [f64; 3],
}

impl Pose {
    pub fn of(camera_from_world: &Rigid) -> Self {
        let q = DQuat::from_mat3(&camera_from_world.rotation.as_dmat3()).normalize();
        let q = if q.w < 0.0 { -q } else { q };
        let translation = camera_from_world.translation.as_dvec3().to_array();
        Self { wxyz: [q.w, q.x, q.y, q.z], translation }
    }
}
