//! A picture as its file has it.

use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, RgbImage};

use super::{Focal, Remark};

/// A picture as stored: not yet upright.
pub(super) struct Decoded {
    pub image: RgbImage,
    /// 255 where it is transparent.
    pub hidden: Option<GrayImage>,
    pub orientation: Orientation,
    pub stored_size: [u32; 2],
    pub focal: Option<Focal>,
    pub remark: Option<Remark>,
}

impl Decoded {
    /// The picture and what is hidden of it, upright.
    pub fn into_upright(self) -> (RgbImage, Option<GrayImage>) {
        let upright = |mut image: DynamicImage| {
            image.apply_orientation(self.orientation);
            image
        };
        let hidden = self.hidden.map(|hidden| upright(DynamicImage::ImageLuma8(hidden)).into_luma8());
        (upright(DynamicImage::ImageRgb8(self.image)).into_rgb8(), hidden)
    }
}
