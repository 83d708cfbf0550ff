//! One pre-norm transformer block with LayerScale (specification §3.2).

use super::ModelError;
use super::array::{Array, is_brief};
use super::attention::{attend, even_parts};
use super::block_cpu::{BlockOnCpu, Workspace};
use super::embed::Rope;
use super::ops::{LayerNorm, Linear};
use super::source::{Backend, Contents};

/// x + γ1·Attn(LN1(x)), then x + γ2·FFN(LN2(x)).
pub enum Block {
    Candle(Box<BlockOnCandle>),
    Kernels(Box<BlockOnCpu>),
}

/// What a block needs to know beyond its weights' names.
#[derive(Clone, Copy)]
pub struct BlockShape {
    pub heads: usize,
    pub norm_eps: f64,
    pub qk_norm: bool,
    pub swiglu: bool,
}

/// The parts of a block by name, as [`BlockShape`] says.
pub struct Parts {
    pub norm1: LayerNorm,
    pub qkv: Linear,
    /// LayerNorm of q and k over the channels of a head.
    pub qk_norm: Option<[LayerNorm; 2]>,
    pub projection: Linear,
    pub scale1: Array,
    pub norm2: LayerNorm,
    /// GELU between two layers, or SwiGLU.
    pub feed_forward: [Linear; 2],
    pub scale2: Array,
}

/// Sees the two branches of a block before LayerScale, and q and k of each group as they go into the product. Blocks
/// on kernels, which never hold them, show nothing.
pub type Peek<'a> = dyn Fn(&str, &Array) + 'a;

impl Block {
    /// Reads the block under `name`; `linear` says in which precision its matrices are kept.
    pub fn new(
        weights: &Contents,
        name: &str,
        shape: BlockShape,
        linear: fn(&Contents, &str) -> Result<Linear, ModelError>,
    ) -> Result<Self, ModelError> {
        // q and k norms keep the framework's default epsilon, whatever the block's own is.
        let head_norm = |part: &str| LayerNorm::new(weights, &format!("{name}.attn.{part}_norm"), 1e-5);
        let part = |part: &str| linear(weights, &format!("{name}.{part}"));
        let parts = Parts {
            norm1: LayerNorm::new(weights, &format!("{name}.norm1"), shape.norm_eps)?,
            qkv: part("attn.qkv")?,
            qk_norm: if shape.qk_norm { Some([head_norm("q")?, head_norm("k")?]) } else { None },
            projection: part("attn.proj")?,
            scale1: weights.f32(&format!("{name}.ls1.gamma"))?,
            norm2: LayerNorm::new(weights, &format!("{name}.norm2"), shape.norm_eps)?,
            feed_forward: if shape.swiglu {
                [part("mlp.w12")?, part("mlp.w3")?]
            } else {
                [part("mlp.fc1")?, part("mlp.fc2")?]
            },
            scale2: weights.f32(&format!("{name}.ls2.gamma"))?,
        };
        Ok(match weights.backend() {
            Backend::Candle => Self::Candle(Box::new(BlockOnCandle { parts, shape })),
            Backend::Kernels => Self::Kernels(Box::new(BlockOnCpu::new(parts, shape)?)),
        })
    }

    /// [groups, tokens, C] → the same; tokens attend to the tokens of their own group. `workspace` is kept from block
    /// to block.
    pub fn forward(
        &self,
        x: &Array,
        rope: Option<&Rope>,
        workspace: &mut Workspace,
        peek: &Peek,
    ) -> candle_core::Result<Array> {
        match self {
            Self::Candle(block) => block.forward(x, rope, workspace.tile_bytes, peek),
            Self::Kernels(block) => block.forward(x, rope, workspace),
        }
    }
}

/// A block out of candle's operations, for every device.
pub struct BlockOnCandle {
    parts: Parts,
    shape: BlockShape,
}

/// Bytes that the hidden activations of feed-forward layers may take at once on candle: they are four times as wide as
/// the tokens, and would else be most of a pass's memory.
const FED_BYTES: usize = 64 << 20;
/// Bytes of the tokens that attend to each other from which on launches cost nothing and memory does.
const LARGE_STREAM: usize = 16 << 20;

impl BlockOnCandle {
    fn forward(&self, x: &Array, rope: Option<&Rope>, tile_bytes: usize, peek: &Peek) -> candle_core::Result<Array> {
        let parts = &self.parts;
        let x = {
            let attention = self.attention(&parts.norm1.forward(x)?, rope, tile_bytes, peek)?;
            peek("attn", &attention);
            x.add(&attention.mul(&parts.scale1)?)?
        };
        let fed = self.feed_forward(&parts.norm2.forward(&x)?)?;
        peek("mlp", &fed);
        x.add(&fed.mul(&parts.scale2)?)
    }

    fn attention(&self, x: &Array, rope: Option<&Rope>, tile_bytes: usize, peek: &Peek) -> candle_core::Result<Array> {
        let (groups, tokens, c) = x.dims3()?;
        let mut out = Vec::with_capacity(groups);
        for group in 0..groups {
            if let (true, Some(latest)) = (is_brief() && group > 2, out.last()) {
                let stand_in = Array::standing_in(latest)?;
                out.push(stand_in);
                continue;
            }
            let [q, k, v] = self.by_head(&x.get(group)?, rope)?;
            peek("q_rope", &q);
            peek("k_rope", &k);
            let mixed = attend(&q, &k, &v, tile_bytes)?;
            drop((q, k, v));
            let mixed = mixed.transpose(0, 1)?.reshape((tokens, c))?;
            out.push(self.parts.projection.forward(&mixed)?);
        }
        Array::stack(&out)
    }

    /// q, k and v of the tokens of one group, [heads, tokens, d] each, q and k normed and turned.
    fn by_head(&self, x: &Array, rope: Option<&Rope>) -> candle_core::Result<[Array; 3]> {
        let (tokens, c) = x.dims2()?;
        let heads = self.shape.heads;
        let of_heads = |x: Array| x.reshape((tokens, heads, c / heads))?.transpose(0, 1)?.contiguous();
        let turned = |part: usize, mut x: Array| {
            if let Some(norms) = &self.parts.qk_norm {
                x = norms[part].forward(&x)?;
            }
            rope.map_or(Ok(x.clone()), |rope| rope.apply(&x))
        };
        if x.elem_count() * 4 > LARGE_STREAM {
            // One product after the other: all three together would be the largest array of the pass.
            let part = |i: usize| of_heads(self.parts.qkv.part(i * c, c)?.forward(x)?);
            return Ok([turned(0, part(0)?)?, turned(1, part(1)?)?, part(2)?]);
        }
        let qkv = self.parts.qkv.forward(x)?;
        let part = |i: usize| of_heads(qkv.narrow(1, i * c, c)?);
        Ok([turned(0, part(0)?)?, turned(1, part(1)?)?, part(2)?])
    }

    fn feed_forward(&self, x: &Array) -> candle_core::Result<Array> {
        let (groups, tokens, c) = x.dims3()?;
        let rows = groups * tokens;
        let together = (FED_BYTES / (4 * self.hidden()?)).max(1);
        let x = x.reshape((rows, c))?;
        let parts = even_parts(rows, together).map(|(first, count)| self.feed(&x.narrow(0, first, count)?));
        Array::cat(&parts.collect::<candle_core::Result<Vec<_>>>()?, 0)?.reshape((groups, tokens, c))
    }

    /// Outputs of the first feed-forward layer.
    fn hidden(&self) -> candle_core::Result<usize> {
        self.parts.feed_forward[0].outputs()
    }

    fn feed(&self, x: &Array) -> candle_core::Result<Array> {
        let [first, second] = &self.parts.feed_forward;
        let hidden = first.forward(x)?;
        if !self.shape.swiglu {
            return second.forward(&hidden.gelu_erf()?);
        }
        let last = hidden.rank() - 1;
        let half = hidden.dim(last)? / 2;
        let gate = hidden.narrow(last, 0, half)?.contiguous()?.silu()?;
        second.forward(&gate.mul(&hidden.narrow(last, half, half)?)?)
    }
}
