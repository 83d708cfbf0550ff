//! What can go wrong between a scene and its picture.

use thiserror::Error;

/// Errors of this room. None of them is the fault of a photo.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RenderError {
    /// The graphics adapter's limit.
    #[error("{what} is {width}×{height} pixels; the graphics adapter takes {limit} at most")]
    TooLarge { what: &'static str, width: u32, height: u32, limit: u32 },
    /// The graphics adapter or its driver: an old OpenGL.
    #[error(
        "the graphics driver has no compute shaders, which points are drawn with: a Vulkan, Metal or DirectX 12 driver has"
    )]
    NoCompute,
    /// The graphics driver: reading a picture back failed.
    #[error("the graphics driver did not return the picture: {reason}")]
    ReadBack { reason: String },
}
