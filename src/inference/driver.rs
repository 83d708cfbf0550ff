//! What stands between this program and a graphics card: the calls that a driver answers, and the driver of this build.

use std::sync::Arc;

use candle_core::{DType, Device, Tensor};

use super::DeviceChoice;
use super::graphics::{GraphicsCard, chosen_card};
use crate::memory::CardMemory;
use crate::model::ModelError;
use crate::model::gpu::{Card, Checks, Gpu};

/// Where a network's numbers lie.
#[derive(Clone, Debug)]
pub enum Hardware {
    /// With the processor, or on a card that candle calculates on.
    Candle(Device),
    /// On a card that our own shaders run on.
    Shaders(Arc<Gpu>),
}

/// Drivers of cards, as this program uses them. Each call may end in an error, and in a panic.
pub trait Driver: Send + Sync {
    /// What candle can calculate on beside the CPU.
    fn accelerator(&self) -> Option<DeviceChoice>;

    /// What [`DeviceChoice::Gpu`] means on this machine. Looking for it may take as long as a window takes to open.
    fn graphics_card(&self) -> Option<GraphicsCard>;

    /// Whether it is worth to look for a graphics card that does not calculate on the processor.
    fn may_have_graphics_card(&self) -> bool {
        GraphicsCard::may_be_there()
    }

    /// Opens the accelerator or the graphics card.
    fn open(&self, card: DeviceChoice) -> Result<Hardware, ModelError>;

    /// The memory of an accelerator; `None` where it does not tell.
    fn memory(&self, device: &Device) -> Option<CardMemory>;

    /// Waits until everything is done that was asked for.
    fn synchronize(&self, hardware: &Hardware) -> Result<(), ModelError> {
        match hardware {
            Hardware::Candle(device) => Ok(device.synchronize()?),
            Hardware::Shaders(gpu) => Ok(gpu.wait()?),
        }
    }

    /// Whether freed buffers are given back only by [`Self::synchronize`], as Metal's are under candle.
    fn keeps_buffers(&self, card: DeviceChoice) -> bool {
        card == DeviceChoice::Metal
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

    fn graphics_card(&self) -> Option<GraphicsCard> {
        chosen_card().inspect_err(|error| tracing::info!("{error}")).as_ref().map(GraphicsCard::from).ok()
    }

    fn open(&self, card: DeviceChoice) -> Result<Hardware, ModelError> {
        Ok(match card {
            // Looked for anew: one that was lost may have come back, with another driver.
            DeviceChoice::Gpu => Hardware::Shaders(Gpu::new(Card::open(&chosen_card()?)?, Checks::Off)),
            DeviceChoice::Cuda => Hardware::Candle(Device::new_cuda(0)?),
            _ => Hardware::Candle(Device::new_metal(0)?),
        })
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
