//! A photo as a pinhole had taken it in its lens's place.

use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage};
use rayon::prelude::*;

use super::View;
use crate::geometry::Straightening;

impl View {
    /// Makes the photo straight, and what is hidden of it.
    pub fn straighten(&mut self, by: &Straightening) {
        self.image = straighten(&self.image, by);
        self.hidden = self.hidden.take().map(|hidden| {
            let straight = straighten(&DynamicImage::ImageLuma8(hidden).into_rgb8(), by);
            let is_hidden = |x, y| if straight.get_pixel(x, y).0[0] >= 128 { 255 } else { 0 };
            GrayImage::from_fn(straight.width(), straight.height(), |x, y| Luma([is_hidden(x, y)]))
        });
    }
}

/// The straight picture, of the same size; bilinear. Pixels at the rim go on beyond it.
pub fn straighten(image: &RgbImage, by: &Straightening) -> RgbImage {
    resampled(image, |x, y| by.source_of(x + 0.5, y + 0.5).map(|at| at - 0.5))
}

/// A picture of the same size that shows at each pixel what the image shows at `source`; bilinear. Whole numbers are the centres of
/// pixels, and pixels at the rim go on beyond it.
pub fn resampled(image: &RgbImage, source: impl Fn(f64, f64) -> [f64; 2] + Sync) -> RgbImage {
    let (width, height) = image.dimensions();
    let mut drawn = RgbImage::new(width, height);
    drawn.par_chunks_exact_mut(3 * width as usize).enumerate().for_each(|(y, row)| {
        for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
            let [u, v] = source(x as f64, y as f64);
            pixel.copy_from_slice(&sample(image, u, v).0);
        }
    });
    drawn
}

/// At a place whose whole numbers are pixel centres.
fn sample(image: &RgbImage, u: f64, v: f64) -> Rgb<u8> {
    let within = |at: f64, side: u32| at.clamp(0.0, f64::from(side - 1));
    let (u, v) = (within(u, image.width()), within(v, image.height()));
    let (left, top) = (u as u32, v as u32);
    let (right, bottom) = ((left + 1).min(image.width() - 1), (top + 1).min(image.height() - 1));
    let (along, down) = (u - f64::from(left), v - f64::from(top));
    let corners = [(left, top), (right, top), (left, bottom), (right, bottom)].map(|(x, y)| image.get_pixel(x, y).0);
    let shares = [(1.0 - along) * (1.0 - down), along * (1.0 - down), (1.0 - along) * down, along * down];
    Rgb(std::array::from_fn(|channel| {
        let sum: f64 = corners.iter().zip(shares).map(|(corner, share)| f64::from(corner[channel]) * share).sum();
        sum.round() as u8
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Distortion, Intrinsics, Projection};

    #[test]
    fn a_bent_line_becomes_straight() {
        let size = [320u32, 240];
        let lens = Intrinsics { fx: 250.0, fy: 250.0, cx: 160.0, cy: 120.0 };
        let bent = Distortion::radial(Projection::Pinhole, &[-0.2, 0.03]);
        // What the lens shows of a world whose brightness is that of the ray's x, and a pinhole of its y.
        let tone = |value: f64| (128.0 + 150.0 * value).clamp(0.0, 255.0).round() as u8;
        let photo = RgbImage::from_fn(size[0], size[1], |x, y| {
            let at = [(f64::from(x) + 0.5 - 160.0) / 250.0, (f64::from(y) + 0.5 - 120.0) / 250.0];
            let [x, y] = bent.undistort(at).expect("within the lens");
            Rgb([tone(x), tone(y), 7])
        });
        let by = Straightening::new(lens, bent, size).expect("a usual lens");
        let straight = straighten(&photo, &by);
        let k = by.straight;
        for (x, y, pixel) in straight.enumerate_pixels() {
            let ray = [(x as f32 + 0.5 - k.cx) / k.fx, (y as f32 + 0.5 - k.cy) / k.fy].map(f64::from);
            let off = [pixel[0].abs_diff(tone(ray[0])), pixel[1].abs_diff(tone(ray[1])), pixel[2].abs_diff(7)];
            assert!(off.iter().all(|&off| off <= 1), "{x} {y}: {pixel:?}");
        }
        let none = Straightening::new(lens, Distortion::NONE, size).expect("a pinhole");
        let same = straighten(&photo, &none);
        assert!(same.iter().zip(photo.iter()).all(|(a, b)| a.abs_diff(*b) <= 1));
    }
}
