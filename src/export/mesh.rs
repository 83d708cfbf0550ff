//! The depth of one photo as triangles, with the photo on them: a surface that is cut where depth steps.

mod files;
mod glb;
mod obj;
mod ply;
mod surface;
mod words;

pub(super) use files::write_mesh;
pub use glb::write_mesh_glb;
pub use obj::{write_mesh_mtl, write_mesh_obj};
pub use ply::write_mesh_ply;
pub use surface::Mesh;

#[cfg(test)]
mod tests;
