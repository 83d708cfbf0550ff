//! Where a pixel of the photo lies in the processed image, and what that does to its camera.

use crate::geometry::Intrinsics;

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
        let cropped = PixelTransform::IDENTITY.cropped(4, 10).resized([100, 100], [50, 200]).apply(&k);
        assert_eq!(cropped, Intrinsics { fx: 500.0, fy: 2000.0, cx: 300.0, cy: 660.0 });
    }
}
