//! Layers over tokens, out of candle's operations.

use super::Candle;
use super::array::Array;
use super::block::Block;
use super::linear::Linear;
use super::norm::LayerNorm;
use super::patches::Patches;
use super::positions::positional_embedding;
use super::rope::Rope;
use crate::model::embed::Turns;
use crate::model::kernels::Activation;
use crate::model::operations::{BlockShape, Peek, Precision, TokenLayers};
use crate::model::{Contents, ModelError};

impl TokenLayers for Candle {
    type Patches = Patches;
    type Rope = Rope;
    type Norm = LayerNorm;
    type Linear = Linear;
    type Block = Block;
    /// Most bytes of scores.
    type Workspace = usize;

    fn read_patches(&self, weights: &Contents, name: &str) -> Result<Patches, ModelError> {
        Patches::new(&self.weights(weights), name)
    }

    fn read_norm(&self, weights: &Contents, name: &str, eps: f64) -> Result<LayerNorm, ModelError> {
        LayerNorm::new(&self.weights(weights), name, eps)
    }

    fn read_linear(&self, weights: &Contents, name: &str, precision: Precision) -> Result<Linear, ModelError> {
        Linear::read(&self.weights(weights), name, precision)
    }

    fn read_block(
        &self,
        weights: &Contents,
        name: &str,
        shape: BlockShape,
        precision: Precision,
    ) -> Result<Block, ModelError> {
        Block::new(&self.weights(weights), name, shape, precision)
    }

    fn embedding(&self, stored: &Array, h: usize, w: usize) -> Result<Array, ModelError> {
        Ok(positional_embedding(stored, h, w)?)
    }

    fn tokens(
        &self,
        patches: &Patches,
        class_token: &Array,
        embedding: &Array,
        images: &[Array],
    ) -> Result<Array, ModelError> {
        Ok(patches.tokens(class_token, embedding, images)?)
    }

    fn rope(&self, turns: Turns) -> Result<Rope, ModelError> {
        Ok(Rope::new(turns, &self.device)?)
    }

    fn workspace(&self, tile_bytes: usize) -> usize {
        tile_bytes
    }

    /// The Apple GPU's kernel keeps none.
    fn has_tiles(&self) -> bool {
        !self.device.is_metal()
    }

    fn block(
        &self,
        block: &Block,
        x: &Array,
        groups: usize,
        rope: Option<&Rope>,
        tile_bytes: &mut usize,
        peek: &Peek,
    ) -> Result<Array, ModelError> {
        let shape = x.dims();
        let channels = shape.last().copied().unwrap_or(1);
        let y = block.forward(&x.reshape((groups, (), channels))?, rope, *tile_bytes, peek)?;
        Ok(y.reshape(shape)?)
    }

    fn linear(&self, layer: &Linear, x: &Array) -> Result<Array, ModelError> {
        Ok(layer.forward(x, None)?)
    }

    fn normed(&self, norm: &LayerNorm, x: &Array) -> Result<Array, ModelError> {
        Ok(norm.forward(x)?)
    }

    fn activated(&self, x: &Array, activation: Activation) -> Result<Array, ModelError> {
        Ok(match activation {
            Activation::None => Ok(x.clone()),
            Activation::Relu => x.relu(),
            Activation::Gelu => x.gelu_erf(),
            Activation::Silu => x.silu(),
        }?)
    }

    fn beside(&self, parts: Vec<Array>) -> Result<Array, ModelError> {
        Ok(Array::cat(&parts, 1)?)
    }

    fn in_order(&self, x: &Array, order: &[u32]) -> Result<Array, ModelError> {
        ordered(x, Some(order))
    }

    fn first_tokens(&self, x: &Array) -> Result<Vec<f32>, ModelError> {
        Ok(x.narrow(1, 0, 1)?.to_host()?)
    }

    fn repeated(&self, learned: &Array, views: usize) -> Result<Array, ModelError> {
        let learned = learned.squeeze(0)?;
        let (_, c) = learned.dims2()?;
        let others = learned.narrow(0, 1, 1)?.broadcast_as((views - 1, c))?;
        let first = learned.narrow(0, 0, 1)?;
        if views == 1 { Ok(first) } else { Ok(Array::cat(&[first, others], 0)?) }
    }

    fn with_first_tokens(&self, x: &Array, first: &Array) -> Result<Array, ModelError> {
        let (views, tokens, c) = x.dims3()?;
        Ok(Array::cat(&[first.reshape((views, 1, c))?, x.narrow(1, 1, tokens - 1)?], 1)?)
    }

    fn features(&self, norm: &LayerNorm, before: Option<&Array>, x: &Array, view: usize) -> Result<Array, ModelError> {
        let of_view = |x: &Array| x.narrow(0, view, 1);
        let before = before.map(of_view).transpose()?;
        Ok(norm.features(before.as_ref(), &of_view(x)?)?.squeeze(0)?)
    }

    fn exported(&self, norm: &LayerNorm, x: &Array, order: Option<&[u32]>) -> Result<Vec<f32>, ModelError> {
        Ok(ordered(&norm.features(None, x)?, order)?.to_host()?)
    }

    fn camera_tokens(&self, local: &Array, x: &Array, order: Option<&[u32]>) -> Result<Array, ModelError> {
        let tokens = Array::cat(&[local.narrow(1, 0, 1)?, x.narrow(1, 0, 1)?], 2)?.squeeze(1)?;
        ordered(&tokens, order)
    }
}

fn ordered(x: &Array, order: Option<&[u32]>) -> Result<Array, ModelError> {
    let Some(order) = order else { return Ok(x.clone()) };
    Ok(x.contiguous()?.select(order)?)
}
