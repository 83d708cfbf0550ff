//! One pre-norm transformer block with LayerScale, out of candle's operations (specification §3.2).

use super::array::{Array, is_brief};
use super::attention::attend;
use super::feed::FeedForward;
use super::linear::Linear;
use super::norm::LayerNorm;
use super::rope::Rope;
use super::weights::Weights;
use crate::model::ModelError;
use crate::model::operations::{BlockShape, Peek, Precision};

/// x + γ1·Attn(LN1(x)), then x + γ2·FFN(LN2(x)).
pub struct Block {
    norm1: LayerNorm,
    qkv: Linear,
    /// LayerNorm of q and k over the channels of a head.
    qk_norm: Option<[LayerNorm; 2]>,
    /// With its LayerScale in it.
    projection: Linear,
    norm2: LayerNorm,
    fed: FeedForward,
    shape: BlockShape,
}

/// Bytes of the tokens that attend to each other from which on launches cost nothing and memory does.
const LARGE_STREAM: usize = 16 << 20;

impl Block {
    /// Reads the block under `name`; `precision` says how its matrices are kept.
    pub fn new(weights: &Weights, name: &str, shape: BlockShape, precision: Precision) -> Result<Self, ModelError> {
        // q and k norms keep the framework's default epsilon, whatever the block's own is.
        let head_norm = |part: &str| LayerNorm::new(weights, &format!("{name}.attn.{part}_norm"), 1e-5);
        let part = |part: &str| format!("{name}.{part}");
        let fed = if shape.swiglu { ["mlp.w12", "mlp.w3"] } else { ["mlp.fc1", "mlp.fc2"] };
        let [first, second] = fed.map(part);
        Ok(Self {
            norm1: LayerNorm::new(weights, &part("norm1"), shape.norm_eps)?,
            qkv: Linear::read(weights, &part("attn.qkv"), precision)?,
            qk_norm: if shape.qk_norm { Some([head_norm("q")?, head_norm("k")?]) } else { None },
            projection: Linear::scaled(weights, &part("attn.proj"), &part("ls1.gamma"), precision)?,
            norm2: LayerNorm::new(weights, &part("norm2"), shape.norm_eps)?,
            fed: FeedForward::new(weights, [&first, &second], &part("ls2.gamma"), shape, precision)?,
            shape,
        })
    }

    /// [groups, tokens, C] → the same; tokens attend to the tokens of their own group.
    pub fn forward(
        &self,
        x: &Array,
        rope: Option<&Rope>,
        tile_bytes: usize,
        peek: &Peek,
    ) -> candle_core::Result<Array> {
        let x = {
            let attention = self.attention(&self.norm1.forward(x)?, rope, tile_bytes, peek)?;
            peek("attn", &attention);
            x.add(&attention)?
        };
        let fed = self.fed.forward(&self.norm2.forward(&x)?)?;
        peek("mlp", &fed);
        x.add(&fed)
    }

    fn attention(&self, x: &Array, rope: Option<&Rope>, tile_bytes: usize, peek: &Peek) -> candle_core::Result<Array> {
        let (groups, tokens, c) = x.dims3()?;
        let mut mixed: Vec<Array> = Vec::with_capacity(groups);
        for group in 0..groups {
            // What the last one leaves is still held when the projection comes.
            let is_like_others = group > 1 && group + 1 < groups;
            if let (true, Some(latest)) = (is_brief() && is_like_others, mixed.last()) {
                let stand_in = Array::standing_in(latest)?;
                mixed.push(stand_in);
                continue;
            }
            let [q, k, v] = self.by_head(&x.get(group)?, rope)?;
            peek("q_rope", &q);
            peek("k_rope", &k);
            mixed.push(attend(&q, &k, &v, tile_bytes)?);
        }
        // Heads beside each other, and views below each other, in one go.
        let views = mixed.iter().map(|x| x.transpose(0, 1)).collect::<candle_core::Result<Vec<_>>>()?;
        drop(mixed);
        let together = Array::cat(&views, 0)?.reshape((groups, tokens, c))?;
        drop(views);
        self.projection.forward(&together, None)
    }

    /// q, k and v of the tokens of one group, [heads, tokens, d] each, q and k normed and turned.
    fn by_head(&self, x: &Array, rope: Option<&Rope>) -> candle_core::Result<[Array; 3]> {
        let (tokens, c) = x.dims2()?;
        let (heads, d) = (self.shape.heads, c / self.shape.heads);
        // What is still to be added is added as heads are brought together.
        let of_heads = |x: &Array, bias: &Array| x.transpose(0, 1)?.add(&bias.reshape((heads, 1, d))?);
        let ready = |part: usize, mut x: Array| {
            if let Some(norms) = self.qk_norm.as_ref().filter(|_| part < 2) {
                x = norms[part].forward(&x)?;
            }
            rope.filter(|_| part < 2).map_or(Ok(x.clone()), |rope| rope.apply(&x))
        };
        if x.elem_count() * 4 > LARGE_STREAM {
            // One product after the other: all three together would be the largest array of the pass.
            let part = |i: usize| {
                let layer = self.qkv.part(i * c, c)?;
                let (y, bias) = layer.products(x)?;
                ready(i, of_heads(&y.reshape((tokens, heads, d))?, bias)?)
            };
            return Ok([part(0)?, part(1)?, part(2)?]);
        }
        let (y, bias) = self.qkv.products(x)?;
        let (y, bias) = (y.reshape((tokens, 3, heads, d))?, bias.reshape((3, c))?);
        let part = |i: usize| ready(i, of_heads(&y.narrow(1, i, 1)?.squeeze(1)?, &bias.get(i)?)?);
        Ok([part(0)?, part(1)?, part(2)?])
    }
}
