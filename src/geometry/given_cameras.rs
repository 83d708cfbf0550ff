//! How predicted cameras relate to cameras that were known before (specification §5.8, decisions of §10).

use glam::DVec3;
use nalgebra::Matrix3;

use super::alignment::{centre, to_vector};
use super::draws::Draws;
use super::{Rigid, Similarity, median, umeyama};

/// From this many cameras on, some of them may be wrong without spoiling the rest.
const ROBUST_FROM: usize = 10;
/// Random subsets that are tried.
const SUBSETS: usize = 100;
const SEED: u64 = 42;
/// Part of the coordinates up to which differences are rounding: extrinsics come in single precision.
const NOISE: f64 = 1e-5;

/// From this many cameras on, one can be told from the rest: four are left that have to agree.
const OUTLIERS_FROM: usize = 5;
/// A camera is far off where it is so many times farther from its place than the others…
const TIMES_OTHERS: f64 = 4.0;
/// …and than this part of how far the others lie from their middle.
const PART_OF_SPREAD: f64 = 0.5;

/// What the centres of given and predicted cameras say about each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GivenAlignment {
    /// Predicted lengths divided by given ones.
    pub scale: f64,
    /// Carries the given world onto the predicted one; `None` where the centres determine no rotation, because there are two
    /// or all lie on a line.
    pub similarity: Option<Similarity>,
}

/// Compares cameras by their centres. `None` where these say nothing, not even a scale: one camera, or all at one place.
pub fn align_given(given: &[Rigid], predicted: &[Rigid]) -> Option<GivenAlignment> {
    let centres = |cameras: &[Rigid]| -> Vec<DVec3> { cameras.iter().map(centre).collect() };
    let (given, predicted) = (centres(given), centres(predicted));
    let shapes = [shape(&given)?, shape(&predicted)?];
    let similarity = match given.len() {
        _ if shapes.contains(&Shape::Line) => None,
        ROBUST_FROM.. => robust(&given, &predicted),
        _ => umeyama(&given, &predicted),
    };
    let scale = similarity.map_or_else(|| ratio_of_spreads(&given, &predicted), |found| found.scale);
    let is_usable = scale.is_finite() && scale > 0.0 && similarity.is_none_or(|found| found.is_finite());
    is_usable.then_some(GivenAlignment { scale, similarity })
}

/// Places of given cameras that lie far from where all the others say, in the order of the list.
pub fn wild_cameras(given: &[Rigid], predicted: &[Rigid]) -> Vec<usize> {
    let centres = |cameras: &[Rigid]| -> Vec<DVec3> { cameras.iter().map(centre).collect() };
    let (given, predicted) = (centres(given), centres(predicted));
    let mut wild = match given.len() {
        ROBUST_FROM.. => robust(&given, &predicted).map_or_else(Vec::new, |fit| far_off(&fit, &given, &predicted)),
        _ => left_out_one_by_one(&given, &predicted),
    };
    wild.sort_unstable();
    wild
}

/// Cameras that a fit to the rest puts far from where they are predicted.
fn far_off(fit: &Similarity, given: &[DVec3], predicted: &[DVec3]) -> Vec<usize> {
    let errors: Vec<f64> = given.iter().zip(predicted).map(|(&at, right)| fit.apply(at).distance(*right)).collect();
    let all: Vec<usize> = (0..given.len()).collect();
    let limit =
        (TIMES_OTHERS * median(errors.iter().copied()).unwrap_or(0.0)).max(PART_OF_SPREAD * spread(&all, predicted));
    all.into_iter().filter(|&place| errors[place] > limit).collect()
}

/// Of few cameras those without which the others agree several times better, the worst first, as long as enough are left.
fn left_out_one_by_one(given: &[DVec3], predicted: &[DVec3]) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..given.len()).collect();
    let mut outliers = Vec::new();
    while kept.len() >= OUTLIERS_FROM {
        let Some(all) = fit_to(&kept, given, predicted).map(|fit| rms(&fit, &kept, given, predicted)) else { break };
        let without = |&place: &usize| {
            let rest: Vec<usize> = kept.iter().copied().filter(|other| *other != place).collect();
            let fit = fit_to(&rest, given, predicted)?;
            let own = fit.apply(given[place]).distance(predicted[place]);
            Some((place, rms(&fit, &rest, given, predicted), own, spread(&rest, predicted)))
        };
        let worst = kept.iter().filter_map(without).min_by(|a, b| a.1.total_cmp(&b.1));
        match worst {
            Some((place, rest, own, spread)) if all > TIMES_OTHERS * rest && own > PART_OF_SPREAD * spread => {
                kept.retain(|other| *other != place);
                outliers.push(place);
            }
            _ => break,
        }
    }
    outliers
}

fn rms(fit: &Similarity, places: &[usize], given: &[DVec3], predicted: &[DVec3]) -> f64 {
    let squares = places.iter().map(|&place| fit.apply(given[place]).distance_squared(predicted[place]));
    (squares.sum::<f64>() / places.len().max(1) as f64).sqrt()
}

/// How far cameras lie from their mean, in the middle.
fn spread(places: &[usize], centres: &[DVec3]) -> f64 {
    let mean = places.iter().map(|&place| centres[place]).sum::<DVec3>() / places.len().max(1) as f64;
    median(places.iter().map(|&place| centres[place].distance(mean))).unwrap_or(0.0)
}

/// How centres lie.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Line,
    Spread,
}

/// `None` where all are at one place.
fn shape(points: &[DVec3]) -> Option<Shape> {
    let scatter = scatter(points);
    let mut spreads: Vec<f64> = scatter.symmetric_eigenvalues().iter().map(|value| value.max(0.0).sqrt()).collect();
    spreads.sort_unstable_by(f64::total_cmp);
    let farthest = points.iter().map(|point| point.length()).fold(0.0, f64::max);
    match spreads.as_slice() {
        [.., largest] if *largest <= NOISE * farthest => None,
        [_, middle, largest] if *middle <= NOISE * largest.max(farthest) => Some(Shape::Line),
        _ => Some(Shape::Spread),
    }
}

/// Sum of (x − mean)(x − mean)ᵀ.
fn scatter(points: &[DVec3]) -> Matrix3<f64> {
    let mean = points.iter().sum::<DVec3>() / points.len().max(1) as f64;
    points.iter().map(|&point| to_vector(point - mean)).map(|x| x * x.transpose()).sum()
}

/// What is left of a similarity without a rotation: for two cameras the ratio of their baselines.
fn ratio_of_spreads(given: &[DVec3], predicted: &[DVec3]) -> f64 {
    (scatter(predicted).trace() / scatter(given).trace()).sqrt()
}

/// A fit to the largest set of cameras that agree with a fit to a random half.
fn robust(given: &[DVec3], predicted: &[DVec3]) -> Option<Similarity> {
    let first = umeyama(given, predicted)?;
    let threshold = median_to_nearest(&first, given, predicted);
    let mut draws = Draws::new(SEED);
    let mut order: Vec<usize> = (0..given.len()).collect();
    let mut best: Option<(Vec<usize>, f64)> = None;
    for _ in 0..SUBSETS {
        let size = given.len().div_ceil(2).max(3);
        draws.choose(&mut order, size);
        let Some(fit) = fit_to(&order[..size], given, predicted) else { continue };
        let error = |&i: &usize| fit.apply(given[i]).distance(predicted[i]);
        let inliers: Vec<usize> = (0..given.len()).filter(|i| error(i) <= threshold).collect();
        let mean = inliers.iter().map(error).sum::<f64>() / inliers.len().max(1) as f64;
        let is_better = best
            .as_ref()
            .is_none_or(|(most, least)| inliers.len() > most.len() || inliers.len() == most.len() && mean < *least);
        if is_better {
            best = Some((inliers, mean));
        }
    }
    let inliers = best.map(|(inliers, _)| inliers).filter(|inliers| inliers.len() >= 3);
    inliers.and_then(|inliers| fit_to(&inliers, given, predicted)).or(Some(first))
}

fn fit_to(indices: &[usize], given: &[DVec3], predicted: &[DVec3]) -> Option<Similarity> {
    let of = |points: &[DVec3]| -> Vec<DVec3> { indices.iter().map(|&i| points[i]).collect() };
    umeyama(&of(given), &of(predicted))
}

/// How far carried centres are from the nearest predicted one, in the middle.
fn median_to_nearest(fit: &Similarity, given: &[DVec3], predicted: &[DVec3]) -> f64 {
    let nearest = |point: DVec3| predicted.iter().map(|other| point.distance(*other)).fold(f64::INFINITY, f64::min);
    let mut distances: Vec<f64> = given.iter().map(|&point| nearest(fit.apply(point))).collect();
    distances.sort_unstable_by(f64::total_cmp);
    let middle = distances.len() / 2;
    if distances.len() % 2 == 1 { distances[middle] } else { (distances[middle - 1] + distances[middle]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::Vec3;

    fn cameras(at: &[[f32; 3]], scale: f32) -> Vec<Rigid> {
        let place = |&at: &[f32; 3]| Vec3::from(at) * scale;
        at.iter().map(|at| Rigid::looking_at(place(at), Vec3::new(0.0, 0.0, 9.0), Vec3::Y)).collect()
    }

    #[test]
    fn two_cameras_give_the_ratio_of_their_baselines_and_no_rotation() {
        let pair = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.5]];
        let found = align_given(&cameras(&pair, 1.0), &cameras(&pair, 2.5)).expect("a scale");
        assert!((found.scale - 2.5).abs() < 1e-5 && found.similarity.is_none());
        let line = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [3.0, 0.0, 0.0]];
        let found = align_given(&cameras(&line, 2.0), &cameras(&line, 1.0)).expect("a scale");
        assert!((found.scale - 0.5).abs() < 1e-5 && found.similarity.is_none());
    }

    #[test]
    fn one_wild_camera_neither_stretches_the_others_nor_hides() {
        for count in [5, 7, 14] {
            let bow = |i: usize| {
                let angle = i as f32 * 0.3;
                [3.0 * angle.sin(), 0.5 * (i % 3) as f32, -3.0 * angle.cos()]
            };
            let places: Vec<[f32; 3]> = (0..count).map(bow).collect();
            let right = cameras(&places, 2.0);
            let mut wild = places.clone();
            wild[2] = [90.0, -40.0, 70.0];
            let given = cameras(&wild, 1.0);
            assert_eq!(wild_cameras(&given, &right), [2], "{count} cameras");
            let without = |cameras: &[Rigid]| [&cameras[..2], &cameras[3..]].concat();
            let found = align_given(&without(&given), &without(&right)).expect("a scale");
            assert!((found.scale - 2.0).abs() < 1e-3, "{count} cameras: {}", found.scale);
            assert!(wild_cameras(&cameras(&places, 1.0), &right).is_empty(), "{count} cameras");
        }
    }

    #[test]
    fn cameras_at_one_place_say_nothing() {
        assert_eq!(align_given(&cameras(&[[1.0; 3]], 1.0), &cameras(&[[1.0; 3]], 2.0)), None);
        let same = [[1.0, 2.0, 3.0]; 4];
        assert_eq!(align_given(&cameras(&same, 1.0), &cameras(&same, 1.0)), None);
    }
}
