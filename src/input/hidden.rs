//! Pixels of a photo that are not to be looked at: which of them are transparent, and what a network sees instead.

use image::{DynamicImage, GrayImage, Luma, Pixel, Rgb, RgbImage};

/// What a network sees instead: the mean colour of the photos that it was trained with.
const CALM: Rgb<u8> = Rgb([124, 116, 104]);

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
    use std::path::Path;

    use image::Rgba;

    use super::*;
    use crate::input::{InputError, Limits, View, ViewId, load_view};

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
