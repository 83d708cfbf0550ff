//! Pictures of all directions (equirectangular), told by what they are: cameras and programs seldom leave a word of it in the file.

use image::RgbImage;

/// Narrower ones show nothing; they are textures and icons.
const LEAST_WIDTH: u32 = 1000;
/// The sides meet where the step from the last column to the first is at most this many times that between neighbours beside it,
/// or this many levels, so that grey walls with a little noise count too.
const TIMES: f64 = 2.5;
const LEVELS: f64 = 2.0;

/// Whether the picture looks like one of all directions: exactly twice as wide as high, and going on from its right side to its left.
pub(super) fn is_all_round(image: &RgbImage) -> bool {
    let (width, height) = image.dimensions();
    if width < LEAST_WIDTH || width != 2 * height {
        return false;
    }
    let step = |left: u32, right: u32| {
        let pixel = |y: u32| {
            let (a, b) = (image.get_pixel(left, y).0, image.get_pixel(right, y).0);
            (0..3).map(|c| f64::from(a[c].abs_diff(b[c]))).sum::<f64>() / 3.0
        };
        (0..height).map(pixel).sum::<f64>() / f64::from(height)
    };
    let beside = (step(0, 1) + step(width - 2, width - 1)) / 2.0;
    step(width - 1, 0) <= (TIMES * beside).max(LEVELS) && !is_even(image)
}

/// Whether both sides are of one colour, as those of a drawing or of a picture in a frame are: they would meet by chance.
fn is_even(image: &RgbImage) -> bool {
    let first = image.get_pixel(0, 0).0;
    (0..image.height()).all(|y| (0..3).all(|c| image.get_pixel(0, y).0[c].abs_diff(first[c]) < 8))
}

#[cfg(test)]
mod tests {
    use std::f32::consts::TAU;

    use image::Rgb;

    use super::*;

    /// A picture whose pattern goes round in `width` pixels.
    fn round(width: u32, height: u32, round: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            let angle = x as f32 / round as f32 * TAU;
            let level = 100.0 + 60.0 * (angle + 0.3).sin() + 40.0 * (y as f32 / 90.0).sin();
            Rgb([level as u8, (level * 0.8) as u8, 90])
        })
    }

    #[test]
    fn a_picture_whose_sides_meet_is_all_round() {
        assert!(is_all_round(&round(1200, 600, 1200)));
        assert!(!is_all_round(&round(1200, 600, 1700)), "the sides do not meet");
        assert!(!is_all_round(&round(1200, 800, 1200)), "another shape");
        assert!(!is_all_round(&round(600, 300, 600)), "an icon");
        assert!(!is_all_round(&RgbImage::from_pixel(1200, 600, Rgb([9; 3]))), "nothing to see");
    }
}
