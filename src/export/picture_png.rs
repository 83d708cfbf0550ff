//! A drawn picture as PNG.

use std::io::{self, Write};

use image::RgbaImage;
use png::{BitDepth, ColorType};

use super::png_file::{PngFile, software};

/// Writes a picture with straight alpha; where nothing shines through, without alpha.
///
/// # Errors
/// What the writer answers.
pub fn write_picture_png(to: impl Write, picture: &RgbaImage) -> io::Result<()> {
    let texts = [("Software", software())];
    let write = |colour, data: &[u8]| {
        let size = [picture.width(), picture.height()];
        PngFile { size, colour, bits: BitDepth::Eight, texts: &texts, data }.write(to)
    };
    if picture.pixels().all(|pixel| pixel[3] == u8::MAX) {
        let opaque: Vec<u8> = picture.pixels().flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
        write(ColorType::Rgb, &opaque)
    } else {
        write(ColorType::Rgba, picture.as_raw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_back_as_they_were() {
        let opaque = RgbaImage::from_fn(3, 2, |x, y| image::Rgba([x as u8, y as u8, 7, 255]));
        let mut glass = opaque.clone();
        glass.get_pixel_mut(1, 1)[3] = 9;
        for (picture, has_alpha) in [(opaque, false), (glass, true)] {
            let mut bytes = Vec::new();
            write_picture_png(&mut bytes, &picture).expect("written");
            let back = image::load_from_memory(&bytes).expect("a PNG");
            assert_eq!((back.color().has_alpha(), back.into_rgba8()), (has_alpha, picture));
        }
    }
}
