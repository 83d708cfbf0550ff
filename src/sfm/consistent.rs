//! Pairs that contradict stronger ones: walls that look alike match where they are not the same.

use glam::DMat3;

use super::PairMatches;
use super::pair::Fit;
use crate::geometry::glam_matrix;

/// Rotations along two ways through pairs may differ by this much, degrees.
const MOST_DEGREES: f64 = 20.0;

/// Drops fits that turn a photo against another otherwise than those with more inliers do, all together.
///
/// Pairs are taken by their inliers. One that joins two groups of photos tells how these stand to each other (the tree of most
/// inliers); one within a group must agree with that.
pub(super) fn keep_consistent(photos: usize, pairs: &[PairMatches], fits: &mut [Option<Fit>]) {
    let mut order: Vec<usize> = (0..fits.len()).filter(|&at| fits[at].is_some()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(fits[at].as_ref().map_or(0, Fit::count)));
    // Of each photo: its group, and its rotation from the group's world.
    let mut group: Vec<usize> = (0..photos).collect();
    let mut turned = vec![DMat3::IDENTITY; photos];
    for at in order {
        let Some(fit) = &fits[at] else { continue };
        let [a, b] = pairs[at].photos;
        let told = glam_matrix(fit.pose.rotation_source_to_target().matrix()) * turned[a];
        let off = told * turned[b].transpose();
        if group[a] != group[b] {
            // The second group's world is turned into the first one's: b comes to stand as it is told.
            let (from, to) = (group[b], group[a]);
            let world = turned[b].transpose() * told;
            for photo in (0..photos).filter(|&photo| group[photo] == from) {
                turned[photo] *= world;
            }
            group.iter_mut().filter(|of| **of == from).for_each(|of| *of = to);
        } else if angle(off) > MOST_DEGREES {
            fits[at] = None;
        }
    }
}

/// Degrees.
fn angle(rotation: DMat3) -> f64 {
    let trace = rotation.x_axis.x + rotation.y_axis.y + rotation.z_axis.z;
    ((trace - 1.0) / 2.0).clamp(-1.0, 1.0).acos().to_degrees()
}
