//! A later pass comes into the frame and scale of an earlier one by the photos that both have seen.

mod shared;
#[cfg(test)]
mod tests;

use super::ViewPrediction;
use crate::geometry::{Match, RobustFit, Similarity, percentile, robust_similarity, weighted_median};
use shared::{Pair, Pixel, sure_pixels};

/// How a pass comes to lie in the scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alignment {
    /// Carries the world of the pass into that of the scene.
    pub similarity: Similarity,
    /// Median distance between where the pass and where the scene has what they agree on, as a part of its depth: 0.01 is
    /// 1 %.
    pub residual: f64,
    /// Share of the compared pixels, weighted by confidence, on which pass and scene agree, 0..1.
    pub inliers: f64,
    /// Number of pixels that were compared.
    pub matches: usize,
}

/// Why a pass cannot be brought into the scene.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Misfit {
    #[error("only {matches} pixels of the shared photos are sure in both passes, and {least} are needed")]
    TooFew { matches: usize, least: usize },
    #[error("what the shared photos show does not tell how the passes are turned against each other")]
    Degenerate,
    #[error(
        "the passes agree on only {agreed:.0} % of what the shared photos show, and {needed:.0} % are needed",
        agreed = inliers * 100.0,
        needed = least * 100.0
    )]
    Disagree { inliers: f64, least: f64 },
}

/// So many average noise of 2 % to 0.02 %: more would make it slower, not better.
const MOST_MATCHES: usize = 40_000;
/// So many average noise of 2 % to 0.2 %; fewer are a corner of a photo, which says little about the rest.
const LEAST_MATCHES: usize = 300;
/// Gross errors in a tenth of each pass, a third of the scene that moved and 2 % of noise leave 0.48. What does not belong
/// together can still look alike: photos of one table, taken three steps apart, reach 0.36.
const LEAST_INLIERS: f64 = 0.4;
/// Confidence has no upper limit; above this percentile all pixels count alike, so that no handful decides.
const SUREST_PERCENTILE: f32 = 90.0;
/// A smoothed pixel has moved when it is off by more than this many times the median, which is two standard deviations.
const STANDS_OUT: f64 = 3.0;
/// The median is taken to be at least this part of the depth: where all is exact, rounding has not moved anything.
const LEAST_RESIDUAL: f64 = 0.001;
/// Weight of all cameras together as a part of that of all pixels. Both cameras of a photo are one and the same; they hold
/// the rotation where the sure pixels cover little of the photo, or where one pass has bent the depth.
const CAMERAS: f64 = 0.3;

/// The similarity that brings a pass into the scene. Each pair is one photo: as the new pass sees it, and as it stands in
/// the scene.
///
/// Both are un-projected and fitted pixel to pixel, weighted by √(c₁·c₂) with confidences c from 0 on (specification
/// §8.3; 1 where the network gives none). Background, what is not finite, and pairs of different sizes are left out.
/// Takes about a tenth of a second; the same input gives the same bits.
///
/// # Errors
/// [`Misfit`] where the passes share too little or contradict each other.
pub fn align(shared: &[(&ViewPrediction, &ViewPrediction)]) -> Result<Alignment, Misfit> {
    let mut pairs: Vec<Pair> = shared.iter().filter_map(|(moving, reference)| Pair::new(moving, reference)).collect();
    let pixels = sure_pixels(&mut pairs, MOST_MATCHES);
    if pixels.len() < LEAST_MATCHES {
        return Err(Misfit::TooFew { matches: pixels.len(), least: LEAST_MATCHES });
    }
    let surest = percentile(pixels.iter().map(|pixel| pixel.weight as f32), SUREST_PERCENTILE);
    let surest = surest.map_or(f64::INFINITY, f64::from);
    let weight = |pixel: &Pixel| pixel.weight.min(surest);
    let median = |mut values: Vec<(f64, f64)>| weighted_median(&mut values);
    let scale = median(pixels.iter().map(|p| (p.ratio(), weight(p))).collect()).ok_or(Misfit::Degenerate)?;
    let depth = |pixel: &Pixel| pixel.middle() * scale.sqrt();
    let matched = |pixel: &Pixel, ratio: f64| {
        let [moving, reference] = pairs[pixel.pair].points(pixel.at, pixel.middle(), ratio);
        Match { moving, reference, depth: depth(pixel), weight: weight(pixel) }
    };

    // Noise hides what has moved by little from a single pixel, but not from many: what belongs together is found on
    // smoothed pixels. It is measured on pixels as they are, because a median leans towards its outliers.
    let raw: Vec<Match> = pixels.iter().map(|pixel| matched(pixel, pixel.ratio())).collect();
    let smoothed = pixels.iter().map(|pixel| {
        let around = pairs[pixel.pair].around(pixel.at).map(|near| (near.ratio(), weight(&near)));
        matched(pixel, median(around.collect()).unwrap_or(pixel.ratio()))
    });
    let smoothed: Vec<Match> = smoothed.collect();
    let middle = median(smoothed.iter().map(|m| (m.depth, m.weight)).collect()).ok_or(Misfit::Degenerate)?;
    let cameras: Vec<Match> = pairs
        .iter()
        .map(|pair| {
            let [moving, reference] = pair.centres();
            Match { moving, reference, depth: middle, weight: CAMERAS / pairs.len() as f64 }
        })
        .collect();
    let starts: Vec<Similarity> = pairs.iter().map(|pair| pair.similarity(scale)).collect();
    let rough = robust_similarity(&smoothed, &cameras, &starts).ok_or(Misfit::Degenerate)?;
    let bound = STANDS_OUT * rough.residual.max(LEAST_RESIDUAL);
    let stays = smoothed.iter().map(|smooth| smooth.residual(&rough.similarity) < bound);
    let still: Vec<Match> = raw.iter().zip(stays).filter(|(_, stays)| *stays).map(|(m, _)| *m).collect();
    let fine = robust_similarity(&still, &cameras, &[rough.similarity]).unwrap_or(rough);
    let RobustFit { similarity, residual, inliers } = RobustFit::new(fine.similarity, &raw);
    if inliers < LEAST_INLIERS {
        return Err(Misfit::Disagree { inliers, least: LEAST_INLIERS });
    }
    Ok(Alignment { similarity, residual, inliers, matches: pixels.len() })
}

/// Brings one view of a pass to where the scene has it: depth × scale, and its camera along with its world.
pub fn carry(view: &mut ViewPrediction, similarity: &Similarity) {
    view.depth.iter_mut().for_each(|depth| *depth = (f64::from(*depth) * similarity.scale) as f32);
    view.extras.scale(similarity.scale as f32);
    view.camera.camera_from_world = similarity.apply_to_camera(&view.camera.camera_from_world);
}
