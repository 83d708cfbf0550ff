//! What the code points of ITU-T H.273 mean for a picture.

use heic_rs::props::colr::{MatrixCoefficients, Nclx};
use image::RgbImage;
use moxcms::ColorProfile;

use crate::input::source::Source;
use crate::input::{InputError, gamut, hdr};

const BT_2020: u16 = 9;
const DCI_P3: u16 = 11;
const DISPLAY_P3: u16 = 12;

/// The colours with a matrix that can be undone; an error where it is another one. What is unspecified is BT.601, as
/// in other programs.
pub(super) fn known(source: &Source, nclx: Nclx) -> Result<Nclx, InputError> {
    match nclx.matrix {
        MatrixCoefficients::Unspecified => Ok(Nclx { matrix: MatrixCoefficients::Bt601, ..nclx }),
        MatrixCoefficients::Other(code) => Err(source.unsupported(format!("its colour matrix has the number {code}"))),
        _ => Ok(nclx),
    }
}

/// A curve of high dynamic range: the picture is light rather than what a screen shows of it.
#[derive(Clone, Copy)]
pub(super) enum HdrCurve {
    /// SMPTE ST 2084.
    Pq,
    /// ARIB STD-B67, hybrid log-gamma.
    Hlg,
}

impl HdrCurve {
    pub fn of(nclx: Nclx) -> Option<Self> {
        match nclx.transfer {
            16 => Some(Self::Pq),
            18 => Some(Self::Hlg),
            _ => None,
        }
    }

    /// Light of a coded value in 0..=1; white of a page is 1.
    pub fn light(self, coded: f32) -> f32 {
        /// Of 10 000 candela, those of white on a page (ITU-R BT.2408).
        const PAGE: f32 = 203.0 / 10_000.0;
        match self {
            Self::Pq => {
                let (m1, m2) = (2610.0 / 16_384.0, 2523.0 / 32.0);
                let (c1, c2, c3) = (3424.0 / 4096.0, 2413.0 / 128.0, 2392.0 / 128.0);
                let power = coded.powf(1.0 / m2);
                ((power - c1).max(0.0) / (c2 - c3 * power)).powf(1.0 / m1) / PAGE
            }
            // The scene's light, of which white on a page is a quarter.
            Self::Hlg => {
                let (a, b, c) = (0.178_832_77, 0.284_668_92, 0.559_910_7);
                let scene = if coded <= 0.5 { coded * coded / 3.0 } else { (((coded - c) / a).exp() + b) / 12.0 };
                scene / 0.26
            }
        }
    }
}

/// A picture in 16-bit RGB of high dynamic range to 8-bit sRGB, exposed as other such pictures are.
pub(super) fn exposed(samples: &[u8], [width, height]: [u32; 2], curve: HdrCurve, nclx: Nclx) -> RgbImage {
    let light: Vec<f32> = (0..=u16::MAX).map(|value| curve.light(f32::from(value) / f32::from(u16::MAX))).collect();
    // BT.2020's primaries to BT.709's, both under D65 (ITU-R BT.2087); Display P3's to the same.
    let matrix = match nclx.primaries {
        BT_2020 => [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]],
        DCI_P3 | DISPLAY_P3 => [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]],
        _ => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    };
    let pixels = samples.chunks_exact(6).map(|pixel| {
        let [r, g, b] = [0, 2, 4].map(|at| light[usize::from(u16::from_ne_bytes([pixel[at], pixel[at + 1]]))]);
        matrix.map(|row: [f32; 3]| row[0] * r + row[1] * g + row[2] * b)
    });
    hdr::to_rgb(width, height, pixels)
}

/// Brings the picture to sRGB from the primaries that it names.
pub(super) fn to_srgb(image: &mut RgbImage, nclx: Nclx) {
    let mut profile = match nclx.primaries {
        BT_2020 => ColorProfile::new_bt2020(),
        DCI_P3 | DISPLAY_P3 => ColorProfile::new_display_p3(),
        _ => return,
    };
    let srgb = ColorProfile::new_srgb();
    // All but HDR is shown with the curve of screens, whatever the camera's curve is called.
    (profile.red_trc, profile.green_trc, profile.blue_trc) = (srgb.red_trc, srgb.green_trc, srgb.blue_trc);
    profile.cicp = None;
    gamut::to_srgb(image, &profile);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Code values of ITU-R BT.2408: white on a page is 58 % in PQ and 75 % in HLG.
    #[test]
    fn white_on_a_page_is_one() {
        let [pq, hlg] = [HdrCurve::Pq.light(0.5807), HdrCurve::Hlg.light(0.75)];
        assert!((pq - 1.0).abs() < 0.01 && (hlg - 1.0).abs() < 0.03, "{pq} {hlg}");
        assert_eq!([HdrCurve::Pq.light(0.0), HdrCurve::Hlg.light(0.0)], [0.0, 0.0]);
        assert!((HdrCurve::Pq.light(1.0) - 10_000.0 / 203.0).abs() < 0.1);
    }

    #[test]
    fn hdr_is_exposed_and_keeps_its_hue() {
        let nclx = Nclx { primaries: BT_2020, transfer: 16, ..Nclx::default() };
        let pixel = [40_000u16, 30_000, 20_000];
        let samples: Vec<u8> = (0..12).flat_map(|_| pixel.into_iter().flat_map(u16::to_ne_bytes)).collect();
        let picture = exposed(&samples, [4, 3], HdrCurve::Pq, nclx);
        let [red, green, blue] = picture.get_pixel(3, 2).0;
        assert!(red > green && green > blue && red > 120, "{red} {green} {blue}");
    }
}
