//! Points of photos and what is the same in two of them, by one kind of points.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::candidates::{EACH_WITH_EACH, Overlaps, each_with_each};
use super::{Doing, Follow, Kind, PairMatches, SfmError, Shot, SolverView};
use crate::matching::{ClassicalFeatures, Detector, FeatureSettings, Features, Matcher, MatchingError, telling};
use crate::model::{ModelError, Step, Watch};

/// Photos that are read and searched at once; each takes some hundred megabytes while it is.
const AT_ONCE: usize = 4;

/// What matching takes once: points of all kinds, and the two networks with what they work on.
const BYTES: u64 = 120 << 20;
/// And for each pixel of the photos that are searched side by side.
const PIXEL_BYTES: u64 = 14;

/// Memory that matching photos of these sizes takes at most, in bytes (docs/cameras.md).
pub fn matching_bytes(photos: impl Iterator<Item = [u32; 2]>) -> u64 {
    let largest = photos.map(|[width, height]| u64::from(width) * u64::from(height)).max().unwrap_or(0);
    BYTES + AT_ONCE.min(rayon::current_num_threads()) as u64 * largest * PIXEL_BYTES
}

/// Classical points of all photos together: with their number grows that of the pairs, and with both the time.
const POINTS: usize = 80_000;
/// Of one photo they are so many at least, and at most.
const OF_PHOTO: [usize; 2] = [4000, 16_000];

/// How many classical points of each of so many photos are looked at.
fn points_of_each(photos: usize) -> usize {
    (POINTS / photos.max(1)).clamp(OF_PHOTO[0], OF_PHOTO[1])
}

/// What was found of one kind.
pub(super) struct Searched {
    /// By photo; `None` where it could not be read.
    pub views: Vec<Option<SolverView>>,
    pub pairs: Vec<PairMatches>,
}

/// By photo, `None` where it could not be read: what the solver sees, and the points themselves.
type Looked = (Vec<Option<SolverView>>, Vec<Option<Found>>);

/// Looks through photos for kinds of points, each kind once.
pub(super) struct Search<'a> {
    photos: usize,
    read: &'a (dyn Fn(usize) -> Option<Shot> + Sync),
    follow: &'a dyn Follow,
    searched: Vec<(Kind, Searched)>,
    /// Once it is known: which photos show the same things.
    overlaps: Option<Overlaps>,
    /// From where to where of all the work what is looked for now goes.
    span: [f32; 2],
}

impl<'a> Search<'a> {
    pub fn new(photos: usize, read: &'a (dyn Fn(usize) -> Option<Shot> + Sync), follow: &'a dyn Follow) -> Self {
        Self { photos, read, follow, searched: Vec::new(), overlaps: None, span: [0.0, 1.0] }
    }

    /// How many photos may come to one scene, as far as that is known.
    pub fn hopeful(&self) -> usize {
        let readable = self.searched.first().map_or(self.photos, |(_, found)| found.views.iter().flatten().count());
        self.overlaps.as_ref().map_or(readable, |overlaps| overlaps.group().len())
    }

    /// Points of these kinds and their matches, as if they were of one kind. `span`: from where to where of all the work that goes.
    pub fn of(&mut self, kinds: &[Kind], span: [f32; 2]) -> Result<Searched, SfmError> {
        self.span = span;
        // Learned points tell which pairs are worth a look, where looking at each is too long. Matching them takes longer than finding
        // them, and is seldom needed.
        if self.photos > EACH_WITH_EACH && self.overlaps.is_none() {
            let (_, found) = self.look(Kind::Learned, &Finder::of(Kind::Learned)?)?;
            self.overlaps = Some(Overlaps::of(&telling_of(&found)));
        }
        kinds.iter().try_for_each(|&kind| self.search(kind))?;
        let of_kind = |kind: &Kind| self.searched.iter().find(|(searched, _)| searched == kind).map(|(_, found)| found);
        Ok(joined(&kinds.iter().filter_map(of_kind).collect::<Vec<_>>()))
    }

    fn search(&mut self, kind: Kind) -> Result<(), SfmError> {
        if self.searched.iter().any(|(searched, _)| *searched == kind) {
            return Ok(());
        }
        let finder = Finder::of(kind)?;
        let (views, found) = self.look(kind, &finder)?;
        if kind == Kind::Learned && self.overlaps.is_none() {
            self.overlaps = Some(Overlaps::of(&telling_of(&found)));
        }
        let pairs = match &self.overlaps {
            Some(overlaps) => overlaps.pairs(),
            None => each_with_each(self.photos),
        };
        let pairs = self.matched(kind, &finder, &found, &pairs)?;
        self.searched.push((kind, Searched { views, pairs }));
        Ok(())
    }

    fn tell(&self, kind: Kind, done: f32) {
        let [from, to] = self.span;
        self.follow.progress(Doing::Matching(kind), from + (to - from) * done);
    }

    /// The points of all photos.
    fn look(&self, kind: Kind, finder: &Finder) -> Result<Looked, SfmError> {
        let look = |&photo: &usize| {
            if self.follow.is_cancelled() {
                return Err(SfmError::Cancelled);
            }
            let Some(shot) = (self.read)(photo) else { return Ok(None) };
            let found = finder.find(&shot, points_of_each(self.photos), &Asks(self.follow))?;
            let (size, lens, keypoints) = (shot.picture.dimensions().into(), shot.lens, found.keypoints().to_vec());
            Ok(Some((SolverView { size, lens, keypoints }, found)))
        };
        let places: Vec<usize> = (0..self.photos).collect();
        let mut looked: Vec<Option<(SolverView, Found)>> = Vec::with_capacity(self.photos);
        for some in places.chunks(AT_ONCE) {
            let part: Vec<_> = some.par_iter().map(look).collect();
            looked.extend(part.into_iter().collect::<Result<Vec<_>, _>>()?);
            self.tell(kind, 0.5 * looked.len() as f32 / self.photos as f32);
        }
        Ok(looked.into_iter().map(Option::unzip).unzip())
    }

    fn matched(
        &self,
        kind: Kind,
        finder: &Finder,
        found: &[Option<Found>],
        all: &[[usize; 2]],
    ) -> Result<Vec<PairMatches>, SfmError> {
        let mut pairs = Vec::with_capacity(all.len());
        for some in all.chunks(16) {
            let between = |&photos: &[usize; 2]| -> Result<Option<PairMatches>, SfmError> {
                if self.follow.is_cancelled() {
                    return Err(SfmError::Cancelled);
                }
                let [Some(a), Some(b)] = photos.map(|photo| found[photo].as_ref()) else { return Ok(None) };
                Ok(Some(PairMatches { photos, matches: finder.matches(a, b, &Asks(self.follow))? }))
            };
            // The network works on all processors by itself.
            let part: Result<Vec<_>, _> = match finder {
                Finder::Learned(_) => some.iter().map(between).collect(),
                Finder::Classical(_) => some.par_iter().map(between).collect(),
            };
            pairs.extend(part?.into_iter().flatten());
            self.tell(kind, 0.5 + 0.5 * pairs.len() as f32 / all.len() as f32);
        }
        Ok(pairs)
    }
}

/// By photo: the learned points that tell what it shows.
fn telling_of(found: &[Option<Found>]) -> Vec<Option<Features>> {
    found.iter().map(|found| found.as_ref()?.learned().map(telling)).collect()
}

/// Points of several kinds as if they were of one: those of the second kind come after those of the first, and so on.
fn joined(all: &[&Searched]) -> Searched {
    let mut views: Vec<Option<SolverView>> = Vec::new();
    let mut pairs: BTreeMap<[usize; 2], Vec<[u32; 2]>> = BTreeMap::new();
    for searched in all {
        let before = |photo: usize| {
            views.get(photo).and_then(Option::as_ref).map_or(0, |view: &SolverView| view.keypoints.len() as u32)
        };
        for pair in &searched.pairs {
            let [first, second] = pair.photos.map(before);
            pairs.entry(pair.photos).or_default().extend(pair.matches.iter().map(|[i, j]| [i + first, j + second]));
        }
        if views.is_empty() {
            views.clone_from(&searched.views);
            continue;
        }
        for (view, more) in views.iter_mut().zip(&searched.views) {
            if let (Some(view), Some(more)) = (view, more) {
                view.keypoints.extend(&more.keypoints);
            }
        }
    }
    Searched { views, pairs: pairs.into_iter().map(|(photos, matches)| PairMatches { photos, matches }).collect() }
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

    fn learned(&self) -> Option<&Features> {
        match self {
            Self::Classical(_) => None,
            Self::Learned(found) => Some(found),
        }
    }
}

/// What finds points and matches them.
enum Finder {
    Classical(Detector),
    Learned(Box<Matcher>),
}

impl Finder {
    fn of(kind: Kind) -> Result<Self, SfmError> {
        Ok(match kind {
            Kind::Laplacian => Self::Classical(Detector::Laplacian),
            Kind::Sift => Self::Classical(Detector::Sift),
            Kind::Learned => Self::Learned(Box::new(Matcher::built_in().map_err(failure)?)),
        })
    }

    fn find(&self, shot: &Shot, most: usize, asks: &Asks<'_>) -> Result<Found, SfmError> {
        let (picture, hidden) = (&shot.picture, shot.hidden.as_ref());
        match self {
            Self::Classical(detector) => {
                Ok(Found::Classical(Box::new(ClassicalFeatures::of(picture, hidden, *detector, most))))
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
