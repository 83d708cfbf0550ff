//! The parts of XFeat, and the tensors of its published file.

use crate::model::names::TensorSpec;

/// A convolution, normalisation and ReLU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockSpec {
    pub inputs: usize,
    pub outputs: usize,
    /// Of the kernel: 1 or 3.
    pub side: usize,
    pub stride: usize,
}

const fn block(inputs: usize, outputs: usize, side: usize, stride: usize) -> BlockSpec {
    BlockSpec { inputs, outputs, side, stride }
}

/// Channels of the features, and numbers of a descriptor.
pub const CHANNELS: usize = 64;
/// Pixels along a side of a cell of the features.
pub const CELL: usize = 8;
/// For each pixel of a cell one, and one for none of them.
pub const LOGITS: usize = CELL * CELL + 1;

pub const BLOCK1: (&str, &[BlockSpec]) =
    ("block1", &[block(1, 4, 3, 1), block(4, 8, 3, 2), block(8, 8, 3, 1), block(8, 24, 3, 2)]);
pub const BLOCK2: (&str, &[BlockSpec]) = ("block2", &[block(24, 24, 3, 1); 2]);
pub const BLOCK3: (&str, &[BlockSpec]) = ("block3", &[block(24, 64, 3, 2), block(64, 64, 3, 1), block(64, 64, 1, 1)]);
pub const BLOCK4: (&str, &[BlockSpec]) = ("block4", &[block(64, 64, 3, 2), block(64, 64, 3, 1), block(64, 64, 3, 1)]);
pub const BLOCK5: (&str, &[BlockSpec]) =
    ("block5", &[block(64, 128, 3, 2), block(128, 128, 3, 1), block(128, 128, 3, 1), block(128, 64, 1, 1)]);
pub const FUSION: (&str, &[BlockSpec]) = ("block_fusion", &[block(64, 64, 3, 1); 2]);
pub const RELIABILITY: (&str, &[BlockSpec]) = ("heatmap_head", &[block(64, 64, 1, 1); 2]);
pub const KEYPOINTS: (&str, &[BlockSpec]) = ("keypoint_head", &[block(64, 64, 1, 1); 3]);

/// 1×1 convolutions with a bias and nothing behind: name, inputs, outputs.
pub const SKIP: (&str, usize, usize) = ("skip1.1", 1, 24);
pub const FUSION_END: (&str, usize, usize) = ("block_fusion.2", CHANNELS, CHANNELS);
pub const RELIABILITY_END: (&str, usize, usize) = ("heatmap_head.2", CHANNELS, 1);
pub const KEYPOINTS_END: (&str, usize, usize) = ("keypoint_head.3", CHANNELS, LOGITS);

/// Widths of the part that refines matches between cells, which Fathom does not use: files may leave it out.
const FINE: [usize; 6] = [128, 512, 512, 512, 512, 64];

/// All tensors of the published file, in no particular order.
pub fn specs() -> Vec<TensorSpec> {
    let mut specs = Vec::new();
    let mut add = |name: String, shape: &[usize], optional| {
        specs.push(TensorSpec { name, shape: shape.to_vec(), optional });
    };
    for (name, blocks) in [BLOCK1, BLOCK2, BLOCK3, BLOCK4, BLOCK5, FUSION, RELIABILITY, KEYPOINTS] {
        for (i, BlockSpec { inputs, outputs, side, .. }) in blocks.iter().copied().enumerate() {
            add(format!("{name}.{i}.layer.0.weight"), &[outputs, inputs, side, side], false);
            add(format!("{name}.{i}.layer.1.running_mean"), &[outputs], false);
            add(format!("{name}.{i}.layer.1.running_var"), &[outputs], false);
        }
    }
    for (name, inputs, outputs) in [SKIP, FUSION_END, RELIABILITY_END, KEYPOINTS_END] {
        add(format!("{name}.weight"), &[outputs, inputs, 1, 1], false);
        add(format!("{name}.bias"), &[outputs], false);
    }
    for (i, widths) in FINE.windows(2).enumerate() {
        add(format!("fine_matcher.{}.weight", 3 * i), &[widths[1], widths[0]], true);
        add(format!("fine_matcher.{}.bias", 3 * i), &[widths[1]], true);
        // The last layer is not followed by a normalisation.
        if i + 2 < FINE.len() {
            add(format!("fine_matcher.{}.running_mean", 3 * i + 1), &[widths[1]], true);
            add(format!("fine_matcher.{}.running_var", 3 * i + 1), &[widths[1]], true);
        }
    }
    specs
}
