//! What there is to say of a result, each as a line.

use super::{DepthFit, DepthUnit, Matched, Prediction, RanOn};
use crate::geometry::{AGREES, percentiles};

impl Prediction {
    /// The device in words; each with its views where there was more than one.
    pub fn ran_on_words(&self) -> Option<String> {
        if let [only] = self.ran_on.as_slice() {
            return Some(only.device.label().into());
        }
        let views = |count: usize| if count == 1 { "1 view".into() } else { format!("{count} views") };
        let words = |part: &RanOn| format!("{} ({})", part.device.label(), views(part.views));
        let all: Vec<String> = self.ran_on.iter().map(words).collect();
        (!all.is_empty()).then(|| all.join(", then "))
    }

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

    /// Of photos that became one scene by matching.
    pub fn matched_in_words(&self) -> Option<String> {
        self.matched.as_ref().map(Matched::in_words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::Brought;

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
