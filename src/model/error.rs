//! What can be wrong with weights or with a device.

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
    #[error("8-bit weights work on the CPU only")]
    Int8NeedsKernels,
    #[error("the run was cancelled")]
    Cancelled,
    /// Seen in time, by who watches the run.
    #[error("memory ran out ({} MB were left)", free_bytes / 1_000_000)]
    OutOfMemory { free_bytes: u64 },
    #[error("the device reported: {0}")]
    Device(#[from] candle_core::Error),
}

/// What drivers say when there is no memory for a buffer: CUDA, Metal (whose only resources here are buffers), and
/// systems that refuse an allocation.
const OUT_OF_MEMORY: [&str; 5] = [
    "out of memory",
    "out_of_memory",
    "failed to create metal resource",
    "cannot allocate memory",
    "insufficient memory",
];

impl ModelError {
    /// Whether the same run with less of it at once could succeed.
    pub fn is_out_of_memory(&self) -> bool {
        match self {
            Self::OutOfMemory { .. } => true,
            Self::Device(error) => {
                let said = error.to_string().to_lowercase();
                OUT_OF_MEMORY.iter().any(|words| said.contains(words))
            }
            Self::Read { source, .. } => source.kind() == std::io::ErrorKind::OutOfMemory,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_out_of_memory_are_told_from_other_trouble() {
        let said = |text: &str| ModelError::from(candle_core::Error::Msg(text.into())).is_out_of_memory();
        assert!(said("DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")"));
        assert!(said("Metal error Failed to create metal resource: Buffer"));
        assert!(!said("DriverError(CUDA_ERROR_ILLEGAL_ADDRESS, \"an illegal memory access was encountered\")"));
        assert!(
            ModelError::OutOfMemory { free_bytes: 0 }.is_out_of_memory() && !ModelError::Cancelled.is_out_of_memory()
        );
    }
}
