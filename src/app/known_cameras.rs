//! Cameras that are known before a run, as the window keeps them: read in the background, forgotten with their photos.

use std::path::{Path, PathBuf};

use super::fathom_app::FathomApp;
use super::notices::Severity;
use super::views::ViewList;
use crate::inference::{InferenceError, Notice};
use crate::input::{CamerasError, KnownCameras};
use crate::worker::Problem;

/// What has been read of the file that the settings name.
#[derive(Default)]
pub struct NamedCameras {
    read: Option<KnownCameras>,
    /// There have been photos for them.
    had_photos: bool,
}

impl NamedCameras {
    /// The cameras of this file, once they are read.
    pub fn of(&self, path: &Path) -> Option<&KnownCameras> {
        self.read.as_ref().filter(|read| read.path() == path)
    }
}

/// Whether a path that was dropped is nothing but cameras: `cameras.json`, `transforms.json`, or the folder of a COLMAP model.
pub fn is_cameras(path: &Path) -> bool {
    let is_model = ["cameras.bin", "cameras.txt"].iter().any(|name| path.join(name).is_file());
    path.file_name().is_some_and(|name| name == "cameras.json" || name == "transforms.json") || is_model
}

/// How many photos have a camera of their own, as a run finds them.
pub fn photos_with(cameras: &KnownCameras, views: &ViewList) -> usize {
    let photos: Vec<&Path> = views.rows().iter().map(|row| row.path.as_path()).collect();
    cameras.of_all(&photos).iter().filter(|found| found.is_ok()).count()
}

impl FathomApp {
    /// Reads what the settings name where that is not known yet, and forgets it when its photos are gone.
    pub(super) fn follow_cameras(&mut self) {
        let has_photos = !self.state.views.is_empty();
        let are_gone = std::mem::replace(&mut self.cameras.had_photos, has_photos) && !has_photos;
        // Masks belong to photos as much.
        if are_gone && self.state.settings.masks.take().is_some() {
            self.state.outcome = Some("The masks are forgotten with their photos".into());
        }
        // As do depths.
        let depths = [&mut self.state.settings.known_depths, &mut self.state.settings.sensor_depth];
        if are_gone && depths.into_iter().filter_map(Option::take).count() > 0 {
            self.state.outcome = Some("The known depths are forgotten with their photos".into());
        }
        let Some(path) = self.state.settings.known_cameras.clone() else {
            self.cameras.read = None;
            return;
        };
        if are_gone {
            self.state.settings.known_cameras = None;
            self.state.outcome = Some("The known cameras are forgotten with their photos".into());
            return;
        }
        if self.cameras.of(&path).is_none() {
            let started = self.tasks.read_cameras(path);
            self.check_task(started);
        }
    }

    pub(super) fn cameras_read(&mut self, path: PathBuf, read: Result<KnownCameras, CamerasError>) {
        match read {
            Ok(cameras) => {
                let found = photos_with(&cameras, &self.state.views);
                let photos = self.state.views.rows().len();
                let what = format!("{found} of {photos} photos have a camera in {}", path.display());
                self.state.outcome = Some(what);
                for remark in cameras.remarks() {
                    let problem = Problem::from(&Notice::OfCameras { remark: remark.clone() });
                    self.state.notices.add(Severity::Warning, problem, Vec::new(), false);
                }
                self.state.settings.known_cameras = Some(path);
                self.cameras.read = Some(cameras);
            }
            Err(error) => {
                // What was chosen before stays where another file cannot be read.
                if self.state.settings.known_cameras.as_ref() == Some(&path) {
                    self.state.settings.known_cameras = None;
                }
                let problem = Problem::from(&InferenceError::Cameras(error));
                self.state.notices.add(Severity::Error, problem, Vec::new(), true);
            }
        }
    }
}
