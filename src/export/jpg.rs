//! Pictures of depth as JPEG.

use std::io::{self, Write};

use image::codecs::jpeg::JpegEncoder;
use image::{ImageError, RgbImage};

use crate::inference::ViewPrediction;
use crate::scene::{ColourMap, DepthRange, depth_vis};

/// As the reference implementation's pictures have it.
const QUALITY: u8 = 95;

/// Writes an opaque picture.
///
/// # Errors
/// What the writer answers; a side beyond 65535 pixels is `InvalidData`.
pub fn write_jpg(to: impl Write, picture: &RgbImage) -> io::Result<()> {
    JpegEncoder::new_with_quality(to, QUALITY).encode_image(picture).map_err(|error| match error {
        ImageError::IoError(source) => source,
        other => io::Error::new(io::ErrorKind::InvalidData, other),
    })
}

/// Writes the reference's `depth_vis`: what the network saw, and to the right of it its depth in colours.
///
/// # Errors
/// As [`write_jpg`].
pub fn write_depth_vis(to: impl Write, view: &ViewPrediction) -> io::Result<()> {
    let range = DepthRange::automatic(&view.depth);
    let depth = depth_vis(&view.depth, view.width, view.height, range, ColourMap::Spectral, false);
    write_jpg(to, &beside(&view.image, &depth))
}

/// Two pictures of one size side by side.
pub(super) fn beside(left: &RgbImage, right: &RgbImage) -> RgbImage {
    let (width, height) = left.dimensions();
    let mut pair = RgbImage::new(2 * width, height);
    image::imageops::replace(&mut pair, left, 0, 0);
    image::imageops::replace(&mut pair, right, i64::from(width), 0);
    pair
}
