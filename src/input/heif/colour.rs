//! What the code points of ITU-T H.273 mean for a picture.

use heic_rs::props::colr::{MatrixCoefficients, Nclx};
use image::RgbImage;
use moxcms::ColorProfile;

use crate::input::source::Source;
use crate::input::{InputError, gamut};

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
