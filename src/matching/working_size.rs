//! A photo as XFeat looks at it: grey, not too large, and of sides that the network can take.

use std::borrow::Cow;

use image::RgbImage;
use rayon::prelude::*;

use super::MatchingError;
use crate::input::resize::area;
use crate::model::xfeat::{SIDE, place};

/// A photo at its working size.
pub struct Picture {
    /// [height, width], between 0 and 1.
    pub grey: Vec<f32>,
    pub height: usize,
    pub width: usize,
    /// Width and height of the photo.
    photo: [u32; 2],
}

impl Picture {
    /// Makes the photo's longer side `long_side` at most, by the area that each pixel covers, and both sides multiples of
    /// [`SIDE`]; what need not be made smaller than that is resized as the network's authors do it.
    pub fn of(photo: &RgbImage, long_side: u32) -> Result<Self, MatchingError> {
        let [width, height] = working_size(photo.dimensions().into(), long_side)?;
        let image = if photo.width().max(photo.height()) > long_side {
            Cow::Owned(area(photo, width, height))
        } else {
            Cow::Borrowed(photo)
        };
        let grey = bilinear(&grey(&image), image.dimensions().into(), [width, height]);
        let size = photo.dimensions().into();
        Ok(Self { grey, height: height as usize, width: width as usize, photo: size })
    }

    /// Where a place of the picture lies in the photo; centres of pixels are whole numbers in both.
    pub fn in_photo(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let along = |at: f32, photo: u32, here: usize| (at + 0.5) * (photo as f32 / here as f32) - 0.5;
        [along(x, self.photo[0], self.width), along(y, self.photo[1], self.height)]
    }
}

fn working_size(photo: [u32; 2], long_side: u32) -> Result<[u32; 2], MatchingError> {
    let longest = photo[0].max(photo[1]);
    let limited = |side: u32| {
        if longest <= long_side {
            side
        } else {
            (f64::from(side) * f64::from(long_side) / f64::from(longest)).round() as u32
        }
    };
    let [width, height] = photo.map(limited);
    let step = SIDE as u32;
    match [width, height].map(|side| side / step * step) {
        [0, _] | [_, 0] => Err(MatchingError::TooSmall { width, height }),
        size => Ok(size),
    }
}

/// Means of the three channels, between 0 and 1.
fn grey(image: &RgbImage) -> Vec<f32> {
    let mean = |pixel: &[u8]| pixel.iter().map(|&x| f32::from(x)).sum::<f32>() / (3.0 * 255.0);
    image.as_raw().par_chunks_exact(3).with_min_len(1 << 14).map(mean).collect()
}

/// Bilinear, with the centres of pixels on halves. Sizes are width and height.
fn bilinear(map: &[f32], old: [u32; 2], new: [u32; 2]) -> Vec<f32> {
    if old == new {
        return map.to_vec();
    }
    let ([old_width, old_height], [width, height]) = (old.map(|side| side as usize), new.map(|side| side as usize));
    let columns: Vec<_> = (0..width).map(|x| place(x, old_width, width)).collect();
    let mut out = vec![0.0; width * height];
    out.par_chunks_mut(width).enumerate().for_each(|(y, out)| {
        let (above, below, down) = place(y, old_height, height);
        let (above, below) = (&map[above * old_width..][..old_width], &map[below * old_width..][..old_width]);
        for (out, &(left, right, across)) in out.iter_mut().zip(&columns) {
            let (a, b) = (
                above[left] + (above[right] - above[left]) * across,
                below[left] + (below[right] - below[left]) * across,
            );
            *out = a + (b - a) * down;
        }
    });
    out
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    #[test]
    fn sides_are_steps_below_the_limit() {
        let size = |photo, limit| working_size(photo, limit).expect("large enough");
        assert_eq!(size([640, 427], 1024), [640, 416]);
        assert_eq!(size([3072, 2048], 1024), [1024, 672]);
        assert_eq!(size([2048, 3072], 1000), [640, 992]);
        let said = working_size([3000, 60], 1024).expect_err("a strip").to_string();
        assert!(said.contains("1024×20 pixels"), "{said}");
        assert!(working_size([31, 400], 1024).is_err());
    }

    #[test]
    fn places_are_carried_to_the_middle_of_what_was_averaged() {
        let photo = RgbImage::from_fn(192, 96, |x, y| Rgb([if (x / 3, y / 3) == (40, 20) { 255 } else { 0 }; 3]));
        let picture = Picture::of(&photo, 64).expect("large enough");
        assert_eq!((picture.width, picture.height), (64, 32));
        let white = picture.grey.iter().position(|&x| x > 0.99).expect("a white pixel");
        assert_eq!((white % 64, white / 64), (40, 20));
        // Its middle among the pixels 120 to 122 and 60 to 62.
        assert_eq!(picture.in_photo([40.0, 20.0]), [121.0, 61.0]);
    }

    #[test]
    fn colours_count_alike() {
        let photo = RgbImage::from_pixel(32, 32, Rgb([255, 0, 51]));
        let picture = Picture::of(&photo, 64).expect("large enough");
        assert!(picture.grey.iter().all(|x| (x - 0.4).abs() < 1e-6));
    }
}
