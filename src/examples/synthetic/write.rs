//! The synthetic scene as files: photos, exact depth and cameras.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{VIEWS, render};
use crate::export::{DepthScale, ExportError, write_atomically, write_depth_png, write_npz};
use crate::inference::ViewPrediction;
use crate::input::ViewId;

/// What holds the cameras and vouches for the other files: it is written last.
pub const TRUTH_FILE: &str = "ground_truth.json";

/// The content of [`TRUTH_FILE`].
#[derive(Serialize, Deserialize)]
pub(super) struct GroundTruth {
    unit: String,
    depth: String,
    camera_frame: String,
    pub views: Vec<Truth>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Truth {
    pub photo: String,
    pub depth_png: String,
    size: [u32; 2],
    pub intrinsics: [[f32; 3]; 3],
    pub extrinsics: [[f32; 4]; 3],
}

/// File name of a view's photo.
pub fn photo_name(view: usize) -> String {
    format!("view_{view:02}.png")
}

/// Writes the first `views` (at most [`VIEWS`]) views at `size` (width, height) into `dir`, which must exist.
///
/// Photos `view_00.png`…, their depth in millimetres `view_00_depth.png`…, `ground_truth.npz` (depth, extrinsics,
/// intrinsics as [`write_npz`] has them) and, last, `ground_truth.json`. Returns the photos.
///
/// # Errors
/// [`ExportError::Write`] naming the file.
pub fn write(dir: &Path, views: usize, size: [u32; 2]) -> Result<Vec<PathBuf>, ExportError> {
    let mut photos = Vec::new();
    let mut truths = Vec::new();
    let mut predictions: Vec<Arc<ViewPrediction>> = Vec::new();
    for index in 0..views.min(VIEWS) {
        let view = render(index, size[0], size[1]);
        let photo = photo_name(index);
        let depth_png = format!("view_{index:02}_depth.png");
        let path = dir.join(&photo);
        write_atomically(&path, |to| {
            let encoder = image::codecs::png::PngEncoder::new(to);
            view.image.write_with_encoder(encoder).map_err(into_io)
        })?;
        write_atomically(&dir.join(&depth_png), |to| {
            write_depth_png(to, &view.depth, None, size, DepthScale::MILLIMETRES)
        })?;
        truths.push(Truth {
            photo,
            depth_png,
            size,
            intrinsics: view.intrinsics.rows(),
            extrinsics: view.camera_from_world.rows(),
        });
        predictions.push(Arc::new(view.into_prediction(ViewId(index as u64), path.clone())));
        photos.push(path);
    }
    write_atomically(&dir.join("ground_truth.npz"), |to| write_npz(to, &predictions))?;
    let truth = GroundTruth {
        unit: "metres".into(),
        depth: "z-depth; ground_truth.npz is exact, the 16-bit PNGs are millimetres".into(),
        camera_frame: "OpenCV: x right, y down, z forward; extrinsics are camera from world".into(),
        views: truths,
    };
    write_atomically(&dir.join(TRUTH_FILE), |to| Ok(serde_json::to_writer_pretty(to, &truth)?))?;
    Ok(photos)
}

/// The I/O error inside an image error, where there is one.
fn into_io(error: image::ImageError) -> std::io::Error {
    match error {
        image::ImageError::IoError(source) => source,
        other => std::io::Error::other(other),
    }
}
