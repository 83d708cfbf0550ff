//! Where the network runs and in which precision: the one place that knows the backends of this build.

use candle_core::{CudaDevice, Device};

use super::{DeviceChoice, InferenceError, Notice, Precision};
use crate::memory::CardMemory;
use crate::model::Format;

impl DeviceChoice {
    /// The choices that make sense for this build, in the order of a menu.
    pub fn available() -> &'static [Self] {
        match Self::accelerator() {
            Some(Self::Metal) => &[Self::Auto, Self::Metal, Self::Cpu],
            Some(Self::Cuda) => &[Self::Auto, Self::Cuda, Self::Cpu],
            _ => &[Self::Auto, Self::Cpu],
        }
    }

    /// What this build can use beside the CPU.
    pub fn accelerator() -> Option<Self> {
        if cfg!(target_os = "macos") {
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
        }
    }

    /// Opens the device. `Auto` takes the accelerator of this build and falls back to the CPU with a notice.
    pub(super) fn open(self) -> Result<(Device, Self, Option<Notice>), InferenceError> {
        match self {
            Self::Cpu => Ok((Device::Cpu, Self::Cpu, None)),
            Self::Auto => {
                let Some(preferred) = Self::accelerator() else { return Ok((Device::Cpu, Self::Cpu, None)) };
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

    /// Those that make sense with this choice of device.
    pub fn available(device: DeviceChoice) -> &'static [Self] {
        let is_cpu =
            device == DeviceChoice::Cpu || device == DeviceChoice::Auto && DeviceChoice::accelerator().is_none();
        if is_cpu { &Self::ALL } else { &Self::ALL[..4] }
    }

    /// What `Auto` means on this device. On a CPU it gives nothing away: a faster format is the user's choice.
    pub(super) fn resolve(self, device: &Device) -> Self {
        match (self, device) {
            (Self::Auto, Device::Cuda(card)) if has_bf16(card) => Self::Bf16,
            (Self::Auto, Device::Cuda(_)) => Self::F16,
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
            Self::Int8 => Format::Int8,
        }
    }
}

/// The memory of the device that a network runs on.
#[derive(Clone)]
pub struct Card(Device);

impl Card {
    pub(super) fn new(device: &Device) -> Self {
        Self(device.clone())
    }

    /// The device that these settings choose. A CPU where there is no other, and where it cannot be opened, which is told
    /// when the model is loaded.
    pub fn of(choice: DeviceChoice) -> Self {
        Self(choice.open().map_or(Device::Cpu, |(device, ..)| device))
    }

    /// `None` for a CPU, and where the driver does not tell.
    pub fn memory(&self) -> Option<CardMemory> {
        match &self.0 {
            #[cfg(feature = "cuda")]
            Device::Cuda(card) => {
                let (free, total) = card.cuda_stream().context().mem_get_info().ok()?;
                let (free_bytes, total_bytes) = (free as u64, total as u64);
                Some(CardMemory { used_bytes: total_bytes.saturating_sub(free_bytes), total_bytes, is_shared: false })
            }
            #[cfg(target_os = "macos")]
            Device::Metal(card) => Some(CardMemory {
                used_bytes: card.current_allocated_size() as u64,
                total_bytes: card.recommended_max_working_set_size() as u64,
                is_shared: true,
            }),
            _ => None,
        }
    }
}

/// Whether the card multiplies bf16: from compute capability 8.0 on.
#[cfg(feature = "cuda")]
fn has_bf16(card: &CudaDevice) -> bool {
    card.cuda_stream().context().compute_capability().is_ok_and(|(major, _)| major >= 8)
}

#[cfg(not(feature = "cuda"))]
fn has_bf16(_: &CudaDevice) -> bool {
    false
}

/// Sets for the whole process whether CUDA may use TF32 for products of f32.
pub(super) fn allow_tf32(allowed: bool) {
    candle_core::cuda::set_gemm_reduced_precision_f32(allowed);
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
        assert_eq!(Precision::Auto.resolve(&Device::Cpu), Precision::F32);
        assert_eq!(Precision::F16.resolve(&Device::Cpu), Precision::F16);
    }
}
