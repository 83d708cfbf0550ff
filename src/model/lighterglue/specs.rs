//! The tensors of LighterGlue's published file.

use crate::model::names::TensorSpec;

/// Numbers of each point inside the network, and of its one head.
pub const WIDTH: usize = 96;
pub const LAYERS: usize = 6;
/// Numbers of a descriptor.
pub const DESCRIPTOR: usize = 64;
/// What stands before every name.
pub const ROOT: &str = "matcher";
/// The two looks of a layer: at a photo's own points, and at the other's. With each, what gives its queries, keys and values
/// (name, outputs), and the name of what brings together what it has seen.
pub const AT_ITSELF: (&str, &[(&str, usize)], &str) = ("self_attn", &[("Wqkv", 3 * WIDTH)], "out_proj");
pub const AT_EACH_OTHER: (&str, &[(&str, usize)], &str) =
    ("cross_attn", &[("to_qk", WIDTH), ("to_v", WIDTH)], "to_out");

/// All tensors of the published file, in no particular order. What only tells when to stop early may be absent.
pub fn specs() -> Vec<TensorSpec> {
    let mut specs = Vec::new();
    let mut add = |name: String, shape: &[usize], optional| {
        specs.push(TensorSpec { name: format!("{ROOT}.{name}"), shape: shape.to_vec(), optional });
    };
    let mut pair = |name: String, outputs: usize, inputs: usize, optional| {
        add(format!("{name}.weight"), &[outputs, inputs], optional);
        add(format!("{name}.bias"), &[outputs], optional);
    };
    pair("input_proj".into(), WIDTH, DESCRIPTOR, false);
    for layer in 0..LAYERS {
        for (look, inputs, output) in [AT_ITSELF, AT_EACH_OTHER] {
            let part = |part: &str| format!("transformers.{layer}.{look}.{part}");
            for &(name, outputs) in inputs {
                pair(part(name), outputs, WIDTH, false);
            }
            pair(part(output), WIDTH, WIDTH, false);
            pair(part("ffn.0"), 2 * WIDTH, 2 * WIDTH, false);
            pair(part("ffn.3"), WIDTH, 2 * WIDTH, false);
        }
        let is_last = layer + 1 == LAYERS;
        pair(format!("log_assignment.{layer}.final_proj"), WIDTH, WIDTH, !is_last);
        pair(format!("log_assignment.{layer}.matchability"), 1, WIDTH, false);
        if !is_last {
            pair(format!("token_confidence.{layer}.token.0"), 1, WIDTH, true);
        }
    }
    for layer in 0..LAYERS {
        for (look, ..) in [AT_ITSELF, AT_EACH_OTHER] {
            for part in ["weight", "bias"] {
                add(format!("transformers.{layer}.{look}.ffn.1.{part}"), &[2 * WIDTH], false);
            }
        }
    }
    add("posenc.Wr.weight".into(), &[WIDTH / 2, 2], false);
    specs
}
