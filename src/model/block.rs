//! One pre-norm transformer block with LayerScale (specification §3.2).

use candle_core::Tensor;

use super::ModelError;
use super::attention::attend;
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
    pub scale1: Tensor,
    pub norm2: LayerNorm,
    /// GELU between two layers, or SwiGLU.
    pub feed_forward: [Linear; 2],
    pub scale2: Tensor,
}

/// Sees the two branches of a block before LayerScale, and q and k of each group as they go into the product. Blocks
/// on kernels, which never hold them, show nothing.
pub type Peek<'a> = dyn Fn(&str, &Tensor) + 'a;

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
        x: &Tensor,
        rope: Option<&Rope>,
        workspace: &mut Workspace,
        peek: &Peek,
    ) -> candle_core::Result<Tensor> {
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

impl BlockOnCandle {
    fn forward(&self, x: &Tensor, rope: Option<&Rope>, tile_bytes: usize, peek: &Peek) -> candle_core::Result<Tensor> {
        let parts = &self.parts;
        let attention = self.attention(&parts.norm1.forward(x)?, rope, tile_bytes, peek)?;
        peek("attn", &attention);
        let x = (x + attention.broadcast_mul(&parts.scale1)?)?;
        let fed = self.feed_forward(&parts.norm2.forward(&x)?)?;
        peek("mlp", &fed);
        x + fed.broadcast_mul(&parts.scale2)?
    }

    fn attention(
        &self,
        x: &Tensor,
        rope: Option<&Rope>,
        tile_bytes: usize,
        peek: &Peek,
    ) -> candle_core::Result<Tensor> {
        let (groups, tokens, c) = x.dims3()?;
        let (parts, heads) = (&self.parts, self.shape.heads);
        let mut out = Vec::with_capacity(groups);
        for group in 0..groups {
            let qkv = parts.qkv.forward(&x.get(group)?)?;
            let qkv = qkv.reshape((tokens, 3, heads, c / heads))?.permute((1, 2, 0, 3))?;
            let (mut q, mut k) = (qkv.get(0)?.contiguous()?, qkv.get(1)?.contiguous()?);
            if let Some([q_norm, k_norm]) = &parts.qk_norm {
                (q, k) = (q_norm.forward(&q)?, k_norm.forward(&k)?);
            }
            if let Some(rope) = rope {
                (q, k) = (rope.apply(&q)?, rope.apply(&k)?);
            }
            peek("q_rope", &q);
            peek("k_rope", &k);
            let mixed = attend(&q, &k, &qkv.get(2)?.contiguous()?, tile_bytes)?;
            out.push(parts.projection.forward(&mixed.transpose(0, 1)?.contiguous()?.reshape((tokens, c))?)?);
        }
        Tensor::stack(&out, 0)
    }

    fn feed_forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let [first, second] = &self.parts.feed_forward;
        let hidden = first.forward(x)?;
        if !self.shape.swiglu {
            return second.forward(&hidden.gelu_erf()?);
        }
        let last = hidden.rank() - 1;
        let half = hidden.dim(last)? / 2;
        let gate = hidden.narrow(last, 0, half)?.contiguous()?.silu()?;
        second.forward(&(gate * hidden.narrow(last, half, half)?)?)
    }
}
