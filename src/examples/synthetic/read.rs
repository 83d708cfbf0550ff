//! The synthetic scene back from its files: what a perfect network would have said of its photos.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use super::SyntheticView;
use super::write::{GroundTruth, TRUTH_FILE};
use crate::geometry::{Intrinsics, Rigid};

/// Millimetres of the depth pictures to metres.
const METRES: f32 = 0.001;

/// Reads the views that `write` wrote into `dir`; depth is rounded to millimetres.
///
/// # Errors
/// What the file system or a decoder answers; files that contradict each other are `InvalidData`.
pub fn read(dir: &Path) -> io::Result<Vec<SyntheticView>> {
    let truth: GroundTruth = serde_json::from_reader(BufReader::new(File::open(dir.join(TRUTH_FILE))?))?;
    let views = truth.views.iter().map(|view| {
        let image = decoded(&dir.join(&view.photo))?.into_rgb8();
        let millimetres = decoded(&dir.join(&view.depth_png))?.into_luma16();
        if image.dimensions() != millimetres.dimensions() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("{} has another size", view.depth_png)));
        }
        Ok(SyntheticView {
            image,
            depth: millimetres.as_raw().iter().map(|&mm| f32::from(mm) * METRES).collect(),
            intrinsics: Intrinsics::from_rows(view.intrinsics),
            camera_from_world: Rigid::from_rows(view.extrinsics),
        })
    });
    views.collect()
}

fn decoded(path: &Path) -> io::Result<image::DynamicImage> {
    image::open(path)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, format!("{}: {error}", path.display())))
}
