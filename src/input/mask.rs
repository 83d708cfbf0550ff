//! Masks: pictures beside photos that say which of their pixels are not to be looked at.

use std::path::Path;

use image::{GrayImage, Luma, Pixel};

use super::beside::{beside, have_one_shape};
use super::hidden::calm;
use super::{InputError, Limits, View, ViewId, load_view};

/// Grey from which on a mask shows a pixel; below, it hides it.
const SHOWN: u8 = 128;
const MASK_EXTENSIONS: [&str; 8] = ["png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp", "gif"];

impl View {
    /// Hides what the mask of this photo in `folder` leaves out, where it has one there: a picture of the photo's name with any
    /// ending, or with one behind its own (`a.png` or `a.jpg.png` for `a.jpg`). Dark hides, light shows. Says whether there was one.
    ///
    /// # Errors
    /// A mask that cannot be read, or is of another shape.
    pub fn hide_by_mask(&mut self, folder: &Path, limits: &Limits) -> Result<bool, InputError> {
        let Some(path) = beside(&self.path, folder, &[""], &MASK_EXTENSIONS) else { return Ok(false) };
        let mask = load_view(ViewId(0), &path, limits)?.image;
        let (width, height) = self.image.dimensions();
        let [across, down] = [width as f32 / mask.width() as f32, height as f32 / mask.height() as f32];
        let (mask_size, photo) = ([mask.width(), mask.height()], [width, height]);
        if !have_one_shape(mask_size, photo) {
            return Err(InputError::OtherMask { path, mask: mask_size, photo });
        }
        let mut hidden = self.hidden.take().unwrap_or_else(|| GrayImage::new(width, height));
        for (x, y, pixel) in hidden.enumerate_pixels_mut() {
            // The middle of a pixel lies in one of the mask's.
            let at = |place: u32, scale: f32, side: u32| (((place as f32 + 0.5) / scale) as u32).min(side - 1);
            let value = mask.get_pixel(at(x, across, mask.width()), at(y, down, mask.height()));
            if value.to_luma().0[0] < SHOWN {
                *pixel = Luma([255]);
            }
        }
        calm(&mut self.image, &hidden);
        self.hidden = Some(hidden);
        Ok(true)
    }
}
