//! Lengths that a person knows, and the scale of a scene by all of them.

use serde::{Deserialize, Serialize};

use crate::geometry::{KnownDepth, fit_scale};

/// The same line, measured once more: a correction of what was typed.
const SAME: f32 = 1e-5;

/// One length.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnownLength {
    /// In the scene as the run gave it.
    pub measured: f32,
    /// As it really is.
    pub metres: f64,
}

impl KnownLength {
    pub fn is_sound(&self) -> bool {
        let is_length = |length: f64| length.is_finite() && length > 0.0;
        is_length(f64::from(self.measured)) && is_length(self.metres)
    }

    /// How much longer it is in a scene of this scale than in truth, as a part of the truth.
    pub fn error(&self, scale: f32) -> f64 {
        f64::from(self.measured) * f64::from(scale) / self.metres - 1.0
    }
}

/// The lengths that are known in one scene, in the order in which they came.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KnownLengths(Vec<KnownLength>);

impl KnownLengths {
    /// Those that can be lengths.
    pub fn of(lengths: Vec<KnownLength>) -> Self {
        Self(lengths.into_iter().filter(KnownLength::is_sound).collect())
    }

    pub fn all(&self) -> &[KnownLength] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds one; a line that is there already gets its new length.
    pub fn add(&mut self, length: KnownLength) {
        let is_same = |known: &&mut KnownLength| (known.measured / length.measured - 1.0).abs() < SAME;
        match self.0.iter_mut().find(is_same) {
            Some(known) => *known = length,
            None => self.0.push(length),
        }
    }

    pub fn remove(&mut self, place: usize) {
        if place < self.0.len() {
            self.0.remove(place);
        }
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// By what the scene that the run gave is to be multiplied, so that most of the lengths are true; `None` where none is
    /// known.
    pub fn scale(&self) -> Option<f32> {
        let known =
            |length: &KnownLength| KnownDepth { inverse: 1.0 / f64::from(length.measured), metres: length.metres };
        let fit = fit_scale(&self.0.iter().map(known).collect::<Vec<_>>()).ok()?;
        Some((1.0 / fit.scale) as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(pairs: &[(f32, f64)]) -> KnownLengths {
        let mut all = KnownLengths::default();
        pairs.iter().for_each(|&(measured, metres)| all.add(KnownLength { measured, metres }));
        all
    }

    #[test]
    fn the_scale_is_that_of_most_lengths() {
        assert_eq!(lengths(&[]).scale(), None);
        assert_eq!(lengths(&[(1.5, 3.0)]).scale(), Some(2.0));
        let two = lengths(&[(1.0, 2.0), (1.1, 2.31)]);
        let scale = two.scale().expect("known");
        assert!((2.03..2.07).contains(&scale), "{scale}");
        let errors: Vec<f64> = two.all().iter().map(|length| length.error(scale)).collect();
        assert!(errors[0] > 0.0 && errors[1] < 0.0 && errors.iter().all(|error| error.abs() < 0.04), "{errors:?}");
        // The last one was typed in centimetres.
        let scale = lengths(&[(1.0, 2.0), (2.0, 4.0), (0.5, 1.01), (1.3, 260.0)]).scale().expect("known");
        assert!((scale - 2.0).abs() < 0.02, "{scale}");
    }

    #[test]
    fn a_line_that_is_typed_again_is_corrected_and_one_can_be_removed() {
        let mut all = lengths(&[(1.5, 30.0), (2.0, 4.0), (1.500_001, 3.0)]);
        assert_eq!(all.all().len(), 2);
        assert!(all.scale().is_some_and(|scale| (scale - 2.0).abs() < 1e-5));
        all.remove(0);
        all.remove(7);
        assert_eq!(all.all(), [KnownLength { measured: 2.0, metres: 4.0 }]);
        all.clear();
        assert!(all.is_empty());
        let odd = [(0.0, 1.0), (1.0, f64::NAN), (f32::INFINITY, 1.0), (1.0, -1.0), (1.0, 1.0)];
        let odd = odd.map(|(measured, metres)| KnownLength { measured, metres }).to_vec();
        assert_eq!(KnownLengths::of(odd).all().len(), 1);
    }
}
