//! Where the network runs and in which precision: the one place that knows the backends of this build.

use candle_core::Device;

use super::{DeviceChoice, InferenceError, Notice, Precision};
use crate::model::Format;

impl DeviceChoice {
    /// The choices that make sense for this build, in the order of a menu.
    pub fn available() -> &'static [Self] {
        if cfg!(target_os = "macos") {
            &[Self::Auto, Self::Metal, Self::Cpu]
        } else if cfg!(feature = "cuda") {
            &[Self::Auto, Self::Cuda, Self::Cpu]
        } else {
            &[Self::Auto, Self::Cpu]
        }
    }

    /// As shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Auto => "Auto",
            Self::Cpu => "CPU",
            Self::Cuda => "CUDA",
            Self::Metal => "Apple GPU",
        }
    }

    /// Opens the device. `Auto` takes the accelerator of this build and falls back to the CPU with a notice.
    pub(super) fn open(self) -> Result<(Device, Self, Option<Notice>), InferenceError> {
        match self {
            Self::Cpu => Ok((Device::Cpu, Self::Cpu, None)),
            Self::Auto => {
                let preferred = if cfg!(target_os = "macos") {
                    Self::Metal
                } else if cfg!(feature = "cuda") {
                    Self::Cuda
                } else {
                    return Ok((Device::Cpu, Self::Cpu, None));
                };
                preferred.open().or_else(|error| {
                    let notice = Notice::FellBackToCpu { wanted: preferred.label(), reason: error.to_string() };
                    Ok((Device::Cpu, Self::Cpu, Some(notice)))
                })
            }
            accelerator => {
                let device = if self == Self::Cuda { Device::new_cuda(0) } else { Device::new_metal(0) };
                let refused = |e: candle_core::Error| InferenceError::Device { choice: self, reason: e.to_string() };
                Ok((device.map_err(refused)?, accelerator, None))
            }
        }
    }
}

impl std::fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.label())
    }
}

impl Precision {
    pub const ALL: [Self; 4] = [Self::Auto, Self::F32, Self::F16, Self::Bf16];

    pub fn label(self) -> &'static str {
        match self {
            Self::Auto => "Auto",
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        }
    }

    /// What `Auto` means on this device.
    pub(super) fn resolve(self, device: DeviceChoice) -> Self {
        match (self, device) {
            (Self::Auto, DeviceChoice::Cuda) => Self::Bf16,
            (Self::Auto, _) => Self::F32,
            (chosen, _) => chosen,
        }
    }

    /// How the network keeps its matrices.
    pub(super) fn format(self) -> Format {
        match self {
            Self::Auto | Self::F32 => Format::F32,
            Self::F16 => Format::F16,
            Self::Bf16 => Format::Bf16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auto_always_opens_and_a_missing_backend_is_an_error() {
        let (_, used, _) = DeviceChoice::Auto.open().expect("a device");
        assert_ne!(used, DeviceChoice::Auto);
        if !cfg!(target_os = "macos") {
            let message = DeviceChoice::Metal.open().map(|_| ()).expect_err("no Apple GPU here").to_string();
            assert!(message.contains("Apple GPU"), "{message}");
        }
    }

    #[test]
    fn auto_precision_is_single_on_the_cpu() {
        assert_eq!(Precision::Auto.resolve(DeviceChoice::Cpu), Precision::F32);
        assert_eq!(Precision::F16.resolve(DeviceChoice::Cpu), Precision::F16);
    }
}
