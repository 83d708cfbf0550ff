//! A transformer block on our kernels: five passes over the tokens, with everything else done on the way.

use half::bf16;

use super::linear::{LayerNorm, Linear};
use crate::model::embed::Turns;
use crate::model::kernels::{
    Activation, Compute, Element, Heads, Inputs, Lines, PerOutput, Rows, attention, gate, linear,
};
use crate::model::operations::{BlockShape, Precision};
use crate::model::{Contents, ModelError};

/// Tokens that go through the feed-forward layers together: their hidden activations are four times as wide, and
/// would otherwise be most of a pass's memory.
pub const FED_TOGETHER: usize = 512;

/// x + γ1·Attn(LN1(x)), then x + γ2·FFN(LN2(x)).
pub struct Block {
    norm1: LayerNorm,
    qkv: Linear,
    /// LayerNorm of q and k over the channels of a head.
    qk_norm: Option<[LayerNorm; 2]>,
    projection: Linear,
    scale1: PerOutput,
    norm2: LayerNorm,
    feed_forward: [Linear; 2],
    scale2: PerOutput,
    shape: BlockShape,
}

/// Memory that goes from block to block instead of being allocated anew.
#[derive(Default)]
pub struct Workspace {
    single: Buffers<f32>,
    half: Buffers<bf16>,
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

impl Block {
    /// Reads the block under `name`; `precision` says how its matrices are kept.
    pub fn new(weights: &Contents, name: &str, shape: BlockShape, precision: Precision) -> Result<Self, ModelError> {
        let part = |part: &str| format!("{name}.{part}");
        // q and k norms keep the framework's default epsilon, whatever the block's own is.
        let head_norm = |q_or_k: &str| LayerNorm::new(weights, &part(&format!("attn.{q_or_k}_norm")), 1e-5);
        let linear = |layer: &str| Linear::read(weights, &part(layer), precision);
        let scale = |layer: &str| Ok::<_, ModelError>(PerOutput::new(&weights.numbers(&part(layer))?));
        let fed = if shape.swiglu { ["mlp.w12", "mlp.w3"] } else { ["mlp.fc1", "mlp.fc2"] };
        Ok(Self {
            norm1: LayerNorm::new(weights, &part("norm1"), shape.norm_eps)?,
            qkv: linear("attn.qkv")?,
            qk_norm: if shape.qk_norm { Some([head_norm("q")?, head_norm("k")?]) } else { None },
            projection: linear("attn.proj")?,
            norm2: LayerNorm::new(weights, &part("norm2"), shape.norm_eps)?,
            feed_forward: [linear(fed[0])?, linear(fed[1])?],
            scale1: scale("ls1.gamma")?,
            scale2: scale("ls2.gamma")?,
            shape,
        })
    }

    /// Tokens [tokens, C] → the same; they attend to those of their own group, one of `groups`.
    pub fn forward(&self, x: &[f32], groups: usize, rope: Option<&Turns>, work: &mut Workspace) -> Vec<f32> {
        let rope = rope.map(|turns| [turns.cos.as_slice(), turns.sin.as_slice()]);
        // The whole block goes to the pool at once: this thread, which is none of the pool's, would otherwise sleep and
        // be woken again at each of its passes.
        rayon::scope(|_| match self.qkv.matrix.compute() {
            Compute::F32 => self.run(x, groups, rope, &mut work.single),
            Compute::Bf16 => self.run(x, groups, rope, &mut work.half),
        })
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
