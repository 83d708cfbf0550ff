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
pub fn normalise(image: &image::RgbImage) -> Vec<f32> {
    let (m, s) = ([0.485f32, 0.456, 0.406], [0.229f32, 0.224, 0.225]);
    (0..3).flat_map(|c| image.pixels().map(move |p| (f32::from(p.0[c]) / 255.0 - m[c]) / s[c])).collect()
}
