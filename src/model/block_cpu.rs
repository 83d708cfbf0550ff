//! A transformer block on our kernels: five passes over the tokens, with everything else done on the way.

use half::bf16;

use super::array::Array;
use super::block_parts::{BlockShape, Parts};
use super::embed::Rope;
use super::host::with_host;
use super::kernels::{Activation, Compute, Element, Heads, Inputs, Lines, PerOutput, Rows, attention, gate, linear};
use super::ops::{CpuLinear, LayerNorm, Linear};

/// Tokens that go through the feed-forward layers together: their hidden activations are four times as wide, and
/// would otherwise be most of a pass's memory.
pub const FED_TOGETHER: usize = 512;

/// A block with its matrices laid out for the kernels.
pub struct BlockOnCpu {
    norm1: LayerNorm,
    qkv: CpuLinear,
    qk_norm: Option<[LayerNorm; 2]>,
    projection: CpuLinear,
    scale1: PerOutput,
    norm2: LayerNorm,
    feed_forward: [CpuLinear; 2],
    scale2: PerOutput,
    shape: BlockShape,
}

/// Memory that goes from block to block instead of being allocated anew, and how much of it attention may take.
pub struct Workspace {
    /// For blocks on candle; those on kernels keep no scores.
    pub tile_bytes: usize,
    single: Buffers<f32>,
    half: Buffers<bf16>,
}

impl Workspace {
    pub fn new(tile_bytes: usize) -> Self {
        Self { tile_bytes, single: Buffers::default(), half: Buffers::default() }
    }
}

struct Buffers<E: Element> {
    /// The left side of the next product: LayerNorm's result, then what attention mixed.
    inputs: Inputs<E>,
    /// q, k and v; once attention is done with them, the residual stream between the block's halves.
    tokens: Vec<f32>,
    panels: Lines<u8>,
    gated: Vec<f32>,
    hidden: Inputs<E>,
}

impl<E: Element> Default for Buffers<E> {
    fn default() -> Self {
        let (inputs, hidden) = (Inputs::default(), Inputs::default());
        Self { inputs, tokens: Vec::new(), panels: Lines::default(), gated: Vec::new(), hidden }
    }
}

impl BlockOnCpu {
    /// `fed`: the two feed-forward layers, GELU or SwiGLU between them; `scales`: LayerScale after attention and after those.
    pub fn new(
        parts: Parts,
        [first, second]: [Linear; 2],
        [scale1, scale2]: [Vec<f32>; 2],
        shape: BlockShape,
    ) -> candle_core::Result<Self> {
        Ok(Self {
            norm1: parts.norm1,
            qkv: laid_out(parts.qkv)?,
            qk_norm: parts.qk_norm,
            projection: laid_out(parts.projection)?,
            scale1: PerOutput::new(&scale1),
            norm2: parts.norm2,
            feed_forward: [laid_out(first)?, laid_out(second)?],
            scale2: PerOutput::new(&scale2),
            shape,
        })
    }

    pub fn forward(&self, x: &Array, rope: Option<&Rope>, work: &mut Workspace) -> candle_core::Result<Array> {
        let (groups, _, _) = x.dims3()?;
        // The whole block goes to the pool at once: this thread, which is none of the pool's, would otherwise sleep and
        // be woken again at each of its passes.
        let mut run = |x: &[f32], rope: Option<[&[f32]; 2]>| {
            rayon::scope(|_| match self.qkv.matrix.compute() {
                Compute::F32 => self.run(x, groups, rope, &mut work.single),
                Compute::Bf16 => self.run(x, groups, rope, &mut work.half),
            })
        };
        let y = with_host(x, |x| match rope {
            Some(rope) => rope.with_tables(|cos, sin| run(x, Some([cos, sin]))),
            None => Ok(run(x, None)),
        })??;
        x.like(y, x.shape())
    }

    fn run<E: Element>(&self, x: &[f32], groups: usize, rope: Option<[&[f32]; 2]>, work: &mut Buffers<E>) -> Vec<f32> {
        let width = self.projection.matrix.outputs();
        let rows = x.len() / width;
        let tokens = rows / groups;

        work.inputs.normalise(x, self.norm1.parts());
        work.tokens.resize(rows * 3 * width, 0.0);
        let qkv = Rows::new(&self.qkv.bias, 3 * width);
        linear(&work.inputs, &self.qkv.matrix, &mut work.tokens, 3 * width, 1, |_, _| qkv);

        work.inputs.resize(rows, width);
        let stride = work.inputs.stride();
        let mixed = work.inputs.get_mut().chunks_exact_mut(tokens * stride);
        for (qkv, mixed) in work.tokens.chunks_exact(tokens * 3 * width).zip(mixed) {
            let norms = self.qk_norm.as_ref().map(|norms| norms.each_ref().map(LayerNorm::parts));
            let heads = Heads { qkv, queries: None, heads: self.shape.heads, d: width / self.shape.heads, norms, rope };
            attention(&heads, mixed, stride, &mut work.panels);
        }

        let attended = &mut work.tokens[..rows * width];
        linear(&work.inputs, &self.projection.matrix, attended, width, 1, |first, rows| Rows {
            scale: Some(&self.scale1),
            plus: Some(&x[first * width..][..rows * width]),
            ..Rows::new(&self.projection.bias, width)
        });

        let mut y = vec![0.0; rows * width];
        let together = rows.div_ceil(rows.div_ceil(FED_TOGETHER)) * width;
        for (x, y) in attended.chunks(together).zip(y.chunks_mut(together)) {
            work.inputs.normalise(x, self.norm2.parts());
            self.feed(&work.inputs, &mut work.gated, &mut work.hidden);
            let second = &self.feed_forward[1];
            linear(&work.hidden, &second.matrix, y, width, 1, |first, rows| Rows {
                scale: Some(&self.scale2),
                plus: Some(&x[first * width..][..rows * width]),
                ..Rows::new(&second.bias, width)
            });
        }
        y
    }

    /// The first layer of the feed-forward part and its activation.
    fn feed<E: Element>(&self, normed: &Inputs<E>, gated: &mut Vec<f32>, hidden: &mut Inputs<E>) {
        let first = &self.feed_forward[0];
        let outputs = first.matrix.outputs();
        if self.shape.swiglu {
            gated.resize(normed.rows() * outputs, 0.0);
            linear(normed, &first.matrix, gated, outputs, 1, |_, _| Rows::new(&first.bias, outputs));
            hidden.resize(normed.rows(), outputs / 2);
            gate(gated, hidden, outputs / 2);
        } else {
            hidden.resize(normed.rows(), outputs);
            let stride = hidden.stride();
            linear(normed, &first.matrix, hidden.get_mut(), stride, 1, |_, _| Rows {
                activation: Activation::Gelu,
                ..Rows::new(&first.bias, stride)
            });
        }
    }
}

fn laid_out(layer: Linear) -> candle_core::Result<CpuLinear> {
    match layer {
        Linear::Kernels(layer) => Ok(layer),
        Linear::Candle { .. } => candle_core::bail!("a block on kernels was given a layer for candle"),
    }
}
