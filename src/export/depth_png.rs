//! Depth as a 16-bit grey PNG: what a value means is written into the file.

use std::io::{self, Write};

use png::{BitDepth, ColorType};

use super::png_file::{PngFile, software};
use crate::inference::DepthUnit;

/// How 16-bit values stand for depth: depth = value × `step`, and 0 is "no depth".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DepthScale {
    pub unit: DepthUnit,
    /// Depth of one step, in `unit`.
    pub step: f32,
}

impl DepthScale {
    /// Metric depth: millimetres. Depth beyond 65.535 m is written as 65.535 m.
    pub const MILLIMETRES: Self = Self { unit: DepthUnit::Metres, step: 0.001 };

    /// Millimetres for metres. Relative depth has no natural step: the deepest of these surfaces becomes 65535.
    pub fn of(unit: DepthUnit, surfaces: impl Iterator<Item = f32>) -> Self {
        match unit {
            DepthUnit::Metres => Self::MILLIMETRES,
            DepthUnit::Relative => {
                let deepest = surfaces.fold(0.0, f32::max);
                Self { unit, step: if deepest > 0.0 { deepest / f32::from(u16::MAX) } else { 1.0 } }
            }
        }
    }

    /// What part of these surfaces lies beyond the largest value, 0..=1.
    pub fn clipped(&self, surfaces: impl Iterator<Item = f32>) -> f64 {
        let limit = f64::from(self.step) * (f64::from(u16::MAX) + 0.5);
        let (all, beyond) =
            surfaces.fold((0u64, 0u64), |(all, beyond), depth| (all + 1, beyond + u64::from(f64::from(depth) > limit)));
        beyond as f64 / all.max(1) as f64
    }

    /// The nearest step, at least 1 for any depth > 0; 0 where there is none (≤ 0 or not a number).
    pub fn value(&self, depth: f32) -> u16 {
        if depth > 0.0 { (f64::from(depth) / f64::from(self.step)).round().clamp(1.0, 65535.0) as u16 } else { 0 }
    }
}

/// Finite depths > 0 of the pixels that show a surface.
pub(super) fn surfaces<'a>(depth: &'a [f32], background: Option<&'a [bool]>) -> impl Iterator<Item = f32> + 'a {
    let shows = move |pixel: usize| !background.is_some_and(|mask| mask[pixel]);
    depth.iter().enumerate().filter(move |&(pixel, &d)| d > 0.0 && d.is_finite() && shows(pixel)).map(|(_, &d)| d)
}

/// Writes a row-major depth map of `size` (width, height); background pixels have no depth.
///
/// tEXt chunks: `Software`, `Unit` ("metres" or "relative"), `Scale` (depth of one step), `Description`.
///
/// # Errors
/// What the writer answers; a map of another size is `InvalidData`.
pub fn write_depth_png(
    to: impl Write,
    depth: &[f32],
    background: Option<&[bool]>,
    size: [u32; 2],
    scale: DepthScale,
) -> io::Result<()> {
    let mut data = Vec::with_capacity(depth.len() * 2);
    for (pixel, &d) in depth.iter().enumerate() {
        let value = if background.is_some_and(|mask| mask[pixel]) { 0 } else { scale.value(d) };
        data.extend_from_slice(&value.to_be_bytes());
    }
    let unit = match scale.unit {
        DepthUnit::Metres => "metres",
        DepthUnit::Relative => "relative",
    };
    let texts = [
        ("Software", software()),
        ("Unit", unit.into()),
        ("Scale", scale.step.to_string()),
        ("Description", "z-depth = value * Scale; 0 = no depth".into()),
    ];
    PngFile { size, colour: ColorType::Grayscale, bits: BitDepth::Sixteen, texts: &texts, data: &data }.write(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metres_are_millimetres_with_a_clamp() {
        let scale = DepthScale::of(DepthUnit::Metres, [1.0].into_iter());
        let values = [1.2344, 0.0001, 65.6, 1e9, 0.0, -1.0, f32::NAN, f32::INFINITY].map(|d| scale.value(d));
        assert_eq!(values, [1234, 1, 65535, 65535, 0, 0, 0, 65535]);
    }

    #[test]
    fn relative_depth_uses_all_steps_of_what_shows_a_surface() {
        let depth = [0.5, 2.0, 900.0, f32::INFINITY];
        let scale = DepthScale::of(DepthUnit::Relative, surfaces(&depth, Some(&[false, false, true, false])));
        assert_eq!(scale.value(2.0), 65535);
        assert_eq!(scale.value(0.5), 16384);
        assert_eq!(DepthScale::of(DepthUnit::Relative, surfaces(&[f32::NAN], None)).step, 1.0);
    }
}
