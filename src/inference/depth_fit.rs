//! Depth in metres from depths that are known: what was done to a scene, and how well that fits.

use serde::{Deserialize, Serialize};

use crate::geometry::{AGREES, MetreFit};

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
    pub(super) fn is_tested(&self) -> bool {
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
