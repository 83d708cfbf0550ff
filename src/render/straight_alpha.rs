//! From the premultiplied pixels of a picture to the straight alpha of image files.

use crate::scene::{linear_from_srgb, srgb_from_linear};

/// Divides an sRGB pixel, premultiplied in linear light, by its alpha.
pub fn unmultiply(pixel: &mut [u8; 4]) {
    let alpha = f32::from(pixel[3]) / 255.0;
    match pixel[3] {
        // sRGB keeps darker shades than alpha does, so a colour can be left without any.
        0 => *pixel = [0; 4],
        255 => {}
        _ => {
            for byte in &mut pixel[..3] {
                *byte = srgb_from_linear(linear_from_srgb(*byte) / alpha);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn srgb_round_trips_and_half_white_becomes_white() {
        for byte in 0..=255 {
            assert_eq!(srgb_from_linear(linear_from_srgb(byte)), byte);
        }
        let mut half_white = [188, 188, 188, 128];
        unmultiply(&mut half_white);
        assert!(half_white[0] >= 254 && half_white[3] == 128, "{half_white:?}");
        let mut clear = [3, 0, 0, 0];
        unmultiply(&mut clear);
        assert_eq!(clear, [0, 0, 0, 0]);
    }
}
