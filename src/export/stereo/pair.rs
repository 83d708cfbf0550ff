//! What two eyes see of one view, at the size that is asked for.

use crate::export::files::Files;
use crate::export::photo::part_of_photo;
use crate::export::{ExportError, Options};
use crate::inference::{DepthUnit, ViewPrediction};
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
    let photo = options.full_size.then(|| part_of_photo(view)).and_then(|read| {
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
