//! Pixels of a photo that are not to be looked at: transparent ones, and those that a mask leaves out.

use std::path::Path;

use image::{DynamicImage, GrayImage, Luma, Pixel, Rgb, RgbImage};

use super::beside::{beside, have_one_shape};
use super::{InputError, Limits, View, ViewId, load_view};

/// What a network sees instead: the mean colour of the photos that it was trained with.
const CALM: Rgb<u8> = Rgb([124, 116, 104]);
/// Grey from which on a mask shows a pixel; below, it hides it.
const SHOWN: u8 = 128;
const MASK_EXTENSIONS: [&str; 8] = ["png", "jpg", "jpeg", "tif", "tiff", "bmp", "webp", "gif"];

/// 255 where a picture's alpha is 0; `None` where it has no such pixel.
pub(super) fn transparent(image: &DynamicImage) -> Option<GrayImage> {
    if !image.color().has_alpha() {
        return None;
    }
    let hidden = match image {
        DynamicImage::ImageRgba8(image) => of_alpha(image.pixels(), |pixel| pixel.0[3] == 0),
        DynamicImage::ImageLumaA8(image) => of_alpha(image.pixels(), |pixel| pixel.0[1] == 0),
        DynamicImage::ImageRgba16(image) => of_alpha(image.pixels(), |pixel| pixel.0[3] == 0),
        DynamicImage::ImageLumaA16(image) => of_alpha(image.pixels(), |pixel| pixel.0[1] == 0),
        DynamicImage::ImageRgba32F(image) => of_alpha(image.pixels(), |pixel| pixel.0[3] <= 0.0),
        _ => return None,
    };
    if hidden.iter().all(|&value| value == 0) {
        return None;
    }
    GrayImage::from_raw(image.width(), image.height(), hidden)
}

/// 255 where a picture of `size` shows nothing, pixel by pixel; `None` where it shows something everywhere.
pub(super) fn where_nothing_shows(
    [width, height]: [u32; 2],
    is_nothing: impl Fn(u32, u32) -> bool,
) -> Option<GrayImage> {
    let hidden = GrayImage::from_fn(width, height, |x, y| Luma([if is_nothing(x, y) { 255 } else { 0 }]));
    hidden.iter().any(|value| *value > 0).then_some(hidden)
}

fn of_alpha<'a, P: Pixel + 'a>(pixels: impl Iterator<Item = &'a P>, is_hidden: fn(&P) -> bool) -> Vec<u8> {
    pixels.map(|pixel| if is_hidden(pixel) { 255 } else { 0 }).collect()
}

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

/// Paints over what is hidden, so that it does not bleed into what is shown when the picture is resized.
pub(super) fn calm(image: &mut RgbImage, hidden: &GrayImage) {
    for (pixel, hidden) in image.pixels_mut().zip(hidden.pixels()) {
        if hidden.0[0] > 0 {
            *pixel = CALM;
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Rgba;

    use super::*;

    /// A photo of 40×20 whose left half is transparent, and was red.
    fn photo(folder: &Path) -> View {
        let path = folder.join("a.png");
        let half = |x, _| if x < 20 { Rgba([255, 0, 0, 0]) } else { Rgba([10u8, 200, 30, 9]) };
        image::RgbaImage::from_fn(40, 20, half).save(&path).expect("space");
        load_view(ViewId(0), &path, &Limits::default()).expect("a photo")
    }

    #[test]
    fn what_is_transparent_is_hidden_and_calm() {
        let folder = tempfile::tempdir().expect("a folder");
        let view = photo(folder.path());
        let hidden = view.hidden.as_ref().expect("hidden pixels");
        assert_eq!((hidden.get_pixel(19, 3).0, hidden.get_pixel(20, 3).0), ([255], [0]));
        assert_eq!((view.image.get_pixel(19, 3), view.image.get_pixel(20, 3).0), (&CALM, [10, 200, 30]));
    }

    #[test]
    fn masks_hide_more_at_any_size_and_must_have_the_shape() {
        let folder = tempfile::tempdir().expect("a folder");
        let masks = folder.path().join("masks");
        std::fs::create_dir(&masks).expect("a folder");
        let mut view = photo(folder.path());
        assert!(!view.hide_by_mask(&masks, &Limits::default()).expect("no mask is none"));
        // A quarter of the size; its lower half is dark.
        let lower = |_, y| if y < 5 { Luma([200]) } else { Luma([40u8]) };
        GrayImage::from_fn(20, 10, lower).save(masks.join("a.png.png")).expect("space");
        assert!(view.hide_by_mask(&masks, &Limits::default()).expect("a mask"));
        let hidden = view.hidden.as_ref().expect("hidden pixels");
        let at = |x, y| hidden.get_pixel(x, y).0[0] > 0;
        assert_eq!([at(5, 5), at(35, 9), at(35, 10), at(5, 15)], [true, false, true, true]);
        GrayImage::new(20, 20).save(masks.join("a.png.png")).expect("space");
        let error = view.hide_by_mask(&masks, &Limits::default()).expect_err("another shape");
        assert!(matches!(error, InputError::OtherMask { mask: [20, 20], photo: [40, 20], .. }), "{error}");
    }
}
