//! A mesh as PLY, binary little-endian.

use std::io::{self, Write};

use image::RgbImage;

use super::Mesh;
use super::words::{AXES, unit_words};
use crate::export::png_file::software;
use crate::inference::DepthUnit;

/// Writes `x y z s t red green blue` per vertex, and triangles. `s` and `t` count from the left and the lower edge of the
/// picture, whose name `texture` a comment `TextureFile` gives, as MeshLab reads it; `picture` gives the colours.
///
/// # Errors
/// What the writer answers.
pub fn write_mesh_ply(
    mut to: impl Write,
    mesh: &Mesh,
    picture: &RgbImage,
    texture: &str,
    unit: DepthUnit,
) -> io::Result<()> {
    writeln!(to, "ply\nformat binary_little_endian 1.0\ncomment made by {}", software())?;
    writeln!(to, "comment TextureFile {texture}\ncomment unit: {}\ncomment axes: {AXES}", unit_words(unit))?;
    writeln!(to, "element vertex {}", mesh.positions.len())?;
    for name in ["x", "y", "z", "s", "t"] {
        writeln!(to, "property float {name}")?;
    }
    for name in ["red", "green", "blue"] {
        writeln!(to, "property uchar {name}")?;
    }
    writeln!(to, "element face {}\nproperty list uchar int vertex_indices\nend_header", mesh.triangles.len())?;
    for ((position, place), &[x, y]) in mesh.positions.iter().zip(mesh.places_from_below()).zip(&mesh.pixels) {
        for number in position.iter().chain(&place) {
            to.write_all(&number.to_le_bytes())?;
        }
        to.write_all(&picture.get_pixel(x, y).0)?;
    }
    for triangle in &mesh.triangles {
        to.write_all(&[3])?;
        for vertex in triangle {
            to.write_all(&vertex.to_le_bytes())?;
        }
    }
    Ok(())
}
