//! Depth Anything V2: the shorter side to the input size, one float resample, sides divisible by 14.

use image::RgbImage;

use super::{PATCH, PixelTransform, normalise_sample, planes};
use crate::input::resize;

/// A photo as Depth Anything V2 sees it.
#[derive(Clone, Debug)]
pub struct PreparedDa2 {
    /// [3, height, width] row-major, normalised; resampled in float, neither rounded nor clamped.
    pub tensor: Vec<f32>,
    /// The same picture in 8 bits, for showing.
    pub image: RgbImage,
    /// How the photo's pixels became this image's.
    pub transform: PixelTransform,
}

/// Width and height of the network's input for a photo of this size; costs nothing.
///
/// A very elongated photo gives a very long input: the shorter side is never below `input_size`.
pub fn network_size_da2(width: u32, height: u32, input_size: u32) -> [u32; 2] {
    let target = f64::from(input_size);
    let scale = (target / f64::from(width)).max(target / f64::from(height));
    [width, height].map(|side| {
        let patches = f64::from(side) * scale / f64::from(PATCH);
        let nearest = patches.round_ties_even() as u32 * PATCH;
        if nearest < input_size { patches.ceil() as u32 * PATCH } else { nearest }
    })
}

/// Brings an upright photo to the network's input. `image` must have an area.
pub fn prepare_da2(image: &RgbImage, input_size: u32) -> PreparedDa2 {
    let size = [image.width(), image.height()];
    let [width, height] = network_size_da2(size[0], size[1], input_size);
    // Resampling is linear: dividing by 255 afterwards gives what the reference gets by dividing before.
    let samples = resize::cubic_unrounded(image, width, height);
    let shown = RgbImage::from_fn(width, height, |x, y| {
        let start = 3 * (y as usize * width as usize + x as usize);
        image::Rgb(std::array::from_fn(|channel| samples[start + channel].round_ties_even() as u8))
    });
    PreparedDa2 {
        tensor: planes(&samples, |&sample, channel| normalise_sample(sample, channel)),
        image: shown,
        transform: PixelTransform::IDENTITY.resized(size, [width, height]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::preprocess::normalise;
    use image::Rgb;

    #[test]
    fn the_shorter_side_never_falls_below_the_input_size() {
        assert_eq!(network_size_da2(640, 480, 518), [686, 518]);
        assert_eq!(network_size_da2(100, 37, 518), [1400, 518]);
        // 505 is nearest to 504, which would be too short.
        assert_eq!(network_size_da2(300, 300, 505), [518, 518]);
    }

    #[test]
    fn tensor_and_picture_show_the_same() {
        let image = RgbImage::from_fn(40, 30, |x, y| Rgb([6 * x as u8, 8 * y as u8, (x * y) as u8]));
        let prepared = prepare_da2(&image, 28);
        assert_eq!(prepared.image.dimensions(), (42, 28));
        let from_picture = normalise(&prepared.image);
        assert_eq!(prepared.tensor.len(), from_picture.len());
        let half_a_step = 0.5 / 255.0 / 0.224 + 1e-5;
        let off = prepared.tensor.iter().zip(&from_picture).filter(|(a, b)| (*a - *b).abs() > half_a_step).count();
        // Only samples that overshoot black or white may differ by more than rounding.
        assert!(off < from_picture.len() / 20, "{off} of {}", from_picture.len());
    }

    #[test]
    fn a_photo_of_the_right_size_is_only_normalised() {
        let image = RgbImage::from_fn(42, 28, |x, y| Rgb([x as u8, y as u8, 200]));
        let prepared = prepare_da2(&image, 28);
        assert_eq!(prepared.image, image);
        assert_eq!(prepared.tensor, normalise(&image));
    }
}
