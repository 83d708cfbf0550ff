//! Depth as a picture, in the colours that the reference's pictures have.

use std::io::{self, Write};

use png::{BitDepth, ColorType};

use super::png_file::{PngFile, software};
use crate::scene::{ColourMap, DepthRange, depth_vis};

/// Writes the picture of a row-major depth map of `size` (width, height): Spectral, near red, far violet-blue.
///
/// `range` is normally [`DepthRange::automatic`] of the map that the network gave.
///
/// # Errors
/// What the writer answers.
///
/// # Panics
/// When the map does not have `size`.
pub fn write_colour_png(to: impl Write, depth: &[f32], size: [u32; 2], range: DepthRange) -> io::Result<()> {
    let picture = depth_vis(depth, size[0], size[1], range, ColourMap::Spectral, false);
    let texts = [("Software", software())];
    PngFile { size, colour: ColorType::Rgb, bits: BitDepth::Eight, texts: &texts, data: picture.as_raw() }.write(to)
}
