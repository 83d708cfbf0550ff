//! Where the network runs and in which precision: the one place that knows the backends of this build.

use super::devices::Opened;
use super::{DeviceChoice, Notice, Precision};
use crate::model::Format;

impl DeviceChoice {
    /// The choices that make sense for this build, in the order of a menu, on a machine with a graphics card or without.
    pub fn available(has_graphics_card: bool) -> Vec<Self> {
        let gpu = has_graphics_card.then_some(Self::Gpu);
        [Some(Self::Auto), Self::accelerator(), gpu, Some(Self::Cpu)].into_iter().flatten().collect()
    }

    /// What candle can use beside the CPU in this build. Its products on an Apple GPU need Apple's own, not an Intel Mac's.
    pub fn accelerator() -> Option<Self> {
        if cfg!(all(target_os = "macos", target_arch = "aarch64")) {
            Some(Self::Metal)
        } else if cfg!(feature = "cuda") {
            Some(Self::Cuda)
        } else {
            None
        }
    }

    /// As shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Auto => "Auto",
            Self::Cpu => "CPU",
            Self::Cuda => "CUDA",
            Self::Metal => "Apple GPU",
            Self::Gpu => "Graphics card",
        }
    }
}

impl DeviceChoice {
    /// As sentences name it, behind "the".
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Auto => "automatic device",
            Self::Cuda => "CUDA card",
            Self::Gpu => "graphics card",
            Self::Cpu | Self::Metal => self.label(),
        }
    }
}

impl std::fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.label())
    }
}

impl Precision {
    pub const ALL: [Self; 5] = [Self::Auto, Self::F32, Self::F16, Self::Bf16, Self::Int8];

    pub fn label(self) -> &'static str {
        match self {
            Self::Auto => "Auto",
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::Int8 => "int8",
        }
    }

    /// Size of a number of the backbone's matrices.
    pub fn bits(self) -> u32 {
        match self {
            Self::Auto | Self::F32 => 32,
            Self::F16 | Self::Bf16 => 16,
            Self::Int8 => 8,
        }
    }

    /// Those that make sense on this device, which is no `Auto` any more.
    pub fn available(device: DeviceChoice) -> &'static [Self] {
        match device {
            DeviceChoice::Cpu | DeviceChoice::Gpu => &Self::ALL,
            DeviceChoice::Auto | DeviceChoice::Cuda | DeviceChoice::Metal => &Self::ALL[..4],
        }
    }

    /// What `Auto` means on this device. Mostly it gives nothing away: a faster format is the user's choice. bf16 that was
    /// chosen and that a card does not multiply is f16, which takes as much, and the notice says so.
    pub(super) fn resolve(self, opened: &Opened) -> (Self, Option<Notice>) {
        match (self, opened.choice()) {
            (Self::Auto, DeviceChoice::Cuda) => (if opened.multiplies_bf16() { Self::Bf16 } else { Self::F16 }, None),
            (Self::Auto, _) => (Self::F32, None),
            (Self::Bf16, device) if !opened.multiplies_bf16() => {
                (Self::F16, Some(Notice::NoBf16 { device: device.noun() }))
            }
            (chosen, _) => (chosen, None),
        }
    }

    /// How the network keeps its matrices.
    pub(super) fn format(self) -> Format {
        match self {
            Self::Auto | Self::F32 => Format::F32,
            Self::F16 => Format::F16,
            Self::Bf16 => Format::Bf16,
            Self::Int8 => Format::Int8,
        }
    }
}

/// Sets for the whole process whether CUDA may use TF32 for products of f32.
pub(super) fn allow_tf32(allowed: bool) {
    candle_core::cuda::set_gemm_reduced_precision_f32(allowed);
}

#[cfg(test)]
mod tests {
    use super::super::Devices;
    use super::*;

    #[test]
    fn auto_precision_is_single_on_the_cpu() {
        let cpu = Devices::here().cpu();
        assert_eq!(Precision::Auto.resolve(&cpu), (Precision::F32, None));
        assert_eq!(Precision::Bf16.resolve(&cpu), (Precision::Bf16, None));
    }
}
