//! One file per format; each takes a `Prediction` (or one of its views) and a `Write`.
//!
//! [`export_all`] writes the whole set into a folder. The format functions can be used on their own: they expect maps
//! of `width`·`height` values, which [`export_all`] checks before it writes anything.

mod all;
mod animation;
mod colour_png;
mod depth_png;
mod error;
mod file_name;
mod folder;
mod full_size;
mod npy;
mod npz;
mod picture_png;
mod ply;
mod png_file;
mod summary;

pub use all::{Options, export_all};
pub use animation::{AnimationFormat, AnimationWriter};
pub use colour_png::write_colour_png;
pub use depth_png::{DepthScale, write_depth_png};
pub use error::ExportError;
pub use folder::{check_folder, write_atomically};
pub use npz::write_npz;
pub use picture_png::write_picture_png;
pub use ply::write_ply;
pub use summary::{RunNotes, Summary, ViewSummary, write_summary};
