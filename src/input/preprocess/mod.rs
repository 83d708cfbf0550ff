//! From an upright 8-bit image to the image and the numbers that a network sees.

mod common;
mod da2;
mod da3;
mod method;
mod transform;

pub use common::{Common, Shapes, Way, common, margins};
pub use da2::{PreparedDa2, network_size_da2, prepare_da2};
pub use da3::{Prepared, crop, network_size, prepare};
pub use method::Method;
pub use transform::{PhotoPart, PixelTransform};

use image::RgbImage;

/// Side of the square patches that all networks cut an image into, in pixels.
pub const PATCH: u32 = 14;

/// Per-channel mean and standard deviation (RGB, on the scale 0..=1) that the backbones were trained with.
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const STD: [f32; 3] = [0.229, 0.224, 0.225];

/// The network's input tensor: [3, height, width] row-major, each sample ÷ 255, minus mean, divided by deviation.
pub fn normalise(image: &RgbImage) -> Vec<f32> {
    // 256 possible samples: a table gives the same numbers as the arithmetic.
    let tables: [[f32; 256]; 3] = std::array::from_fn(|c| std::array::from_fn(|v| normalise_sample(v as f32, c)));
    planes(image.as_raw(), |&sample, channel| tables[channel][usize::from(sample)])
}

/// One sample on the scale 0..=255 as the network wants it.
fn normalise_sample(value: f32, channel: usize) -> f32 {
    (value / 255.0 - MEAN[channel]) / STD[channel]
}

/// Interleaved RGB to three planes, each sample through `map`.
fn planes<T>(interleaved: &[T], map: impl Fn(&T, usize) -> f32) -> Vec<f32> {
    let mut out = Vec::with_capacity(interleaved.len());
    for channel in 0..3 {
        out.extend(interleaved.iter().skip(channel).step_by(3).map(|sample| map(sample, channel)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn normalised_planes_are_channel_first() {
        let mut image = RgbImage::new(2, 1);
        image.put_pixel(0, 0, Rgb([0, 255, 128]));
        let tensor = normalise(&image);
        let expected = [-2.117904, -2.117904, 2.4285715, -2.0357144, 0.42649257, -1.8044444];
        assert_eq!(tensor.len(), 6);
        for (a, b) in tensor.iter().zip(expected) {
            assert!((a - b).abs() < 1e-6, "{a} for {b}");
        }
    }
}
