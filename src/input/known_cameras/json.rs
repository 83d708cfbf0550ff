//! `cameras.json`, as this program exports it.

use std::path::Path;

use serde::Deserialize;

use super::{CamerasError, KnownCamera, bytes, damaged};
use crate::geometry::{Intrinsics, Rigid};

#[derive(Deserialize)]
struct Stored {
    cameras: Vec<StoredCamera>,
}

#[derive(Deserialize)]
struct StoredCamera {
    photo: String,
    photo_size: [u32; 2],
    photo_intrinsics: Option<[[f32; 3]; 3]>,
    camera_from_world: [[f32; 4]; 4],
}

pub fn read(path: &Path) -> Result<Vec<(String, KnownCamera)>, CamerasError> {
    let stored: Stored = serde_json::from_slice(&bytes(path)?).map_err(|error| damaged(path, error.to_string()))?;
    let camera = |stored: StoredCamera| {
        let Some(k) = stored.photo_intrinsics else {
            return Err(damaged(path, format!("the lens of {} is that of a cropped photo", stored.photo)));
        };
        let [x, y, z, _] = stored.camera_from_world;
        let camera = KnownCamera {
            intrinsics: Intrinsics::from_rows(k),
            size: stored.photo_size,
            camera_from_world: Rigid::from_rows([x, y, z]),
        };
        Ok((stored.photo, camera))
    };
    stored.cameras.into_iter().map(camera).collect()
}
