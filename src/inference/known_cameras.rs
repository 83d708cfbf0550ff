//! Cameras that are known before a run: which photos they are of.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::{InferenceError, Notice, Photo};
use crate::geometry::Reading;
use crate::input::{KnownCamera, KnownCameras, NoCamera, ViewId, display_name, listed};

/// The known cameras of a run's photos.
pub(super) struct Given {
    path: PathBuf,
    by_photo: HashMap<ViewId, Result<KnownCamera, NoCamera>>,
    notices: Vec<Notice>,
}

impl Given {
    /// Reads cameras and finds those of the photos.
    pub fn read(path: &Path, reading: Reading, photos: &[Photo]) -> Result<Self, InferenceError> {
        let cameras = KnownCameras::read(path)?;
        let paths: Vec<&Path> = photos.iter().map(|photo| photo.path.as_path()).collect();
        let found = cameras.of_all(&paths);
        let notices = Notice::of_cameras(&cameras, &paths, &found);
        let read = |camera: &KnownCamera| KnownCamera {
            camera_from_world: reading.read(&camera.camera_from_world),
            ..*camera
        };
        let by_photo = photos.iter().zip(found).map(|(photo, found)| (photo.id, found.map(read))).collect();
        Ok(Self { path: path.to_owned(), by_photo, notices })
    }

    /// What there is to say before the run.
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// The camera of one of the photos.
    pub fn of(&self, photo: &Photo) -> Result<KnownCamera, InferenceError> {
        let found = self.by_photo.get(&photo.id).cloned().unwrap_or(Err(NoCamera::NoName));
        let (path, cameras) = (&photo.path, &self.path);
        found.map_err(|reason| InferenceError::NoCamera { path: path.clone(), cameras: cameras.clone(), reason })
    }
}

impl Notice {
    /// What there is to say of cameras before a run: what is wrong with them, and which of these photos have none; `found` is
    /// what [`KnownCameras::of_all`] says of them.
    pub fn of_cameras(cameras: &KnownCameras, photos: &[&Path], found: &[Result<&KnownCamera, NoCamera>]) -> Vec<Self> {
        let without = photos.iter().zip(found).filter(|(_, found)| found.is_err());
        let without: Vec<String> = without.map(|(photo, _)| display_name(photo)).collect();
        let remarks = cameras.remarks().iter().map(|remark| Self::OfCameras { remark: remark.clone() });
        let left_out = (!without.is_empty()).then(|| Self::WithoutCamera {
            without: without.len(),
            photos: photos.len(),
            cameras: cameras.path().to_owned(),
            names: listed(&without),
        });
        remarks.chain(left_out).collect()
    }
}
