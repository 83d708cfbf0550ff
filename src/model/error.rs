//! What can be wrong with weights or with a device.

use super::gpu::GpuError;
use super::trouble::{Trouble, driver_text, trouble_in};

/// Why a network could not be built or run. `file` is the label that the weight source gave itself.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("{file} is not a safetensors file: {reason}")]
    NotSafetensors { file: String, reason: String },
    #[error("{file} is cut short: its header promises {expected} bytes, the file has {actual}")]
    Truncated { file: String, expected: u64, actual: u64 },
    #[error("{file} lacks the tensor {tensor} ({missing} of {expected} tensors of {preset} are missing)")]
    Missing { file: String, tensor: String, missing: usize, expected: usize, preset: &'static str },
    #[error("{file} holds the tensor {tensor}, which does not belong to {preset} ({surplus} such tensors)")]
    Surplus { file: String, tensor: String, surplus: usize, preset: &'static str },
    #[error("{file}: tensor {tensor} has shape {actual:?}, {preset} needs {expected:?}")]
    Shape { file: String, tensor: String, expected: Vec<usize>, actual: Vec<usize>, preset: &'static str },
    #[error("{file}: tensor {tensor} is stored as {actual}, which {preset} cannot use ({accepted} can)")]
    Type { file: String, tensor: String, actual: String, accepted: &'static str, preset: &'static str },
    #[error("{file}: tensor {tensor} holds something that is not a number")]
    NotFinite { file: String, tensor: String },
    #[error("{file} could not be read: {source}")]
    Read { file: String, source: std::io::Error },
    #[error("an image of {width}×{height} pixels cannot go into the network: both sides must be multiples of 14")]
    ImageSize { width: usize, height: usize },
    #[error("the poses of {given} views were given for {views} views")]
    PoseCount { given: usize, views: usize },
    #[error("8-bit weights work on the CPU and as “Graphics card” only")]
    Int8NeedsKernels,
    #[error("the run was cancelled")]
    Cancelled,
    /// Seen in time, by who watches the run.
    #[error("memory ran out ({} MB were left)", free_bytes / 1_000_000)]
    OutOfMemory { free_bytes: u64 },
    #[error("the device reported: {}", driver_text(&.0.to_string()))]
    Device(#[from] candle_core::Error),
    #[error(transparent)]
    Gpu(#[from] GpuError),
    /// A panic inside a driver or a library that speaks to it.
    #[error("its driver stopped in an unexpected place ({said})")]
    Stopped { said: String },
}

impl ModelError {
    /// What stands behind it, where it is the device's trouble or the machine's; `None` where the same would happen anywhere.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::OutOfMemory { .. } => Some(Trouble::Memory),
            Self::Device(error) => Some(trouble_in(&error.to_string())),
            Self::Gpu(GpuError::OutOfMemory { .. } | GpuError::TooLarge { .. }) => Some(Trouble::Memory),
            Self::Gpu(_) | Self::Stopped { .. } => Some(Trouble::Device),
            Self::Read { source, .. } if source.kind() == std::io::ErrorKind::OutOfMemory => Some(Trouble::Memory),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_told_from_other_trouble() {
        let said = |text: &str| ModelError::from(candle_core::Error::Msg(text.into())).trouble();
        assert_eq!(said("Metal error Failed to create metal resource: Buffer"), Some(Trouble::Memory));
        assert_eq!(said("Metal error Failed to create metal resource: CommandBuffer"), Some(Trouble::Device));
        assert_eq!(ModelError::OutOfMemory { free_bytes: 0 }.trouble(), Some(Trouble::Memory));
        assert_eq!(ModelError::Cancelled.trouble(), None);
    }
}
