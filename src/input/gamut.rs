//! Colours of another RGB space, as a profile describes it, to sRGB: what the networks were trained on and screens show.

use image::RgbImage;
use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};
use rayon::prelude::*;

/// Grey ramp and pure colours, to find out whether a profile changes anything.
const PROBE: [[u8; 3]; 11] = [
    [0, 0, 0],
    [32, 32, 32],
    [64, 64, 64],
    [128, 128, 128],
    [192, 192, 192],
    [255, 255, 255],
    [200, 40, 40],
    [40, 200, 40],
    [40, 40, 200],
    [180, 180, 30],
    [30, 120, 170],
];
/// Profiles of sRGB differ by this much from each other, in steps of 8 bits; such a picture stays exactly as it is.
const SAME: u8 = 3;

/// Brings the picture to sRGB where this ICC profile is of another RGB space. One that cannot be read, or that is of
/// grey, CMYK or anything but RGB (decoders have brought these to RGB by themselves), changes nothing.
pub(super) fn from_icc(image: &mut RgbImage, icc: &[u8]) {
    if let Ok(profile) = ColorProfile::new_from_slice(icc)
        && profile.color_space == DataColorSpace::Rgb
    {
        to_srgb(image, &profile);
    }
}

/// Brings the picture from the profile's space to sRGB.
pub(super) fn to_srgb(image: &mut RgbImage, profile: &ColorProfile) {
    let options = TransformOptions::default();
    let Ok(transform) = profile.create_transform_8bit(Layout::Rgb, &ColorProfile::new_srgb(), Layout::Rgb, options)
    else {
        return;
    };
    let probe = PROBE.as_flattened();
    let mut seen = [0; 3 * PROBE.len()];
    if transform.transform(probe, &mut seen).is_err() || seen.iter().zip(probe).all(|(a, b)| a.abs_diff(*b) <= SAME) {
        return;
    }
    let row_bytes = 3 * image.width() as usize;
    image.par_chunks_mut(row_bytes).for_each_init(
        || vec![0; row_bytes],
        |converted, row| {
            if transform.transform(row, converted).is_ok() {
                row.copy_from_slice(converted);
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn converted(profile: &ColorProfile, pixel: [u8; 3]) -> [u8; 3] {
        let mut image = RgbImage::from_pixel(5, 3, Rgb(pixel));
        to_srgb(&mut image, profile);
        assert!(image.pixels().all(|other| other == image.get_pixel(0, 0)));
        image.get_pixel(0, 0).0
    }

    fn near(ours: [u8; 3], expected: [u8; 3]) -> bool {
        ours.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 2)
    }

    /// Expected values by the primaries and curves of the two spaces: D65, chromaticities of the standards.
    #[test]
    fn colours_of_wider_spaces_become_those_of_srgb() {
        let p3 = converted(&ColorProfile::new_display_p3(), [200, 100, 50]);
        assert!(near(p3, [215, 93, 31]), "{p3:?}");
        let adobe = converted(&ColorProfile::new_adobe_rgb(), [120, 150, 90]);
        assert!(near(adobe, [105, 151, 86]), "{adobe:?}");
        let grey = converted(&ColorProfile::new_display_p3(), [128, 128, 128]);
        assert!(near(grey, [128; 3]), "{grey:?}");
    }

    #[test]
    fn srgb_stays_as_it_is_to_the_last_bit() {
        let icc = ColorProfile::new_srgb().encode().expect("encoded");
        let mut image = RgbImage::from_fn(64, 48, |x, y| Rgb([4 * x as u8, 5 * y as u8, (x * y) as u8]));
        let before = image.clone();
        from_icc(&mut image, &icc);
        from_icc(&mut image, b"no profile");
        assert_eq!(image, before);
    }
}
