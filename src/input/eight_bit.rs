//! Whatever a decoder gives, to 8-bit RGB.

use image::{DynamicImage, GrayImage, Luma, RgbImage};

use super::Remark;
use super::hdr;

/// Grey values that span less than this part of 16 bits are stretched: an 8-bit picture made of them by the ordinary rule
/// would be nearly of one colour.
const NARROW_PART: u16 = 4;
/// So much of a picture may lie outside of what is stretched, at either end: dead pixels say nothing of the range.
const OUTLIERS: f64 = 0.001;

/// Alpha is dropped without compositing, grey replicated, 16 bits rounded to 8. Grey of 16 bits that uses a small part of
/// its range is stretched. Float samples are linear light (OpenEXR, Radiance, 32-bit TIFF) and are exposed ([`hdr`]).
pub(super) fn to_rgb(image: DynamicImage) -> (RgbImage, Option<Remark>) {
    match image {
        DynamicImage::ImageRgb32F(image) => {
            (hdr::to_rgb(image.width(), image.height(), image.pixels().map(|pixel| pixel.0)), None)
        }
        DynamicImage::ImageRgba32F(image) => {
            let pixels = image.pixels().map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]]);
            (hdr::to_rgb(image.width(), image.height(), pixels), None)
        }
        DynamicImage::ImageLuma16(image) => grey(image.width(), image.height(), image.into_raw()),
        DynamicImage::ImageLumaA16(image) => {
            let (width, height) = image.dimensions();
            grey(width, height, image.pixels().map(|pixel| pixel.0[0]).collect())
        }
        other => (other.into_rgb8(), None),
    }
}

/// 16-bit grey, `width` × `height` values row by row.
pub(super) fn grey(width: u32, height: u32, values: Vec<u16>) -> (RgbImage, Option<Remark>) {
    let [low, high] = range(&values);
    let is_narrow = low < high && high - low < u16::MAX / NARROW_PART;
    let (from, span) = if is_narrow { (low, high - low) } else { (0, u16::MAX) };
    let (from, span) = (i32::from(from), i32::from(span));
    let shrunk = |value: u16| {
        let above = (i32::from(value) - from).clamp(0, span);
        ((above * 255 + span / 2) / span) as u8
    };
    let mut out = GrayImage::new(width, height);
    for (target, value) in out.pixels_mut().zip(values) {
        *target = Luma([shrunk(value)]);
    }
    let remark = is_narrow.then_some(Remark::Stretched { low, high });
    (DynamicImage::ImageLuma8(out).into_rgb8(), remark)
}

/// Between which values all but a few lie.
fn range(values: &[u16]) -> [u16; 2] {
    let mut counts = vec![0u64; 1 << 16];
    values.iter().for_each(|value| counts[usize::from(*value)] += 1);
    let few = (values.len() as f64 * OUTLIERS) as u64;
    let mut seen = [0, 0];
    let low = (0..=u16::MAX).find(|value| {
        seen[0] += counts[usize::from(*value)];
        seen[0] > few
    });
    let high = (0..=u16::MAX).rev().find(|value| {
        seen[1] += counts[usize::from(*value)];
        seen[1] > few
    });
    [low.unwrap_or(0), high.unwrap_or(u16::MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageBuffer, LumaA, Rgb, Rgba};

    #[test]
    fn sixteen_bits_are_rounded() {
        let image = ImageBuffer::from_fn(4, 1, |x, _| Luma([[0u16, 128, 129, 65_535][x as usize]]));
        let (rgb, remark) = to_rgb(DynamicImage::ImageLuma16(image));
        assert_eq!(rgb.as_raw(), &[0, 0, 0, 0, 0, 0, 1, 1, 1, 255, 255, 255]);
        assert_eq!(remark, None);
    }

    #[test]
    fn a_narrow_range_of_grey_is_stretched_and_that_is_told() {
        let image = ImageBuffer::from_fn(100, 100, |x, y| match (x, y) {
            (0, 0) => Luma([65_535u16]),
            _ => Luma([1000 + 30 * x as u16]),
        });
        let (rgb, remark) = to_rgb(DynamicImage::ImageLuma16(image));
        assert_eq!(remark, Some(Remark::Stretched { low: 1000, high: 3970 }));
        assert_eq!([1, 50, 99].map(|x| rgb.get_pixel(x, 5).0[0]), [3, 129, 255]);
        assert_eq!(rgb.get_pixel(0, 0).0, [255; 3]);
        // One value has no range.
        let flat = ImageBuffer::from_pixel(3, 3, LumaA([700u16, 1]));
        assert_eq!(to_rgb(DynamicImage::ImageLumaA16(flat)).1, None);
    }

    #[test]
    fn alpha_is_dropped_and_not_composited() {
        let rgba = ImageBuffer::from_pixel(1, 1, Rgba([200u8, 100, 50, 0]));
        assert_eq!(to_rgb(DynamicImage::ImageRgba8(rgba)).0.as_raw(), &[200, 100, 50]);
        let grey = ImageBuffer::from_pixel(1, 1, LumaA([77u8, 3]));
        assert_eq!(to_rgb(DynamicImage::ImageLumaA8(grey)).0.as_raw(), &[77, 77, 77]);
    }

    #[test]
    fn floats_are_linear_light() {
        let image = ImageBuffer::from_pixel(1, 1, Rgb([0.214_041_14_f32, 1.0, -1.0]));
        assert_eq!(to_rgb(DynamicImage::ImageRgb32F(image)).0.as_raw(), &[128, 255, 0]);
        let image = ImageBuffer::from_pixel(1, 1, Rgba([f32::NAN, 1.0, 0.0, 0.5]));
        assert_eq!(to_rgb(DynamicImage::ImageRgba32F(image)).0.as_raw(), &[0, 255, 0]);
    }
}
