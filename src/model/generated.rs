//! Deterministic weights: every number follows from its tensor's name, its index and a seed, so that networks of full
//! size can be measured and compared without shipping gigabytes.

use std::collections::HashMap;

use candle_core::{Device, Tensor};
use rayon::prelude::*;

use super::{Described, ModelError, Preset, TensorSource, tensor_specs};

/// A source that makes each tensor when it is read.
pub struct Generated {
    seed: u64,
    /// Makes the inputs of all LayerNorms small, so that a wrong epsilon shows.
    tiny: bool,
    contents: HashMap<String, Described>,
}

impl Generated {
    pub fn new(preset: Preset, seed: u64, tiny: bool) -> Self {
        let specs = tensor_specs(preset).into_iter().filter(|spec| !spec.optional);
        let contents = specs.map(|s| (s.name, Described { shape: s.shape, element: "F32".into() })).collect();
        Self { seed, tiny, contents }
    }
}

impl TensorSource for Generated {
    fn label(&self) -> String {
        format!("generated weights, seed {}", self.seed)
    }

    fn contents(&self) -> HashMap<String, Described> {
        self.contents.clone()
    }

    fn read(&self, name: &str) -> Result<Tensor, ModelError> {
        let absent = || ModelError::NotSafetensors { file: self.label(), reason: format!("no tensor {name}") };
        let shape = self.contents.get(name).ok_or_else(absent)?.shape.as_slice();
        Ok(Tensor::from_vec(generated_values(name, shape, self.seed, self.tiny), shape, &Device::Cpu)?)
    }
}

/// The numbers of one tensor, row-major.
pub fn generated_values(name: &str, shape: &[usize], seed: u64, tiny: bool) -> Vec<f32> {
    let state = fnv1a(name) ^ seed;
    let (scale, offset) = scale_and_offset(name, shape);
    let count: usize = shape.iter().product();
    let small = Small::of(name, tiny, count);
    let mut values = vec![0f32; count];
    values.par_chunks_mut(1 << 16).enumerate().for_each(|(chunk, part)| {
        for (i, value) in part.iter_mut().enumerate() {
            let index = (chunk << 16) + i;
            let r = (splitmix(state, index as u64) >> 40) as f32 * 2f32.powi(-23) - 1.0;
            let offset = offset.at(index);
            *value = scale * r + offset;
            if index < small.below {
                *value *= 2f32.powi(-5);
            }
        }
    });
    values
}

fn fnv1a(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

fn splitmix(state: u64, index: u64) -> u64 {
    let z = state.wrapping_add((index + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// An offset for all elements, or for one of them.
struct Offset {
    value: f32,
    only: Option<usize>,
}

impl Offset {
    fn at(&self, index: usize) -> f32 {
        if self.only.is_none_or(|only| only == index) { self.value } else { 0.0 }
    }
}

fn scale_and_offset(name: &str, shape: &[usize]) -> (f32, Offset) {
    let dotted = format!(".{name}");
    let ends = |suffix: &str| dotted.ends_with(suffix);
    let all = |value: f32| Offset { value, only: None };
    let one = |value: f32, index| Offset { value, only: Some(index) };
    let da3_head = |suffix: &str| {
        ends(&format!(".head.scratch.{suffix}")) && !dotted.contains("gs_head") && !dotted.contains("depth_head")
    };
    if ends(".gamma") {
        (0.1, all(0.2))
    } else if [".pos_embed", ".cls_token", ".mask_token"].iter().any(|s| ends(s)) {
        (0.5, all(0.0))
    } else if ends(".camera_token") {
        (1.0, all(0.0))
    } else if ends(".weight") && shape.len() == 1 {
        (0.1, all(1.0))
    } else if ends(".weight") {
        let transposed = ends(".resize_layers.0.weight") || ends(".resize_layers.1.weight");
        let fan_in: usize = if transposed { shape[0] } else { shape[1..].iter().product() };
        let gain = if ends(".cam_dec.fc_t.weight") {
            3.0
        } else if ends(".cam_dec.fc_fov.0.weight") {
            0.3
        } else if ends(".head.scratch.sky_output_conv2.2.weight") {
            1.5
        } else if da3_head("output_conv2.2.weight") {
            0.625
        } else if ends(".5.weight") {
            0.4
        } else {
            1.0
        };
        ((gain * (3.0 / fan_in as f64).sqrt()) as f32, all(0.0))
    } else if ends(".cam_dec.fc_fov.0.bias") {
        (0.1, all(0.9))
    } else if ends(".cam_dec.fc_qvec.bias") {
        (0.2, all(0.6))
    } else if da3_head("output_conv2.2.bias") {
        (0.05, one(1.25, 0))
    } else if ends(".depth_head.scratch.output_conv2.2.bias") {
        (0.05, all(2.0))
    } else if ends(".head.scratch.sky_output_conv2.2.bias") {
        (0.05, all(0.3))
    } else if dotted.contains(".output_conv2_aux.") && ends(".5.bias") {
        (0.05, one(1.0, 2))
    } else {
        (0.05, all(0.0))
    }
}

/// The elements that the tiny probe makes smaller: the first `below` of a tensor.
struct Small {
    below: usize,
}

impl Small {
    fn of(name: &str, tiny: bool, count: usize) -> Self {
        let dotted = format!(".{name}");
        let pair =
            |stem: &str| dotted.ends_with(&format!("{stem}.weight")) || dotted.ends_with(&format!("{stem}.bias"));
        let whole = [".pos_embed", ".cls_token", ".camera_token", ".gamma"].iter().any(|s| dotted.ends_with(s))
            || [".patch_embed.proj", ".pretrained.norm", ".output_conv2_aux.3.0", ".pose_branch.fc2", ".token_norm"]
                .iter()
                .any(|s| pair(s));
        let below = match (tiny, whole, pair(".attn.qkv")) {
            (true, true, _) => count,
            // q and k, not v.
            (true, false, true) => count / 3 * 2,
            _ => 0,
        };
        Self { below }
    }
}
