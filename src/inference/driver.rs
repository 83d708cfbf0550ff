//! What stands between this program and a graphics card: the calls that a driver answers, and the driver of this build.

use candle_core::{DType, Device, Tensor};

use super::DeviceChoice;
use crate::memory::CardMemory;

/// A card's driver, as this program uses it. Each call may end in an error, and in a panic.
pub trait Driver: Send + Sync {
    /// What it can open.
    fn accelerator(&self) -> Option<DeviceChoice>;

    fn open(&self, accelerator: DeviceChoice) -> candle_core::Result<Device>;

    /// `None` where it does not tell.
    fn memory(&self, device: &Device) -> Option<CardMemory>;

    /// Waits until everything is done that was asked for.
    fn synchronize(&self, device: &Device) -> candle_core::Result<()> {
        device.synchronize()
    }

    /// Whether freed buffers are given back only by [`Self::synchronize`], as Metal's are.
    fn keeps_buffers(&self, accelerator: DeviceChoice) -> bool {
        accelerator == DeviceChoice::Metal
    }

    /// Whether a product of bf16 comes out right. Cards that lack it answer with an error, or with other numbers.
    fn multiplies_bf16(&self, device: &Device) -> candle_core::Result<bool> {
        let product = |device: &Device, dtype| {
            let values = |count: usize| (0..count).map(|i| ((i * 7) % 13) as f32 / 8.0 - 0.75).collect::<Vec<_>>();
            let left = Tensor::from_vec(values(16 * 64), (16, 64), device)?.to_dtype(dtype)?;
            let right = Tensor::from_vec(values(64 * 32), (64, 32), device)?.to_dtype(dtype)?;
            left.matmul(&right)?.to_dtype(DType::F32)?.flatten_all()?.to_vec1::<f32>()
        };
        let (exact, tried) = (product(&Device::Cpu, DType::F32)?, product(device, DType::BF16)?);
        // The values have four bits each; only sums are rounded.
        Ok(exact.iter().zip(&tried).all(|(exact, tried)| (exact - tried).abs() <= 0.02 * exact.abs().max(1.0)))
    }
}

/// What this build of the program was compiled for.
pub(super) struct ThisBuild;

impl Driver for ThisBuild {
    fn accelerator(&self) -> Option<DeviceChoice> {
        DeviceChoice::accelerator()
    }

    fn open(&self, accelerator: DeviceChoice) -> candle_core::Result<Device> {
        if accelerator == DeviceChoice::Cuda { Device::new_cuda(0) } else { Device::new_metal(0) }
    }

    fn memory(&self, device: &Device) -> Option<CardMemory> {
        match device {
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
