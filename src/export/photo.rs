//! The photo of a view, read once more for files that show more of it than the network saw.

use image::RgbImage;
use image::imageops::crop_imm;

use super::ExportError;
use crate::geometry::{BentLens, Straightening};
use crate::inference::ViewPrediction;
use crate::input::{Limits, load_view, straighten};

/// The photo as it is shown, of the view's photo size; where a straight picture was made of it, that one, or with `as_taken` the
/// photo itself.
///
/// # Errors
/// [`ExportError::Photo`] where it cannot be read, or is another than it was.
pub(super) fn photo_of(view: &ViewPrediction, as_taken: bool) -> Result<RgbImage, ExportError> {
    let failed = |reason: String| ExportError::Photo { path: view.path.clone(), reason };
    let photo = load_view(view.view, &view.path, &Limits::default()).map_err(|error| failed(error.to_string()))?;
    let picture = photo.image;
    if [picture.width(), picture.height()] != view.photo_size {
        return Err(failed("it is another picture than it was when the network saw it".into()));
    }
    let Some(BentLens { intrinsics, distortion }) = view.bent.filter(|_| !as_taken) else { return Ok(picture) };
    let by = Straightening::new(intrinsics, distortion, view.photo_size);
    Ok(straighten(&picture, &by.map_err(|crooked| failed(format!("its lens {crooked}")))?))
}

/// What of the photo, or of its straight picture, the maps show: there is no depth beside it.
///
/// # Errors
/// [`ExportError::Photo`] where the photo cannot be read, or is another than it was.
pub fn part_of_photo(view: &ViewPrediction) -> Result<RgbImage, ExportError> {
    let photo = photo_of(view, false)?;
    let [left, top, width, height] = view.photo_part.pixels(view.photo_size);
    if [width, height] == view.photo_size {
        return Ok(photo);
    }
    Ok(crop_imm(&photo, left, top, width, height).to_image())
}
