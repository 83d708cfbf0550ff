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
    #[error("the device reported: {0}")]
    Device(#[from] candle_core::Error),
}
