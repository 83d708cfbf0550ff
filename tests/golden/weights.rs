//! The weight generator of the golden cases, against published check values: a wrong number here would make every
//! network case fail without saying why.
#![allow(clippy::expect_used, reason = "a test that cannot hash must end")]

use fathom::model::{Preset, generated_values, tensor_specs};
use sha2::{Digest, Sha256};

fn digest<'a>(tensors: impl Iterator<Item = &'a [f32]>) -> String {
    let mut hash = Sha256::new();
    for values in tensors {
        hash.update(values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn golden_weights_of_single_tensors() {
    let qkv = "model.backbone.pretrained.blocks.0.attn.qkv.weight";
    let cases: [(&str, &[usize], u64, bool, &str); 12] = [
        (qkv, &[1152, 384], 9, false, "387e169ed201d7e2"),
        (qkv, &[1152, 384], 11, true, "c690e55988c6d979"),
        ("model.backbone.pretrained.blocks.0.ls1.gamma", &[384], 9, false, "4aa978fa5b29bd8e"),
        ("model.backbone.pretrained.norm.weight", &[384], 9, false, "63c9784585eddd61"),
        ("model.backbone.pretrained.pos_embed", &[1, 1370, 384], 9, false, "d9cf4e4a8c3a3bb9"),
        ("model.backbone.pretrained.camera_token", &[1, 2, 384], 9, false, "adf89b5974e52093"),
        ("model.head.resize_layers.0.weight", &[48, 48, 4, 4], 9, false, "e90afe8279ccceb4"),
        ("model.head.scratch.output_conv2.2.weight", &[2, 32, 1, 1], 9, false, "116aa0372755f013"),
        ("model.head.scratch.output_conv2.2.bias", &[2], 9, false, "35efc4c0349c5f36"),
        ("model.head.scratch.output_conv2_aux.3.5.bias", &[7], 9, false, "bd6ca2b993192395"),
        ("model.head.scratch.sky_output_conv2.2.bias", &[1], 15, false, "fcd98e600f749556"),
        ("depth_head.scratch.output_conv2.2.bias", &[1], 31, false, "fab595d6f556d9a5"),
    ];
    for (name, shape, seed, tiny, expected) in cases {
        let values = generated_values(name, shape, seed, tiny);
        assert_eq!(digest([values.as_slice()].into_iter())[..16], *expected, "{name}");
    }
}

#[test]
fn golden_weights_of_a_whole_model() {
    let mut specs = tensor_specs(Preset::Da3Small);
    specs.sort_by(|a, b| a.name.cmp(&b.name));
    let tensors: Vec<_> = specs.iter().map(|s| generated_values(&s.name, &s.shape, 9, false)).collect();
    let expected = "b63ea2c2333494ae0649509c81348d5ae7927e6b67716c673ccf4f0308c0ffd0";
    assert_eq!(digest(tensors.iter().map(Vec::as_slice)), expected);
}
