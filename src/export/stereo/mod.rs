//! Stereo pictures of each photo, and films of them in the order of the photos.

mod film;
mod pair;

use std::io;

use image::RgbImage;
use png::{BitDepth, ColorType};

use super::files::Files;
use super::png_file::{PngFile, software};
use super::view_names::ViewName;
use super::{ExportError, Format, Options, write_jpg};
use crate::inference::Prediction;
use film::Films;
pub(super) use film::eye_size;
use pair::pair;

/// Writes `0000_<photo>_<layout>.png` and `.jpg`, by the name of each view, and films `stereo_<layout>.mp4` and `.gif`.
pub(super) fn write_stereo(
    files: &mut Files<'_>,
    prediction: &Prediction,
    names: &[ViewName],
    options: &Options,
) -> Result<(), ExportError> {
    if !Format::STEREO.iter().any(|format| options.formats.contains(format)) {
        return Ok(());
    }
    let stereo = &options.stereo;
    let tag = stereo.layout.tag(stereo.swap_eyes);
    let mut films = Films::new(options);
    let mut without_scale = 0;
    for (view, name) in prediction.views.iter().zip(names) {
        let Some(pair) = pair(files, view, prediction.unit_of(view.scene), options) else {
            without_scale += 1;
            continue;
        };
        let name = |ending: &str| name.file(&format!("{tag}.{ending}"));
        let picture = stereo.layout.arrange(&pair, stereo.swap_eyes);
        if options.formats.contains(&Format::StereoPng) {
            files.write(name("png"), |to| write_png(to, &picture))?;
        }
        if options.formats.contains(&Format::StereoJpg) {
            files.write(name("jpg"), |to| write_jpg(to, &picture))?;
        }
        films.add(files, &pair)?;
    }
    films.finish(files)?;
    if without_scale > 0 {
        files.missing.push(format!(
            "{without_scale} of {} photos have no stereo picture: an eye distance in millimetres needs depth in metres. Give it in \
             percent, or choose a metric model.",
            prediction.views.len()
        ));
    }
    Ok(())
}

fn write_png(to: impl io::Write, picture: &RgbImage) -> io::Result<()> {
    let size = [picture.width(), picture.height()];
    let texts = [("Software", software())];
    PngFile { size, colour: ColorType::Rgb, bits: BitDepth::Eight, texts: &texts, data: picture.as_raw() }.write(to)
}
