//! The resize rules of the networks: from an upright 8-bit image to the image that a network sees.

use serde::{Deserialize, Serialize};

/// How a photo is brought to the process resolution and to sides divisible by 14.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Method {
    /// Longer side to the resolution, then each side to the nearest multiple of 14.
    #[default]
    UpperBoundResize,
    /// Longer side to the resolution, then a centre crop to multiples of 14.
    UpperBoundCrop,
    /// Shorter side to the resolution, then each side to the nearest multiple of 14.
    LowerBoundResize,
    /// Shorter side to the resolution, then a centre crop to multiples of 14.
    LowerBoundCrop,
}
