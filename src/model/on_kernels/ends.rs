//! The last layers of a dense head, strip by strip, and what becomes of its logits.

use std::sync::Arc;

use half::bf16;
use rayon::prelude::*;

use super::array::Array;
use super::conv::Conv3x3;
use crate::model::kernels::{Compute, Logits, PositionTables, Resized, conv3x3};
use crate::model::operations::{ConvShape, End};
use crate::model::{Contents, ModelError};

/// A map that is still to be resized and to get its positions. A head's last one would at full size be the largest tensor of the
/// whole network, so that is done strip by strip.
pub struct Enlarged {
    pub map: Array,
    pub size: [usize; 2],
    pub positions: Option<Arc<PositionTables>>,
}

impl Enlarged {
    pub fn source(&self) -> Resized<'_> {
        let [height, width] = self.size;
        Resized { map: self.map.map(), height, width, positions: self.positions.as_deref() }
    }
}

/// 3×3 convolution to 32 channels, ReLU, 1×1 convolution, all in one go.
pub struct Ends {
    hidden: Conv3x3,
    /// [outputs, 32].
    out_weight: Vec<f32>,
    out_bias: Vec<f32>,
}

impl Ends {
    pub fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Ok(Self {
            hidden: Conv3x3::new(weights, &format!("{name}.0"), ConvShape::PLAIN)?,
            out_weight: weights.numbers(&format!("{name}.2.weight"))?,
            out_bias: weights.numbers(&format!("{name}.2.bias"))?,
        })
    }

    /// [H, W, c] → [outputs, H, W].
    pub fn forward(&self, x: &Enlarged) -> Array {
        let Conv3x3 { matrix, bias, .. } = &self.hidden;
        let logits = Logits { bias, weight: &self.out_weight, out_bias: &self.out_bias };
        let ([height, width], outputs) = (x.size, self.out_bias.len());
        let mut pixels = vec![0.0; height * width * outputs];
        match matrix.compute() {
            Compute::F32 => conv3x3::<f32, _, _>(x.source(), matrix, 1, outputs, &mut pixels, |_, _| logits),
            Compute::Bf16 => conv3x3::<bf16, _, _>(x.source(), matrix, 1, outputs, &mut pixels, |_, _| logits),
        }
        planes(&Array::new(pixels, &[height, width, outputs]))
    }
}

/// [h, w, c] → [c, h, w]. One channel stays where it is.
pub fn planes(x: &Array) -> Array {
    let channels = x.channels();
    let mut dims = x.dims().to_vec();
    dims.rotate_right(1);
    if channels == 1 {
        return x.seen_as(&dims);
    }
    let mut planes = Vec::with_capacity(x.len());
    (0..channels).for_each(|channel| planes.extend(x.iter().skip(channel).step_by(channels)));
    Array::new(planes, &dims)
}

/// One plane through its activation.
pub fn ended(logits: &[f32], end: End) -> Vec<f32> {
    let all = |f: fn(f32) -> f32| logits.par_iter().map(|&x| f(x)).collect();
    match end {
        End::Exp => all(f32::exp),
        End::ExpPlusOne => all(|x| x.exp() + 1.0),
        End::Relu => all(|x| x.max(0.0)),
        End::Sigmoid(most) => logits.par_iter().map(|&x| sigmoid(x) * most).collect(),
    }
}

pub fn sigmoid(x: f32) -> f32 {
    ((-x).exp() + 1.0).recip()
}
