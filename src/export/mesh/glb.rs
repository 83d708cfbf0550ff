//! A mesh as a GLB file (binary glTF 2.0) with its picture inside.

use std::io::{self, Write};

use image::RgbImage;
use serde_json::{Value, json};

use super::Mesh;
use super::words::AXES;
use crate::export::png_file::software;
use crate::export::write_jpg;
use crate::inference::DepthUnit;

const FLOAT: u32 = 5126;
const UNSIGNED_INT: u32 = 5125;
const ARRAY_BUFFER: u32 = 34962;
const ELEMENT_ARRAY_BUFFER: u32 = 34963;
const LINEAR: u32 = 9729;
const CLAMP_TO_EDGE: u32 = 33071;
const HEADER_BYTES: usize = 12;
const CHUNK_HEADER_BYTES: usize = 8;

/// Writes one node `name` with `picture` as its texture, a JPEG inside the file. The material is not lit
/// (`KHR_materials_unlit`), so that the photo looks as it was taken, and shows on both sides.
///
/// # Errors
/// What the writer answers; a mesh without triangles, which the format does not know, and more than 4 GB are `InvalidData`.
pub fn write_mesh_glb(
    mut to: impl Write,
    mesh: &Mesh,
    picture: &RgbImage,
    name: &str,
    unit: DepthUnit,
) -> io::Result<()> {
    let invalid = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what);
    if mesh.is_empty() {
        return Err(invalid("a GLB file holds no mesh without triangles"));
    }
    let mut numbers = Vec::new();
    let vertices = mesh.positions.iter().flatten().copied().chain(mesh.places().flatten());
    numbers.extend(vertices.flat_map(f32::to_le_bytes));
    numbers.extend(mesh.triangles.iter().flatten().flat_map(|vertex| vertex.to_le_bytes()));
    let before = numbers.len();
    write_jpg(&mut numbers, picture)?;
    let document = document(mesh, [before, numbers.len() - before], name, unit);
    numbers.resize(numbers.len().next_multiple_of(4), 0);
    let mut json = serde_json::to_vec(&document)?;
    json.resize(json.len().next_multiple_of(4), b' ');

    let length = |bytes: usize| {
        let bytes = u32::try_from(bytes).map_err(|_| invalid("a GLB file holds at most 4 GB: take a larger step"));
        bytes.map(u32::to_le_bytes)
    };
    to.write_all(b"glTF")?;
    to.write_all(&2u32.to_le_bytes())?;
    to.write_all(&length(HEADER_BYTES + 2 * CHUNK_HEADER_BYTES + json.len() + numbers.len())?)?;
    for (kind, bytes) in [(b"JSON", &json), (b"BIN\0", &numbers)] {
        to.write_all(&length(bytes.len())?)?;
        to.write_all(kind)?;
        to.write_all(bytes)?;
    }
    Ok(())
}

/// `picture`: where its bytes begin, and how many there are.
fn document(mesh: &Mesh, picture: [usize; 2], name: &str, unit: DepthUnit) -> Value {
    let (vertices, indices) = (mesh.positions.len(), 3 * mesh.triangles.len());
    let limit = |pick: fn(f32, f32) -> f32, start: f32| {
        mesh.positions.iter().fold([start; 3], |limit, at| [0, 1, 2].map(|axis| pick(limit[axis], at[axis])))
    };
    let (min, max) = (limit(f32::min, f32::INFINITY), limit(f32::max, f32::NEG_INFINITY));
    json!({
        "asset": {"version": "2.0", "generator": software()},
        "extensionsUsed": ["KHR_materials_unlit"],
        "scene": 0,
        "scenes": [{"nodes": [0], "extras": {"unit": unit, "axes": AXES}}],
        "nodes": [{"name": name, "mesh": 0}],
        "meshes": [{"name": name, "primitives": [{
            "mode": 4, "material": 0, "indices": 2, "attributes": {"POSITION": 0, "TEXCOORD_0": 1}
        }]}],
        "materials": [{
            "pbrMetallicRoughness": {
                "baseColorTexture": {"index": 0}, "metallicFactor": 0.0, "roughnessFactor": 1.0
            },
            "doubleSided": true,
            "extensions": {"KHR_materials_unlit": {}}
        }],
        "textures": [{"sampler": 0, "source": 0}],
        "samplers": [{"magFilter": LINEAR, "minFilter": LINEAR, "wrapS": CLAMP_TO_EDGE, "wrapT": CLAMP_TO_EDGE}],
        "images": [{"bufferView": 3, "mimeType": "image/jpeg"}],
        "accessors": [
            {"bufferView": 0, "componentType": FLOAT, "type": "VEC3", "count": vertices, "min": min, "max": max},
            {"bufferView": 1, "componentType": FLOAT, "type": "VEC2", "count": vertices},
            {"bufferView": 2, "componentType": UNSIGNED_INT, "type": "SCALAR", "count": indices},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 12 * vertices, "target": ARRAY_BUFFER},
            {"buffer": 0, "byteOffset": 12 * vertices, "byteLength": 8 * vertices, "target": ARRAY_BUFFER},
            {"buffer": 0, "byteOffset": 20 * vertices, "byteLength": 4 * indices, "target": ELEMENT_ARRAY_BUFFER},
            {"buffer": 0, "byteOffset": picture[0], "byteLength": picture[1]},
        ],
        "buffers": [{"byteLength": (picture[0] + picture[1]).next_multiple_of(4)}],
    })
}
