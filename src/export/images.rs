//! The photos that COLMAP models and files for trainers speak of, beside them in a folder `images`.

use std::fs::File;
use std::io;
use std::sync::Arc;

use image::ImageFormat;
use image::imageops::rotate90;

use super::files::Files;
use super::jpg::write_jpg;
use super::photo::photo_of;
use super::stored_camera::quarters_to_stored;
use super::{ExportError, Options, PhotoNames};
use crate::inference::ViewPrediction;

/// Formats that every trainer reads, by their endings.
const PLAIN: [&str; 3] = ["jpg", "jpeg", "png"];
/// Of a JPEG as it is written here.
const PIXELS_PER_BYTE: u64 = 2;

/// Whether the file itself is what the exported camera sees. Of others a picture is made: of photos in formats that trainers do
/// not read, of mirrored ones, and of those whose straight picture the camera is of.
fn is_copied(view: &ViewPrediction, as_taken: bool) -> bool {
    let ending = view.path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let is_plain = ending.is_some_and(|ending| PLAIN.contains(&ending.as_str()));
    is_plain && !view.photo_turn.is_mirrored && (as_taken || view.bent.is_none())
}

/// The names of these photos, where they are to lie in `images`: words, because COLMAP itself takes what follows a blank in its
/// text for another field, and with the ending of what is written.
pub(super) fn names_in_images(views: &[Arc<ViewPrediction>], as_taken: bool) -> PhotoNames {
    PhotoNames::words(views, |view, name| {
        let is_png = name.to_lowercase().ends_with(".png");
        if is_copied(view, as_taken) || is_png {
            return name;
        }
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        format!("{stem}.jpg")
    })
}

/// Bytes of the photo beside its camera; those of a picture that is made of it are a guess.
pub(super) fn images_bytes(view: &ViewPrediction, as_taken: bool) -> u64 {
    match is_copied(view, as_taken) {
        true => std::fs::metadata(&view.path).map_or(0, |about| about.len()),
        false => u64::from(view.photo_size[0]) * u64::from(view.photo_size[1]) / PIXELS_PER_BYTE,
    }
}

/// Writes the photos of these views, as `options` say.
pub(super) fn write_images(
    files: &mut Files<'_>,
    views: &[Arc<ViewPrediction>],
    names: &PhotoNames,
    options: &Options,
) -> Result<(), ExportError> {
    for (view, name) in views.iter().zip(names.iter()) {
        let file = format!("images/{name}");
        if is_copied(view, options.as_taken) {
            let unreadable =
                |source: io::Error| ExportError::Photo { path: view.path.clone(), reason: source.to_string() };
            let mut photo = File::open(&view.path).map_err(unreadable)?;
            files.write(file, |to| io::copy(&mut photo, to).map(drop))?;
            continue;
        }
        let picture = photo_of(view, options.as_taken)?;
        let picture = (0..quarters_to_stored(view)).fold(picture, |picture, _| rotate90(&picture));
        files.write(file, |to| match name.to_lowercase().ends_with(".png") {
            true => {
                let mut bytes = io::Cursor::new(Vec::new());
                picture.write_to(&mut bytes, ImageFormat::Png).map_err(io::Error::other)?;
                io::Write::write_all(to, bytes.get_ref())
            }
            false => write_jpg(to, &picture),
        })?;
    }
    Ok(())
}
