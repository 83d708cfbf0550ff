//! A mask as a grey PNG: white where it holds.

use std::io::{self, Write};

use png::{BitDepth, ColorType};

use super::png_file::{PngFile, software};

/// Writes a row-major mask of `size` (width, height) with 255 for true; `description` says what that means.
///
/// # Errors
/// What the writer answers; a mask of another size is `InvalidData`.
pub fn write_mask_png(to: impl Write, mask: &[bool], size: [u32; 2], description: &str) -> io::Result<()> {
    let data: Vec<u8> = mask.iter().map(|&holds| if holds { 255 } else { 0 }).collect();
    let texts = [("Software", software()), ("Description", description.to_owned())];
    PngFile { size, colour: ColorType::Grayscale, bits: BitDepth::Eight, texts: &texts, data: &data }.write(to)
}
