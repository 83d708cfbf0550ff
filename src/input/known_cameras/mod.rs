//! Cameras that are known before a run: of `cameras.json` (this program's), of a COLMAP model, or of `transforms.json`.

mod binary;
mod colmap;
mod found;
mod json;
mod matching;
mod models;
mod text;
mod transforms;
mod upright;

use std::path::{Path, PathBuf};

use glam::Mat3;
use serde_json::Value;

use super::name::display_path;
use crate::geometry::{Distortion, Intrinsics, Rigid, Straightening};
use colmap::NUMBERS;
use found::Reading;
pub use found::listed;
pub use matching::NoCamera;
pub(super) use matching::{alike, parts_of};
pub use upright::Upright;

/// A file of cameras is text or numbers for some thousands of photos, and never as large as this.
const MOST_BYTES: u64 = 4 << 30;

/// One camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownCamera {
    /// Pixels of an image of `size`.
    pub intrinsics: Intrinsics,
    /// What the lens does beyond a pinhole.
    pub distortion: Distortion,
    /// Width × height. `None`: of any; the intrinsics are in widths of the photo, whose centre is the principal point.
    pub size: Option<[u32; 2]>,
    pub raster: Raster,
    /// Extrinsics, w2c, OpenCV frame.
    pub camera_from_world: Rigid,
}

/// Which picture of a photo a camera is of, where EXIF says that the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raster {
    /// The pixels as they are stored.
    Stored,
    /// The photo as it was held.
    Shown,
}

impl KnownCamera {
    /// Intrinsics in pixels of a photo of this size: the camera's own, where somebody has resized the photo.
    pub fn intrinsics_of(&self, photo: [u32; 2]) -> Intrinsics {
        let [width, height] = photo.map(|side| side as f32);
        match self.size {
            Some([own_width, own_height]) => {
                self.intrinsics.scaled(width / own_width as f32, height / own_height as f32)
            }
            None => Intrinsics { cx: width / 2.0, cy: height / 2.0, ..self.intrinsics.scaled(width, width) },
        }
    }

    fn is_usable(&self) -> bool {
        let k = self.intrinsics;
        let pose = self.camera_from_world;
        let off = pose.rotation * pose.rotation.transpose() - Mat3::IDENTITY;
        let is_rotation = off.to_cols_array().iter().all(|v| v.abs() < 0.01) && pose.rotation.determinant() > 0.0;
        k.fx > 0.0
            && k.fy > 0.0
            && [k.fx, k.fy, k.cx, k.cy].iter().all(|v| v.is_finite())
            && self.distortion.is_finite()
            && self.size.is_none_or(|size| size.iter().all(|&side| side > 0))
            && is_rotation
            && pose.translation.is_finite()
    }
}

/// Why cameras could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CamerasError {
    #[error("{}: cannot be read ({source})", display_path(path))]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error(
        "{}: holds neither cameras.json, nor a COLMAP model (cameras and images, .bin or .txt), nor transforms.json",
        display_path(path)
    )]
    NoCameras { path: PathBuf },
    #[error("{}: the file is damaged ({reason})", display_path(path))]
    Damaged { path: PathBuf, reason: String },
}

/// Cameras by the names of their photos.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownCameras {
    path: PathBuf,
    index: matching::Index,
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
        Ok(Self { path: path.to_owned(), index: matching::Index::new(reading.cameras), remarks })
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

fn reading(path: &Path) -> Result<Reading, CamerasError> {
    if path.is_file() {
        let is_colmap = path.extension().is_some_and(|ending| ending == "bin" || ending == "txt");
        return if is_colmap { model_in(&[path.parent().unwrap_or(path).to_owned()], path) } else { json_in(path) };
    }
    let cameras = path.join("cameras.json");
    if cameras.is_file() {
        return json_in(&cameras);
    }
    let folders = [path.to_owned(), path.join("sparse/0"), path.join("sparse")];
    match model_in(&folders, path) {
        Err(CamerasError::NoCameras { path: nowhere }) => {
            let transforms = path.join("transforms.json");
            if transforms.is_file() { json_in(&transforms) } else { Err(CamerasError::NoCameras { path: nowhere }) }
        }
        found => found,
    }
}

fn model_in(folders: &[PathBuf], path: &Path) -> Result<Reading, CamerasError> {
    let found = folders.iter().find_map(|folder| colmap::read(folder).transpose());
    found.ok_or_else(|| CamerasError::NoCameras { path: path.to_owned() })?
}

/// What a JSON file is about, its content says.
fn json_in(path: &Path) -> Result<Reading, CamerasError> {
    let bytes = bytes(path)?;
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let parsed = serde_json::from_slice(text)
        .or_else(|error| serde_json::from_slice(&without_odd_numbers(text)).map_err(|_| error));
    let all: Value = parsed.map_err(|error| damaged(path, error.to_string()))?;
    match (all.get("cameras"), all.get("frames")) {
        (Some(cameras), _) => json::read(path, cameras),
        (None, Some(frames)) => transforms::read(path, &all, frames),
        (None, None) => Err(damaged(path, "it has neither cameras nor frames")),
    }
}

/// JSON has no word for what is no number or infinite, and Python writes some all the same: they become null.
fn without_odd_numbers(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let (mut rest, mut is_in_string) = (text, false);
    while let [first, behind @ ..] = rest {
        let odd =
            [&b"NaN"[..], b"-Infinity", b"Infinity"].into_iter().find(|odd| !is_in_string && rest.starts_with(odd));
        if let Some(odd) = odd {
            plain.extend(b"null");
            rest = &rest[odd.len()..];
            continue;
        }
        plain.push(*first);
        rest = behind;
        match first {
            b'"' => is_in_string = !is_in_string,
            // What it hides is part of the string.
            b'\\' => {
                if let [hidden, behind @ ..] = rest {
                    plain.push(*hidden);
                    rest = behind;
                }
            }
            _ => {}
        }
    }
    plain
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn bytes(path: &Path) -> Result<Vec<u8>, CamerasError> {
    let unreadable = |source| CamerasError::Unreadable { path: path.to_owned(), source };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > MOST_BYTES {
        return Err(damaged(path, "it is far larger than such files are"));
    }
    std::fs::read(path).map_err(unreadable)
}

fn damaged(path: &Path, reason: impl Into<String>) -> CamerasError {
    CamerasError::Damaged { path: path.to_owned(), reason: reason.into() }
}
