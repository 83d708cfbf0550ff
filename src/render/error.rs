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
    /// The graphics driver: it refuses what points are drawn with.
    #[error("the graphics driver cannot draw points ({reason}): a newer one may, or one for Vulkan")]
    Refused { reason: String },
    /// The graphics driver: it reports no error, and its pictures are wrong.
    #[error(
        "the graphics driver does not draw what it is told (of {views} photos it shows {got:?} where {expected:?} is): \
         3D needs a newer one here, or one for Vulkan"
    )]
    Unproven { views: usize, expected: [u8; 3], got: [u8; 3] },
    /// The graphics driver: reading a picture back failed.
    #[error("the graphics driver did not return the picture: {reason}")]
    ReadBack { reason: String },
}
