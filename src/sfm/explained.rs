//! Cameras that do not explain the matches of their own photos are wrong, however small the residual of the others.

use std::collections::BTreeSet;

use super::epipolar::distances;
use super::groups::largest_group;
use super::pair::in_photos;
use super::{PairMatches, Solved, SolverView};

/// A match is explained within so many pixels of a photo whose longer side is 1600, as where pairs are fitted.
const OFF: f64 = 4.0;
/// Right cameras keep three quarters of their photos' matched keypoints and more in points; wrong ones a third and less.
const LEAST_KEPT: f64 = 0.5;
/// A pair of which less is explained stands against the cameras.
const LEAST_EXPLAINED: f64 = 0.5;

/// Takes cameras away, the worst first, until of each one's photo half of the keypoints that match others belong to points; then all
/// but the largest group that holds together by pairs that are explained.
pub(super) fn keep_explained(solved: &mut Solved, views: &[SolverView]) {
    loop {
        let kept = kept(solved);
        let placed = (0..views.len()).filter(|&photo| solved.cameras[photo].is_some());
        let worst = placed.min_by(|&a, &b| kept[a].total_cmp(&kept[b]));
        match worst.filter(|&photo| kept[photo] < LEAST_KEPT) {
            Some(photo) => solved.remove(photo),
            None => break,
        }
    }
    let is_placed = |solved: &Solved, pair: &Pair| pair.photos.iter().all(|&photo| solved.cameras[photo].is_some());
    let pairs: Vec<Pair> = solved
        .pairs
        .iter()
        .map(|pair| Pair {
            photos: pair.photos,
            is_explained: explained(solved, views, pair) as f64 >= LEAST_EXPLAINED * pair.matches.len() as f64,
            matches: pair.matches.len(),
        })
        .filter(|pair| is_placed(solved, pair))
        .collect();
    let group = largest_group(views.len(), pairs.iter().filter(|pair| pair.is_explained).map(|pair| pair.photos));
    let apart: Vec<usize> =
        (0..views.len()).filter(|photo| solved.cameras[*photo].is_some() && !group.contains(photo)).collect();
    apart.into_iter().for_each(|photo| solved.remove(photo));
    let left = pairs.iter().filter(|pair| is_placed(solved, pair));
    let sum = |pairs: &mut dyn Iterator<Item = &Pair>| pairs.map(|pair| pair.matches).sum::<usize>() as f64;
    let against = sum(&mut left.clone().filter(|pair| !pair.is_explained));
    solved.against = against / sum(&mut left.clone()).max(1.0);
}

/// By photo: the share of its keypoints that match those of others with a camera which belong to points.
fn kept(solved: &Solved) -> Vec<f64> {
    let mut matched = vec![BTreeSet::new(); solved.cameras.len()];
    let is_placed = |pair: &&PairMatches| pair.photos.iter().all(|&photo| solved.cameras[photo].is_some());
    for pair in solved.pairs.iter().filter(is_placed) {
        for keypoints in &pair.matches {
            pair.photos.iter().zip(keypoints).for_each(|(&photo, keypoint)| _ = matched[photo].insert(*keypoint));
        }
    }
    let shared = solved.shared();
    let share = |(photo, matched): (usize, &BTreeSet<u32>)| shared[photo][photo] as f64 / matched.len().max(1) as f64;
    matched.iter().enumerate().map(share).collect()
}

struct Pair {
    photos: [usize; 2],
    is_explained: bool,
    matches: usize,
}

/// How many matches of a pair lie near the epipolar lines of its cameras.
fn explained(solved: &Solved, views: &[SolverView], pair: &PairMatches) -> usize {
    let [Some(a), Some(b)] = pair.photos.map(|photo| solved.cameras[photo].as_ref()) else { return 0 };
    let off = in_photos(OFF, &pair.photos.map(|photo| views[photo].size));
    let keypoints = pair.photos.map(|photo| views[photo].keypoints.as_slice());
    distances([a, b], keypoints, &pair.matches).filter(|distance| *distance <= off).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Intrinsics, Rigid};
    use crate::sfm::{LensPrior, SolvedCamera, SolvedPoint};
    use glam::{DVec3, Vec3};

    /// Three cameras beside each other that see a hundred points, all of them matched.
    fn scene() -> (Solved, Vec<SolverView>) {
        let intrinsics = Intrinsics::centred(500.0, 640, 480);
        let places = [0.0, 0.4, 0.8].map(|x| Rigid { translation: Vec3::new(-x, 0.0, 0.0), ..Rigid::IDENTITY });
        let points: Vec<DVec3> = (0..100)
            .map(|i| DVec3::new((i % 10) as f64 * 0.2 - 0.5, (i / 10) as f64 * 0.2 - 1.0, 5.0 + (i % 7) as f64))
            .collect();
        let views = places.map(|place| {
            let at = |point: &DVec3| {
                let seen = intrinsics.project(place.apply(point.as_vec3())).unwrap_or_default();
                seen.map(|at| at - 0.5)
            };
            let keypoints = points.iter().map(at).collect();
            SolverView { size: [640, 480], lens: LensPrior::Known(intrinsics), keypoints }
        });
        let cameras = places.map(|camera_from_world| Some(SolvedCamera { intrinsics, k1: 0.0, camera_from_world }));
        let points = points.into_iter().enumerate().map(|(i, position)| SolvedPoint {
            position,
            error: 0.3,
            seen: (0..3).map(|photo| [photo, i as u32]).collect(),
        });
        let all: Vec<[u32; 2]> = (0..100).map(|i| [i, i]).collect();
        let pairs = [[0, 1], [0, 2], [1, 2]].map(|photos| PairMatches { photos, matches: all.clone() });
        let solved =
            Solved { cameras: cameras.to_vec(), points: points.collect(), pairs: pairs.to_vec(), ..Solved::default() };
        (solved, views.to_vec())
    }

    #[test]
    fn cameras_keep_their_photos_matches_or_go() {
        let (mut solved, views) = scene();
        keep_explained(&mut solved, &views);
        assert!(solved.count() == 3 && solved.against == 0.0);
        // The third photo's keypoints hardly came to points.
        for point in solved.points.iter_mut().skip(30) {
            point.seen.pop();
        }
        keep_explained(&mut solved, &views);
        assert_eq!(solved.cameras.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn a_pair_that_the_cameras_do_not_explain_stands_against_them() {
        let (mut solved, views) = scene();
        // The first and the third photo match where they are not the same, in the few points that they share.
        solved.pairs[1].matches = (0..50u32).map(|i| [i, (i * 7 + 31) % 100]).collect();
        keep_explained(&mut solved, &views);
        assert_eq!(solved.count(), 3);
        assert!((solved.against - 0.2).abs() < 1e-9 && !solved.is_sound(), "{}", solved.against);
        // Where nothing else holds them together, two are left.
        let (mut solved, views) = scene();
        solved.pairs.truncate(2);
        solved.pairs[1].matches = (0..50u32).map(|i| [i, (i * 7 + 31) % 100]).collect();
        keep_explained(&mut solved, &views);
        assert_eq!(solved.cameras.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false]);
    }
}
