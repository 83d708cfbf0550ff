//! Cameras and points as they were solved, and how good they are.

use glam::DVec3;

use super::PairMatches;
use crate::geometry::{BentLens, Distortion, Intrinsics, Projection, Rigid, median};

/// Cameras are sound where pairs with no more than this share of all matches stand against them.
const MOST_AGAINST: f64 = 0.04;
/// And where no camera hangs on the others by a smaller share of its points.
const FIRM: f64 = 0.08;

/// What was solved: one scene of unknown scale, whose world is that of OpenCV's cameras.
#[derive(Clone, Debug, Default)]
pub struct Solved {
    /// By photo; `None` where it has no place in the scene.
    pub cameras: Vec<Option<SolvedCamera>>,
    pub points: Vec<SolvedPoint>,
    /// Median distance, in pixels, between where a point is and where it was found.
    pub residual: f64,
    /// Pairs of photos that fit, with those of their matches that do.
    pub pairs: Vec<PairMatches>,
    /// Share of their matches, of photos that have a camera, that are of pairs which the cameras do not explain: 0..=1.
    pub against: f64,
    /// Of the points that a camera sees the share by which it hangs on two others, 0..=1: the least of all.
    pub weakest_link: f64,
}

#[derive(Clone, Copy, Debug)]
pub struct SolvedCamera {
    /// In pixels of the photo; (0.5, 0.5) is the middle of the first one.
    pub intrinsics: Intrinsics,
    /// First radial term of the distortion.
    pub k1: f64,
    /// Extrinsics, w2c.
    pub camera_from_world: Rigid,
}

#[derive(Clone, Debug)]
pub struct SolvedPoint {
    pub position: DVec3,
    /// Mean distance, in pixels, between where it is and where it was found.
    pub error: f64,
    /// Photo and keypoint, by place.
    pub seen: Vec<[u32; 2]>,
}

impl Solved {
    /// Photos that have a camera.
    pub fn count(&self) -> usize {
        self.cameras.iter().flatten().count()
    }

    /// How many points two photos share, by both; of a photo with itself how many it sees.
    pub(super) fn shared(&self) -> Vec<Vec<usize>> {
        let mut shared = vec![vec![0; self.cameras.len()]; self.cameras.len()];
        for point in &self.points {
            let photos = || point.seen.iter().map(|one| one[0] as usize);
            photos().for_each(|a| photos().for_each(|b| shared[a][b] += 1));
        }
        shared
    }

    /// Takes the residual of the points that there are.
    pub(super) fn measure(&mut self) {
        self.residual = median(self.points.iter().map(|point| point.error)).unwrap_or(f64::INFINITY);
    }

    /// Takes a camera away, and the points that fewer than two others see.
    pub(super) fn remove(&mut self, photo: usize) {
        self.cameras[photo] = None;
        self.points.iter_mut().for_each(|point| point.seen.retain(|one| one[0] as usize != photo));
        self.points.retain(|point| point.seen.len() >= 2);
        self.measure();
    }

    /// Whether the cameras explain what pairs of photos say, all but strays, and hang together firmly.
    pub fn is_sound(&self) -> bool {
        self.against <= MOST_AGAINST && self.weakest_link >= FIRM
    }

    /// More cameras are better, then those that nothing stands against, that hang together, and that have a smaller residual.
    pub fn is_better_than(&self, other: &Self) -> bool {
        let rank = |solved: &Self| {
            (solved.count(), solved.against <= MOST_AGAINST, solved.weakest_link.min(FIRM), -solved.residual)
        };
        rank(self) > rank(other)
    }
}

impl SolvedCamera {
    /// Its lens with what it bends.
    pub fn lens(&self) -> BentLens {
        let distortion = Distortion::radial(Projection::Pinhole, &[self.k1]);
        BentLens { intrinsics: self.intrinsics, distortion }
    }
}
