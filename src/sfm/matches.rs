//! What pairs of photos have in common, for whoever wants to see why one was left out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{PairMatches, Scene};
use crate::inference::{Match, MatchedPair, ViewPrediction};

/// So many matches of a pair are shown, of those that fit and of the others: more would hide each other.
const SHOWN: usize = 150;

/// The pairs that have matches, in the order of the photos.
pub(super) fn matches(views: &[Arc<ViewPrediction>], scene: &Scene) -> Vec<MatchedPair> {
    let fitting: BTreeMap<[usize; 2], &PairMatches> =
        scene.solved.pairs.iter().map(|pair| (pair.photos, pair)).collect();
    let of_pair = |pair: &PairMatches| {
        let fitting: BTreeSet<[u32; 2]> =
            fitting.get(&pair.photos).map(|pair| pair.matches.iter().copied().collect()).unwrap_or_default();
        let (fit, stray): (Vec<[u32; 2]>, Vec<[u32; 2]>) =
            pair.matches.iter().partition(|keypoints| fitting.contains(*keypoints));
        let place = |photo: usize, keypoint: u32| {
            let ([x, y], size) = (scene.keypoint([photo as u32, keypoint])?, scene.views[photo].as_ref()?.size);
            Some([(x + 0.5) / size[0] as f32, (y + 0.5) / size[1] as f32])
        };
        let shown = |keypoints: &[u32; 2], fits: bool| {
            let [a, b] = pair.photos;
            Some(Match { places: [place(a, keypoints[0])?, place(b, keypoints[1])?], fits })
        };
        let of = |all: &[[u32; 2]], fits: bool| -> Vec<Match> {
            let step = all.len().div_ceil(SHOWN).max(1);
            all.iter().step_by(step).filter_map(|keypoints| shown(keypoints, fits)).collect()
        };
        MatchedPair {
            photos: pair.photos.map(|photo| views[photo].view),
            matched: pair.matches.len(),
            fitting: fit.len(),
            shown: [of(&stray, false), of(&fit, true)].concat(),
        }
    };
    scene.pairs.iter().filter(|pair| !pair.matches.is_empty()).map(of_pair).collect()
}
