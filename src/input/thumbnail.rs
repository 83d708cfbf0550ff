//! Small pictures for lists.

use std::path::Path;

use image::RgbImage;

use super::{InputError, Limits};

/// A photo made small.
#[derive(Clone, Debug)]
pub struct Thumbnail {
    pub image: RgbImage,
    /// Width and height of the photo as shown, in pixels.
    pub size: [u32; 2],
}

/// Decodes a photo and makes it fit into a square of `side` pixels.
pub fn thumbnail(path: &Path, _limits: &Limits, side: u32) -> Result<Thumbnail, InputError> {
    let image = image::open(path)
        .map_err(|e| InputError::Unreadable { path: path.to_owned(), source: std::io::Error::other(e.to_string()) })?;
    Ok(Thumbnail { image: image.thumbnail(side, side).to_rgb8(), size: [image.width(), image.height()] })
}
