//! sRGB's curve (IEC 61966-2-1), of bytes.

/// One sRGB byte in linear light, 0..=1.
pub fn linear_from_srgb(byte: u8) -> f32 {
    let v = f32::from(byte) / 255.0;
    if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
}

/// One sRGB byte of linear light 0..=1; brighter is clamped.
pub fn srgb_from_linear(linear: f32) -> u8 {
    let curve = if linear <= 0.003_130_8 { linear * 12.92 } else { 1.055 * linear.powf(1.0 / 2.4) - 0.055 };
    (curve.clamp(0.0, 1.0) * 255.0).round() as u8
}
