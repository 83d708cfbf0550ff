//! What networks ask of whoever calculates: arrays, layers over tokens, and layers over maps.
//!
//! Networks (`vit`, `camera`, `dpt`, `gaussian_head`) are written once, over these traits. What is asked is as much at once as
//! the best of those who calculate does in one go; others put it together from smaller things.

use std::sync::Arc;

use candle_core::Tensor;

use super::ModelError;
use super::embed::Turns;
use super::kernels::{Activation, PositionTables};
use super::source::Contents;
use super::watch::Shown;

/// Bytes that the scores of one tile of queries may take when nothing else is asked for, whatever the number of views.
pub const TILE_BYTES: usize = 64 << 20;

/// How exactly the matrix of a layer is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// In the format chosen for the run.
    Chosen,
    /// As exact as the file: cameras, and the ends of heads.
    Single,
}

/// What a transformer block needs to know beyond its weights' names.
#[derive(Clone, Copy)]
pub struct BlockShape {
    pub heads: usize,
    pub norm_eps: f64,
    /// LayerNorm of q and k over the channels of a head.
    pub qk_norm: bool,
    /// SwiGLU instead of GELU.
    pub swiglu: bool,
}

/// Sees the two branches of a block after LayerScale, and q and k of each group as they go into the product. Who never holds
/// them shows nothing.
pub type Peek<'a> = dyn Fn(&str, &dyn Shown) + 'a;

/// What a 3×3 convolution is beyond its weights.
#[derive(Clone, Copy)]
pub struct ConvShape {
    pub has_bias: bool,
    pub stride: usize,
}

impl ConvShape {
    pub const PLAIN: Self = Self { has_bias: true, stride: 1 };
    pub const WITHOUT_BIAS: Self = Self { has_bias: false, stride: 1 };
    pub const HALVING: Self = Self { has_bias: true, stride: 2 };
}

/// What happens around a convolution.
pub struct Around<'a, A> {
    pub relu_before: bool,
    pub after: Activation,
    /// A map that is added to the result.
    pub plus: Option<&'a A>,
    /// The result is enlarged next, and may lie as that wants it.
    pub is_enlarged_next: bool,
}

impl<A> Default for Around<'_, A> {
    fn default() -> Self {
        Self { relu_before: false, after: Activation::None, plus: None, is_enlarged_next: false }
    }
}

/// What becomes of a head's logits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    Exp,
    ExpPlusOne,
    Relu,
    /// The sigmoid, times this.
    Sigmoid(f32),
}

/// Who calculates, and where the numbers lie. In the shapes, S counts views, N patches of a view, and C channels.
pub trait Arrays: Send + Sync + 'static {
    /// Numbers in f32 where they are calculated with. A clone shares them.
    type Array: Shown + Clone + Send + Sync + 'static;
    /// One normalised image [3, H, W]. A clone shares the numbers, as all images of a pass may do.
    type Image: Clone + Send + Sync + 'static;

    /// The images of a pass, [S, 3, H, W], one by one.
    fn images(&self, images: &Tensor) -> Result<Vec<Self::Image>, ModelError>;

    /// Numbers of the host, row-major.
    fn upload(&self, values: Vec<f32>, shape: &[usize]) -> Result<Self::Array, ModelError>;

    /// A tensor of a network's weights, in f32.
    fn read_array(&self, weights: &Contents, name: &str) -> Result<Self::Array, ModelError>;

    fn dims<'a>(&self, x: &'a Self::Array) -> &'a [usize];
}

/// Layers over tokens: what a backbone and cameras are made of.
pub trait TokenLayers: Arrays {
    /// The patch embedding, always in f32.
    type Patches: Send + Sync + 'static;
    /// Angles by which q and k of every token turn.
    type Rope: Send + Sync + 'static;
    /// LayerNorm over the last dimension.
    type Norm: Send + Sync + 'static;
    /// y = x·Wᵀ + b on the last dimension, f32 in and out.
    type Linear: Send + Sync + 'static;
    /// A pre-norm transformer block with LayerScale: x + γ1·Attn(LN1(x)), then x + γ2·FFN(LN2(x)) (specification §3.2).
    type Block: Send + Sync + 'static;
    /// Memory that goes from block to block instead of being allocated anew.
    type Workspace;

    fn read_patches(&self, weights: &Contents, name: &str) -> Result<Self::Patches, ModelError>;

    fn read_norm(&self, weights: &Contents, name: &str, eps: f64) -> Result<Self::Norm, ModelError>;

    /// 1×1 convolutions, stored as [out, in, 1, 1], are such layers as well.
    fn read_linear(&self, weights: &Contents, name: &str, precision: Precision) -> Result<Self::Linear, ModelError>;

    fn read_block(
        &self,
        weights: &Contents,
        name: &str,
        shape: BlockShape,
        precision: Precision,
    ) -> Result<Self::Block, ModelError>;

    /// The positional embedding for `h`×`w` patches, [1 + N, C], of the stored one, [1, 1370, C] (specification §3.1).
    fn embedding(&self, stored: &Self::Array, h: usize, w: usize) -> Result<Self::Array, ModelError>;

    /// The patches of each image behind the class token [.., C], plus an embedding [1 + N, C]: [S, 1 + N, C].
    fn tokens(
        &self,
        patches: &Self::Patches,
        class_token: &Self::Array,
        embedding: &Self::Array,
        images: &[Self::Image],
    ) -> Result<Self::Array, ModelError>;

    fn rope(&self, turns: Turns) -> Result<Self::Rope, ModelError>;

    /// For a run of blocks, whose attention keeps scores of at most so many bytes, where it keeps any.
    fn workspace(&self, tile_bytes: usize) -> Self::Workspace;

    /// Whether attention keeps scores, so that smaller tiles of them save memory.
    fn has_tiles(&self) -> bool;

    /// [.., C] → the same. Tokens attend to those of their own group, of which there are `groups`, one behind the other and all
    /// of one size.
    fn block(
        &self,
        block: &Self::Block,
        x: &Self::Array,
        groups: usize,
        rope: Option<&Self::Rope>,
        workspace: &mut Self::Workspace,
        peek: &Peek,
    ) -> Result<Self::Array, ModelError>;

    /// [.., in] → [.., out].
    fn linear(&self, layer: &Self::Linear, x: &Self::Array) -> Result<Self::Array, ModelError>;

    fn normed(&self, norm: &Self::Norm, x: &Self::Array) -> Result<Self::Array, ModelError>;

    fn activated(&self, x: &Self::Array, activation: Activation) -> Result<Self::Array, ModelError>;

    /// Rows of several arrays [S, ..] beside each other.
    fn beside(&self, parts: Vec<Self::Array>) -> Result<Self::Array, ModelError>;

    /// Views [S, ..] in another order.
    fn in_order(&self, x: &Self::Array, order: &[u32]) -> Result<Self::Array, ModelError>;

    /// Token 0 of every view of [S, T, C], [S, C] on the host.
    fn first_tokens(&self, x: &Self::Array) -> Result<Vec<f32>, ModelError>;

    /// Of two learned tokens [1, 2, C] the one for the first view, and the other for each view behind it: [S, C].
    fn repeated(&self, learned: &Self::Array, views: usize) -> Result<Self::Array, ModelError>;

    /// [S, T, C] with `first` [S, C] in the place of token 0 of every view.
    fn with_first_tokens(&self, x: &Self::Array, first: &Self::Array) -> Result<Self::Array, ModelError>;

    /// Of one view of `x` [S, T, C] all tokens but the first, normed, behind the same tokens of `before`, where there is one:
    /// [N, C or 2C]. Its numbers are memory of their own, which goes when the view's maps are drawn.
    fn features(
        &self,
        norm: &Self::Norm,
        before: Option<&Self::Array>,
        x: &Self::Array,
        view: usize,
    ) -> Result<Self::Array, ModelError>;

    /// Of every view of `x` [S, T, C] all tokens but the first, normed, [S, N, C] on the host, views in the order that is asked
    /// for. All is read at once, because a card gives the whole of a memory whatever part of it is asked for.
    fn exported(&self, norm: &Self::Norm, x: &Self::Array, order: Option<&[u32]>) -> Result<Vec<f32>, ModelError>;

    /// Token 0 of every view of both, [S, T, C] each, beside each other: [S, 2C], views in the order that is asked for.
    fn camera_tokens(
        &self,
        local: &Self::Array,
        x: &Self::Array,
        order: Option<&[u32]>,
    ) -> Result<Self::Array, ModelError>;
}

/// Layers over maps [height, width, channels], one view at a time: what heads are made of. Tokens become maps without moving.
pub trait MapLayers: TokenLayers {
    /// A 3×3 convolution, padding 1.
    type Conv: Send + Sync + 'static;
    /// A transposed convolution whose kernel is as large as its stride.
    type Upscale: Send + Sync + 'static;
    /// The end of a dense head: a 3×3 convolution to 32 channels, ReLU, a 1×1 convolution.
    type Ends: Send + Sync + 'static;
    /// What a head adds to a map of one size so that it knows where it is.
    type Positions: Send + Sync + 'static;
    /// A map at a larger size: as a whole, or made row by row by who looks at it.
    type Enlarged;

    fn read_conv(&self, weights: &Contents, name: &str, shape: ConvShape) -> Result<Self::Conv, ModelError>;

    fn read_upscale(&self, weights: &Contents, name: &str) -> Result<Self::Upscale, ModelError>;

    /// The convolutions `{name}.0` and `{name}.2`.
    fn read_ends(&self, weights: &Contents, name: &str) -> Result<Self::Ends, ModelError>;

    fn positions(&self, tables: PositionTables) -> Result<Self::Positions, ModelError>;

    /// An image as a map [H, W, 3].
    fn image_map(&self, image: &Self::Image) -> Result<Self::Array, ModelError>;

    /// Tokens [h · w, in] through LayerNorm, where there is one, and a layer, as a map [h, w, out].
    fn project(
        &self,
        layer: &Self::Linear,
        norm: Option<&Self::Norm>,
        tokens: &Self::Array,
        size: [usize; 2],
    ) -> Result<Self::Array, ModelError>;

    /// Of a map [h, w, in] one [h, w, out], which is resized next and may lie as that wants it.
    fn mix(&self, layer: &Self::Linear, x: &Self::Array) -> Result<Self::Array, ModelError>;

    /// [h, w, in] → [⌈h/stride⌉, ⌈w/stride⌉, out].
    fn conv(&self, layer: &Self::Conv, x: &Self::Array, around: Around<Self::Array>)
    -> Result<Self::Array, ModelError>;

    /// The same of an enlarged map, without a stride.
    fn conv_enlarged(
        &self,
        layer: &Self::Conv,
        x: &Self::Enlarged,
        around: Around<Self::Array>,
    ) -> Result<Self::Array, ModelError>;

    /// [h, w, in] → [k·h, k·w, out].
    fn upscale(&self, layer: &Self::Upscale, x: &Self::Array) -> Result<Self::Array, ModelError>;

    /// Bilinear resize with aligned corners: [h, w, c] → [height, width, c], plus a map of that size.
    fn resize(&self, x: &Self::Array, size: [usize; 2], plus: Option<&Self::Array>) -> Result<Self::Array, ModelError>;

    /// A map [h, w, c] plus the positions for its size.
    fn placed(&self, x: &Self::Array, positions: &Self::Positions) -> Result<Self::Array, ModelError>;

    /// A map resized to `size`, plus the positions for that size, where there are some.
    fn enlarge(
        &self,
        x: &Self::Array,
        size: [usize; 2],
        positions: Option<&Arc<Self::Positions>>,
    ) -> Result<Self::Enlarged, ModelError>;

    /// An enlarged map that is there as a whole.
    fn whole<'a>(&self, x: &'a Self::Enlarged) -> Option<&'a Self::Array>;

    /// [h, w, c] → [c, h, w].
    fn planes(&self, x: &Self::Array) -> Result<Self::Array, ModelError>;

    /// The last map [H, W, c] → logits [outputs, H, W].
    fn logits(&self, ends: &Self::Ends, x: &Self::Enlarged) -> Result<Self::Array, ModelError>;

    /// One channel of logits [outputs, H, W] through its activation: [H, W].
    fn ended(&self, logits: &Self::Array, channel: usize, end: End) -> Result<Self::Array, ModelError>;

    /// Logits [7, h, w] of rays on the host: six channels last, [h, w, 6], and 1 + exp of the seventh, [h, w].
    fn rays(&self, logits: &Self::Array) -> Result<[Vec<f32>; 2], ModelError>;

    /// Logits [H, W, 38] of Gaussians on the host: 37 channels, [H, W, 37], and the sigmoid of the last, [H, W].
    fn gaussians(&self, logits: &Self::Array) -> Result<[Vec<f32>; 2], ModelError>;
}

#[cfg(test)]
mod tests;
