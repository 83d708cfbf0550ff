//! How surely the cameras of one scene hang together: a pair of photos says in which direction the other camera lies, and only points
//! that a third one sees say how far.

use std::cmp::Reverse;

use super::Solved;
use super::candidates::each_with_each;

/// A camera that hangs on fewer points is at no certain distance.
const LEAST_POINTS: usize = 2;

/// Takes cameras away that do not hang on the others. Of the others one after the other is joined to the two that share most points,
/// each time the one that shares most with two of those that are joined already; the least share of a camera's points by which it was
/// joined is the weakest link.
pub(super) fn keep_anchored(solved: &mut Solved) {
    let shared = solved.shared();
    let pairs = each_with_each(shared.len()).into_iter().filter(|&[a, b]| shared[a][b] > 0);
    let Some(first) = pairs.max_by_key(|&[a, b]| (shared[a][b], Reverse([a, b]))) else { return };
    let mut is_joined = vec![false; solved.cameras.len()];
    first.iter().for_each(|&photo| is_joined[photo] = true);
    solved.weakest_link = 1.0;
    loop {
        let mut points = vec![0; solved.cameras.len()];
        for point in &solved.points {
            let photos = || point.seen.iter().map(|one| one[0] as usize);
            if photos().filter(|&photo| is_joined[photo]).count() >= 2 {
                photos().filter(|&photo| !is_joined[photo]).for_each(|photo| points[photo] += 1);
            }
        }
        let next = (0..points.len()).filter(|&photo| !is_joined[photo] && solved.cameras[photo].is_some());
        let next = next.max_by_key(|&photo| (points[photo], Reverse(photo)));
        match next.filter(|&photo| points[photo] >= LEAST_POINTS) {
            Some(photo) => {
                is_joined[photo] = true;
                let share = points[photo] as f64 / shared[photo][photo].max(1) as f64;
                solved.weakest_link = solved.weakest_link.min(share);
            }
            None => break,
        }
    }
    (0..is_joined.len()).filter(|&photo| !is_joined[photo]).for_each(|photo| solved.remove(photo));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Intrinsics, Rigid};
    use crate::sfm::{SolvedCamera, SolvedPoint};
    use glam::DVec3;

    #[test]
    fn a_camera_that_hangs_on_one_pair_alone_is_at_no_distance() {
        let camera = SolvedCamera {
            intrinsics: Intrinsics::centred(500.0, 640, 480),
            k1: 0.0,
            camera_from_world: Rigid::IDENTITY,
        };
        let point = |photos: &[u32]| SolvedPoint {
            position: DVec3::Z,
            error: 0.5,
            seen: photos.iter().map(|photo| [*photo, 0]).collect(),
        };
        let mut points = vec![point(&[0, 1]); 40];
        points.extend(vec![point(&[0, 1, 2]); 10]);
        // The fourth sees much of the third's, but one point alone with two others.
        points.extend(vec![point(&[2, 3]); 30]);
        points.push(point(&[0, 2, 3]));
        let mut solved = Solved { cameras: vec![Some(camera); 4], points, ..Solved::default() };
        keep_anchored(&mut solved);
        assert_eq!(solved.cameras.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, true, false]);
        assert_eq!(solved.points.len(), 51, "what only the fourth saw with another is gone");
        assert!((solved.weakest_link - 10.0 / 41.0).abs() < 1e-9, "{}", solved.weakest_link);
    }
}
