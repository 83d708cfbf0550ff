//! The exact tensors of each published file: names and shapes (specification §1.5 and Depth Anything V2 §6.1).

use super::preset::{HeadConfig, HeadKind, Preset, VitConfig};
use crate::geometry::GAUSSIAN_CHANNELS;

/// One tensor that a published file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSpec {
    pub name: String,
    pub shape: Vec<usize>,
    /// Some copies of the file leave it out, because no output depends on it.
    pub optional: bool,
}

/// What stands before every name of Depth Anything 3.
pub(super) const ROOT: &str = "model.";
/// What stands there instead in the two parts of a nested file.
pub(super) const ANY_VIEW_PART: &str = "model.da3.";
pub(super) const METRIC_PART: &str = "model.da3_metric.";

impl TensorSpec {
    /// Whether its numbers are never rounded: what is no matrix, cameras, and the ends of heads.
    pub fn is_always_f32(&self) -> bool {
        let is_matrix = self.name.ends_with(".weight") && self.shape.len() >= 2;
        let is_end = self.name.contains("output_conv2") && self.shape.get(2..) == Some(&[1, 1]);
        !is_matrix || is_end || self.name.contains(".cam_dec.") || self.name.contains(".cam_enc.")
    }

    /// Inputs of each output.
    pub fn inputs(&self) -> usize {
        self.shape[1..].iter().product()
    }

    /// The same tensor as a part of a nested file.
    fn within(self, prefix: &str) -> Self {
        Self { name: self.name.replacen(ROOT, prefix, 1), ..self }
    }
}

/// Width of the last hidden layer of every dense head.
const LAST_HIDDEN: usize = 32;

/// All tensors of the published file of `preset`, in no particular order.
pub fn tensor_specs(preset: Preset) -> Vec<TensorSpec> {
    if let Some(metric) = preset.metric_part() {
        let part = |prefix: &str, preset| tensor_specs(preset).into_iter().map(|spec| spec.within(prefix)).collect();
        let parts: [Vec<_>; 2] = [part(ANY_VIEW_PART, preset.any_view_part()), part(METRIC_PART, metric)];
        return parts.concat();
    }
    let mut list = List::default();
    let (vit, head) = (preset.backbone(), preset.head());
    backbone(&mut list, preset, &vit);
    dense_head(&mut list, preset.head_prefix(), &head, head_outputs(head.kind));
    match head.kind {
        HeadKind::Dual => {
            auxiliary_branch(&mut list, preset.head_prefix(), &head);
            list.pair("model.head.norm", &[head.dim_in]);
            camera_decoder(&mut list, head.dim_in);
            camera_encoder(&mut list, vit.width);
        }
        HeadKind::Sky => output_stack(&mut list, "model.head.scratch.sky_output_conv2", head.features / 2, 1),
        HeadKind::Single(_) => {
            list.optional("pretrained.mask_token", &[1, vit.width]);
            for conv in ["conv1", "conv2"] {
                let name = format!("depth_head.scratch.refinenet4.resConfUnit1.{conv}");
                list.optional(&format!("{name}.weight"), &[head.features, head.features, 3, 3]);
                list.optional(&format!("{name}.bias"), &[head.features]);
            }
        }
    }
    if preset.has_gaussians() {
        gaussian_head(&mut list, &head);
    }
    list.0
}

#[derive(Default)]
struct List(Vec<TensorSpec>);

impl List {
    fn push(&mut self, name: &str, shape: &[usize], optional: bool) {
        self.0.push(TensorSpec { name: name.to_owned(), shape: shape.to_vec(), optional });
    }

    fn one(&mut self, name: &str, shape: &[usize]) {
        self.push(name, shape, false);
    }

    fn optional(&mut self, name: &str, shape: &[usize]) {
        self.push(name, shape, true);
    }

    /// `name.weight` of this shape, and `name.bias` as long as its first dimension.
    fn pair(&mut self, name: &str, weight: &[usize]) {
        self.one(&format!("{name}.weight"), weight);
        self.one(&format!("{name}.bias"), &weight[..1]);
    }
}

fn head_outputs(kind: HeadKind) -> usize {
    if kind == HeadKind::Dual { 2 } else { 1 }
}

fn backbone(list: &mut List, preset: Preset, vit: &VitConfig) {
    let (prefix, c) = (preset.backbone_prefix(), vit.width);
    list.one(&format!("{prefix}.cls_token"), &[1, 1, c]);
    list.one(&format!("{prefix}.pos_embed"), &[1, 1370, c]);
    list.pair(&format!("{prefix}.patch_embed.proj"), &[c, 3, 14, 14]);
    list.pair(&format!("{prefix}.norm"), &[c]);
    if vit.joint_start.is_some() {
        list.one(&format!("{prefix}.camera_token"), &[1, 2, c]);
    }
    for i in 0..vit.blocks {
        let block = format!("{prefix}.blocks.{i}");
        transformer_block(list, &block, c, (!vit.swiglu).then_some(vit.hidden));
        if vit.swiglu {
            list.pair(&format!("{block}.mlp.w12"), &[2 * vit.hidden, c]);
            list.pair(&format!("{block}.mlp.w3"), &[c, vit.hidden]);
        }
        if vit.joint_start.is_some_and(|start| i >= start) {
            list.pair(&format!("{block}.attn.q_norm"), &[c / vit.heads]);
            list.pair(&format!("{block}.attn.k_norm"), &[c / vit.heads]);
        }
    }
}

fn transformer_block(list: &mut List, block: &str, c: usize, mlp_hidden: Option<usize>) {
    for n in [1, 2] {
        list.pair(&format!("{block}.norm{n}"), &[c]);
        list.one(&format!("{block}.ls{n}.gamma"), &[c]);
    }
    list.pair(&format!("{block}.attn.qkv"), &[3 * c, c]);
    list.pair(&format!("{block}.attn.proj"), &[c, c]);
    if let Some(hidden) = mlp_hidden {
        list.pair(&format!("{block}.mlp.fc1"), &[hidden, c]);
        list.pair(&format!("{block}.mlp.fc2"), &[c, hidden]);
    }
}

fn dense_head(list: &mut List, prefix: &str, head: &HeadConfig, outputs: usize) {
    let (f, o) = (head.features, head.projections);
    for (i, &width) in o.iter().enumerate() {
        list.pair(&format!("{prefix}.projects.{i}"), &[width, head.dim_in, 1, 1]);
        list.one(&format!("{prefix}.scratch.layer{}_rn.weight", i + 1), &[f, width, 3, 3]);
    }
    list.pair(&format!("{prefix}.resize_layers.0"), &[o[0], o[0], 4, 4]);
    list.pair(&format!("{prefix}.resize_layers.1"), &[o[1], o[1], 2, 2]);
    list.pair(&format!("{prefix}.resize_layers.3"), &[o[3], o[3], 3, 3]);
    refinement(list, prefix, f, "");
    list.pair(&format!("{prefix}.scratch.output_conv1"), &[f / 2, f, 3, 3]);
    output_stack(list, &format!("{prefix}.scratch.output_conv2"), f / 2, outputs);
}

fn refinement(list: &mut List, prefix: &str, f: usize, suffix: &str) {
    for level in 1..=4 {
        let block = format!("{prefix}.scratch.refinenet{level}{suffix}");
        list.pair(&format!("{block}.out_conv"), &[f, f, 1, 1]);
        // The deepest block has no lateral input, hence no first residual unit.
        for unit in if level == 4 { 2..=2 } else { 1..=2 } {
            for conv in 1..=2 {
                list.pair(&format!("{block}.resConfUnit{unit}.conv{conv}"), &[f, f, 3, 3]);
            }
        }
    }
}

fn output_stack(list: &mut List, name: &str, dim_in: usize, outputs: usize) {
    list.pair(&format!("{name}.0"), &[LAST_HIDDEN, dim_in, 3, 3]);
    list.pair(&format!("{name}.2"), &[outputs, LAST_HIDDEN, 1, 1]);
}

fn auxiliary_branch(list: &mut List, prefix: &str, head: &HeadConfig) {
    let f = head.features;
    refinement(list, prefix, f, "_aux");
    for level in 0..4 {
        for conv in 0..5 {
            let shape = if conv % 2 == 0 { [f / 2, f, 3, 3] } else { [f, f / 2, 3, 3] };
            list.pair(&format!("{prefix}.scratch.output_conv1_aux.{level}.{conv}"), &shape);
        }
        let out = format!("{prefix}.scratch.output_conv2_aux.{level}");
        list.pair(&format!("{out}.0"), &[LAST_HIDDEN, f / 2, 3, 3]);
        list.pair(&format!("{out}.5"), &[7, LAST_HIDDEN, 1, 1]);
    }
    // The four stacks share one LayerNorm, stored under the name of the first.
    list.pair(&format!("{prefix}.scratch.output_conv2_aux.0.2"), &[LAST_HIDDEN]);
}

fn camera_decoder(list: &mut List, d: usize) {
    for layer in [0, 2] {
        list.pair(&format!("model.cam_dec.backbone.{layer}"), &[d, d]);
    }
    list.pair("model.cam_dec.fc_t", &[3, d]);
    list.pair("model.cam_dec.fc_qvec", &[4, d]);
    list.pair("model.cam_dec.fc_fov.0", &[2, d]);
}

fn camera_encoder(list: &mut List, c: usize) {
    list.pair("model.cam_enc.pose_branch.fc1", &[c / 2, 9]);
    list.pair("model.cam_enc.pose_branch.fc2", &[c, c / 2]);
    for i in 0..4 {
        transformer_block(list, &format!("model.cam_enc.trunk.{i}"), c, Some(4 * c));
    }
    list.pair("model.cam_enc.token_norm", &[c]);
    list.pair("model.cam_enc.trunk_norm", &[c]);
}

fn gaussian_head(list: &mut List, head: &HeadConfig) {
    let f = head.features;
    // The raw numbers and an opacity.
    dense_head(list, "model.gs_head", head, GAUSSIAN_CHANNELS + 1);
    list.pair("model.gs_head.images_merger.0", &[f / 8, 3, 3, 3]);
    list.pair("model.gs_head.images_merger.2", &[f / 4, f / 8, 3, 3]);
    list.pair("model.gs_head.images_merger.4", &[f / 2, f / 4, 3, 3]);
}

#[cfg(test)]
mod tests {
    use super::super::preset::Da2Output;
    use super::*;

    fn counts(preset: Preset) -> (usize, usize) {
        let specs = tensor_specs(preset);
        let used = specs.iter().filter(|s| !s.optional);
        let parameters = used.clone().map(|s| s.shape.iter().product::<usize>()).sum();
        (used.count(), parameters)
    }

    #[test]
    fn tensor_and_parameter_counts_are_the_published_ones() {
        assert_eq!(counts(Preset::Da3Small), (437, 34_299_463));
        assert_eq!(counts(Preset::Da3Base), (437, 135_366_599));
        assert_eq!(counts(Preset::Da3Large), (637, 410_941_767));
        assert_eq!(counts(Preset::Da3Giant), (971, 1_355_674_125));
        assert_eq!(counts(Preset::Da3MonoLarge), (406, 334_171_394));
        assert_eq!(counts(Preset::Da3MetricLarge), (406, 334_171_394));
        assert_eq!(counts(Preset::Da3Nested), (1377, 1_689_845_519));
        assert_eq!(counts(Preset::Da2Small(Da2Output::Disparity)), (234, 24_710_849));
        assert_eq!(counts(Preset::Da2Base(Da2Output::Disparity)), (234, 97_174_849));
        assert_eq!(counts(Preset::Da2Large(Da2Output::Disparity)), (402, 334_134_465));
    }

    #[test]
    fn names_are_unique() {
        for preset in [Preset::Da3Giant, Preset::Da3Nested] {
            let mut names: Vec<_> = tensor_specs(preset).into_iter().map(|s| s.name).collect();
            names.sort();
            let all = names.len();
            names.dedup();
            assert_eq!(names.len(), all);
        }
    }
}
