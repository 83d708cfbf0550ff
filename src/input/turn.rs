//! How a stored picture is turned to be upright, as EXIF says.

use image::metadata::Orientation;
use serde::{Deserialize, Serialize};

/// Mirrored left to right or not, and then turned clockwise by so many quarters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub is_mirrored: bool,
    /// 0 to 3.
    pub quarters: u8,
}

impl Turn {
    pub const NONE: Self = Self { is_mirrored: false, quarters: 0 };

    /// The picture's size afterwards; width × height.
    pub fn size(self, [width, height]: [u32; 2]) -> [u32; 2] {
        if self.quarters % 2 == 1 { [height, width] } else { [width, height] }
    }

    /// How many further quarters bring a picture back that was not mirrored.
    pub fn quarters_back(self) -> u8 {
        (4 - self.quarters % 4) % 4
    }
}

impl From<Orientation> for Turn {
    fn from(orientation: Orientation) -> Self {
        let (is_mirrored, quarters) = match orientation {
            Orientation::NoTransforms => (false, 0),
            Orientation::Rotate90 => (false, 1),
            Orientation::Rotate180 => (false, 2),
            Orientation::Rotate270 => (false, 3),
            Orientation::FlipHorizontal => (true, 0),
            Orientation::FlipVertical => (true, 2),
            Orientation::Rotate90FlipH => (true, 3),
            Orientation::Rotate270FlipH => (true, 1),
        };
        Self { is_mirrored, quarters }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, GrayImage, Luma, imageops};

    #[test]
    fn every_orientation_does_what_its_turn_says() {
        let stored = GrayImage::from_fn(3, 2, |x, y| Luma([(x + 3 * y) as u8]));
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).expect("one of eight");
            let mut upright = DynamicImage::ImageLuma8(stored.clone());
            upright.apply_orientation(orientation);
            let turn = Turn::from(orientation);
            let start = if turn.is_mirrored { imageops::flip_horizontal(&stored) } else { stored.clone() };
            let turned = (0..turn.quarters).fold(start, |image, _| imageops::rotate90(&image));
            assert_eq!(upright.into_luma8(), turned, "orientation {exif}");
            assert_eq!(turn.size([3, 2]), <[u32; 2]>::from(turned.dimensions()));
            let back = (0..turn.quarters_back()).fold(turned, |image, _| imageops::rotate90(&image));
            assert_eq!(back == stored, !turn.is_mirrored);
        }
    }
}
