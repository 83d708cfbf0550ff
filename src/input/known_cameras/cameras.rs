//! All cameras of a file or a model, by the names of their photos.

use std::path::{Path, PathBuf};

use super::error::damaged;
use super::found::{NUMBERS, Reading};
use super::matching::Index;
use super::read::reading;
use super::{CamerasError, KnownCamera, NoCamera};
use crate::geometry::Straightening;

/// Cameras by the names of their photos.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownCameras {
    path: PathBuf,
    index: Index,
    remarks: Vec<String>,
}

impl KnownCameras {
    /// Reads `path`: a `cameras.json` or `transforms.json`, one of a COLMAP model's files, a folder with one of these, or a
    /// COLMAP project (the model lies in its `sparse/0` or `sparse`).
    ///
    /// A camera that cannot be used costs its own photo and is a remark.
    ///
    /// # Errors
    /// See [`CamerasError`]; a file without a single usable camera counts as damaged.
    pub fn read(path: &Path) -> Result<Self, CamerasError> {
        let mut reading = reading(path)?;
        for (_, found) in &mut reading.cameras {
            if found.as_ref().is_ok_and(|camera| !camera.is_usable()) {
                *found = Err(NUMBERS.to_owned());
            }
        }
        straighten(&mut reading);
        let remarks = reading.all_remarks();
        if !reading.cameras.iter().any(|(_, found)| found.is_ok()) {
            let reason = remarks.into_iter().next().unwrap_or_else(|| format!("{}: it lists no photos", reading.file));
            return Err(damaged(path, reason));
        }
        Ok(Self { path: path.to_owned(), index: Index::new(reading.cameras), remarks })
    }

    /// The camera of this photo, as far as its own path tells.
    pub fn of(&self, photo: &Path) -> Option<&KnownCamera> {
        self.index.of(photo)
    }

    /// The cameras of these photos. A camera is that of the photo whose path it fits best; where two different photos
    /// remain, neither has it.
    pub fn of_all(&self, photos: &[&Path]) -> Vec<Result<&KnownCamera, NoCamera>> {
        self.index.of_all(photos)
    }

    /// Where they come from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was not as it should be, in sentences: cameras that cannot be used, and files that contradict themselves.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }
}

/// Finds out which lenses can be made straight, and says what that changes.
fn straighten(reading: &mut Reading) {
    let mut last = None;
    let (mut bent, mut most_pixels) = (0, 0.0f64);
    for (_, found) in &mut reading.cameras {
        let Ok(KnownCamera { intrinsics, distortion, size: Some(size), .. }) = *found else { continue };
        if distortion.is_none() {
            continue;
        }
        // Photos of one lens mostly follow each other.
        let lens = (intrinsics, distortion, size);
        let result = match last {
            Some((same, result)) if same == lens => result,
            _ => Straightening::new(intrinsics, distortion, size).map(|straight| straight.corner_pixels),
        };
        last = Some((lens, result));
        match result {
            Ok(pixels) => (bent, most_pixels) = (bent + 1, most_pixels.max(pixels)),
            Err(crooked) => *found = Err(crooked.to_string()),
        }
    }
    if bent > 0 {
        let photos = if bent == 1 {
            "the lens of 1 photo distorts".into()
        } else {
            format!("the lenses of {bent} photos distort")
        };
        reading.remarks.push(format!(
            "{}: {photos}, by up to {most_pixels:.1} px at a corner; that is undone before the network sees them, and results are \
             those of the straight pictures",
            reading.file
        ));
    }
}
