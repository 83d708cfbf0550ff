//! The names that the `-hf` repositories of Depth Anything V2 use (specification of Depth Anything V2, §6.2).

use super::names::TensorSpec;

/// The same tensors under their transformers names; a fused qkv becomes three tensors.
pub fn transformers_specs(specs: &[TensorSpec]) -> Vec<TensorSpec> {
    specs
        .iter()
        .flat_map(|spec| {
            let names = transformers_names(&spec.name);
            let mut shape = spec.shape.clone();
            shape[0] /= names.len();
            names.into_iter().map(move |name| TensorSpec { name, shape: shape.clone(), optional: spec.optional })
        })
        .collect()
}

/// The transformers names of an original name: one, or three for a fused qkv, to be joined along the first dimension.
pub fn transformers_names(original: &str) -> Vec<String> {
    if let Some(rest) = original.strip_prefix("pretrained.blocks.") {
        let (index, rest) = rest.split_once('.').unwrap_or((rest, ""));
        let layer = format!("backbone.encoder.layer.{index}");
        if let Some(kind) = rest.strip_prefix("attn.qkv.") {
            return ["query", "key", "value"].map(|part| format!("{layer}.attention.attention.{part}.{kind}")).into();
        }
        let rest = rest
            .replace("attn.proj.", "attention.output.dense.")
            .replace("ls1.gamma", "layer_scale1.lambda1")
            .replace("ls2.gamma", "layer_scale2.lambda1");
        return vec![format!("{layer}.{rest}")];
    }
    if let Some(rest) = original.strip_prefix("depth_head.") {
        return vec![head_name(rest)];
    }
    let rest = original.trim_start_matches("pretrained.");
    vec![if rest.starts_with("norm.") {
        format!("backbone.layer{rest}")
    } else {
        let rest =
            rest.replace("pos_embed", "position_embeddings").replace("patch_embed.proj", "patch_embeddings.projection");
        format!("backbone.embeddings.{rest}")
    }]
}

fn head_name(rest: &str) -> String {
    let Some((block, tail)) = rest.trim_start_matches("scratch.").split_once('.') else { return rest.to_owned() };
    let number = |text: &str| text.chars().find_map(|c| c.to_digit(10)).unwrap_or(0);
    match block {
        "projects" | "resize_layers" => {
            let (level, kind) = tail.split_once('.').unwrap_or((tail, ""));
            let part = if block == "projects" { "projection" } else { "resize" };
            format!("neck.reassemble_stage.layers.{level}.{part}.{kind}")
        }
        "output_conv1" => format!("head.conv1.{tail}"),
        "output_conv2" => tail
            .strip_prefix("0.")
            .map(|kind| format!("head.conv2.{kind}"))
            .unwrap_or_else(|| format!("head.conv3.{}", tail.trim_start_matches("2."))),
        layer if layer.ends_with("_rn") => format!("neck.convs.{}.{tail}", number(layer) - 1),
        refinenet => {
            let tail = tail
                .replace("out_conv", "projection")
                .replace("resConfUnit", "residual_layer")
                .replace(".conv", ".convolution");
            format!("neck.fusion_stage.layers.{}.{tail}", 4 - number(refinenet))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_table() {
        let cases = [
            ("pretrained.cls_token", "backbone.embeddings.cls_token"),
            ("pretrained.pos_embed", "backbone.embeddings.position_embeddings"),
            ("pretrained.patch_embed.proj.weight", "backbone.embeddings.patch_embeddings.projection.weight"),
            ("pretrained.norm.bias", "backbone.layernorm.bias"),
            ("pretrained.blocks.11.norm1.weight", "backbone.encoder.layer.11.norm1.weight"),
            ("pretrained.blocks.3.attn.proj.bias", "backbone.encoder.layer.3.attention.output.dense.bias"),
            ("pretrained.blocks.3.ls2.gamma", "backbone.encoder.layer.3.layer_scale2.lambda1"),
            ("pretrained.blocks.3.mlp.fc1.weight", "backbone.encoder.layer.3.mlp.fc1.weight"),
            ("depth_head.projects.2.weight", "neck.reassemble_stage.layers.2.projection.weight"),
            ("depth_head.resize_layers.3.bias", "neck.reassemble_stage.layers.3.resize.bias"),
            ("depth_head.scratch.layer1_rn.weight", "neck.convs.0.weight"),
            ("depth_head.scratch.refinenet4.out_conv.bias", "neck.fusion_stage.layers.0.projection.bias"),
            (
                "depth_head.scratch.refinenet1.resConfUnit2.conv1.weight",
                "neck.fusion_stage.layers.3.residual_layer2.convolution1.weight",
            ),
            ("depth_head.scratch.output_conv1.weight", "head.conv1.weight"),
            ("depth_head.scratch.output_conv2.0.weight", "head.conv2.weight"),
            ("depth_head.scratch.output_conv2.2.bias", "head.conv3.bias"),
        ];
        for (original, transformers) in cases {
            assert_eq!(transformers_names(original), [transformers], "{original}");
        }
        let qkv = transformers_names("pretrained.blocks.0.attn.qkv.bias");
        assert_eq!(qkv[2], "backbone.encoder.layer.0.attention.attention.value.bias");
    }
}
