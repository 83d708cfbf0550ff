//! One file per format; each takes a `Prediction` (or one of its views) and a `Write`.
//!
//! [`export_all`] writes the formats that are asked for into a folder. The format functions can be used on their own: they
//! expect maps of `width`·`height` values, which [`export_all`] checks before it writes anything.

mod all;
mod animation;
mod bend;
mod cameras;
mod colmap;
mod colour_png;
mod depth_png;
mod error;
mod features;
mod file_name;
mod float_map;
mod folder;
mod format;
mod full_size;
mod gaussian_ply;
mod glb;
mod images;
mod jpg;
mod las;
mod mask_png;
mod mesh;
mod npy;
mod npz;
mod options;
mod photo_names;
mod picture_png;
mod ply;
mod png_file;
mod remarks;
mod scale;
mod scenes;
mod selection;
mod stored_camera;
mod summary;
mod transforms;
mod views;
mod xyz;

pub use all::{Written, export_all};
pub use animation::{AnimationFormat, AnimationWriter};
pub use cameras::write_cameras;
pub use colmap::{COLMAP_BINARY, COLMAP_TEXT, ColmapModel};
pub use colour_png::write_colour_png;
pub use depth_png::{DepthScale, write_depth_png};
pub use error::ExportError;
pub use features::write_features;
pub use float_map::{FloatMap, write_exr, write_pfm, write_tiff};
pub use folder::{check_folder, holds_summary, listed_files, write_atomically};
pub use format::Format;
pub use gaussian_ply::{GaussianCount, write_gaussian_ply};
pub use glb::{Selected, write_glb};
pub use jpg::{write_depth_vis, write_jpg};
pub use las::write_las;
pub use mask_png::write_mask_png;
pub use mesh::{Mesh, write_mesh_glb, write_mesh_mtl, write_mesh_obj, write_mesh_ply};
pub use npy::{Archive, write_npy};
pub use npz::{write_mini_npz, write_npz};
pub use options::{Backdrops, Enlarging, Options, ReferenceRule, ScaleBy};
pub use photo_names::PhotoNames;
pub use picture_png::write_picture_png;
pub use ply::write_ply;
pub use remarks::remarks;
pub use summary::{PhotoFile, RunNotes, Summary, ViewSummary, write_summary};
pub use xyz::write_xyz;
