//! Where a pixel of the photo lies in the processed image, and what that does to its camera.

use image::GrayImage;
use serde::{Deserialize, Serialize};

use crate::geometry::Intrinsics;

/// The part of a photo that an image shows: its edges, in pixels of the photo.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhotoPart {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl PhotoPart {
    /// All of a photo of this size.
    pub fn whole([width, height]: [u32; 2]) -> Self {
        Self { left: 0.0, top: 0.0, width: f64::from(width), height: f64::from(height) }
    }

    /// The whole pixels of a photo of this size that the part shows: left, top, width and height.
    pub fn pixels(&self, photo: [u32; 2]) -> [u32; 4] {
        let edge = |at: f64, side: u32| (at.round().max(0.0) as u32).min(side);
        let [left, right] = [self.left, self.left + self.width].map(|at| edge(at, photo[0]));
        let [top, bottom] = [self.top, self.top + self.height].map(|at| edge(at, photo[1]));
        [left, top, right - left, bottom - top]
    }

    /// Pixels of the photo for each pixel of an image of this size, across and down.
    pub fn scale(&self, size: [u32; 2]) -> [f64; 2] {
        [self.width / f64::from(size[0]), self.height / f64::from(size[1])]
    }

    /// The camera of the photo from the camera of an image of this size, both in pixels of their image.
    pub fn camera_of_photo(&self, image: &Intrinsics, size: [u32; 2]) -> Intrinsics {
        let [sx, sy] = self.scale(size).map(|value| value as f32);
        image.scaled(sx, sy).cropped(-self.left as f32, -self.top as f32)
    }

    /// The camera of an image of this size from the camera of the photo, both in pixels of their image.
    pub fn camera_of_image(&self, photo: &Intrinsics, size: [u32; 2]) -> Intrinsics {
        let [sx, sy] = self.scale(size).map(|value| 1.0 / value as f32);
        photo.cropped(self.left as f32, self.top as f32).scaled(sx, sy)
    }

    /// Whether such a part can be of a photo of this size.
    pub fn is_within(&self, [width, height]: [u32; 2]) -> bool {
        let fits = |start: f64, length: f64, side: u32| {
            start >= -0.5 && length > 0.0 && start + length <= f64::from(side) + 0.5
        };
        fits(self.left, self.width, width) && fits(self.top, self.height, height)
    }
}

/// Photo pixels to processed pixels: scaled per axis, then cropped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PixelTransform {
    scale: [f64; 2],
    /// Columns and rows cropped away at the left and the top, in processed pixels.
    offset: [f64; 2],
}

impl PixelTransform {
    pub const IDENTITY: Self = Self { scale: [1.0; 2], offset: [0.0; 2] };

    /// After a further resize of the image from `old` to `new` ([width, height]).
    pub fn resized(&self, old: [u32; 2], new: [u32; 2]) -> Self {
        let factor: [f64; 2] = std::array::from_fn(|axis| f64::from(new[axis]) / f64::from(old[axis]));
        Self {
            scale: std::array::from_fn(|axis| self.scale[axis] * factor[axis]),
            offset: std::array::from_fn(|axis| self.offset[axis] * factor[axis]),
        }
    }

    /// After a further crop by `left` columns and `top` rows.
    pub fn cropped(&self, left: u32, top: u32) -> Self {
        Self { offset: [self.offset[0] + f64::from(left), self.offset[1] + f64::from(top)], ..*self }
    }

    /// A mask of the photo as a processed image of this size shows it, the nearest pixel each.
    pub fn seen(&self, mask: &GrayImage, [width, height]: [u32; 2]) -> GrayImage {
        let nearest = |place: u32, axis: usize, side: u32| {
            let at = (f64::from(place) + 0.5 + self.offset[axis]) / self.scale[axis];
            (at.max(0.0) as u32).min(side - 1)
        };
        GrayImage::from_fn(width, height, |x, y| {
            *mask.get_pixel(nearest(x, 0, mask.width()), nearest(y, 1, mask.height()))
        })
    }

    /// The part of the photo that a processed image of this size shows.
    pub fn part(&self, size: [u32; 2]) -> PhotoPart {
        // A millionth of a pixel is rounding: photos that are seen whole have whole sides.
        let exact = |value: f64| (value * 1e6).round() / 1e6;
        let [left, top] = [0, 1].map(|axis| exact(self.offset[axis] / self.scale[axis]));
        let [width, height] = [0, 1].map(|axis| exact(f64::from(size[axis]) / self.scale[axis]));
        PhotoPart { left, top, width, height }
    }

    /// The camera of the processed image from the camera of the photo, both in pixels of their image.
    pub fn apply(&self, photo: &Intrinsics) -> Intrinsics {
        let [sx, sy] = self.scale.map(|value| value as f32);
        let [left, top] = self.offset.map(|value| value as f32);
        photo.scaled(sx, sy).cropped(left, top)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resizes_multiply_and_crops_subtract() {
        let k = Intrinsics { fx: 1000.0, fy: 1000.0, cx: 604.0, cy: 340.0 };
        let resized =
            PixelTransform::IDENTITY.resized([1208, 680], [504, 284]).resized([504, 284], [504, 280]).apply(&k);
        for (value, expected) in
            [(resized.fx, 417.219), (resized.fy, 411.765), (resized.cx, 252.0), (resized.cy, 140.0)]
        {
            assert!((value - expected).abs() < 1e-3, "{value} for {expected}");
        }
        let cropped = PixelTransform::IDENTITY.resized([3000, 2000], [504, 336]).cropped(4, 14);
        let part = cropped.part([490, 308]);
        assert!((part.left - 23.809_524).abs() < 1e-6 && (part.height - 1_833.333_333).abs() < 1e-6, "{part:?}");
        let back = part.camera_of_photo(&cropped.apply(&k), [490, 308]);
        for (value, expected) in back.rows().as_flattened().iter().zip(k.rows().as_flattened()) {
            assert!((value - expected).abs() < 1e-2, "{value} for {expected}");
        }
        assert!(part.is_within([3000, 2000]) && !part.is_within([3000, 1800]));
        let cropped = PixelTransform::IDENTITY.cropped(4, 10).resized([100, 100], [50, 200]).apply(&k);
        assert_eq!(cropped, Intrinsics { fx: 500.0, fy: 2000.0, cx: 300.0, cy: 660.0 });
    }
}
