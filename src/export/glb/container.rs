//! Points and lines with colours in the container of binary glTF 2.0: a chunk of JSON, a chunk of numbers.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::export::png_file::software;

const FLOAT: u32 = 5126;
const UNSIGNED_BYTE: u32 = 5121;
const ARRAY_BUFFER: u32 = 34962;
/// A position and a colour.
const VERTEX_BYTES: usize = 16;
const HEADER_BYTES: usize = 12;
const CHUNK_HEADER_BYTES: usize = 8;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Points = 0,
    Lines = 1,
}

/// Vertices of one mesh.
pub(super) struct Geometry {
    mode: Mode,
    pub positions: Vec<[f32; 3]>,
    /// sRGB and alpha, one per position.
    pub colours: Vec<[u8; 4]>,
}

impl Geometry {
    pub fn new(mode: Mode) -> Self {
        Self { mode, positions: Vec::new(), colours: Vec::new() }
    }

    pub fn push(&mut self, position: [f32; 3], colour: [u8; 4]) {
        self.positions.push(position);
        self.colours.push(colour);
    }
}

/// Writes the geometries as nodes and meshes `geometry_0`, `geometry_1`, …; the format has no empty ones, so those are left
/// out. `extras` become the scene's.
pub(super) fn write(mut to: impl Write, geometries: &[Geometry], extras: &Value) -> io::Result<()> {
    let mut json = serde_json::to_vec(&document(geometries, extras))?;
    json.resize(json.len().next_multiple_of(4), b' ');
    let bytes: usize = geometries.iter().map(|geometry| geometry.positions.len() * VERTEX_BYTES).sum();
    let chunk = if bytes > 0 { CHUNK_HEADER_BYTES + bytes } else { 0 };
    let length = |bytes: usize| {
        let too_long =
            |_| io::Error::new(io::ErrorKind::InvalidData, "a GLB file holds at most 4 GB: ask for fewer points");
        u32::try_from(bytes).map(u32::to_le_bytes).map_err(too_long)
    };
    to.write_all(b"glTF")?;
    to.write_all(&2u32.to_le_bytes())?;
    to.write_all(&length(HEADER_BYTES + CHUNK_HEADER_BYTES + json.len() + chunk)?)?;
    to.write_all(&length(json.len())?)?;
    to.write_all(b"JSON")?;
    to.write_all(&json)?;
    if chunk == 0 {
        return Ok(());
    }
    to.write_all(&length(bytes)?)?;
    to.write_all(b"BIN\0")?;
    for geometry in geometries {
        for coordinate in geometry.positions.iter().flatten() {
            to.write_all(&coordinate.to_le_bytes())?;
        }
        for colour in &geometry.colours {
            to.write_all(colour)?;
        }
    }
    Ok(())
}

fn document(geometries: &[Geometry], extras: &Value) -> Value {
    let (mut nodes, mut meshes, mut accessors, mut views) = (vec![], vec![], vec![], vec![]);
    let mut offset = 0;
    for (index, geometry) in geometries.iter().enumerate().filter(|(_, geometry)| !geometry.positions.is_empty()) {
        let name = format!("geometry_{index}");
        let count = geometry.positions.len();
        let (min, max) = limits(&geometry.positions);
        let first = accessors.len();
        for bytes in [12 * count, 4 * count] {
            views.push(json!({"buffer": 0, "byteOffset": offset, "byteLength": bytes, "target": ARRAY_BUFFER}));
            offset += bytes;
        }
        accessors.push(json!({
            "bufferView": first, "componentType": FLOAT, "type": "VEC3", "count": count, "min": min, "max": max
        }));
        accessors.push(json!({
            "bufferView": first + 1, "componentType": UNSIGNED_BYTE, "type": "VEC4", "count": count, "normalized": true
        }));
        nodes.push(json!({"name": name, "mesh": meshes.len()}));
        meshes.push(json!({"name": name, "primitives": [{
            "mode": geometry.mode as u32, "material": 0, "attributes": {"POSITION": first, "COLOR_0": first + 1}
        }]}));
    }
    let asset = json!({"version": "2.0", "generator": software()});
    if nodes.is_empty() {
        return json!({"asset": asset, "scene": 0, "scenes": [{"extras": extras}]});
    }
    json!({
        "asset": asset,
        "scene": 0,
        "scenes": [{"nodes": (0..nodes.len()).collect::<Vec<_>>(), "extras": extras}],
        "nodes": nodes,
        "meshes": meshes,
        "materials": [{"pbrMetallicRoughness": {
            "baseColorFactor": [1.0, 1.0, 1.0, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.0
        }}],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": offset}],
    })
}

fn limits(positions: &[[f32; 3]]) -> ([f32; 3], [f32; 3]) {
    let fold = |pick: fn(f32, f32) -> f32, start: f32| {
        positions.iter().fold([start; 3], |limit, at| [0, 1, 2].map(|axis| pick(limit[axis], at[axis])))
    };
    (fold(f32::min, f32::INFINITY), fold(f32::max, f32::NEG_INFINITY))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(geometries: &[Geometry]) -> (Value, Vec<u8>) {
        let mut bytes = Vec::new();
        write(&mut bytes, geometries, &json!({"a": 1})).expect("written");
        let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four")) as usize;
        assert_eq!((&bytes[..4], word(4), word(8)), (&b"glTF"[..], 2, bytes.len()));
        let end = 20 + word(12);
        assert_eq!(end % 4, 0);
        (serde_json::from_slice(&bytes[20..end]).expect("JSON"), bytes.get(end + 8..).unwrap_or_default().to_vec())
    }

    #[test]
    fn numbers_lie_where_the_document_says() {
        let mut points = Geometry::new(Mode::Points);
        points.push([1.0, 2.0, 3.0], [4, 5, 6, 255]);
        points.push([-1.0, 7.0, 0.5], [7, 8, 9, 255]);
        let mut lines = Geometry::new(Mode::Lines);
        lines.push([9.0; 3], [1; 4]);
        let (document, numbers) = written(&[points, lines]);
        assert_eq!(document["accessors"][0]["min"], json!([-1.0, 2.0, 0.5]));
        assert_eq!(document["accessors"][0]["max"], json!([1.0, 7.0, 3.0]));
        assert_eq!(document["nodes"][1]["name"], "geometry_1");
        assert_eq!(document["scenes"][0]["extras"]["a"], 1);
        assert_eq!(document["bufferViews"][2]["byteOffset"], 32);
        assert_eq!((numbers.len(), &numbers[24..28]), (48, &[4, 5, 6, 255][..]));
    }

    #[test]
    fn nothing_is_a_scene_without_nodes() {
        let (document, numbers) = written(&[Geometry::new(Mode::Points)]);
        assert!(document.get("buffers").is_none() && document["scenes"][0].get("nodes").is_none());
        assert!(numbers.is_empty());
    }
}
