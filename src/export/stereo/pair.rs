//! What two eyes see of one view, at the size that is asked for.

use image::RgbImage;
use image::imageops::crop_imm;

use crate::export::all::Files;
use crate::export::images::as_shown;
use crate::export::{ExportError, Options};
use crate::inference::{DepthUnit, PhotoPart, ViewPrediction};
use crate::scene::{Nearness, StereoPair};

/// `None` where an eye distance in millimetres meets depth of unknown scale. A photo that is gone is said, and what the network
/// saw of it stands in its place.
pub(super) fn pair(
    files: &mut Files<'_>,
    view: &ViewPrediction,
    unit: DepthUnit,
    options: &Options,
) -> Option<StereoPair> {
    let nearness = Nearness::of(view);
    let photo = options.full_size.then(|| photo_part(view)).and_then(|read| {
        let gone = |error: ExportError| {
            let why = match error {
                ExportError::Photo { path, reason } => format!("{}: {reason}", path.display()),
                other => other.to_string(),
            };
            files.remarks.push(format!("A stereo picture has only the size in which the network saw the photo. {why}"));
        };
        read.map_err(gone).ok()
    });
    let focal = match photo {
        Some(_) => view.photo_intrinsics().fx,
        None => view.camera.intrinsics.fx,
    };
    let picture = photo.as_ref().unwrap_or(&view.image);
    let (width, height) = picture.dimensions();
    let parallax = options.stereo.eyes.parallax(&nearness, width, Some(focal).filter(|_| unit == DepthUnit::Metres))?;
    Some(StereoPair::new(picture, &nearness.enlarged([width, height]), &parallax))
}

/// What of the photo the maps show: there is no depth beside it.
fn photo_part(view: &ViewPrediction) -> Result<RgbImage, ExportError> {
    let photo = as_shown(view, false)?;
    let PhotoPart { left, top, width, height } = view.photo_part;
    let edge = |at: f64, side: u32| (at.round().max(0.0) as u32).min(side);
    let [x, right] = [left, left + width].map(|at| edge(at, photo.width()));
    let [y, bottom] = [top, top + height].map(|at| edge(at, photo.height()));
    Ok(crop_imm(&photo, x, y, right - x, bottom - y).to_image())
}
