//! How exact each number format must be.

use candle_core::Device;

use crate::inference::Precision;

/// How a network is told to calculate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub precision: Precision,
    /// Products of f32 with inputs rounded to ten bits; only CUDA knows them.
    pub tf32: bool,
}

impl Format {
    /// Nothing is rounded more than f32 itself.
    pub(super) const EXACT: Self = Self { precision: Precision::F32, tf32: false };

    /// The formats that `device` has, the exact one first. One that it would replace by another is none of its own.
    pub(super) fn of(device: &Device) -> Vec<Self> {
        let own = Precision::ALL.into_iter().filter(|p| *p != Precision::Auto && p.resolve(device) == *p);
        let tf32 = device.is_cuda().then_some(Self { tf32: true, ..Self::EXACT });
        own.map(|precision| Self { precision, tf32: false }).chain(tf32).collect()
    }

    pub fn label(self) -> &'static str {
        if self.tf32 { "tf32" } else { self.precision.label() }
    }

    /// The largest relative error, as a root mean square, that is rounding and no mistake. What was seen is the worst of
    /// all cases, with weights, inputs and outputs of every product rounded as the devices do it.
    pub(super) fn bound(self) -> f64 {
        match self.precision {
            // Ten bits for the inputs of every product, in the heads and cameras as well: 1.2e-3 seen.
            Precision::F32 if self.tf32 => 3e-3,
            // What the golden tests allow: sums in another order give 1e-6 to 1e-5. All other formats fail here.
            Precision::Auto | Precision::F32 => 1e-4,
            // Ten bits again, in the backbone only, where errors average out: 4e-4 seen.
            Precision::F16 => 1e-3,
            // Seven bits, eight times coarser: 3.1e-3 seen.
            Precision::Bf16 => 1e-2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_starts_exact_and_repeats_no_format() {
        let formats = Format::of(&Device::Cpu);
        assert_eq!(formats[0], Format::EXACT);
        let mut labels: Vec<_> = formats.iter().map(|format| format.label()).collect();
        assert!(formats.iter().all(|format| !format.tf32 && format.precision != Precision::Auto));
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), formats.len());
        assert!(formats[1..].iter().all(|format| format.bound() > Format::EXACT.bound()));
    }
}
