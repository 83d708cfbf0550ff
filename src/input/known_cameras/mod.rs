//! Cameras that are known before a run: of `cameras.json` (this program's) or of a COLMAP model.

mod binary;
mod colmap;
mod json;
mod text;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::name::display_path;
use crate::geometry::{Intrinsics, Rigid};

/// A file of cameras is text or numbers for some thousands of photos, and never as large as this.
const MOST_BYTES: u64 = 4 << 30;

/// One camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KnownCamera {
    /// Pixels of an image of `size`, width × height.
    pub intrinsics: Intrinsics,
    pub size: [u32; 2],
    /// Extrinsics, w2c, OpenCV frame.
    pub camera_from_world: Rigid,
}

impl KnownCamera {
    /// Intrinsics in pixels of a photo of this size: the camera's own, where somebody has resized the photo.
    pub fn intrinsics_of(&self, photo: [u32; 2]) -> Intrinsics {
        let [sx, sy] = [0, 1].map(|axis| photo[axis] as f32 / self.size[axis] as f32);
        self.intrinsics.scaled(sx, sy)
    }

    fn is_usable(&self) -> bool {
        let k = self.intrinsics;
        let pose = self.camera_from_world;
        let is_rotation = (pose.rotation.determinant() - 1.0).abs() < 0.01;
        k.fx > 0.0
            && k.fy > 0.0
            && [k.fx, k.fy, k.cx, k.cy].iter().all(|v| v.is_finite())
            && self.size.iter().all(|&side| side > 0)
            && is_rotation
            && pose.translation.is_finite()
    }
}

/// Why cameras could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CamerasError {
    #[error("{}: cannot be read ({source})", display_path(path))]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}: holds neither cameras.json nor a COLMAP model (cameras and images, .bin or .txt)", display_path(path))]
    NoCameras { path: PathBuf },
    #[error("{}: the file is damaged ({reason})", display_path(path))]
    Damaged { path: PathBuf, reason: String },
    #[error("{}: two cameras belong to photos called {name}", display_path(path))]
    Ambiguous { path: PathBuf, name: String },
}

/// Cameras by the file names of their photos.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownCameras {
    path: PathBuf,
    by_name: HashMap<String, KnownCamera>,
}

impl KnownCameras {
    /// Reads `path`: a `cameras.json`, a folder with one, or a COLMAP project or model (the folder itself, its `sparse/0` or
    /// its `sparse`).
    ///
    /// Lenses other than PINHOLE and SIMPLE_PINHOLE are approximated by their first parameter as focal length, with the
    /// principal point in the middle (specification §6.7).
    ///
    /// # Errors
    /// See [`CamerasError`].
    pub fn read(path: &Path) -> Result<Self, CamerasError> {
        let file = path.join("cameras.json");
        let cameras = if path.is_file() {
            json::read(path)?
        } else if file.is_file() {
            json::read(&file)?
        } else {
            let folders = [path.to_owned(), path.join("sparse/0"), path.join("sparse")];
            let found = folders.iter().find_map(|folder| colmap::read(folder).transpose());
            found.ok_or_else(|| CamerasError::NoCameras { path: path.to_owned() })??
        };
        let mut by_name = HashMap::with_capacity(cameras.len());
        for (name, camera) in cameras {
            if !camera.is_usable() {
                let reason = format!("the camera of {name} has numbers that no camera has");
                return Err(CamerasError::Damaged { path: path.to_owned(), reason });
            }
            // COLMAP names photos by their path within its image folder.
            let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
            if by_name.insert(name.clone(), camera).is_some() {
                return Err(CamerasError::Ambiguous { path: path.to_owned(), name });
            }
        }
        Ok(Self { path: path.to_owned(), by_name })
    }

    /// The camera of this photo.
    pub fn of(&self, photo: &Path) -> Option<&KnownCamera> {
        self.by_name.get(photo.file_name()?.to_str()?)
    }

    /// Where they come from.
    pub fn path(&self) -> &Path {
        &self.path
    }
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
