//! `transforms.json`, from which Nerfstudio, instant-ngp and others start.
//!
//! Poses are camera-to-world in OpenGL's frame (x right, y up, z backward), lenses those of the photos' stored pixels.

use std::io::{self, Write};
use std::path::{Path, absolute};
use std::sync::Arc;

use serde::Serialize;

use super::PhotoNames;
use super::file_name::photo_name;
use super::stored_camera::StoredCamera;
use crate::geometry::{Distortion, Projection, Rigid};
use crate::inference::ViewPrediction;
use crate::input::relative;

#[derive(Serialize)]
struct Transforms {
    camera_model: &'static str,
    /// The points that splats begin with.
    #[serde(skip_serializing_if = "Option::is_none")]
    ply_file_path: Option<String>,
    frames: Vec<Frame>,
}

#[derive(Serialize)]
struct Frame {
    file_path: String,
    w: u32,
    h: u32,
    fl_x: f64,
    fl_y: f64,
    cx: f64,
    cy: f64,
    k1: f64,
    k2: f64,
    k3: f64,
    k4: f64,
    p1: f64,
    p2: f64,
    transform_matrix: [[f32; 4]; 4],
}

/// Where the photos are that a file speaks of.
pub(super) enum PhotosAt<'a> {
    /// In `images`, by these names.
    Images(&'a PhotoNames),
    /// Where they were, seen from this folder.
    Theirs(&'a Path),
}

/// Writes the cameras of one scene.
///
/// # Errors
/// What the writer answers; `InvalidInput` where the format has no words for a lens, or for lenses of two kinds.
pub(super) fn write_transforms(
    mut to: impl Write,
    views: &[Arc<ViewPrediction>],
    photos: &PhotosAt<'_>,
    as_taken: bool,
    ply: Option<&str>,
) -> io::Result<()> {
    let cameras: Vec<StoredCamera<'_>> = views.iter().map(|view| StoredCamera::new(view, as_taken)).collect();
    let camera_model = camera_model(&cameras).map_err(|reason| io::Error::new(io::ErrorKind::InvalidInput, reason))?;
    let mut frames = Vec::with_capacity(views.len());
    for (place, (view, camera)) in views.iter().zip(cameras).enumerate() {
        let file_path = match photos {
            PhotosAt::Images(names) => format!("images/{}", names.of(place)),
            PhotosAt::Theirs(folder) => way(folder, &view.path),
        };
        let [fl_x, fl_y, cx, cy] = camera.lens;
        let [k1, k2, k3, k4, ..] = camera.distortion.radial;
        let [p2, p1] = camera.distortion.tangential;
        let [w, h] = camera.size;
        let transform_matrix = matrix(&camera.camera_from_world);
        frames.push(Frame { file_path, w, h, fl_x, fl_y, cx, cy, k1, k2, k3, k4, p1, p2, transform_matrix });
    }
    let transforms = Transforms { camera_model, ply_file_path: ply.map(String::from), frames };
    serde_json::to_writer_pretty(&mut to, &transforms)?;
    to.write_all(b"\n")
}

const PINHOLE: &str = "PINHOLE";
const FISHEYE: &str = "OPENCV_FISHEYE";

fn model_of(lens: &Distortion) -> Option<&'static str> {
    let is_simple = lens.radial_below == [0.0; 3] && lens.prism == [[0.0; 2]; 2] && !lens.is_radial_first;
    match lens.projection {
        _ if lens.is_none() => Some(PINHOLE),
        Projection::Pinhole if is_simple && lens.radial[3..] == [0.0; 3] => Some("OPENCV"),
        Projection::Equidistant if is_simple && lens.radial[4..] == [0.0; 2] && lens.tangential == [0.0; 2] => {
            Some(FISHEYE)
        }
        _ => None,
    }
}

/// The kind of lens that all of these have, a pinhole being a lens of any kind; else why there is none, as the start of a sentence.
pub(super) fn camera_model(cameras: &[StoredCamera<'_>]) -> Result<&'static str, String> {
    let mut all = PINHOLE;
    for camera in cameras {
        let Some(model) = model_of(&camera.distortion) else {
            let photo = photo_name(&camera.view.path);
            return Err(format!("transforms.json has no words for the lens of {photo}"));
        };
        if all != PINHOLE && model != PINHOLE && model != all {
            return Err(
                "transforms.json has one kind of lens for all photos, and only some of these are fisheyes".into()
            );
        }
        all = if model == PINHOLE { all } else { model };
    }
    Ok(all)
}

/// From the folder to a photo, with `/` between the parts; absolute where there is no way.
fn way(folder: &Path, photo: &Path) -> String {
    let full = |path: &Path| absolute(path).unwrap_or_else(|_| path.to_owned());
    let (folder, photo) = (full(folder), full(photo));
    relative(&folder, &photo).unwrap_or(photo).to_string_lossy().into_owned()
}

fn matrix(camera_from_world: &Rigid) -> [[f32; 4]; 4] {
    let mut rows = camera_from_world.inverse().matrix().transpose().to_cols_array_2d();
    // OpenCV's y and z point the other way.
    rows.iter_mut().take(3).for_each(|row| (row[1], row[2]) = (-row[1], -row[2]));
    rows
}
