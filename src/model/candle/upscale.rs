//! Transposed convolutions whose kernel is as large as their stride.

use super::array::Array;
use super::linear::multiply;
use super::weights::Weights;
use crate::model::ModelError;

/// A matrix product and a shuffle of pixels.
pub struct Upscale {
    factor: usize,
    channels: usize,
    /// [in, factor · factor · out].
    weight: Array,
    bias: Array,
}

impl Upscale {
    pub fn new(weights: &Weights, name: &str) -> Result<Self, ModelError> {
        let stored = format!("{name}.weight");
        let shape = weights.contents.shape(&stored);
        let (channels, factor) = (shape[1], shape[2]);
        let bias = weights.f32(&format!("{name}.bias"))?;
        let weight = weights.prepared(&stored, |weight| weight.permute([0, 2, 3, 1])?.contiguous()?.flatten_from(1))?;
        Ok(Self { factor, channels, weight, bias })
    }

    /// [h, w, c] → [k·h, k·w, c].
    pub fn forward(&self, x: &Array) -> candle_core::Result<Array> {
        let (h, w, inputs) = x.dims3()?;
        let (k, channels) = (self.factor, self.channels);
        let y = multiply(&x.reshape((h * w, inputs))?, &self.weight)?.reshape(&[h, w, k, k, channels][..])?;
        y.permute([0, 2, 1, 3, 4])?.add(&self.bias)?.reshape((k * h, k * w, channels))
    }
}
