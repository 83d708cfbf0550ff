//! What is known of a lens before, and which photos share one.

use openmvg_core::{Camera, RadialDistortion, RunSeed, TangentialDistortion};
use rayon::prelude::*;

use super::pair::{explained, in_photos};
use super::{LensPrior, PairMatches, SfmError, SolverView};
use crate::geometry::Intrinsics;

/// Focal length of a usual lens, in parts of a photo's longer side: 45° across it, as between a telephone's and a normal one.
const USUAL_FOCAL: f32 = 1.2;

/// The lenses of some photos. Photos of one size of which the same is known share theirs: that holds for those of one camera, and
/// few photos say little of a lens by themselves.
pub(super) struct Lenses {
    pub cameras: Vec<Camera>,
    /// By photo, which of them.
    pub of: Vec<usize>,
    /// By lens.
    priors: Vec<LensPrior>,
}

/// Where the search for the focal length begins, in parts of a photo's longer side: from 80° across it to 26°.
const STARTS: [f32; 6] = [0.6, 0.75, 0.95, USUAL_FOCAL, 1.6, 2.2];
/// Pairs of photos that say which start is best: those with most matches.
const PAIRS: usize = 12;
/// Pixels of a photo whose longer side is 1600 that its matches may be off: a wrong lens bends rays by little more.
const OFF: f64 = 1.5;
/// Steps of the radial term of a lens whose focal length is known: two of them up and down, from where the one before came to.
const BENDS: [f64; 3] = [0.06, 0.02, 0.007];
/// A radial term pays where it explains so many times the matches of none,
const PAYS: f64 = 1.03;
/// and more of them by so many standard deviations of such a number: of few matches the best of many terms explains some more by chance.
const DEVIATIONS: f64 = 3.0;

impl Lenses {
    /// Whether each lens is taken as it is.
    pub fn are_known(&self) -> bool {
        (0..self.priors.len()).all(|lens| self.is_known(lens))
    }

    /// Whether a lens is taken as it is.
    pub fn is_known(&self, lens: usize) -> bool {
        matches!(self.priors[lens], LensPrior::Known(_))
    }

    pub fn new(views: &[SolverView]) -> Result<Self, SfmError> {
        let mut kinds: Vec<(LensPrior, [u32; 2])> = Vec::new();
        let mut of = Vec::with_capacity(views.len());
        for view in views {
            let kind = (view.lens, view.size);
            let place = kinds.iter().position(|other| *other == kind).unwrap_or_else(|| {
                kinds.push(kind);
                kinds.len() - 1
            });
            of.push(place);
        }
        let cameras = kinds.iter().map(|(lens, size)| start(lens, *size)).collect::<Result<_, _>>()?;
        let priors = kinds.into_iter().map(|(lens, _)| lens).collect();
        Ok(Self { cameras, of, priors })
    }

    /// Lets lenses begin where one rigid scene explains most matches of their photos: those of which nothing is known at one of
    /// several focal lengths, known ones with the radial term that explains clearly more than none does. `places` gives the matches
    /// of a pair in both photos.
    pub fn begin_well(
        &mut self,
        views: &[SolverView],
        pairs: &[PairMatches],
        places: impl Fn(&PairMatches) -> Vec<[[f32; 2]; 2]>,
        seed: RunSeed,
    ) {
        for lens in 0..self.cameras.len() {
            let is_of = |pair: &&PairMatches| pair.photos.iter().all(|&photo| self.of[photo] == lens);
            let mut strongest: Vec<&PairMatches> = pairs.iter().filter(is_of).collect();
            strongest.sort_by_key(|pair| std::cmp::Reverse(pair.matches.len()));
            strongest.truncate(PAIRS);
            let Some(size) = strongest.first().map(|pair| views[pair.photos[0]].size) else { continue };
            let strongest = Strongest::new(strongest.into_iter().map(&places).collect(), size, seed);
            let better = match self.priors[lens] {
                LensPrior::Unknown => strongest.usual(),
                LensPrior::Known(known) => strongest.bent(&known, &self.cameras[lens]),
                LensPrior::Likely(_) => None,
            };
            if let Some(camera) = better {
                self.cameras[lens] = camera;
            }
        }
    }
}

/// The pairs with most matches of photos that share a lens: they say what it can be.
struct Strongest {
    matches: Vec<Vec<[[f32; 2]; 2]>>,
    /// Of a photo.
    size: [u32; 2],
    /// Pixels that matches may be off.
    off: f64,
    seed: RunSeed,
}

impl Strongest {
    fn new(matches: Vec<Vec<[[f32; 2]; 2]>>, size: [u32; 2], seed: RunSeed) -> Self {
        let off = in_photos(OFF, &[size]);
        Self { matches, size, off, seed }
    }

    fn explains(&self, camera: &Camera) -> usize {
        self.matches.par_iter().map(|pair| explained(pair, camera, self.off, self.seed)).sum()
    }

    /// The camera that explains most, and how much.
    fn best(&self, cameras: impl Iterator<Item = Camera>) -> Option<(usize, Camera)> {
        cameras.map(|camera| (self.explains(&camera), camera)).max_by_key(|(explained, _)| *explained)
    }

    /// The best of usual focal lengths.
    fn usual(&self) -> Option<Camera> {
        let [width, height] = self.size;
        let focal = |part: &f32| part * width.max(height) as f32;
        let likely = |part: &f32| LensPrior::Likely(Intrinsics::centred(focal(part), width, height));
        let starts = STARTS.iter().filter_map(|part| start(&likely(part), self.size).ok());
        self.best(starts).map(|(_, camera)| camera)
    }

    /// A known lens with the radial term that explains clearly more than `straight`, which has none, if there is one.
    fn bent(&self, known: &Intrinsics, straight: &Camera) -> Option<Camera> {
        let straight = self.explains(straight);
        let (mut middle, mut better) = (0.0, None);
        for step in BENDS {
            let bends = [-2.0, -1.0, 0.0, 1.0, 2.0].map(|steps| middle + steps * step);
            let Some((explained, camera)) = self.best(bends.iter().filter_map(|k1| bent(known, *k1).ok())) else {
                break;
            };
            middle = solved(&camera).map_or(0.0, |(_, k1)| k1);
            if pays(straight, explained) {
                better = Some(camera);
            }
        }
        better
    }
}

/// Whether a radial term explains clearly more matches than none does.
fn pays(straight: usize, bent: usize) -> bool {
    let straight = straight as f64;
    bent as f64 > (PAYS * straight).max(straight + DEVIATIONS * straight.sqrt())
}

/// Where the solver begins: one radial term is free, unless the lens is known, and then none is there as yet.
fn start(lens: &LensPrior, [width, height]: [u32; 2]) -> Result<Camera, SfmError> {
    let usual = Intrinsics::centred(USUAL_FOCAL * width.max(height) as f32, width, height);
    let (is_known, Intrinsics { fx, fy, cx, cy }) = match lens {
        LensPrior::Known(lens) => (true, *lens),
        LensPrior::Likely(lens) => (false, *lens),
        LensPrior::Unknown => (false, usual),
    };
    if !is_known {
        return bent(&Intrinsics { fx, fy, cx, cy }, 0.0);
    }
    let [fx, fy, cx, cy] = [fx, fy, cx, cy].map(f64::from);
    Camera::try_pinhole(fx, fy, cx, cy).map_err(|error| SfmError::Solver(error.to_string()))
}

/// With one radial term.
pub(super) fn bent(lens: &Intrinsics, k1: f64) -> Result<Camera, SfmError> {
    let [fx, fy, cx, cy] = [lens.fx, lens.fy, lens.cx, lens.cy].map(f64::from);
    let (radial, tangential) = (RadialDistortion::K1(k1), TangentialDistortion::None);
    let camera = Camera::try_brown_conrady(fx, fy, cx, cy, radial, tangential);
    camera.map_err(|error| SfmError::Solver(error.to_string()))
}

/// A solved lens, and its first radial term (COLMAP's and OpenCV's k1).
pub(super) fn solved(camera: &Camera) -> Option<(Intrinsics, f64)> {
    let (pinhole, k1) = match camera {
        Camera::Pinhole(pinhole) => (pinhole, 0.0),
        Camera::BrownConrady(bent) => (bent.pinhole(), bent.radial_distortion().k1()),
        Camera::Fisheye(_) | Camera::Spherical(_) => return None,
    };
    let [fx, fy, cx, cy] = [pinhole.focal_x(), pinhole.focal_y(), pinhole.principal_x(), pinhole.principal_y()];
    let [fx, fy, cx, cy] = [fx, fy, cx, cy].map(|number| number as f32);
    Some((Intrinsics { fx, fy, cx, cy }, k1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_radial_term_is_no_matter_of_chance() {
        assert!(!pays(400, 430) && pays(400, 470), "of few matches");
        assert!(!pays(20_000, 20_500) && pays(20_000, 20_700), "of many");
    }

    #[test]
    fn photos_of_one_camera_share_its_lens() {
        let likely = LensPrior::Likely(Intrinsics::centred(500.0, 640, 480));
        let view = |size, lens| SolverView { size, lens, keypoints: Vec::new() };
        let views = [
            view([640, 480], likely),
            view([480, 640], likely),
            view([640, 480], LensPrior::Unknown),
            view([640, 480], likely),
        ];
        let lenses = Lenses::new(&views).expect("usual lenses");
        assert_eq!(lenses.of, [0, 1, 2, 0]);
        assert!(!lenses.are_known() && lenses.cameras.len() == 3);
        let (lens, k1) = solved(&lenses.cameras[2]).expect("a lens");
        assert_eq!((lens, k1), (Intrinsics::centred(768.0, 640, 480), 0.0));
        let known = LensPrior::Known(Intrinsics::centred(500.0, 640, 480));
        assert!(Lenses::new(&[view([640, 480], known)]).expect("a lens").are_known());
        let broken = LensPrior::Likely(Intrinsics::centred(f32::NAN, 640, 480));
        assert!(Lenses::new(&[view([640, 480], broken)]).is_err());
    }
}
