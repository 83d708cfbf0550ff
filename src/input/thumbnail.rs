//! A small upright picture of a photo, for lists.

use std::path::Path;

use image::RgbImage;

use super::decode::decode;
use super::{InputError, Limits, resize};

/// A small picture and what it stands for.
#[derive(Clone, Debug)]
pub struct Thumbnail {
    /// Upright, neither side longer than asked for.
    pub image: RgbImage,
    /// Width and height of the photo as shown (EXIF orientation applied), in pixels.
    pub size: [u32; 2],
}

/// A picture of the photo whose longer side is at most `side` pixels; small photos stay as they are.
pub fn thumbnail(path: &Path, limits: &Limits, side: u32) -> Result<Thumbnail, InputError> {
    let mut decoded = decode(path, limits)?;
    let [width, height] = decoded.stored_size;
    let longest = width.max(height);
    if longest > side {
        let shrunk = |length: u32| (f64::from(length) * f64::from(side) / f64::from(longest)).round().max(1.0) as u32;
        // Turning the small picture is cheaper than turning the photo.
        decoded.image = resize::area(&decoded.image, shrunk(width), shrunk(height));
    }
    let sideways = decoded.orientation.to_exif() >= 5;
    let size = if sideways { [height, width] } else { [width, height] };
    Ok(Thumbnail { image: decoded.into_upright().0, size })
}
