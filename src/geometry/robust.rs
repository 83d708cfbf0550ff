//! Bringing points into the frame and scale of other points when some of them are wrong.

use glam::DVec3;
use nalgebra::Matrix3;

use super::alignment::{Similarity, nearest_rotation, to_vector};
use super::weighted_median;

/// The same spot in two worlds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    pub moving: DVec3,
    pub reference: DVec3,
    /// How far the spot is from the camera, in units of the reference, > 0: errors grow with that.
    pub depth: f64,
    /// How much it counts, > 0.
    pub weight: f64,
}

/// A similarity, and how well it fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RobustFit {
    /// Carries `moving` onto `reference`.
    pub similarity: Similarity,
    /// Median distance between the two spots of the matches that agree, as a part of their depth.
    pub residual: f64,
    /// Share of the weight whose matches agree, 0..1.
    pub inliers: f64,
}

/// A match agrees when its two spots come to lie within this part of their depth: two passes that see everything with 2 %
/// of noise agree on 9 of 10 pixels, and what does not agree can be seen as a double surface.
const AGREES: f64 = 0.05;
/// Matches nearer than this part of the middle depth count as if they were there, so that a few very near ones do not
/// outweigh all others.
const NEAREST: f64 = 0.5;
/// Standard deviation of a normal distribution in units of the median of its absolute values.
const DEVIATION_PER_MEDIAN: f64 = 1.4826;
/// Huber's bound in standard deviations.
const HUBER: f64 = 1.345;
/// Tukey's bound in standard deviations. The usual 4.685 gets more out of few matches; where there are plenty, a tighter
/// bound keeps out what has moved only a little.
const TUKEY: f64 = 3.0;
/// Least standard deviation, as a part of the depth: exact matches must not divide by zero.
const LEAST_DEVIATION: f64 = 0.001;
/// Re-weighted fits, and the change at which they stop (specification §8.3).
const HUBER_ROUNDS: usize = 5;
const TUKEY_ROUNDS: usize = 50;
const TOLERANCE: f64 = 1e-9;
/// Points lie on a line when their second direction has less than this part of the first one's covariance.
const LINE: f64 = 1e-9;

/// The similarity that carries `moving` onto `reference` for most of the weight, whatever the rest does.
///
/// Weighted fits with a symmetric scale, re-weighted with Huber's weights (specification §8.3) and then with Tukey's,
/// which leave gross errors without any weight. Residuals are parts of the depth and bounds come from their median, so
/// that no unit matters. It begins at the one of `starts` and the plain fit that has the least median residual.
///
/// `anchors` are few matches that say much, such as the centres of cameras; their weight is a part of that of all
/// matches together. They take part in fits and are left out like others where they do not fit, but they decide no
/// median and no share.
///
/// Matches that are not finite or have no weight are left out. `None` where the others do not determine a rotation:
/// fewer than three, or on a line.
pub fn robust_similarity(matches: &[Match], anchors: &[Match], starts: &[Similarity]) -> Option<RobustFit> {
    let cloud = Cloud::new(matches, anchors)?;
    let mut best = cloud.guess(cloud.fit(|_| 1.0)?);
    for start in starts.iter().filter(|start| start.is_finite() && start.scale > 0.0) {
        best = best.or_better(cloud.guess(*start));
    }
    best = best.or_better(cloud.huber(best)?);
    Some(RobustFit::new(cloud.tukey(best)?, &cloud.matches))
}

impl RobustFit {
    /// How well a similarity fits these matches. What is not finite does not agree.
    pub fn new(similarity: Similarity, matches: &[Match]) -> Self {
        let mut agreeing: Vec<(f64, f64)> =
            matches.iter().map(|m| (m.residual(&similarity), m.weight)).filter(|(r, _)| *r < AGREES).collect();
        let agreed: f64 = agreeing.iter().map(|(_, weight)| weight).sum();
        let total: f64 = matches.iter().map(|m| m.weight).sum();
        let residual = weighted_median(&mut agreeing).unwrap_or(AGREES);
        Self { similarity, residual, inliers: if total > 0.0 { agreed / total } else { 0.0 } }
    }
}

impl Match {
    /// Distance between its spots, once the moving one is carried, as a part of the depth.
    pub fn residual(&self, similarity: &Similarity) -> f64 {
        (self.reference - similarity.apply(self.moving)).length() / self.depth
    }

    fn is_usable(&self) -> bool {
        let finite = [self.moving, self.reference].iter().all(|point| point.is_finite());
        finite && [self.depth, self.weight].iter().all(|value| value.is_finite() && *value > 0.0)
    }
}

/// A similarity and the standard deviation of the residuals that it leaves.
#[derive(Clone, Copy)]
struct Guess {
    similarity: Similarity,
    deviation: f64,
}

impl Guess {
    fn or_better(self, other: Self) -> Self {
        if other.deviation < self.deviation { other } else { self }
    }
}

/// Usable matches and what fits need to know of them.
struct Cloud {
    matches: Vec<Match>,
    anchors: Vec<Match>,
    /// Middle depth.
    depth: f64,
    /// Middle of `moving`.
    centre: DVec3,
}

impl Cloud {
    fn new(matches: &[Match], anchors: &[Match]) -> Option<Self> {
        let usable = |all: &[Match]| all.iter().filter(|m| m.is_usable()).copied().collect::<Vec<_>>();
        let (matches, anchors) = (usable(matches), usable(anchors));
        let depth = weighted_median(&mut matches.iter().map(|m| (m.depth, m.weight)).collect::<Vec<_>>())?;
        let centre = matches.iter().map(|m| m.moving).sum::<DVec3>() / matches.len() as f64;
        (matches.len() >= 3).then_some(Self { matches, anchors, depth, centre })
    }

    /// Standard deviation from the median of the residuals below `bound`.
    fn deviation(&self, similarity: &Similarity, bound: f64) -> f64 {
        let residuals = self.matches.iter().map(|m| (m.residual(similarity), m.weight));
        let median = weighted_median(&mut residuals.filter(|(residual, _)| *residual < bound).collect::<Vec<_>>());
        (DEVIATION_PER_MEDIAN * median.unwrap_or(f64::INFINITY)).max(LEAST_DEVIATION)
    }

    fn guess(&self, similarity: Similarity) -> Guess {
        Guess { similarity, deviation: self.deviation(&similarity, f64::INFINITY) }
    }

    fn huber(&self, start: Guess) -> Option<Guess> {
        let mut now = start;
        for _ in 0..HUBER_ROUNDS {
            let bound = HUBER * now.deviation;
            let next = self.fit(|m| (bound / m.residual(&now.similarity)).min(1.0))?;
            let still = self.change(&now.similarity, &next) < TOLERANCE;
            now = self.guess(next);
            if still {
                break;
            }
        }
        Some(now)
    }

    /// After the first round the deviation is that of the matches that still count, so that the wrong ones, up to half
    /// of all, do not widen the bound.
    fn tukey(&self, start: Guess) -> Option<Similarity> {
        let Guess { mut similarity, mut deviation } = start;
        for _ in 0..TUKEY_ROUNDS {
            let bound = TUKEY * deviation;
            let next = self.fit(|m| {
                let part = (m.residual(&similarity) / bound).min(1.0);
                (1.0 - part * part).powi(2)
            })?;
            let still = self.change(&similarity, &next) < TOLERANCE;
            similarity = next;
            if still {
                break;
            }
            deviation = self.deviation(&similarity, bound);
        }
        Some(similarity)
    }

    /// How differently two similarities carry the cloud: scale, rotation, and its middle in units of the depth.
    fn change(&self, a: &Similarity, b: &Similarity) -> f64 {
        let turned = (a.rotation - b.rotation).to_cols_array().into_iter().map(f64::abs).fold(0.0, f64::max);
        let moved = (a.apply(self.centre) - b.apply(self.centre)).length() / self.depth;
        (a.scale / b.scale - 1.0).abs().max(turned).max(moved)
    }

    /// Umeyama's fit, each match weighted by its weight and its `trust`, except that the scale is
    /// √(Σw‖y−ȳ‖² ÷ Σw‖x−x̄‖²) (Horn 1987; specification §8.3): both sides have noise, and a least-squares scale would
    /// shrink with every step along a chain. Errors grow with depth, so weights fall with its square.
    fn fit(&self, trust: impl Fn(&Match) -> f64) -> Option<Similarity> {
        let at_depth = |m: &Match| (m.depth.max(NEAREST * self.depth) / self.depth).powi(2);
        let mut weights: Vec<f64> = self.matches.iter().map(|m| trust(m) * m.weight / at_depth(m)).collect();
        let total: f64 = weights.iter().sum();
        weights.extend(self.anchors.iter().map(|m| trust(m) * m.weight * total));
        let total: f64 = weights.iter().sum();
        let weighted = || self.matches.iter().chain(&self.anchors).zip(weights.iter().map(|w| w / total));
        let x_mean: DVec3 = weighted().map(|(m, w)| w * m.moving).sum();
        let y_mean: DVec3 = weighted().map(|(m, w)| w * m.reference).sum();
        let mut covariance = Matrix3::<f64>::zeros();
        let (mut x_variance, mut y_variance) = (0.0, 0.0);
        for (m, w) in weighted() {
            let (x, y) = (m.moving - x_mean, m.reference - y_mean);
            covariance += to_vector(w * y) * to_vector(x).transpose();
            x_variance += w * x.length_squared();
            y_variance += w * y.length_squared();
        }
        if !covariance.iter().all(|value| value.is_finite()) {
            return None;
        }
        let svd = covariance.svd(true, true);
        let (u, v_t) = (svd.u?, svd.v_t?);
        if svd.singular_values[1] <= LINE * svd.singular_values[0] {
            return None;
        }
        let (rotation, _) = nearest_rotation(&u, &v_t);
        let scale = (y_variance / x_variance).sqrt();
        let found = Similarity { scale, rotation, translation: y_mean - scale * (rotation * x_mean) };
        (found.is_finite() && scale > 0.0).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::DMat3;

    /// A number in -1..1 for each key (SplitMix64's mixing steps).
    fn hash(key: u64) -> f64 {
        let mut z = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    fn vector(key: u64) -> DVec3 {
        DVec3::new(hash(3 * key), hash(3 * key + 1), hash(3 * key + 2))
    }

    fn truth() -> Similarity {
        let rotation = DMat3::from_axis_angle(DVec3::new(1.0, 2.0, -0.5).normalize_or_zero(), 2.9);
        Similarity { scale: 7.5, rotation, translation: DVec3::new(30.0, -10.0, 5.0) }
    }

    /// Points up to 1 from the origin and 3 from the camera; `height` flattens them.
    fn matches(count: u64, height: f64) -> Vec<Match> {
        let point = |i| vector(i) * DVec3::new(1.0, 1.0, height);
        let matched = |moving| Match { moving, reference: truth().apply(moving), depth: 3.0 * 7.5, weight: 1.0 };
        (0..count).map(|i| matched(point(i))).collect()
    }

    #[track_caller]
    fn is_truth(found: &RobustFit, tolerance: f64) {
        let Similarity { scale, rotation, translation } = found.similarity;
        assert!((scale / truth().scale - 1.0).abs() < tolerance, "{found:?}");
        assert!(rotation.abs_diff_eq(truth().rotation, tolerance), "{found:?}");
        assert!((translation - truth().translation).length() < tolerance * 7.5, "{found:?}");
    }

    #[test]
    fn what_is_grossly_wrong_has_no_say() {
        let mut scattered = matches(1000, 1.0);
        for (i, m) in scattered.iter_mut().enumerate().filter(|(i, _)| i % 10 < 3) {
            m.reference += 40.0 * vector(i as u64 + 5000);
        }
        let found = robust_similarity(&scattered, &[], &[]).expect("a fit");
        is_truth(&found, 1e-9);
        assert!((0.70..0.74).contains(&found.inliers) && found.residual < 1e-9, "{found:?}");

        // Four tenths, all on one side, have moved together.
        let mut moved = matches(1000, 1.0);
        moved.sort_by(|a, b| a.moving.x.total_cmp(&b.moving.x));
        moved[600..].iter_mut().for_each(|m| m.reference += DVec3::new(2.0, 4.0, -3.0));
        is_truth(&robust_similarity(&moved, &[], &[truth()]).expect("a fit"), 1e-9);
    }

    #[test]
    fn a_plane_is_enough_and_a_line_is_not() {
        is_truth(&robust_similarity(&matches(500, 0.0), &[], &[]).expect("a fit"), 1e-9);
        let mut line = matches(500, 1.0);
        for m in &mut line {
            m.moving = DVec3::X * m.moving.x;
            m.reference = truth().apply(m.moving);
        }
        assert_eq!(robust_similarity(&line, &[], &[truth()]), None);
        assert_eq!(robust_similarity(&line[..2], &[], &[]), None);
        assert_eq!(robust_similarity(&[], &[], &[truth()]), None);
        let spot = Match { moving: DVec3::ONE, reference: DVec3::ONE, depth: 1.0, weight: 1.0 };
        assert_eq!(robust_similarity(&[spot; 9], &[], &[Similarity::IDENTITY]), None);
    }

    #[test]
    fn there_and_back_is_where_it_began() {
        let mut noisy = matches(5000, 0.3);
        for (i, m) in noisy.iter_mut().enumerate() {
            m.moving += 0.1 * vector(i as u64 + 10_000);
            m.reference += 0.75 * vector(i as u64 + 20_000);
        }
        let back = |m: &Match| Match { moving: m.reference, reference: m.moving, depth: m.depth / 7.5, ..*m };
        let there = robust_similarity(&noisy, &[], &[]).expect("a fit");
        let back = robust_similarity(&noisy.iter().map(back).collect::<Vec<_>>(), &[], &[]).expect("a fit");
        let still = back.similarity.after(&there.similarity);
        assert!((still.scale - 1.0).abs() < 1e-6 && still.translation.length() < 1e-5, "{still:?}");
        is_truth(&there, 0.01);
    }

    #[test]
    fn anchors_hold_what_little_points_leave_open() {
        let mut small = matches(400, 1.0);
        for (i, m) in small.iter_mut().enumerate() {
            m.moving *= 0.05;
            m.reference = truth().apply(m.moving + 0.05 * vector(i as u64 + 10_000));
        }
        let eye = DVec3::new(0.0, 0.0, -3.0);
        let anchor = |weight| Match { moving: eye, reference: truth().apply(eye), depth: 22.5, weight };
        let turn = |anchors: &[Match]| {
            let found = robust_similarity(&small, anchors, &[]).expect("a fit").similarity;
            (found.apply(eye) - truth().apply(eye)).length()
        };
        assert!(turn(&[anchor(0.3)]) < 0.1 * turn(&[]), "{} {}", turn(&[anchor(0.3)]), turn(&[]));
        // One that is far off is left out.
        let wrong = Match { reference: DVec3::splat(200.0), ..anchor(0.3) };
        is_truth(&robust_similarity(&matches(400, 1.0), &[wrong], &[truth()]).expect("a fit"), 1e-9);
    }

    #[test]
    fn hostile_matches_do_no_harm() {
        let good = matches(300, 1.0);
        let mut bad = good.clone();
        for value in [f64::NAN, f64::INFINITY, 0.0, -1.0] {
            bad.push(Match { weight: value, reference: DVec3::ZERO, ..good[0] });
            bad.push(Match { depth: value, reference: DVec3::ZERO, ..good[0] });
        }
        bad.push(Match { moving: DVec3::NAN, ..good[0] });
        bad.push(Match { reference: DVec3::INFINITY, ..good[0] });
        let nowhere = Similarity { scale: f64::NAN, ..truth() };
        let found = robust_similarity(&bad, &bad, &[nowhere, Similarity { scale: -1.0, ..truth() }]);
        assert!((found.expect("a fit").similarity.scale / 7.5 - 1.0).abs() < 0.01);
        assert_eq!(robust_similarity(&bad, &[], &[nowhere]), robust_similarity(&good, &[], &[]));

        let mirrored = |m: &Match| Match { reference: m.reference * DVec3::new(-1.0, 1.0, 1.0), ..*m };
        let mirrored: Vec<Match> = good.iter().map(mirrored).collect();
        let found = robust_similarity(&mirrored, &[], &[]).expect("a fit");
        assert!((found.similarity.rotation.determinant() - 1.0).abs() < 1e-9 && found.inliers < 0.5, "{found:?}");
        let huge: Vec<Match> = good.iter().map(|m| Match { moving: m.moving * 1e200, ..*m }).collect();
        let _ = robust_similarity(&huge, &[], &[]);
    }
}
