//! Points, lines and cameras in the container of binary glTF 2.0: a chunk of JSON, a chunk of numbers.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::views::{Camera, PATH};
use crate::export::png_file::software;

const FLOAT: u32 = 5126;
const UNSIGNED_BYTE: u32 = 5121;
const ARRAY_BUFFER: u32 = 34962;
/// A position and a colour.
const VERTEX_BYTES: usize = 16;
/// A time, a place and a turn.
const STOP_BYTES: usize = 32;
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

/// Cameras of photos, in the order in which one camera visits them.
pub(super) struct Cameras {
    /// What lies nearer they do not see.
    pub near: f64,
    pub all: Vec<Camera>,
}

impl Cameras {
    /// Where the one that visits them is, second by second; nothing where it would have nowhere to go.
    fn stops(&self) -> &[Camera] {
        if self.all.len() > 1 { &self.all } else { &[] }
    }
}

/// Writes the geometries as nodes and meshes `geometry_0`, `geometry_1`, …, and then the cameras; the format has no empty
/// geometries, so those are left out. `extras` become the scene's.
pub(super) fn write(mut to: impl Write, geometries: &[Geometry], cameras: &Cameras, extras: &Value) -> io::Result<()> {
    let mut json = serde_json::to_vec(&document(geometries, cameras, extras))?;
    json.resize(json.len().next_multiple_of(4), b' ');
    let bytes: usize = geometries.iter().map(|geometry| geometry.positions.len() * VERTEX_BYTES).sum();
    let bytes = bytes + cameras.stops().len() * STOP_BYTES;
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
    let stops = cameras.stops();
    let seconds = (0..stops.len()).map(|second| second as f32);
    let numbers = seconds.chain(stops.iter().flat_map(|stop| stop.at)).chain(stops.iter().flat_map(|stop| stop.turn));
    for number in numbers {
        to.write_all(&number.to_le_bytes())?;
    }
    Ok(())
}

fn document(geometries: &[Geometry], cameras: &Cameras, extras: &Value) -> Value {
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
    nodes.extend(cameras.all.iter().enumerate().map(|(lens, camera)| camera.node(lens)));
    let stops = cameras.stops();
    let mut animations = vec![];
    if let Some(start) = stops.first() {
        let (first, count, node) = (accessors.len(), stops.len(), nodes.len());
        nodes.push(start.path(0));
        for (kind, width) in [("SCALAR", 1), ("VEC3", 3), ("VEC4", 4)] {
            let bytes = 4 * width * count;
            accessors.push(json!({"bufferView": views.len(), "componentType": FLOAT, "type": kind, "count": count}));
            views.push(json!({"buffer": 0, "byteOffset": offset, "byteLength": bytes}));
            offset += bytes;
        }
        (accessors[first]["min"], accessors[first]["max"]) = (json!([0.0]), json!([(count - 1) as f32]));
        let sampler = |output: usize| json!({"input": first, "output": output, "interpolation": "LINEAR"});
        let channel = |sampler: usize, path: &str| json!({"sampler": sampler, "target": {"node": node, "path": path}});
        animations.push(json!({
            "name": PATH,
            "samplers": [sampler(first + 1), sampler(first + 2)],
            "channels": [channel(0, "translation"), channel(1, "rotation")],
        }));
    }
    let mut scene = json!({"extras": extras});
    if !nodes.is_empty() {
        scene["nodes"] = (0..nodes.len()).collect();
    }
    let materials = match meshes.is_empty() {
        true => vec![],
        false => vec![json!({"pbrMetallicRoughness": {
            "baseColorFactor": [1.0, 1.0, 1.0, 1.0], "metallicFactor": 0.0, "roughnessFactor": 0.0
        }})],
    };
    let buffers = if offset > 0 { vec![json!({"byteLength": offset})] } else { vec![] };
    let lenses = cameras.all.iter().map(|camera| camera.lens(cameras.near)).collect();
    let mut document = json!({"asset": {"version": "2.0", "generator": software()}, "scene": 0, "scenes": [scene]});
    // The format has no empty lists.
    let lists = [
        ("nodes", nodes),
        ("meshes", meshes),
        ("materials", materials),
        ("cameras", lenses),
        ("animations", animations),
        ("accessors", accessors),
        ("bufferViews", views),
        ("buffers", buffers),
    ];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        document[name] = list.into();
    }
    document
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
        let cameras = Cameras { near: 0.1, all: Vec::new() };
        write(&mut bytes, geometries, &cameras, &json!({"a": 1})).expect("written");
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
