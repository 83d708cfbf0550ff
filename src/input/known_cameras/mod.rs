//! Cameras that are known before a run: of `cameras.json` (this program's), of a COLMAP model, or of `transforms.json`.

mod binary;
mod camera;
mod cameras;
mod colmap;
mod error;
mod file;
mod found;
mod json;
mod matching;
mod models;
mod read;
mod rows;
mod text;
mod transforms;
mod upright;

pub use camera::{KnownCamera, Raster};
pub use cameras::KnownCameras;
pub use error::CamerasError;
pub use found::listed;
pub use matching::NoCamera;
pub(super) use matching::{alike, parts_of};
pub use upright::Upright;
