//! A mesh as Wavefront OBJ, with a material file that leads to the picture.

use std::io::{self, Write};

use super::Mesh;
use super::words::{AXES, unit_words};
use crate::export::png_file::software;
use crate::inference::DepthUnit;

const MATERIAL: &str = "photo";

/// Writes vertices, their places in the picture and triangles; `materials` is the name of the file that [`write_mesh_mtl`]
/// writes, without blanks.
///
/// # Errors
/// What the writer answers.
pub fn write_mesh_obj(mut to: impl Write, mesh: &Mesh, materials: &str, unit: DepthUnit) -> io::Result<()> {
    writeln!(to, "# made by {}\n# unit: {}\n# axes: {AXES}", software(), unit_words(unit))?;
    writeln!(to, "mtllib {materials}\no {MATERIAL}")?;
    for [x, y, z] in &mesh.positions {
        writeln!(to, "v {x} {y} {z}")?;
    }
    for [u, v] in mesh.places_from_below() {
        writeln!(to, "vt {u} {v}")?;
    }
    writeln!(to, "usemtl {MATERIAL}")?;
    for triangle in &mesh.triangles {
        // Counted from 1; vertices and places go together.
        let [a, b, c] = triangle.map(|vertex| u64::from(vertex) + 1);
        writeln!(to, "f {a}/{a} {b}/{b} {c}/{c}")?;
    }
    Ok(())
}

/// Writes the one material of a mesh: `picture`, a file name without blanks, without highlights.
///
/// # Errors
/// What the writer answers.
pub fn write_mesh_mtl(mut to: impl Write, picture: &str) -> io::Result<()> {
    writeln!(to, "# made by {}\nnewmtl {MATERIAL}", software())?;
    writeln!(to, "Ka 1 1 1\nKd 1 1 1\nKs 0 0 0\nillum 1\nmap_Kd {picture}")
}
