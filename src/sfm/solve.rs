//! Cameras and points from matches, by openmvg-sfm.

use std::time::Duration;

use glam::DVec3;
use openmvg_core::RunSeed;
use openmvg_sfm::progress::SfmProgressSink;
use openmvg_sfm::{Global, Incremental, SfmOutput};

use super::anchored::keep_anchored;
use super::aside::aside;
use super::explained::keep_explained;
use super::graph::{SEED, graph, places};
use super::lens::Lenses;
use super::told::told;
use super::{LensPrior, SfmError};
use crate::geometry::{BentLens, Distortion, Intrinsics, Projection, Rigid, median};

/// Cameras are sound where pairs with no more than this share of all matches stand against them.
const MOST_AGAINST: f64 = 0.04;
/// And where no camera hangs on the others by a smaller share of its points.
const FIRM: f64 = 0.08;

/// So few photos are solved for in both ways also where the first leaves nothing open: that takes little time.
const FEW: usize = 12;

/// The solver takes seconds for tens of photos; what is not there after so long never will be.
const LEAST_LIMIT: Duration = Duration::from_secs(300);
const LIMIT_OF_PHOTO: Duration = Duration::from_secs(15);

/// A photo, as the solver sees it.
#[derive(Clone, Debug)]
pub struct SolverView {
    /// Width × height.
    pub size: [u32; 2],
    pub lens: LensPrior,
    /// (x, y) in pixels; centres of pixels are whole numbers.
    pub keypoints: Vec<[f32; 2]>,
}

/// Which keypoints of two photos are the same.
#[derive(Clone, Debug)]
pub struct PairMatches {
    /// Places of the photos, in ascending order.
    pub photos: [usize; 2],
    /// Places of keypoints in either, in ascending order.
    pub matches: Vec<[u32; 2]>,
}

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

/// Stops the solver, which asks between its steps.
struct Stop<'a>(&'a (dyn Fn() -> bool + Sync));

impl SfmProgressSink for Stop<'_> {
    fn is_canceled(&self) -> bool {
        (self.0)()
    }
}

/// Solves for the cameras of photos in two ways, photo by photo and all at once, and gives the better result: neither always is.
/// The same input gives the same result at any number of threads.
///
/// # Errors
/// [`SfmError`]; a panic of the solver is one as well, and so is that it does not end.
pub fn solve(
    views: &[SolverView],
    pairs: &[PairMatches],
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Solved, SfmError> {
    if views.len() < 2 {
        return Err(SfmError::TooFew);
    }
    let limit = LEAST_LIMIT + LIMIT_OF_PHOTO * views.len() as u32;
    let (views, pairs) = (views.to_vec(), pairs.to_vec());
    let solved = aside(limit, is_cancelled, move |stops| best(&views, &pairs, stops));
    if is_cancelled() { Err(SfmError::Cancelled) } else { solved }
}

fn best(
    views: &[SolverView],
    pairs: &[PairMatches],
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Result<Solved, SfmError> {
    let mut lenses = Lenses::new(views)?;
    lenses.begin_well(views, pairs, |pair| places(views, pair), RunSeed::from_u64(SEED));
    let (graph, fitting) = graph(views, pairs, &lenses, is_cancelled)?;
    let stop = Stop(is_cancelled);
    let mut found: Option<Solved> = None;
    // Neither way is always the better one.
    let ways: [&dyn Fn() -> Option<SfmOutput>; 2] =
        [&|| Incremental::default().runner().progress(&stop).run_prepared(&graph).ok(), &|| {
            Global::default().runner().progress(&stop).run_prepared(&graph).ok()
        }];
    for output in ways.iter().filter_map(|way| way()) {
        let mut solved = Solved { pairs: fitting.clone(), ..told(output.reconstruction(), views.len()) };
        keep_explained(&mut solved, views);
        keep_anchored(&mut solved);
        if solved.count() >= 2 && found.as_ref().is_none_or(|found| solved.is_better_than(found)) {
            found = Some(solved);
        }
        let is_whole = found.as_ref().is_some_and(|found| found.is_sound() && found.count() == views.len());
        if is_whole && views.len() > FEW {
            break;
        }
    }
    found.ok_or(SfmError::NoScene { pairs: fitting.len() })
}
