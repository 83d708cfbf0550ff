//! Bringing a network's depth to metres by values that are known, when some of them are wrong.

use super::{Draws, percentiles, weighted_median};

/// A pixel whose true depth is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownDepth {
    /// What the network gave there: 1 ÷ depth, or its disparity.
    pub inverse: f64,
    /// True z-depth.
    pub metres: f64,
}

/// 1 ÷ metres = `scale` · inverse + `shift`, and how well that fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetreFit {
    pub scale: f64,
    pub shift: f64,
    /// Known values that could be used.
    pub values: usize,
    /// Of these, the ones whose depth comes out within [`AGREES`] of what is known.
    pub agreeing: usize,
    /// How far depth is off, as a part of what is known: the median of all values, and their 90th percentile.
    pub median_error: f64,
    pub high_error: f64,
}

/// Why known values say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum NoFit {
    #[error("none of the known values can be used")]
    NoValue,
    #[error("one known value tells no shift")]
    OneValue,
    #[error("all known values lie where the network sees the same disparity, which tells no shift")]
    OneDisparity,
    #[error("what is known to be far is what the network sees near")]
    Backwards,
    #[error("no scale that makes sense brings depth to the known values")]
    NoScale,
}

/// A known value agrees when depth comes out within this part of it.
pub const AGREES: f64 = 0.15;
/// Scales beyond these are a mistake of units.
const SCALES: [f64; 2] = [1e-7, 1e7];
/// An error is not told larger than this: what comes to lie behind the camera has none.
const LARGEST_ERROR: f64 = 10.0;
/// Disparities from the 5th to the 95th percentile tell a shift when they differ by this part of the larger.
const LEAST_SPREAD: f64 = 0.02;
/// Standard deviation of a normal distribution in units of the median of its absolute values.
const DEVIATION_PER_MEDIAN: f64 = 1.4826;
/// Tukey's bound in standard deviations, see [`super::robust_similarity`].
const TUKEY: f64 = 3.0;
/// Least standard deviation, as a part of the depth: exact values must not divide by zero.
const LEAST_DEVIATION: f64 = 0.001;
const ROUNDS: usize = 30;
const TOLERANCE: f64 = 1e-9;
/// Lines through two values that are tried, and values that each is held against.
const TRIED: usize = 600;
const HELD_AGAINST: usize = 1000;

/// The scale alone, without a shift, that most of the values agree on. Values that are not finite or not above zero are
/// left out.
///
/// # Errors
/// Where no value can be used, or the scale makes no sense.
pub fn fit_scale(known: &[KnownDepth]) -> Result<MetreFit, NoFit> {
    let values = Values::new(known, |known| known.inverse > 0.0);
    let mut ratios: Vec<(f64, f64)> = values.0.iter().map(|v| (v.truth / v.inverse, 1.0)).collect();
    let middle = weighted_median(&mut ratios).ok_or(NoFit::NoValue)?;
    values.told(values.refined(Line { scale: middle, shift: 0.0 }, false))
}

/// Scale and shift that most of the values agree on.
///
/// Begins at the line through two values that leaves the least error for more than half of them, and goes on with weighted
/// least squares whose weights (Tukey's) leave gross errors without any. Errors are parts of the depth, so that near and
/// far count alike.
///
/// # Errors
/// Where the values do not tell both: see [`NoFit`].
pub fn fit_scale_and_shift(known: &[KnownDepth]) -> Result<MetreFit, NoFit> {
    let values = Values::new(known, |known| known.inverse >= 0.0);
    match values.0.len() {
        0 => return Err(NoFit::NoValue),
        1 => return Err(NoFit::OneValue),
        _ => {}
    }
    let spread = percentiles(values.0.iter().map(|v| v.inverse as f32), [5.0, 95.0]).ok_or(NoFit::NoValue)?;
    let [low, high] = spread.map(f64::from);
    if high - low <= LEAST_SPREAD * high {
        return Err(NoFit::OneDisparity);
    }
    values.told(values.refined(values.first_line().ok_or(NoFit::OneDisparity)?, true))
}

/// 1 ÷ metres over the network's inverse depth.
#[derive(Clone, Copy)]
struct Line {
    scale: f64,
    shift: f64,
}

impl Line {
    fn at(&self, inverse: f64) -> f64 {
        self.scale * inverse + self.shift
    }

    fn through(a: &Value, b: &Value) -> Option<Self> {
        let scale = (a.truth - b.truth) / (a.inverse - b.inverse);
        scale.is_finite().then_some(Self { scale, shift: a.truth - scale * a.inverse })
    }

    /// How far the depth of a value is off, as a part of it.
    fn error(&self, value: &Value) -> f64 {
        let told = self.at(value.inverse);
        if told > 0.0 { (value.truth / told - 1.0).abs().min(LARGEST_ERROR) } else { LARGEST_ERROR }
    }

    /// The same for least squares: linear in what is looked for.
    fn residual(&self, value: &Value) -> f64 {
        (self.at(value.inverse) - value.truth) / value.truth
    }
}

struct Value {
    inverse: f64,
    /// 1 ÷ metres.
    truth: f64,
}

struct Values(Vec<Value>);

impl Values {
    fn new(known: &[KnownDepth], is_usable: impl Fn(&KnownDepth) -> bool) -> Self {
        let is_finite = |known: &&KnownDepth| known.inverse.is_finite() && known.metres.is_finite();
        let usable = known.iter().filter(is_finite).filter(|known| known.metres > 0.0 && is_usable(known));
        Self(usable.map(|known| Value { inverse: known.inverse, truth: 1.0 / known.metres }).collect())
    }

    /// The best of many lines through two values.
    fn first_line(&self) -> Option<Line> {
        let values = &self.0;
        let step = values.len().div_ceil(HELD_AGAINST);
        let held: Vec<&Value> = values.iter().step_by(step).collect();
        // So many errors must be small: more than half, and with few values so many that two of them do not decide alone.
        let rank = ((held.len() + 3) / 2).min(held.len()) - 1;
        let score = |line: &Line| {
            let mut errors: Vec<f64> = held.iter().map(|value| line.error(value)).collect();
            *errors.select_nth_unstable_by(rank, f64::total_cmp).1
        };
        let pairs = held.len() * (held.len() - 1) / 2;
        let lines: Vec<Line> = if pairs <= TRIED {
            let others = |(i, a)| held.iter().skip(i + 1).filter_map(move |b| Line::through(a, b));
            held.iter().copied().enumerate().flat_map(others).collect()
        } else {
            let mut draws = Draws::new(1);
            let mut drawn = || values.get(draws.below(values.len()));
            (0..TRIED).filter_map(|_| Line::through(drawn()?, drawn()?)).collect()
        };
        let scored = lines.into_iter().map(|line| (score(&line), line));
        scored.min_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, line)| line)
    }

    /// Weighted least squares from a first line on.
    fn refined(&self, first: Line, has_shift: bool) -> Line {
        let (mut line, mut bound) = (first, f64::INFINITY);
        for _ in 0..ROUNDS {
            let residuals = self.0.iter().map(|value| (line.residual(value).abs(), 1.0));
            let mut small: Vec<(f64, f64)> = residuals.filter(|(residual, _)| *residual < bound).collect();
            let Some(median) = weighted_median(&mut small) else { return line };
            bound = TUKEY * (DEVIATION_PER_MEDIAN * median).max(LEAST_DEVIATION);
            let weight = |value: &Value| {
                let part = (line.residual(value).abs() / bound).min(1.0);
                (1.0 - part * part).powi(2) / (value.truth * value.truth)
            };
            let Some(next) = self.least_squares(weight, has_shift) else { return line };
            let change = self.0.iter().map(|v| (next.at(v.inverse) - line.at(v.inverse)).abs() / v.truth);
            let is_still = change.fold(0.0, f64::max) < TOLERANCE;
            line = next;
            if is_still {
                break;
            }
        }
        line
    }

    fn least_squares(&self, weight: impl Fn(&Value) -> f64, has_shift: bool) -> Option<Line> {
        let weighted = || self.0.iter().map(|value| (weight(value), value));
        let total: f64 = weighted().map(|(w, _)| w).sum();
        let mean = |of: fn(&Value) -> f64| weighted().map(|(w, value)| w * of(value)).sum::<f64>() / total;
        let [x, y] = if has_shift { [mean(|v| v.inverse), mean(|v| v.truth)] } else { [0.0; 2] };
        let product: f64 = weighted().map(|(w, v)| w * (v.inverse - x) * (v.truth - y)).sum();
        let square: f64 = weighted().map(|(w, v)| w * (v.inverse - x).powi(2)).sum();
        let scale = product / square;
        let line = Line { scale, shift: y - scale * x };
        (line.scale.is_finite() && line.shift.is_finite()).then_some(line)
    }

    fn told(&self, Line { scale, shift }: Line) -> Result<MetreFit, NoFit> {
        if scale <= 0.0 {
            return Err(NoFit::Backwards);
        }
        if !(SCALES[0]..=SCALES[1]).contains(&scale) {
            return Err(NoFit::NoScale);
        }
        let errors: Vec<f64> = self.0.iter().map(|value| Line { scale, shift }.error(value)).collect();
        let agreeing = errors.iter().filter(|error| **error <= AGREES).count();
        let [median, high] =
            percentiles(errors.iter().map(|error| *error as f32), [50.0, 90.0]).ok_or(NoFit::NoValue)?;
        let values = self.0.len();
        let (median_error, high_error) = (f64::from(median), f64::from(high));
        Ok(MetreFit { scale, shift, values, agreeing, median_error, high_error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(inverse: f64, metres: f64) -> KnownDepth {
        KnownDepth { inverse, metres }
    }

    /// Disparities from 0.1 to 6 and their depth by 1 ÷ metres = 0.4 · disparity + 0.05.
    fn exact(count: usize) -> Vec<KnownDepth> {
        let disparity = |i| 0.1 + 5.9 * i as f64 / (count - 1) as f64;
        (0..count).map(|i| known(disparity(i), 1.0 / (0.4 * disparity(i) + 0.05))).collect()
    }

    #[track_caller]
    fn is_near(fit: &MetreFit, scale: f64, shift: f64, tolerance: f64) {
        assert!((fit.scale / scale - 1.0).abs() < tolerance && (fit.shift - shift).abs() < tolerance, "{fit:?}");
    }

    #[test]
    fn two_values_are_enough_for_scale_and_shift_and_one_for_a_scale() {
        let two = [known(4.0, 0.5), known(1.0, 1.6)];
        let fit = fit_scale_and_shift(&two).expect("a fit");
        is_near(&fit, 1.375 / 3.0, 0.625 - 1.375 / 3.0, 1e-9);
        assert_eq!((fit.values, fit.agreeing), (2, 2));
        assert!(fit.median_error < 1e-6 && fit.high_error < 1e-6);
        // A depth of 2 that is 5 m: depth is to be multiplied by 2.5.
        let one = fit_scale(&[known(0.5, 5.0)]).expect("a fit");
        assert!((1.0 / one.scale - 2.5).abs() < 1e-12 && one.shift == 0.0, "{one:?}");
    }

    #[test]
    fn what_is_grossly_wrong_has_no_say() {
        for count in [5, 12, 2000] {
            let mut values = exact(count);
            // Four of ten say 0.3 m to 60 m whatever the network sees.
            for (i, value) in values.iter_mut().enumerate().filter(|(i, _)| i % 5 == 2 || i % 10 == 4) {
                value.metres = 0.3 * 200f64.powf((i * 37 % 101) as f64 / 100.0);
            }
            let fit = fit_scale_and_shift(&values).expect("a fit");
            is_near(&fit, 0.4, 0.05, 1e-6);
            assert!(fit.agreeing < count && 2 * fit.agreeing > count, "{fit:?}");
        }
        let mut lengths = vec![known(1.0, 2.0), known(0.5, 4.04), known(0.25, 7.96)];
        lengths.push(known(1.0, 9.0));
        let fit = fit_scale(&lengths).expect("a fit");
        assert!((1.0 / fit.scale - 2.0).abs() < 0.02 && fit.agreeing == 3, "{fit:?}");
    }

    #[test]
    fn errors_are_parts_of_the_depth() {
        // Ten of twenty values are 10 % too far, ten 10 % too near; two more are twice as far.
        let mut values: Vec<KnownDepth> = (0..20)
            .map(|i| known(1.0 / f64::from(i + 1), f64::from(i + 1) * if i % 2 == 0 { 1.1 } else { 0.9 }))
            .collect();
        values.extend([known(0.5, 4.0), known(0.1, 20.0)]);
        let fit = fit_scale(&values).expect("a fit");
        assert!(
            (fit.scale - 1.0).abs() < 0.02
                && (fit.median_error - 0.1).abs() < 0.03
                && fit.agreeing == 20
                && fit.values == 22,
            "{fit:?}"
        );
        let scattered: Vec<KnownDepth> = (0..40).map(|i| known(1.0, 1.2f64.powi(i))).collect();
        let fit = fit_scale(&scattered).expect("a fit");
        assert!(fit.median_error > 0.5 && fit.agreeing < 5, "{fit:?}");
    }

    #[test]
    fn what_tells_nothing_is_refused_in_words() {
        assert_eq!(fit_scale(&[]), Err(NoFit::NoValue));
        assert_eq!(fit_scale_and_shift(&[]), Err(NoFit::NoValue));
        assert_eq!(fit_scale_and_shift(&[known(1.0, 2.0)]), Err(NoFit::OneValue));
        let wall: Vec<KnownDepth> = (0..50).map(|i| known(2.0 + 1e-4 * f64::from(i), 3.0)).collect();
        assert_eq!(fit_scale_and_shift(&wall), Err(NoFit::OneDisparity));
        assert_eq!(fit_scale_and_shift(&[known(1.0, 2.0), known(4.0, 8.0), known(2.0, 4.0)]), Err(NoFit::Backwards));
        let hostile = [f64::NAN, f64::INFINITY, -1.0, 0.0];
        let unusable: Vec<KnownDepth> = hostile
            .into_iter()
            .flat_map(|bad| [known(1.0, bad), known(bad, if bad == 0.0 { bad } else { 1.0 })])
            .collect();
        assert_eq!(fit_scale_and_shift(&unusable), Err(NoFit::NoValue));
        assert_eq!(fit_scale(&unusable), Err(NoFit::NoValue));
        assert_eq!(fit_scale(&[known(1e-12, 1e-9)]), Err(NoFit::NoScale));
        let mut mixed = exact(30);
        mixed.extend(unusable);
        let fit = fit_scale_and_shift(&mixed).expect("a fit");
        is_near(&fit, 0.4, 0.05, 1e-9);
        assert_eq!(fit.values, 30);
    }
}
