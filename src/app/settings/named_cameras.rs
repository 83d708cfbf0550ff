//! Cameras that are known before a run, as the window keeps them: read in the background, forgotten with their photos.

use std::path::{Path, PathBuf};

use crate::app::desk::Desk;
use crate::app::desk::notices::Severity;
use crate::app::desk::views::ViewList;
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

/// How many photos have a camera of their own, as a run finds them.
pub fn photos_with(cameras: &KnownCameras, views: &ViewList) -> usize {
    let photos: Vec<&Path> = views.rows().iter().map(|row| row.path.as_path()).collect();
    cameras.of_all(&photos).iter().filter(|found| found.is_ok()).count()
}

impl NamedCameras {
    /// Reads what the settings name where that is not known yet, and forgets it when its photos are gone.
    pub fn follow(&mut self, desk: &mut Desk) {
        let has_photos = !desk.state.views.is_empty();
        let are_gone = std::mem::replace(&mut self.had_photos, has_photos) && !has_photos;
        // Masks belong to photos as much.
        if are_gone && desk.state.settings.masks.take().is_some() {
            desk.state.outcome = Some("The masks are forgotten with their photos".into());
        }
        // As do depths.
        let depths = [&mut desk.state.settings.known_depths, &mut desk.state.settings.sensor_depth];
        if are_gone && depths.into_iter().filter_map(Option::take).count() > 0 {
            desk.state.outcome = Some("The known depths are forgotten with their photos".into());
        }
        let Some(path) = desk.state.settings.known_cameras.clone() else {
            self.read = None;
            return;
        };
        if are_gone {
            desk.state.settings.known_cameras = None;
            desk.state.outcome = Some("The known cameras are forgotten with their photos".into());
            return;
        }
        if self.of(&path).is_none() {
            let started = desk.tasks.read_cameras(path);
            desk.check_task(started);
        }
    }

    /// Takes in what a file turned out to hold.
    pub fn take_in(&mut self, desk: &mut Desk, path: PathBuf, read: Result<KnownCameras, CamerasError>) {
        match read {
            Ok(cameras) => {
                let found = photos_with(&cameras, &desk.state.views);
                let photos = desk.state.views.rows().len();
                let what = format!("{found} of {photos} photos have a camera in {}", path.display());
                desk.state.outcome = Some(what);
                for remark in cameras.remarks() {
                    let problem = Problem::from(&Notice::OfCameras { remark: remark.clone() });
                    desk.state.notices.add(Severity::Warning, problem, Vec::new(), false);
                }
                desk.state.settings.known_cameras = Some(path);
                self.read = Some(cameras);
            }
            Err(error) => {
                // What was chosen before stays where another file cannot be read.
                if desk.state.settings.known_cameras.as_ref() == Some(&path) {
                    desk.state.settings.known_cameras = None;
                }
                let problem = Problem::from(&InferenceError::Cameras(error));
                desk.state.notices.add(Severity::Error, problem, Vec::new(), true);
            }
        }
    }
}
