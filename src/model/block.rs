//! One pre-norm transformer block with LayerScale (specification §3.2).

use candle_core::Tensor;

use super::attention::attend;
use super::embed::Rope;
use super::ops::{LayerNorm, Linear};
use super::{Contents, ModelError};

/// x + γ1·Attn(LN1(x)), then x + γ2·FFN(LN2(x)).
pub struct Block {
    norm1: LayerNorm,
    qkv: Linear,
    /// LayerNorm of q and k over the channels of a head.
    qk_norm: Option<(LayerNorm, LayerNorm)>,
    projection: Linear,
    scale1: Tensor,
    norm2: LayerNorm,
    feed_forward: FeedForward,
    scale2: Tensor,
    heads: usize,
}

enum FeedForward {
    Gelu(Linear, Linear),
    SwiGlu(Linear, Linear),
}

/// What a block needs to know beyond its weights' names.
pub struct BlockShape {
    pub heads: usize,
    pub norm_eps: f64,
    pub qk_norm: bool,
    pub swiglu: bool,
}

/// Sees the two branches of a block before LayerScale, and q and k of each group as they go into the product.
pub type Peek<'a> = dyn Fn(&str, &Tensor) + 'a;

impl Block {
    /// Reads the block under `name`; `linear` says in which precision its matrices are kept.
    pub fn new(
        weights: &Contents,
        name: &str,
        shape: &BlockShape,
        linear: fn(&Contents, &str) -> Result<Linear, ModelError>,
    ) -> Result<Self, ModelError> {
        // q and k norms keep the framework's default epsilon, whatever the block's own is.
        let head_norm = |part: &str| LayerNorm::new(weights, &format!("{name}.attn.{part}_norm"), 1e-5);
        let part = |part: &str| linear(weights, &format!("{name}.{part}"));
        Ok(Self {
            norm1: LayerNorm::new(weights, &format!("{name}.norm1"), shape.norm_eps)?,
            qkv: part("attn.qkv")?,
            qk_norm: if shape.qk_norm { Some((head_norm("q")?, head_norm("k")?)) } else { None },
            projection: part("attn.proj")?,
            scale1: weights.f32(&format!("{name}.ls1.gamma"))?,
            norm2: LayerNorm::new(weights, &format!("{name}.norm2"), shape.norm_eps)?,
            feed_forward: if shape.swiglu {
                FeedForward::SwiGlu(part("mlp.w12")?, part("mlp.w3")?)
            } else {
                FeedForward::Gelu(part("mlp.fc1")?, part("mlp.fc2")?)
            },
            scale2: weights.f32(&format!("{name}.ls2.gamma"))?,
            heads: shape.heads,
        })
    }

    /// [groups, tokens, C] → the same; tokens attend to the tokens of their own group.
    pub fn forward(&self, x: &Tensor, rope: Option<&Rope>, peek: &Peek) -> candle_core::Result<Tensor> {
        let attention = self.attention(&self.norm1.forward(x)?, rope, peek)?;
        peek("attn", &attention);
        let x = (x + attention.broadcast_mul(&self.scale1)?)?;
        let fed = self.feed_forward.forward(&self.norm2.forward(&x)?)?;
        peek("mlp", &fed);
        x + fed.broadcast_mul(&self.scale2)?
    }

    fn attention(&self, x: &Tensor, rope: Option<&Rope>, peek: &Peek) -> candle_core::Result<Tensor> {
        let (groups, tokens, c) = x.dims3()?;
        let mut out = Vec::with_capacity(groups);
        for group in 0..groups {
            let qkv = self.qkv.forward(&x.get(group)?)?;
            let qkv = qkv.reshape((tokens, 3, self.heads, c / self.heads))?.permute((1, 2, 0, 3))?;
            let (mut q, mut k) = (qkv.get(0)?.contiguous()?, qkv.get(1)?.contiguous()?);
            if let Some((q_norm, k_norm)) = &self.qk_norm {
                (q, k) = (q_norm.forward(&q)?, k_norm.forward(&k)?);
            }
            if let Some(rope) = rope {
                (q, k) = (rope.apply(&q)?, rope.apply(&k)?);
            }
            peek("q_rope", &q);
            peek("k_rope", &k);
            let mixed = attend(&q, &k, &qkv.get(2)?.contiguous()?)?;
            out.push(self.projection.forward(&mixed.transpose(0, 1)?.contiguous()?.reshape((tokens, c))?)?);
        }
        Tensor::stack(&out, 0)
    }
}

impl FeedForward {
    fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        match self {
            Self::Gelu(first, second) => second.forward(&first.forward(x)?.gelu_erf()?),
            Self::SwiGlu(both, out) => {
                let both = both.forward(x)?;
                let last = both.rank() - 1;
                let half = both.dim(last)? / 2;
                let gate = both.narrow(last, 0, half)?.contiguous()?.silu()?;
                out.forward(&(gate * both.narrow(last, half, half)?)?)
            }
        }
    }
}
