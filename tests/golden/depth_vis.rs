//! Depth pictures against the reference's: limits, colours and the colour table.
//!
//! Reads `geometry.json` and `geometry.safetensors` in `tests/goldens`, or in the folder that `FATHOM_GOLDENS` names.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use fathom::scene::{ColourMap, DepthRange, depth_vis};
use safetensors::SafeTensors;
use serde::Deserialize;

use crate::golden;

#[derive(Deserialize)]
struct Geometry {
    depth_vis: Cases,
}

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
    /// Name of the 256×3 table.
    lut: String,
}

#[derive(Deserialize)]
struct Case {
    kind: String,
    depth: String,
    rgb: String,
    lo: f32,
    hi: f32,
}

/// Colours are exact for this share of a case's pixels; the others may be one step of the table away.
const EXACT_SHARE: f64 = 0.99;
/// Of the limits, relative.
const LIMIT_TOLERANCE: f32 = 1e-5;

fn read() -> Option<(Cases, Vec<u8>)> {
    let (json, tensors) = golden::geometry()?;
    let geometry: Geometry = serde_json::from_value(json).expect("a depth_vis entry");
    assert!(!geometry.depth_vis.cases.is_empty(), "no depth_vis case in {}", golden::folder().display());
    Some((geometry.depth_vis, tensors))
}

fn floats(tensors: &SafeTensors<'_>, name: &str) -> (Vec<f32>, [u32; 2]) {
    let tensor = tensors.tensor(name).expect(name);
    assert_eq!(tensor.dtype(), safetensors::Dtype::F32);
    let values = tensor.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    (values.collect(), [tensor.shape()[1] as u32, tensor.shape()[0] as u32])
}

fn colours(tensors: &SafeTensors<'_>, name: &str) -> Vec<[u8; 3]> {
    let tensor = tensors.tensor(name).expect(name);
    assert_eq!(tensor.dtype(), safetensors::Dtype::U8);
    tensor.data().chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect()
}

#[test]
fn golden_spectral_table() {
    let Some((cases, bytes)) = read() else { return };
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    assert_eq!(ColourMap::Spectral.table(false).to_vec(), colours(&tensors, &cases.lut));
}

#[test]
fn golden_depth_pictures() {
    let Some((cases, bytes)) = read() else { return };
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let table = colours(&tensors, &cases.lut);
    for Case { kind, depth, rgb, lo, hi } in &cases.cases {
        let (depth, [width, height]) = floats(&tensors, depth);
        let expected = colours(&tensors, rgb);
        let range = DepthRange::automatic(&depth);
        for (ours, theirs) in [(range.far, lo), (range.near, hi)] {
            assert!((ours - theirs).abs() <= LIMIT_TOLERANCE * theirs.abs(), "{kind}: limit {ours}, expected {theirs}");
        }
        let picture = depth_vis(&depth, width, height, range, ColourMap::Spectral, false);
        let mut off = 0;
        assert_eq!(picture.pixels().len(), expected.len(), "{kind}");
        for (i, (ours, theirs)) in picture.pixels().zip(&expected).enumerate() {
            if ours.0 != *theirs {
                off += 1;
                assert!(one_step_apart(&table, ours.0, *theirs), "{kind}: pixel {i} is {ours:?}, expected {theirs:?}");
            }
        }
        let exact = 1.0 - f64::from(off) / expected.len() as f64;
        assert!(exact >= EXACT_SHARE, "{kind}: only {:.1} % of the colours are exact", exact * 100.0);
    }
}

fn one_step_apart(table: &[[u8; 3]], a: [u8; 3], b: [u8; 3]) -> bool {
    table.windows(2).any(|pair| pair == [a, b] || pair == [b, a])
}
