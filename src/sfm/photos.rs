//! From photos to cameras: one kind of points after the other is looked for, until all photos have a place.

use super::candidates::EACH_WITH_EACH;
use super::search::{Search, Searched};
use super::{Doing, Follow, Kind, PairMatches, SfmError, Shot, Solved, SolverView, solve};

/// What was found, and by which kinds of points.
pub struct Scene {
    pub kinds: Vec<Kind>,
    pub solved: Solved,
    /// By photo, with the keypoints that points are seen at; `None` where a photo could not be read.
    pub views: Vec<Option<SolverView>>,
    /// All that was matched, also where it does not fit.
    pub pairs: Vec<PairMatches>,
}

impl Scene {
    /// Where a photo shows a point, both by place as in [`super::SolvedPoint::seen`]; pixels, whole numbers at their centres.
    pub fn keypoint(&self, [photo, keypoint]: [u32; 2]) -> Option<[f32; 2]> {
        self.views.get(photo as usize)?.as_ref()?.keypoints.get(keypoint as usize).copied()
    }

    /// The kinds of points in words.
    pub fn by(&self) -> String {
        self.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
    }
}

/// Which kinds of points are looked for, one way after the other: classical ones are exact, learned ones find pairs that differ more,
/// and together they have most to say.
const WAYS: [&[Kind]; 5] = [
    &[Kind::Laplacian],
    &[Kind::Laplacian, Kind::Learned],
    &[Kind::Sift, Kind::Learned],
    &[Kind::Laplacian, Kind::Sift, Kind::Learned],
    &[Kind::Learned],
];

/// The same of more photos than are matched each with each, where solving takes longest: what one kind leaves open, all together are
/// asked at once.
const WAYS_OF_MANY: [&[Kind]; 3] =
    [&[Kind::Laplacian], &[Kind::Laplacian, Kind::Sift, Kind::Learned], &[Kind::Learned]];

/// Finds the cameras of photos. `read` gives a photo by its number below `photos`, `None` where it cannot be read, and may be asked
/// for it again.
///
/// Ways are tried in the order of [`WAYS`] or [`WAYS_OF_MANY`] until one places every photo that shows the same as others; else the one
/// that places most counts, of equals one that explains what pairs say, then that with the smallest residual.
///
/// # Errors
/// [`SfmError`] of the last way, where none gives a scene.
pub fn cameras_of(
    photos: usize,
    read: &(dyn Fn(usize) -> Option<Shot> + Sync),
    follow: &dyn Follow,
) -> Result<Scene, SfmError> {
    if photos < 2 {
        return Err(SfmError::TooFew);
    }
    let mut search = Search::new(photos, read, follow);
    let mut best: Option<Scene> = None;
    let mut failed = SfmError::TooFew;
    let ways: &[&[Kind]] = if photos > EACH_WITH_EACH { &WAYS_OF_MANY } else { &WAYS };
    for (way, &kinds) in ways.iter().enumerate() {
        let left = 0.5f32.powi(way as i32);
        let searched = search.of(kinds, [1.0 - left, 1.0 - 0.6 * left])?;
        if search.hopeful() < 2 {
            return best.ok_or(SfmError::NoPairs { photos });
        }
        follow.progress(Doing::Placing, 1.0 - 0.6 * left);
        match placed(&searched, follow) {
            Ok(solved) => {
                if best.as_ref().is_none_or(|best| solved.is_better_than(&best.solved)) {
                    let Searched { views, pairs } = searched;
                    best = Some(Scene { kinds: kinds.to_vec(), solved, views, pairs });
                }
            }
            Err(SfmError::Cancelled) => return Err(SfmError::Cancelled),
            Err(error) => failed = error,
        }
        let is_whole = |solved: &Solved| solved.is_sound() && solved.count() >= search.hopeful();
        if best.as_ref().is_some_and(|best| is_whole(&best.solved)) {
            break;
        }
    }
    best.ok_or(failed)
}

/// Solves for the photos that could be read.
fn placed(Searched { views, pairs }: &Searched, follow: &dyn Follow) -> Result<Solved, SfmError> {
    let there: Vec<usize> = (0..views.len()).filter(|&photo| views[photo].is_some()).collect();
    let number = |photo: usize| there.binary_search(&photo).unwrap_or_default();
    let renamed = |pair: &PairMatches| PairMatches { photos: pair.photos.map(number), matches: pair.matches.clone() };
    let pairs: Vec<PairMatches> = pairs.iter().map(renamed).collect();
    let list: Vec<SolverView> = views.iter().flatten().cloned().collect();
    let mut solved = solve(&list, &pairs, &|| follow.is_cancelled())?;
    let mut cameras = vec![None; views.len()];
    there.iter().zip(&solved.cameras).for_each(|(&photo, camera)| cameras[photo] = *camera);
    for one in solved.points.iter_mut().flat_map(|point| &mut point.seen) {
        one[0] = there[one[0] as usize] as u32;
    }
    solved.pairs.iter_mut().for_each(|pair| pair.photos = pair.photos.map(|photo| there[photo]));
    Ok(Solved { cameras, ..solved })
}
