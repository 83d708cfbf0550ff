//! Whatever a decoder gives, to 8-bit RGB.

use image::{DynamicImage, Rgb, RgbImage};

/// Alpha is dropped without compositing, grey replicated, 16 bits rounded to 8. Float samples are linear light (OpenEXR,
/// Radiance, 32-bit TIFF): clamped to 0..=1 and encoded with the sRGB curve.
pub(super) fn to_rgb(image: DynamicImage) -> RgbImage {
    match image {
        DynamicImage::ImageRgb32F(image) => encoded(image.width(), image.height(), image.pixels().map(|pixel| pixel.0)),
        DynamicImage::ImageRgba32F(image) => {
            encoded(image.width(), image.height(), image.pixels().map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]]))
        }
        other => other.into_rgb8(),
    }
}

fn encoded(width: u32, height: u32, pixels: impl Iterator<Item = [f32; 3]>) -> RgbImage {
    let mut out = RgbImage::new(width, height);
    for (target, pixel) in out.pixels_mut().zip(pixels) {
        *target = Rgb(pixel.map(srgb));
    }
    out
}

/// IEC 61966-2-1; not-a-number becomes black.
fn srgb(linear: f32) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let encoded = if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    (255.0 * encoded).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageBuffer, Luma, LumaA, Rgba};

    #[test]
    fn sixteen_bits_are_rounded() {
        let image = ImageBuffer::from_fn(4, 1, |x, _| Luma([[0u16, 128, 129, 65_535][x as usize]]));
        let rgb = to_rgb(DynamicImage::ImageLuma16(image));
        assert_eq!(rgb.as_raw(), &[0, 0, 0, 0, 0, 0, 1, 1, 1, 255, 255, 255]);
    }

    #[test]
    fn alpha_is_dropped_and_not_composited() {
        let rgba = ImageBuffer::from_pixel(1, 1, Rgba([200u8, 100, 50, 0]));
        assert_eq!(to_rgb(DynamicImage::ImageRgba8(rgba)).as_raw(), &[200, 100, 50]);
        let grey = ImageBuffer::from_pixel(1, 1, LumaA([77u8, 3]));
        assert_eq!(to_rgb(DynamicImage::ImageLumaA8(grey)).as_raw(), &[77, 77, 77]);
    }

    #[test]
    fn floats_are_linear_light() {
        let image = ImageBuffer::from_pixel(1, 1, Rgb([0.214_041_14_f32, 7.0, -1.0]));
        assert_eq!(to_rgb(DynamicImage::ImageRgb32F(image)).as_raw(), &[128, 255, 0]);
        let image = ImageBuffer::from_pixel(1, 1, Rgba([f32::NAN, 1.0, 0.0, 0.5]));
        assert_eq!(to_rgb(DynamicImage::ImageRgba32F(image)).as_raw(), &[0, 255, 0]);
    }
}
