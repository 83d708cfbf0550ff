//! Depth Anything 3: bound one side, make both divisible by 14, one common size per pass. All steps are 8-bit.

use std::borrow::Cow;

use image::RgbImage;
use image::imageops::crop_imm;

use super::{Method, PATCH, PixelTransform, margins};
use crate::input::resize;

/// A photo as the network sees it.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// 8-bit RGB, both sides multiples of 14.
    pub image: RgbImage,
    /// How the photo's pixels became this image's.
    pub transform: PixelTransform,
}

/// The two steps from a photo's size to the network's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sizes {
    /// After the first resize: the governing side equals the resolution.
    bounded: [u32; 2],
    /// After the second step: both sides are multiples of 14.
    network: [u32; 2],
    /// Whether the second step crops, else it resizes.
    cropped: bool,
}

/// Width and height of what [`prepare`] makes of a photo of this size; costs nothing.
pub fn network_size(width: u32, height: u32, resolution: u32, method: Method) -> [u32; 2] {
    sizes([width, height], resolution, method).network
}

/// Brings an upright photo to the process resolution and to sides divisible by 14 (at least 14).
///
/// The two resamplings stay separate 8-bit steps, as in the reference. `image` must have an area.
pub fn prepare(image: &RgbImage, resolution: u32, method: Method) -> Prepared {
    let size = [image.width(), image.height()];
    let Sizes { bounded, network, cropped } = sizes(size, resolution, method);
    let image = resampled(Cow::Borrowed(image), bounded);
    let transform = PixelTransform::IDENTITY.resized(size, bounded);
    if cropped {
        let (left, top) = ((bounded[0] - network[0]) / 2, (bounded[1] - network[1]) / 2);
        let image = crop_imm(image.as_ref(), left, top, network[0], network[1]).to_image();
        return Prepared { image, transform: transform.cropped(left, top) };
    }
    let image = resampled(image, network).into_owned();
    Prepared { image, transform: transform.resized(bounded, network) }
}

/// Crops an image around its centre to `size`, which is not larger.
pub fn crop(prepared: &Prepared, [width, height]: [u32; 2]) -> Prepared {
    let [left, top] = margins(prepared.image.dimensions().into(), [width, height]);
    Prepared {
        image: crop_imm(&prepared.image, left, top, width, height).to_image(),
        transform: prepared.transform.cropped(left, top),
    }
}

fn sizes(size: [u32; 2], resolution: u32, method: Method) -> Sizes {
    let [width, height] = size;
    let governing = if method.bounds_longer_side() { width.max(height) } else { width.min(height) };
    let scale = f64::from(resolution) / f64::from(governing);
    let bounded = if governing == resolution {
        size
    } else {
        size.map(|side| ((f64::from(side) * scale).round_ties_even() as u32).max(1))
    };
    // A side below one patch leaves nothing to crop: the reference ends with an empty image there, we resize.
    let cropped = method.crops() && bounded.iter().all(|side| *side >= PATCH);
    let network = bounded.map(|side| if cropped { side / PATCH * PATCH } else { nearest_multiple(side) });
    Sizes { bounded, network, cropped }
}

/// The multiple of 14 nearest to `side`, ties up, at least 14.
fn nearest_multiple(side: u32) -> u32 {
    ((side + PATCH / 2) / PATCH * PATCH).max(PATCH)
}

/// Cubic where a side grows, area where none does, nothing where the size stays.
fn resampled(image: Cow<'_, RgbImage>, [width, height]: [u32; 2]) -> Cow<'_, RgbImage> {
    let (old_width, old_height) = image.dimensions();
    if (old_width, old_height) == (width, height) {
        image
    } else if width > old_width || height > old_height {
        Cow::Owned(resize::cubic(&image, width, height))
    } else {
        Cow::Owned(resize::area(&image, width, height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    #[test]
    fn sizes_follow_the_reference() {
        use Method::{LowerBoundCrop, LowerBoundResize, UpperBoundCrop, UpperBoundResize};
        for (width, height, method, expected) in [
            (1208, 680, UpperBoundResize, [504, 280]),
            (1208, 680, LowerBoundResize, [896, 504]),
            (1208, 680, LowerBoundCrop, [882, 504]),
            (504, 376, UpperBoundResize, [504, 378]),
            (504, 376, UpperBoundCrop, [504, 364]),
            (505, 341, LowerBoundCrop, [742, 504]),
            (3000, 20, UpperBoundCrop, [504, 14]),
            (1, 100_000, UpperBoundResize, [14, 504]),
        ] {
            assert_eq!(network_size(width, height, 504, method), expected, "{width}×{height} {method:?}");
        }
    }

    #[test]
    fn ties_go_up_and_nothing_is_below_one_patch() {
        assert_eq!([1, 6, 7, 20, 21, 133, 140].map(nearest_multiple), [14, 14, 14, 14, 28, 140, 140]);
    }

    #[test]
    fn a_photo_of_the_right_size_is_untouched() {
        let image = RgbImage::from_fn(504, 28, |x, y| Rgb([x as u8, y as u8, 9]));
        let prepared = prepare(&image, 504, Method::UpperBoundResize);
        assert_eq!(prepared.image, image);
        assert_eq!(prepared.transform, PixelTransform::IDENTITY);
    }

    #[test]
    fn crops_keep_the_centre() {
        let image = |w, h| Prepared {
            image: RgbImage::from_fn(w, h, |x, y| Rgb([x as u8, y as u8, 0])),
            transform: PixelTransform::IDENTITY,
        };
        let wide = crop(&image(56, 28), [28, 28]);
        assert_eq!((wide.image.dimensions(), wide.image.get_pixel(0, 0).0), ((28, 28), [14, 0, 0]));
        let high = crop(&image(28, 70), [28, 28]);
        assert_eq!(
            (high.image.get_pixel(0, 0).0, high.transform),
            ([0, 21, 0], PixelTransform::IDENTITY.cropped(0, 21))
        );
    }
}
