//! From the premultiplied pixels of a picture to the straight alpha of image files.

use super::uniforms::linear_from_srgb;

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

/// One sRGB byte of linear light 0..=1 (IEC 61966-2-1); brighter is clamped.
fn srgb_from_linear(linear: f32) -> u8 {
    let curve = if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    (curve.clamp(0.0, 1.0) * 255.0).round() as u8
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
