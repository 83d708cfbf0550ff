//! How large a network sees a photo.

use super::Settings;
use crate::input::preprocess::{network_size, network_size_da2};
use crate::model::Preset;

/// Process resolutions that make sense.
pub const LEAST_RESOLUTION: u32 = 56;
pub const MOST_RESOLUTION: u32 = 4096;
/// Largest network input, in pixels: a strip of a panorama must not ask for more tokens than any machine has room for.
const MOST_PIXELS: u64 = 4096 * 2048;

/// A photo whose longer side is more than this many times the shorter one shows a network nothing: at the usual resolution it
/// is a strip of single patches.
const MOST_ELONGATED: u32 = 30;

/// Whether no network can look at a photo of this size, which it would see at `network` size.
pub(super) fn is_too_elongated([width, height]: [u32; 2], network: [u32; 2]) -> bool {
    let (long, short) = (width.max(height), width.min(height).max(1));
    long > MOST_ELONGATED.saturating_mul(short) || area(network) > MOST_PIXELS
}

/// The process resolution that a model is made for.
pub fn default_resolution(preset: Preset) -> u32 {
    if preset.is_da2() { 518 } else { 504 }
}

/// Pixels of an image of this size.
pub(super) fn area([width, height]: [u32; 2]) -> u64 {
    u64::from(width) * u64::from(height)
}

pub(super) fn size_of(settings: &Settings, preset: Preset, [width, height]: [u32; 2]) -> [u32; 2] {
    let resolution = settings.resolution.unwrap_or(default_resolution(preset));
    if preset.is_da2() {
        network_size_da2(width, height, resolution)
    } else {
        network_size(width, height, resolution, settings.method)
    }
}

/// Pixels of a photo as the network sees it; 0 of one that it does not see.
pub(super) fn network_pixels(settings: &Settings, preset: Preset, photo: [u32; 2]) -> u64 {
    let size = size_of(settings, preset, photo);
    if is_too_elongated(photo, size) { 0 } else { area(size) }
}
