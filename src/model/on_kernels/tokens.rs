//! Layers over tokens, on our kernels.

use candle_core::Tensor;

use super::Kernels;
use super::array::Array;
use super::block::{Block, Workspace};
use super::linear::{LayerNorm, Linear};
use super::patches::Patches;
use crate::model::candle::positional_embedding_of;
use crate::model::embed::{STORED_GRID, Turns};
use crate::model::kernels::{self, Activation};
use crate::model::operations::{BlockShape, Peek, Precision, TokenLayers};
use crate::model::{Contents, ModelError};

impl TokenLayers for Kernels {
    type Patches = Patches;
    type Rope = Turns;
    type Norm = LayerNorm;
    type Linear = Linear;
    type Block = Block;
    type Workspace = Workspace;

    fn read_patches(&self, weights: &Contents, name: &str) -> Result<Patches, ModelError> {
        Patches::new(weights, name)
    }

    fn read_norm(&self, weights: &Contents, name: &str, eps: f64) -> Result<LayerNorm, ModelError> {
        LayerNorm::new(weights, name, eps)
    }

    fn read_linear(&self, weights: &Contents, name: &str, precision: Precision) -> Result<Linear, ModelError> {
        Linear::read(weights, name, precision)
    }

    fn read_block(
        &self,
        weights: &Contents,
        name: &str,
        shape: BlockShape,
        precision: Precision,
    ) -> Result<Block, ModelError> {
        Block::new(weights, name, shape, precision)
    }

    fn embedding(&self, stored: &Array, h: usize, w: usize) -> Result<Array, ModelError> {
        if (h, w) == (STORED_GRID, STORED_GRID) {
            return Ok(stored.seen_as(&stored.dims()[1..]));
        }
        let (numbers, dims) = positional_embedding_of(stored.to_vec(), stored.dims(), h, w)?;
        Ok(Array::new(numbers, &dims))
    }

    fn tokens(
        &self,
        patches: &Patches,
        class_token: &Array,
        embedding: &Array,
        images: &[Tensor],
    ) -> Result<Array, ModelError> {
        patches.tokens(class_token, embedding, images)
    }

    fn rope(&self, turns: Turns) -> Result<Turns, ModelError> {
        Ok(turns)
    }

    fn workspace(&self, _tile_bytes: usize) -> Workspace {
        Workspace::default()
    }

    fn has_tiles(&self) -> bool {
        false
    }

    fn block(
        &self,
        block: &Block,
        x: &Array,
        groups: usize,
        rope: Option<&Turns>,
        workspace: &mut Workspace,
        _peek: &Peek,
    ) -> Result<Array, ModelError> {
        Ok(Array::new(block.forward(x, groups, rope, workspace), x.dims()))
    }

    fn linear(&self, layer: &Linear, x: &Array) -> Result<Array, ModelError> {
        Ok(x.with_last(layer.forward(x, None), layer.matrix.outputs()))
    }

    fn normed(&self, norm: &LayerNorm, x: &Array) -> Result<Array, ModelError> {
        Ok(Array::new(kernels::normalise(x, norm.parts()), x.dims()))
    }

    /// Of few numbers: what follows a product of many is done on the way.
    fn activated(&self, x: &Array, activation: Activation) -> Result<Array, ModelError> {
        let f: fn(f32) -> f32 = match activation {
            Activation::None => return Ok(x.clone()),
            Activation::Relu => |x| x.max(0.0),
            Activation::Gelu => gelu,
            Activation::Silu => |x| x / (1.0 + (-x).exp()),
        };
        Ok(Array::new(x.iter().map(|&x| f(x)).collect(), x.dims()))
    }

    fn beside(&self, parts: Vec<Array>) -> Result<Array, ModelError> {
        let rows = parts.first().map_or(0, |part| part.dims()[0]);
        let width = |part: &Array| part.len() / rows.max(1);
        let row = |row: usize| parts.iter().flat_map(move |part| &part[row * width(part)..][..width(part)]);
        let together: Vec<f32> = (0..rows).flat_map(row).copied().collect();
        Ok(Array::new(together, &[rows, parts.iter().map(width).sum()]))
    }

    fn in_order(&self, x: &Array, order: &[u32]) -> Result<Array, ModelError> {
        let of_view = x.len() / x.dims()[0];
        let mut ordered = Vec::with_capacity(x.len());
        order.iter().for_each(|&view| ordered.extend_from_slice(&x[view as usize * of_view..][..of_view]));
        Ok(Array::new(ordered, x.dims()))
    }

    fn first_tokens(&self, x: &Array) -> Result<Vec<f32>, ModelError> {
        let [_, tokens, c] = sizes(x);
        Ok(x.chunks_exact(tokens * c).flat_map(|view| &view[..c]).copied().collect())
    }

    fn repeated(&self, learned: &Array, views: usize) -> Result<Array, ModelError> {
        let c = learned.channels();
        let (first, other) = learned.split_at(c);
        let others = std::iter::repeat_n(other, views - 1);
        Ok(Array::new(std::iter::once(first).chain(others).flatten().copied().collect(), &[views, c]))
    }

    fn with_first_tokens(&self, x: &Array, first: &Array) -> Result<Array, ModelError> {
        let [_, tokens, c] = sizes(x);
        let mut y = x.to_vec();
        y.chunks_exact_mut(tokens * c).zip(first.chunks_exact(c)).for_each(|(y, first)| y[..c].copy_from_slice(first));
        Ok(Array::new(y, x.dims()))
    }

    fn features(&self, norm: &LayerNorm, before: Option<&Array>, x: &Array, view: usize) -> Result<Array, ModelError> {
        let [_, tokens, c] = sizes(x);
        let of_view = view * tokens * c..(view + 1) * tokens * c;
        let before = before.map(|before| &before[of_view.clone()]);
        let features = kernels::features(before, &x[of_view.clone()], tokens, norm.parts());
        let width = if before.is_some() { 2 * c } else { c };
        Ok(Array::new(features, &[tokens - 1, width]))
    }

    fn exported(&self, norm: &LayerNorm, x: &Array, order: Option<&[u32]>) -> Result<Vec<f32>, ModelError> {
        let [views, tokens, c] = sizes(x);
        let features = kernels::features(None, x, tokens, norm.parts());
        let Some(order) = order else { return Ok(features) };
        Ok(self.in_order(&Array::new(features, &[views, tokens - 1, c]), order)?.to_vec())
    }

    fn camera_tokens(&self, local: &Array, x: &Array, order: Option<&[u32]>) -> Result<Array, ModelError> {
        let [views, tokens, c] = sizes(x);
        let place = |view: usize| order.map_or(view, |order| order[view] as usize) * tokens * c;
        let of_view = |view: usize| [&local[place(view)..][..c], &x[place(view)..][..c]].into_iter().flatten();
        Ok(Array::new((0..views).flat_map(of_view).copied().collect(), &[views, 2 * c]))
    }
}

/// Views, tokens of each, channels.
fn sizes(x: &Array) -> [usize; 3] {
    let (c, tokens) = (x.channels(), x.dims()[1]);
    [x.len() / (tokens * c), tokens, c]
}

/// As candle has it.
fn gelu(x: f32) -> f32 {
    (candle_core::cpu::erf::erf_f32(x * std::f32::consts::FRAC_1_SQRT_2) + 1.0) * 0.5 * x
}
