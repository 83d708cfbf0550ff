//! How large a network sees a photo.

use super::Settings;
use crate::input::preprocess::{network_size, network_size_da2};
use crate::model::Preset;

/// Process resolutions that make sense.
pub const LEAST_RESOLUTION: u32 = 56;
pub const MOST_RESOLUTION: u32 = 4096;

/// A photo whose longer side is more than this many times the shorter one shows a network nothing: at the usual resolution it
/// is a strip of single patches.
const MOST_ELONGATED: u32 = 30;

/// Whether no network can look at a photo of this size. How large a network may see one is a question of memory, which plans answer.
pub(super) fn is_too_elongated([width, height]: [u32; 2]) -> bool {
    let (long, short) = (width.max(height), width.min(height).max(1));
    long > MOST_ELONGATED.saturating_mul(short)
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
    if is_too_elongated(photo) { 0 } else { area(size_of(settings, preset, photo)) }
}
