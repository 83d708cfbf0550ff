//! The plain way to match: each other's nearest descriptors.

use super::{Features, Match};
use crate::model::lighterglue::DESCRIPTOR;
use crate::model::xfeat;

/// Points of two photos whose descriptors are each other's nearest, and whose cosine is greater than `least_cosine`, in the
/// order of a's points. With XFeat's descriptors its authors take 0.82, or any (−1).
pub fn mutual_nearest(a: &Features, b: &Features, least_cosine: f32) -> Vec<Match> {
    const { assert!(DESCRIPTOR == xfeat::CHANNELS) };
    let cosines = crate::model::Table::products(&a.descriptors, &b.descriptors, DESCRIPTOR);
    let pairs = cosines.mutual_best(&vec![0.0; a.keypoints.len()], &vec![0.0; b.keypoints.len()]);
    let matched = pairs.into_iter().map(|[a, b]| Match { a, b, score: cosines.get(a, b) });
    matched.filter(|matched| matched.score > least_cosine).collect()
}

/// Points of a photo that say whether another shows the same things: the best by score.
const TELLING: usize = 512;
/// XFeat's descriptors of one point have at least this cosine, as its authors have it.
const LEAST_COSINE: f32 = 0.82;

/// The points of a photo for [`overlap`].
pub fn telling(features: &Features) -> Features {
    features.best(TELLING)
}

/// How much two photos seem to show the same, by what is [`telling`] of them: the number of points that are each other's nearest.
/// Some milliseconds, where matching takes hundreds.
pub fn overlap(a: &Features, b: &Features) -> usize {
    mutual_nearest(a, b, LEAST_COSINE).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points whose descriptors lie in the plane of the first two numbers, at these angles in degrees.
    fn at_angles(degrees: &[f32]) -> Features {
        let descriptor = |angle: &f32| {
            let mut descriptor = [0.0; DESCRIPTOR];
            (descriptor[1], descriptor[0]) = angle.to_radians().sin_cos();
            descriptor
        };
        Features {
            size: [100, 100],
            keypoints: vec![[0.0; 2]; degrees.len()],
            scores: vec![1.0; degrees.len()],
            descriptors: degrees.iter().flat_map(descriptor).collect(),
        }
    }

    #[test]
    fn both_must_be_nearest_and_near_enough() {
        let (a, b) = (at_angles(&[0.0, 10.0, 90.0]), at_angles(&[95.0, 12.0, 200.0]));
        let pairs = |least| mutual_nearest(&a, &b, least).iter().map(|m| (m.a, m.b)).collect::<Vec<_>>();
        assert_eq!(pairs(-1.0), [(1, 1), (2, 0)]);
        assert_eq!(pairs(0.9965), [(1, 1)]);
        assert!((mutual_nearest(&a, &b, 0.0)[0].score - 2f32.to_radians().cos()).abs() < 1e-6);
        assert!(mutual_nearest(&a, &Features::default(), -1.0).is_empty());
    }
}
