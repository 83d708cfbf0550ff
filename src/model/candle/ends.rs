//! The last layers of a dense head.

use super::array::Array;
use super::conv::Conv3x3;
use super::linear::Linear;
use super::weights::Weights;
use crate::model::ModelError;
use crate::model::kernels::Activation;
use crate::model::operations::{Around, ConvShape, Precision};

/// 3×3 convolution to 32 channels, ReLU, 1×1 convolution.
pub struct Ends {
    hidden: Conv3x3,
    out: Linear,
}

impl Ends {
    pub fn new(weights: &Weights, name: &str) -> Result<Self, ModelError> {
        Ok(Self {
            hidden: Conv3x3::new(weights, &format!("{name}.0"), ConvShape::PLAIN)?,
            out: Linear::read(weights, &format!("{name}.2"), Precision::Single)?,
        })
    }

    /// [H, W, c] → [outputs, H, W].
    pub fn forward(&self, x: &Array) -> candle_core::Result<Array> {
        let hidden = self.hidden.forward(x, &Around { after: Activation::Relu, ..Around::default() })?;
        planes(&self.out.forward(&hidden, None)?)
    }
}

/// [h, w, c] → [c, h, w].
pub fn planes(x: &Array) -> candle_core::Result<Array> {
    x.permute([2, 0, 1])?.contiguous()
}
