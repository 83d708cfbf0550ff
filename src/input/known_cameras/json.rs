//! `cameras.json`, as this program exports it.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::error::damaged;
use super::file::file_name;
use super::found::{Found, Reading};
use super::{CamerasError, KnownCamera, Raster};
use crate::geometry::{Distortion, Intrinsics, Rigid};

#[derive(Deserialize)]
struct StoredCamera {
    photo_size: [u32; 2],
    photo_intrinsics: Option<[[f32; 3]; 3]>,
    /// Where the camera is that of a picture which was made straight.
    lens_as_taken: Option<LensAsTaken>,
    camera_from_world: [[f32; 4]; 4],
}

#[derive(Deserialize)]
struct LensAsTaken {
    intrinsics: [[f32; 3]; 3],
    distortion: Distortion,
}

/// `cameras`: what the file has under that name.
pub fn read(path: &Path, cameras: &Value) -> Result<Reading, CamerasError> {
    let cameras = cameras.as_array().ok_or_else(|| damaged(path, "its cameras are no list"))?;
    let mut reading = Reading { file: file_name(path), ..Reading::default() };
    for (index, camera) in cameras.iter().enumerate() {
        match camera.get("photo").and_then(Value::as_str) {
            Some(photo) => reading.cameras.push((photo.to_owned(), found(camera))),
            None => reading.remarks.push(format!("{}: camera {} names no photo", reading.file, index + 1)),
        }
    }
    Ok(reading)
}

fn found(camera: &Value) -> Found {
    let stored =
        StoredCamera::deserialize(camera).map_err(|error| format!("has numbers that cannot be read ({error})"))?;
    let (k, distortion) = match stored.lens_as_taken {
        Some(lens) => (lens.intrinsics, lens.distortion),
        None => (stored.photo_intrinsics.ok_or("has only the lens of a cropped photo")?, Distortion::NONE),
    };
    let [x, y, z, _] = stored.camera_from_world;
    Ok(KnownCamera {
        intrinsics: Intrinsics::from_rows(k),
        distortion,
        size: Some(stored.photo_size),
        raster: Raster::Shown,
        camera_from_world: Rigid::from_rows([x, y, z]),
    })
}
