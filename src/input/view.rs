//! A decoded photo and where it came from.

use std::path::PathBuf;

use image::RgbImage;
use serde::{Deserialize, Serialize};

/// Names one photo for as long as the program runs; the same file added twice has two ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ViewId(pub u64);

/// One photo, decoded and upright.
#[derive(Clone, Debug)]
pub struct View {
    pub id: ViewId,
    pub path: PathBuf,
    /// Width and height as stored in the file, before EXIF orientation.
    pub stored_size: [u32; 2],
    /// 8-bit RGB as shown: EXIF orientation applied, alpha dropped, grey replicated.
    pub image: RgbImage,
    /// What EXIF says about the lens, where it says anything.
    pub focal: Option<Focal>,
}

/// The focal length that EXIF gives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Focal {
    /// Millimetres on a 36 mm wide film frame (EXIF `FocalLengthIn35mmFilm`, or derived from the sensor's resolution).
    pub mm_35: f32,
}

impl Focal {
    /// Focal length in pixels of an image of this size: the 35 mm convention compares diagonals (43.27 mm).
    pub fn pixels(&self, width: u32, height: u32) -> f32 {
        let diagonal = (width as f32).hypot(height as f32);
        self.mm_35 * diagonal / 36f32.hypot(24.0)
    }
}
