//! From photos to cameras: points are found and matched in one way after the other, until all photos have a place.

use image::{GrayImage, RgbImage};
use rayon::prelude::*;

use super::{LensPrior, PairMatches, SfmError, Solved, SolverView, solve};
use crate::matching::{ClassicalFeatures, Detector, FeatureSettings, Features, Matcher, MatchingError};
use crate::model::{ModelError, Step, Watch};

/// Photos that are read and searched at once; each takes some hundred megabytes while it is.
const AT_ONCE: usize = 4;

/// A photo as it is shown.
pub struct Shot {
    pub picture: RgbImage,
    /// 255 where a pixel is not to be looked at.
    pub hidden: Option<GrayImage>,
    pub lens: LensPrior,
}

/// How points are found and matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Laplacian,
    Sift,
    /// XFeat and LighterGlue: also where classical descriptors differ too much, as from far apart.
    Learned,
}

impl Way {
    const ALL: [Self; 3] = [Self::Laplacian, Self::Sift, Self::Learned];

    pub fn name(self) -> &'static str {
        match self {
            Self::Laplacian => "Laplacian points",
            Self::Sift => "SIFT points",
            Self::Learned => "XFeat and LighterGlue",
        }
    }
}

/// Follows the work, from several threads.
pub trait Follow: Sync {
    fn is_cancelled(&self) -> bool;
    /// `done`: 0..=1 of this way.
    fn progress(&self, way: Way, done: f32);
}

/// What the best way came to.
pub struct Scene {
    pub way: Way,
    pub solved: Solved,
    /// By photo, with the keypoints that points are seen at; `None` where a photo could not be read.
    pub views: Vec<Option<SolverView>>,
}

/// Finds the cameras of photos. `read` gives a photo by its number below `photos`, `None` where it cannot be read, and may be asked
/// for it again.
///
/// Ways are tried in the order of [`Way::ALL`] until one places every photo; else the one that places most counts, of equals that
/// with the smallest residual.
///
/// # Errors
/// [`SfmError`] of the last way, where none gives a scene.
pub fn cameras_of(
    photos: usize,
    read: &(dyn Fn(usize) -> Option<Shot> + Sync),
    follow: &dyn Follow,
) -> Result<Scene, SfmError> {
    let mut best: Option<Scene> = None;
    let mut failed = SfmError::TooFew;
    for way in Way::ALL {
        match by(way, photos, read, follow) {
            Ok(scene) => {
                if best.as_ref().is_none_or(|best| scene.solved.is_better_than(&best.solved)) {
                    best = Some(scene);
                }
            }
            Err(SfmError::Cancelled) => return Err(SfmError::Cancelled),
            Err(error) => failed = error,
        }
        let is_complete = |scene: &Scene| scene.solved.count() == scene.views.iter().flatten().count();
        if best.as_ref().is_some_and(is_complete) {
            break;
        }
    }
    best.ok_or(failed)
}

/// The points of one photo.
enum Found {
    Classical(Box<ClassicalFeatures>),
    Learned(Features),
}

impl Found {
    fn keypoints(&self) -> &[[f32; 2]] {
        match self {
            Self::Classical(found) => &found.keypoints,
            Self::Learned(found) => &found.keypoints,
        }
    }
}

/// What finds points and matches them.
enum Finder {
    Classical(Detector),
    Learned(Box<Matcher>),
}

impl Finder {
    fn of(way: Way) -> Result<Self, SfmError> {
        Ok(match way {
            Way::Laplacian => Self::Classical(Detector::Laplacian),
            Way::Sift => Self::Classical(Detector::Sift),
            Way::Learned => Self::Learned(Box::new(Matcher::built_in().map_err(failure)?)),
        })
    }

    fn find(&self, shot: &Shot, asks: &Asks<'_>) -> Result<Found, SfmError> {
        let (picture, hidden) = (&shot.picture, shot.hidden.as_ref());
        match self {
            Self::Classical(detector) => {
                Ok(Found::Classical(Box::new(ClassicalFeatures::of(picture, hidden, *detector))))
            }
            Self::Learned(matcher) => match matcher.features(picture, hidden, FeatureSettings::default(), asks) {
                Ok(found) => Ok(Found::Learned(found)),
                // A photo in which nothing can be found is one without a place.
                Err(MatchingError::TooSmall { .. }) => Ok(Found::Learned(Features::default())),
                Err(error) => Err(failure(error)),
            },
        }
    }

    /// In ascending order.
    fn matches(&self, a: &Found, b: &Found, asks: &Asks<'_>) -> Result<Vec<[u32; 2]>, SfmError> {
        match (self, a, b) {
            (Self::Classical(_), Found::Classical(a), Found::Classical(b)) => Ok(a.matches(b)),
            (Self::Learned(matcher), Found::Learned(a), Found::Learned(b)) => learned(matcher, a, b, asks),
            _ => Ok(Vec::new()),
        }
    }
}

fn by(
    way: Way,
    photos: usize,
    read: &(dyn Fn(usize) -> Option<Shot> + Sync),
    follow: &dyn Follow,
) -> Result<Scene, SfmError> {
    let finder = Finder::of(way)?;
    let look = |photo: usize| {
        if follow.is_cancelled() {
            return Ok(None);
        }
        let Some(shot) = read(photo) else { return Ok(None) };
        let found = finder.find(&shot, &Asks(follow))?;
        let (size, lens, keypoints) = (shot.picture.dimensions().into(), shot.lens, found.keypoints().to_vec());
        Ok(Some((SolverView { size, lens, keypoints }, found)))
    };
    let places: Vec<usize> = (0..photos).collect();
    let mut looked: Vec<Option<(SolverView, Found)>> = Vec::with_capacity(photos);
    for some in places.chunks(AT_ONCE) {
        let part: Vec<_> = some.par_iter().map(|&photo| look(photo)).collect();
        looked.extend(part.into_iter().collect::<Result<Vec<_>, _>>()?);
        follow.progress(way, 0.4 * looked.len() as f32 / photos as f32);
    }
    if follow.is_cancelled() {
        return Err(SfmError::Cancelled);
    }
    let (views, found): (Vec<Option<SolverView>>, Vec<Option<Found>>) = looked.into_iter().map(Option::unzip).unzip();
    let pairs = matched(way, &finder, &found, follow)?;
    drop(found);
    // The solver counts the photos that could be read.
    let there: Vec<usize> = (0..photos).filter(|&photo| views[photo].is_some()).collect();
    let number = |photo: usize| there.binary_search(&photo).unwrap_or_default();
    let pairs: Vec<PairMatches> =
        pairs.into_iter().map(|pair| PairMatches { photos: pair.photos.map(number), ..pair }).collect();
    let list: Vec<SolverView> = views.iter().flatten().cloned().collect();
    let mut solved = solve(&list, &pairs, &|| follow.is_cancelled())?;
    let mut cameras = vec![None; photos];
    there.iter().zip(&solved.cameras).for_each(|(&photo, camera)| cameras[photo] = *camera);
    for one in solved.points.iter_mut().flat_map(|point| &mut point.seen) {
        one[0] = there[one[0] as usize] as u32;
    }
    follow.progress(way, 1.0);
    Ok(Scene { way, solved: Solved { cameras, ..solved }, views })
}

/// Every photo with every other.
fn matched(
    way: Way,
    finder: &Finder,
    found: &[Option<Found>],
    follow: &dyn Follow,
) -> Result<Vec<PairMatches>, SfmError> {
    let all: Vec<[usize; 2]> = (0..found.len()).flat_map(|a| (a + 1..found.len()).map(move |b| [a, b])).collect();
    let mut pairs = Vec::with_capacity(all.len());
    for some in all.chunks(16) {
        let between = |&photos: &[usize; 2]| -> Result<Option<PairMatches>, SfmError> {
            if follow.is_cancelled() {
                return Err(SfmError::Cancelled);
            }
            let [Some(a), Some(b)] = photos.map(|photo| found[photo].as_ref()) else { return Ok(None) };
            Ok(Some(PairMatches { photos, matches: finder.matches(a, b, &Asks(follow))? }))
        };
        // The network works on all processors by itself.
        let part: Result<Vec<_>, _> = match finder {
            Finder::Learned(_) => some.iter().map(between).collect(),
            Finder::Classical(_) => some.par_iter().map(between).collect(),
        };
        pairs.extend(part?.into_iter().flatten());
        follow.progress(way, 0.4 + 0.4 * pairs.len() as f32 / all.len() as f32);
    }
    Ok(pairs)
}

fn learned(matcher: &Matcher, a: &Features, b: &Features, asks: &Asks<'_>) -> Result<Vec<[u32; 2]>, SfmError> {
    if a.keypoints.is_empty() || b.keypoints.is_empty() {
        return Ok(Vec::new());
    }
    let found = matcher.matches(a, b, asks).map_err(failure)?;
    let mut pairs: Vec<[u32; 2]> = found.iter().map(|one| [one.a as u32, one.b as u32]).collect();
    pairs.sort_unstable();
    Ok(pairs)
}

fn failure(error: MatchingError) -> SfmError {
    match error {
        MatchingError::Model(ModelError::Cancelled) => SfmError::Cancelled,
        other => SfmError::Solver(other.to_string()),
    }
}

/// Stops the networks.
struct Asks<'a>(&'a dyn Follow);

impl Watch for Asks<'_> {
    fn step(&self, _step: Step) -> Result<(), ModelError> {
        if self.0.is_cancelled() { Err(ModelError::Cancelled) } else { Ok(()) }
    }
}
