//! LayerNorm, alone and as the last step of features.

use super::array::Array;
use super::weights::Weights;
use crate::model::ModelError;

/// LayerNorm over the last dimension.
pub struct LayerNorm {
    weight: Array,
    bias: Array,
    eps: f32,
}

impl LayerNorm {
    pub fn new(weights: &Weights, name: &str, eps: f64) -> Result<Self, ModelError> {
        let (weight, bias) = (weights.f32(&format!("{name}.weight"))?, weights.f32(&format!("{name}.bias"))?);
        Ok(Self { weight, bias, eps: eps as f32 })
    }

    pub fn forward(&self, x: &Array) -> candle_core::Result<Array> {
        x.contiguous()?.layer_norm(&self.weight, &self.bias, self.eps)
    }

    /// Of `x` [views, tokens, C] all tokens but each view's first, normed, behind the same tokens of `before`, where there
    /// is one: [views, tokens − 1, C or 2C].
    pub fn features(&self, before: Option<&Array>, x: &Array) -> candle_core::Result<Array> {
        let (_, tokens, _) = x.dims3()?;
        let patches = |x: &Array| x.narrow(1, 1, tokens - 1);
        let normed = patches(&self.forward(x)?)?;
        before.map_or(Ok(normed.clone()), |before| Array::cat(&[patches(before)?, normed], 2))
    }
}
