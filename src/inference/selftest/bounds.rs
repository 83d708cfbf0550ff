//! How exact each way to calculate must be.

use crate::inference::devices::Opened;
use crate::inference::{DeviceChoice, Precision};

/// How a network is told to calculate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    pub precision: Precision,
    /// Products of f32 with inputs rounded to ten bits; only CUDA knows them.
    pub tf32: bool,
}

impl Mode {
    /// Nothing is rounded more than f32 itself.
    pub(super) const EXACT: Self = Self { precision: Precision::F32, tf32: false };

    /// The modes that `device` has, the exact one first. One that it would replace by another is none of its own.
    pub(super) fn of(opened: &Opened) -> Vec<Self> {
        let own = Precision::ALL.into_iter().filter(|p| {
            let exists = Precision::available(opened.choice()).contains(p);
            *p != Precision::Auto && exists && p.resolve(opened).0 == *p
        });
        let tf32 = (opened.choice() == DeviceChoice::Cuda).then_some(Self { tf32: true, ..Self::EXACT });
        own.map(|precision| Self { precision, tf32: false }).chain(tf32).collect()
    }

    pub fn label(self) -> &'static str {
        if self.tf32 { "tf32" } else { self.precision.label() }
    }

    /// The largest relative error, as a root mean square, that is rounding and no mistake. What was seen is the worst of
    /// all cases, with weights and inputs of products rounded; a mistake is usually a hundred times larger.
    pub(in crate::inference) fn bound(self) -> f64 {
        match self.precision {
            // What the golden tests allow: sums in another order give 1e-6 to 1e-5.
            Precision::Auto | Precision::F32 if !self.tf32 => 1e-4,
            // Ten bits of a number's mantissa, in TF32 and in f16: 1.2e-3 seen.
            Precision::Auto | Precision::F32 | Precision::F16 => 3e-3,
            // Seven bits, eight times coarser: 7.7e-3 seen.
            Precision::Bf16 => 2e-2,
            // Blocks of 32 weights on a scale of 127 steps: 2.1e-2 seen, where sky meets ground.
            Precision::Int8 => 4e-2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::Devices;

    #[test]
    fn a_device_starts_exact_and_repeats_no_format() {
        let modes = Mode::of(&Devices::here().cpu());
        assert_eq!(modes[0], Mode::EXACT);
        let mut labels: Vec<_> = modes.iter().map(|mode| mode.label()).collect();
        assert!(modes.iter().all(|mode| !mode.tf32 && mode.precision != Precision::Auto));
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), modes.len());
        assert!(modes[1..].iter().all(|mode| mode.bound() > Mode::EXACT.bound()));
    }
}
