//! The image as tokens: a linear layer over patches of 14×14 pixels (specification §3.1).

use super::array::Array;
use super::linear::multiply;
use super::weights::Weights;
use crate::model::{ModelError, PATCH};

/// The patch embedding, always in f32.
pub struct Patches {
    /// [3 · 14 · 14, C].
    weight: Array,
    bias: Array,
}

impl Patches {
    pub fn new(weights: &Weights, name: &str) -> Result<Self, ModelError> {
        let bias = weights.f32(&format!("{name}.bias"))?;
        let weight = weights.prepared(&format!("{name}.weight"), |weight| weight.flatten_from(1)?.t()?.contiguous())?;
        Ok(Self { weight, bias })
    }

    /// Images [3, H, W] → [S, 1 + h·w, C]: their patches behind the class token [.., C], plus an embedding [1 + h·w, C].
    pub fn tokens(&self, class_token: &Array, embedding: &Array, images: &[Array]) -> candle_core::Result<Array> {
        let class = class_token.reshape((1, self.bias.elem_count()))?;
        let tokens = images.iter().map(|image| Array::cat(&[&class, &self.forward(image)?], 0)?.add(embedding));
        Array::stack(&tokens.collect::<candle_core::Result<Vec<_>>>()?)
    }

    /// One normalised image [3, H, W] → [h·w, C].
    fn forward(&self, image: &Array) -> candle_core::Result<Array> {
        let (_, height, width) = image.dims3()?;
        let (h, w) = (height / PATCH, width / PATCH);
        let patches = image.reshape(&[3, h, PATCH, w, PATCH][..])?.permute([1, 3, 0, 2, 4])?.contiguous()?;
        multiply(&patches.reshape((h * w, 3 * PATCH * PATCH))?, &self.weight)?.add(&self.bias)
    }
}
