//! Linear light of any range to 8 bits, as people see it: an exposure that is chosen from the picture, and a curve.
//!
//! The exposure is the log-average luminance brought to middle grey, and the curve is the global one with a white point of
//! Reinhard, Stark, Shirley and Ferwerda, "Photographic Tone Reproduction for Digital Images" (2002), equations 1 to 4. A
//! picture that lies in 0..=1 and is not nearly black was exposed by whoever made it and keeps that.

use image::{Rgb, RgbImage};

/// The luminance that the average becomes.
const MIDDLE_GREY: f64 = 0.18;
/// So much of the picture may be brighter than white.
const BRIGHTEST_PART: f64 = 0.005;
/// A picture whose brightest parts are darker than this was not exposed for a screen.
const DIM: f64 = 0.1;
/// Powers of two that are told apart, and steps in each.
const EXPONENTS: std::ops::Range<i32> = -40..40;
const STEPS: usize = 32;

/// Linear RGB with the primaries of sRGB, row by row, to 8-bit sRGB. Not-a-number and what is below zero become black.
pub(super) fn to_rgb(width: u32, height: u32, pixels: impl Iterator<Item = [f32; 3]> + Clone) -> RgbImage {
    let tone = Tone::of(pixels.clone());
    let mut out = RgbImage::new(width, height);
    for (target, pixel) in out.pixels_mut().zip(pixels) {
        *target = Rgb(tone.apply(pixel).map(srgb));
    }
    out
}

/// How a picture is exposed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Tone {
    /// As it is.
    Kept,
    /// Luminance times `exposure`, then the curve that brings `white` to 1.
    Curve { exposure: f32, white: f32 },
}

impl Tone {
    fn of(pixels: impl Iterator<Item = [f32; 3]>) -> Self {
        let bins = EXPONENTS.len() * STEPS;
        let mut histogram = vec![0u64; bins];
        let mut is_beyond = false;
        for pixel in pixels {
            is_beyond |= pixel.iter().any(|channel| *channel > 1.0);
            let luminance = luminance(pixel.map(positive));
            if luminance > 0.0 {
                let bin = (luminance.log2() - EXPONENTS.start as f32) * STEPS as f32;
                histogram[(bin.max(0.0) as usize).min(bins - 1)] += 1;
            }
        }
        let count: u64 = histogram.iter().sum();
        if count == 0 {
            return Self::Kept;
        }
        let log2 = |bin: usize| f64::from(EXPONENTS.start) + (bin as f64 + 0.5) / STEPS as f64;
        let sum: f64 = histogram.iter().enumerate().map(|(bin, count)| log2(bin) * *count as f64).sum();
        let mut left = (BRIGHTEST_PART * count as f64) as u64;
        let brightest = histogram.iter().enumerate().rev().find(|(_, count)| {
            let is_it = **count > left;
            left = left.saturating_sub(**count);
            is_it
        });
        let brightest = brightest.map_or(1.0, |(bin, _)| log2(bin + 1).exp2());
        if !is_beyond && brightest >= DIM {
            return Self::Kept;
        }
        let exposure = MIDDLE_GREY / (sum / count as f64).exp2();
        let white = (exposure * brightest).max(1.0);
        Self::Curve { exposure: exposure as f32, white: white as f32 }
    }

    fn apply(self, pixel: [f32; 3]) -> [f32; 3] {
        let pixel = pixel.map(positive);
        let Self::Curve { exposure, white } = self else { return pixel };
        let seen = exposure * luminance(pixel);
        // The curve over the luminance, without the division by it.
        let scale = exposure * (1.0 + seen / (white * white)) / (1.0 + seen);
        pixel.map(|channel| channel * scale)
    }
}

/// Finite and not below zero; infinity is as bright as numbers get.
fn positive(value: f32) -> f32 {
    if value.is_nan() { 0.0 } else { value.clamp(0.0, 1e9) }
}

/// Of linear sRGB (ITU-R BT.709).
fn luminance([red, green, blue]: [f32; 3]) -> f32 {
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// IEC 61966-2-1.
fn srgb(linear: f32) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let encoded = if linear <= 0.003_130_8 { 12.92 * linear } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    (255.0 * encoded).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(pixels: &[[f32; 3]]) -> Vec<u8> {
        to_rgb(pixels.len() as u32, 1, pixels.iter().copied()).into_raw()
    }

    #[test]
    fn what_is_exposed_for_a_screen_is_kept() {
        assert_eq!(shown(&[[0.214_041_14, 1.0, -1.0], [f32::NAN, 0.5, 0.0]]), [128, 255, 0, 0, 188, 0]);
        assert_eq!(shown(&[[0.0; 3]; 4]), [0; 12]);
    }

    /// The same scene in other units of light is the same picture.
    #[test]
    fn the_exposure_follows_the_picture() {
        let scene: Vec<[f32; 3]> = (0..1000).map(|i| [0.01 * 1.01f32.powi(i); 3]).collect();
        let scaled = |by: f32| shown(&scene.iter().map(|pixel| pixel.map(|c| c * by)).collect::<Vec<_>>());
        let [plain, bright, dim] = [scaled(1.0), scaled(1024.0), scaled(1.0 / 1024.0 / 64.0)];
        assert_eq!(plain, bright);
        assert_eq!(plain, dim);
        assert!(plain.is_sorted() && plain[0] < 20 && plain[3 * 999] == 255, "{} {}", plain[0], plain[2997]);
        // The middle of a geometric ramp is its log-average: 0.18 under the curve is about 0.153, 109 of 255.
        assert!((105..=112).contains(&plain[3 * 500]), "{}", plain[3 * 500]);
    }

    #[test]
    fn colours_keep_their_hue_and_the_sun_does_not_darken_the_rest() {
        let mut scene = vec![[2.0, 1.0, 0.5]; 999];
        scene.push([1e6, 1e6, f32::INFINITY]);
        let picture = shown(&scene);
        let [red, green, blue] = [picture[0], picture[1], picture[2]];
        assert!(red > green && green > blue && red > 100 && blue > 50, "{red} {green} {blue}");
        assert_eq!(&picture[3 * 999..], &[255; 3]);
    }
}
