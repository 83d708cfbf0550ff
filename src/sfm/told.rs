//! What the solver came to.

use std::collections::BTreeMap;

use glam::{DVec3, Vec3};
use openmvg_core::model::WorldToCameraPose;
use openmvg_sfm::Reconstruction;

use super::lens::solved;
use super::{Solved, SolvedCamera, SolvedPoint};
use crate::geometry::{Rigid, glam_matrix};

/// The largest part of a reconstruction.
pub(super) fn told(found: &Reconstruction, photos: usize) -> Solved {
    let mut sizes = BTreeMap::new();
    for (_, pose) in found.registered_views() {
        *sizes.entry(pose.component).or_insert(0) += 1;
    }
    let largest = sizes.iter().max_by_key(|&(component, size)| (size, std::cmp::Reverse(component)));
    let largest = largest.map(|(component, _)| *component);
    let mut cameras = vec![None; photos];
    for (view, pose) in found.registered_views().filter(|(_, pose)| Some(pose.component) == largest) {
        let lens = found.views().get(view.index()).map(|record| record.intrinsic_id);
        let camera = lens.and_then(|lens| found.camera_models().get(lens.index())).and_then(solved);
        cameras[view.index()] =
            camera.map(|(intrinsics, k1)| SolvedCamera { intrinsics, k1, camera_from_world: rigid(&pose.pose) });
    }
    let mut seen: BTreeMap<usize, Vec<[u32; 2]>> = BTreeMap::new();
    for observation in found.observations().filter(|one| cameras[one.view.index()].is_some()) {
        let place = [observation.view.index() as u32, observation.feature.index() as u32];
        seen.entry(observation.landmark.index()).or_default().push(place);
    }
    let mut points = Vec::with_capacity(seen.len());
    for landmark in found.landmarks().iter_active() {
        let Some(seen) = seen.remove(&landmark.id.index()).filter(|seen| seen.len() >= 2) else { continue };
        let (position, error) = (landmark.point, landmark.reprojection_error.value());
        points.push(SolvedPoint { position: DVec3::new(position.x, position.y, position.z), error, seen });
    }
    let mut solved = Solved { cameras, points, ..Solved::default() };
    solved.measure();
    solved
}

/// Extrinsics, w2c.
pub(super) fn rigid(pose: &WorldToCameraPose) -> Rigid {
    let translation = pose.translation();
    let translation = Vec3::new(translation.x as f32, translation.y as f32, translation.z as f32);
    Rigid::new(glam_matrix(pose.rotation_matrix()).as_mat3(), translation)
}
