//! Cameras and points from matches, by openmvg-sfm.

use std::time::Duration;

use openmvg_core::RunSeed;
use openmvg_sfm::progress::SfmProgressSink;
use openmvg_sfm::{Global, Incremental, SfmOutput};

use super::anchored::keep_anchored;
use super::aside::aside;
use super::explained::keep_explained;
use super::graph::{SEED, graph, places};
use super::lens::Lenses;
use super::polish::polish;
use super::told::told;
use super::{PairMatches, SfmError, Solved, SolverView};

/// So few photos are solved for in both ways also where the first leaves nothing open: that takes little time.
const FEW: usize = 12;

/// The solver takes seconds for tens of photos; what is not there after so long never will be.
const LEAST_LIMIT: Duration = Duration::from_secs(300);
const LIMIT_OF_PHOTO: Duration = Duration::from_secs(15);

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
    let mut found = found.ok_or(SfmError::NoScene { pairs: fitting.len() })?;
    polish(&mut found, views, &lenses);
    Ok(found)
}
