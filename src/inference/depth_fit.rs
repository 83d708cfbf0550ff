//! Depth in metres from depths that are known: what a fit says, and what it does to a view.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{DepthUnit, Prediction, ViewPrediction};
use crate::geometry::{AGREES, MetreFit, percentile, percentiles};

/// Fitted disparity up to this part of the view's largest is no surface but background, see
/// [`super::depth_from_disparity`]: nothing lies more than a hundred times as far away as what is nearest.
const BACKGROUND_DISPARITY: f64 = 0.01;
/// The largest disparity is this percentile.
const LARGEST_DISPARITY_PERCENTILE: f32 = 99.0;

/// A fit with a larger median error is a bad one.
const BAD_ERROR: f64 = 0.2;

/// How known depths brought a scene to metres, and how well they fit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DepthFit {
    pub by: Brought,
    /// Known depths that were used, and those of them that agree within 15 %.
    pub values: usize,
    pub agreeing: usize,
    /// How far depth is off, as a part of what is known: median and 90th percentile of all values.
    pub median_error: f64,
    pub p90_error: f64,
}

/// What was done to depth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Brought {
    /// Depth and the places of cameras were multiplied.
    Scale(f64),
    /// 1 ÷ metres = `scale` · disparity + `shift`; disparity as the network gave it.
    Disparity { scale: f64, shift: f64 },
}

impl DepthFit {
    /// Of a fit to disparity as the network gave it.
    pub(super) fn of_disparity(fit: &MetreFit) -> Self {
        Self::new(fit, Brought::Disparity { scale: fit.scale, shift: fit.shift })
    }

    /// Of a fit of a scale to 1 ÷ depth.
    pub fn of_depth(fit: &MetreFit) -> Self {
        Self::new(fit, Brought::Scale(1.0 / fit.scale))
    }

    fn new(fit: &MetreFit, by: Brought) -> Self {
        let MetreFit { values, agreeing, median_error, high_error, .. } = *fit;
        Self { by, values, agreeing, median_error, p90_error: high_error }
    }

    /// Whether it should not be believed without a look: off by more than a fifth in the middle, or fewer than half of the known
    /// depths agree.
    pub fn is_bad(&self) -> bool {
        self.median_error > BAD_ERROR || 2 * self.agreeing < self.values
    }

    /// Whether such a fit can be.
    pub fn is_sound(&self) -> bool {
        let numbers = match self.by {
            Brought::Scale(scale) => [scale, 0.0],
            Brought::Disparity { scale, shift } => [scale, shift],
        };
        let errors = [self.median_error, self.p90_error];
        numbers[0] > 0.0 && numbers.into_iter().chain(errors).all(f64::is_finite) && self.agreeing <= self.values
    }

    /// What was done to depth, as the part of a sentence.
    pub fn done(&self) -> String {
        match self.by {
            Brought::Scale(scale) => format!("depth × {scale:.4}"),
            Brought::Disparity { scale, shift } => {
                let sign = if shift < 0.0 { '−' } else { '+' };
                format!("1 ÷ depth = {scale:.4} × disparity {sign} {:.4}", shift.abs())
            }
        }
    }

    /// Whether there are more values than a fit goes through in any case, so that its errors mean something.
    fn is_tested(&self) -> bool {
        let exact = match self.by {
            Brought::Scale(_) => 1,
            Brought::Disparity { .. } => 2,
        };
        self.values > exact
    }

    /// How well it fits, as the part of a sentence.
    pub fn quality(&self) -> String {
        let (agreeing, values, within) = (self.agreeing, self.values, 100.0 * AGREES);
        if !self.is_tested() {
            let by = if values == 1 { "one value".into() } else { format!("{values} values") };
            return format!("it goes through {by}, so that nothing tells how well it fits");
        }
        let [middle, high] = [self.median_error, self.p90_error].map(|error| 100.0 * error);
        format!(
            "off by {middle:.1} % in the middle, {high:.1} % at the 90th percentile; {agreeing} of {values} agree within {within:.0} %"
        )
    }
}

impl Prediction {
    /// What known depths did, as a line; `None` where there were none that could be used.
    pub fn fits_in_words(&self) -> Option<String> {
        let first = self.fits.values().next()?;
        let was_metric = if self.unit == DepthUnit::Metres { ", which the model gave in metres already" } else { "" };
        if self.fits.len() == 1 {
            return Some(format!("Known depths: {}{was_metric}; {}", first.done(), first.quality()));
        }
        let done = format!("Known depths: {} scenes in metres{was_metric}, each by its own fit", self.fits.len());
        let tested: Vec<&DepthFit> = self.fits.values().filter(|fit| fit.is_tested()).collect();
        let errors = || tested.iter().map(|fit| fit.median_error as f32);
        let Some([low, middle, high]) = percentiles(errors(), [0.0, 50.0, 100.0]) else {
            return Some(format!("{done}; so few values do not tell how well it fits"));
        };
        let sum = |of: fn(&DepthFit) -> usize| tested.iter().map(|fit| of(fit)).sum::<usize>();
        let [low, middle, high] = [low, middle, high].map(|error| 100.0 * error);
        let (agreeing, values, within) = (sum(|fit| fit.agreeing), sum(|fit| fit.values), 100.0 * AGREES);
        Some(format!(
            "{done}; off by {middle:.1} % in the middle ({low:.1} to {high:.1} %), {agreeing} of {values} agree within {within:.0} %"
        ))
    }
}

impl ViewPrediction {
    /// What the network says of a pixel as inverse depth: disparity, as it gave it, else 1 ÷ depth. `None` where there is no
    /// surface.
    pub fn inverse_at(&self, pixel: usize) -> Option<f64> {
        let disparity = self.disparity.as_ref().map(|map| f64::from(map[pixel]));
        self.is_surface(pixel).then(|| disparity.unwrap_or(1.0 / f64::from(self.depth[pixel])))
    }

    /// The same view with another depth: 1 ÷ depth = `scale` · inverse + `shift`, with the inverse of [`Self::inverse_at`].
    ///
    /// What is no surface stays none; where this comes to a hundredth of the largest or less (also below zero) there is none
    /// either, and depth is a hundred times the nearest. `None` where nothing would be a surface.
    pub fn with_inverse_line(&self, scale: f64, shift: f64) -> Option<Self> {
        let of_depth = || self.depth.iter().map(|&depth| if depth > 0.0 { 1.0 / depth } else { 0.0 }).collect();
        let inverses: Cow<'_, [f32]> = self.disparity.as_deref().map_or_else(|| Cow::Owned(of_depth()), Cow::Borrowed);
        let largest = percentile(inverses.iter().copied(), LARGEST_DISPARITY_PERCENTILE)?;
        let largest = scale * f64::from(largest) + shift;
        let least = BACKGROUND_DISPARITY * largest;
        if !(least > 0.0 && (1.0 / least).is_finite()) {
            return None;
        }
        let mut view = self.clone();
        let background = view.background.get_or_insert_with(|| vec![false; inverses.len()]);
        let pixels = view.depth.iter_mut().zip(background.iter_mut()).zip(inverses.iter());
        // Hidden pixels have no depth at all.
        for ((depth, is_background), inverse) in pixels.filter(|((depth, _), _)| **depth > 0.0) {
            let inverse = scale * f64::from(*inverse) + shift;
            *is_background |= inverse <= least;
            *depth = (1.0 / inverse.max(least)) as f32;
        }
        background.iter().any(|is_background| !is_background).then_some(view)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::input::ViewId;

    #[test]
    fn disparity_becomes_metres_and_what_is_too_far_background() {
        let mut view = synthetic::render(0, 10, 10).into_prediction(ViewId(0), "a.png".into());
        view.disparity = Some((0..100).map(|i| i as f32 / 10.0).collect());
        view.depth[99] = 0.0;
        view.background = Some((0..100).map(|i| i == 50).collect());
        // 1 ÷ metres from −0.5 to 1.48.
        let fitted = view.with_inverse_line(0.2, -0.5).expect("surfaces");
        assert!((fitted.depth[60] - 1.0 / 0.7).abs() < 1e-5 && (fitted.depth[30] - 10.0).abs() < 1e-4);
        let background = fitted.background.as_ref().expect("there");
        assert_eq!([0, 25, 26, 50, 60].map(|place| background[place]), [true, true, false, true, false]);
        // The 99th percentile of disparity is 9.801, a hundred times as far: 1 ÷ (0.01 · 1.4602) m.
        assert!((fitted.depth[0] - 68.48).abs() < 0.01 && fitted.depth[25] == fitted.depth[0], "{}", fitted.depth[0]);
        assert_eq!((fitted.depth[99], fitted.disparity), (0.0, view.disparity.clone()));
        assert!(view.with_inverse_line(0.2, -3.0).is_none(), "nothing is left");
        // Without disparity the line is over 1 ÷ depth.
        (view.disparity, view.background) = (None, None);
        (view.depth[3], view.depth[99]) = (2.0, 0.0);
        assert_eq!((view.inverse_at(3), view.inverse_at(99)), (Some(0.5), None));
        let moved = view.with_inverse_line(0.5, 0.25).expect("surfaces");
        assert!((moved.depth[3] - 2.0).abs() < 1e-5 && moved.depth[99] == 0.0, "{}", moved.depth[3]);
    }

    #[test]
    fn fits_are_told_in_one_line() {
        let fit = |by, median_error| DepthFit { by, values: 10, agreeing: 9, median_error, p90_error: 0.098 };
        let one = Prediction { fits: [(0, fit(Brought::Scale(2.31), 0.041))].into(), ..Prediction::default() };
        let words = "Known depths: depth × 2.3100; off by 4.1 % in the middle, 9.8 % at the 90th percentile; 9 of 10 agree within 15 %";
        assert_eq!(one.fits_in_words().as_deref(), Some(words));
        let metric = Prediction { unit: DepthUnit::Metres, ..one.clone() };
        let words = metric.fits_in_words().expect("a line");
        assert!(words.contains("depth × 2.3100, which the model gave in metres already"), "{words}");
        let by = Brought::Disparity { scale: 0.25, shift: -0.03 };
        let two = Prediction { fits: [(0, fit(by, 0.02)), (1, fit(by, 0.06))].into(), ..Prediction::default() };
        let words = two.fits_in_words().expect("a line");
        assert!(
            words.contains("2 scenes in metres") && words.contains("4.0 % in the middle (2.0 to 6.0 %)"),
            "{words}"
        );
        assert!(words.contains("18 of 20 agree"), "{words}");
        let two_values = DepthFit { values: 2, agreeing: 2, median_error: 0.0, ..fit(by, 0.0) };
        assert_eq!(two_values.quality(), "it goes through 2 values, so that nothing tells how well it fits");
        let mut some = two.clone();
        some.fits.insert(2, two_values);
        assert!(
            some.fits_in_words().is_some_and(|words| words.contains("(2.0 to 6.0 %), 18 of 20")),
            "only what is tested"
        );
        let none = Prediction { fits: [(0, two_values), (1, two_values)].into(), ..Prediction::default() };
        assert!(
            none.fits_in_words().is_some_and(|words| words.ends_with("so few values do not tell how well it fits"))
        );
        assert_eq!(fit(by, 0.0).done(), "1 ÷ depth = 0.2500 × disparity − 0.0300");
        assert_eq!(Prediction::default().fits_in_words(), None);
        assert!(!fit(by, 0.1).is_bad() && fit(by, 0.21).is_bad() && !DepthFit { agreeing: 5, ..fit(by, 0.1) }.is_bad());
        assert!(DepthFit { agreeing: 4, ..fit(by, 0.1) }.is_bad());
        assert!(fit(by, 0.1).is_sound() && !fit(Brought::Scale(-1.0), 0.1).is_sound() && !fit(by, f64::NAN).is_sound());
    }
}
