//! A transformer block on a card.

use super::OnCard;
use super::array::Array;
use super::layers::Reading;
use crate::model::ModelError;
use crate::model::gpu::{
    Attend, BLOCK, Ends, Matrix, Norm, Normed, Numbers, Part, Rows, Turned, Weights, attend, moments, multiply,
    multiply_normed, prepare_keys,
};
use crate::model::kernels::Activation;
use crate::model::operations::{BlockShape, Precision};

/// Bytes that the hidden activations of the feed-forward layers may take at once: they are four times as wide as tokens.
const HIDDEN_BYTES: usize = 16 << 20;

/// x + γ1·Attn(LN1(x)), then x + γ2·FFN(LN2(x)).
pub struct Block {
    norm1: Norm,
    qkv: Matrix,
    qk_norm: Option<[Norm; 2]>,
    projection: Matrix,
    scale1: Weights,
    norm2: Norm,
    fed: [Matrix; 2],
    scale2: Weights,
    shape: BlockShape,
}

/// Angles by which queries and keys turn, [tokens, d / 2].
pub struct Rope {
    pub cos: Array,
    pub sin: Array,
}

impl Block {
    pub fn read(reading: &Reading, name: &str, shape: BlockShape, precision: Precision) -> Result<Self, ModelError> {
        let part = |part: &str| format!("{name}.{part}");
        // q and k norms keep the framework's default epsilon, whatever the block's own is.
        let head_norm = |q_or_k: &str| reading.norm(&part(&format!("attn.{q_or_k}_norm")), 1e-5);
        let linear = |layer: &str| reading.linear(&part(layer), precision);
        let scale = |layer: &str| reading.per_output(&part(layer));
        let fed = match shape.swiglu {
            true => [reading.gated(&part("mlp.w12"), precision)?, linear("mlp.w3")?],
            false => [linear("mlp.fc1")?, linear("mlp.fc2")?],
        };
        Ok(Self {
            norm1: reading.norm(&part("norm1"), shape.norm_eps)?,
            qkv: linear("attn.qkv")?,
            qk_norm: if shape.qk_norm { Some([head_norm("q")?, head_norm("k")?]) } else { None },
            projection: linear("attn.proj")?,
            scale1: scale("ls1.gamma")?,
            norm2: reading.norm(&part("norm2"), shape.norm_eps)?,
            fed,
            scale2: scale("ls2.gamma")?,
            shape,
        })
    }

    pub fn forward(&self, on: &OnCard, x: &Array, groups: usize, rope: Option<&Rope>) -> Result<Array, ModelError> {
        let mixed = self.mixed(on, x, groups, rope)?;
        let attended = on.new_array(x.dims())?;
        let ends = Ends { scale: Some(&self.scale1), plus: Some(x.rows()), ..Ends::default() };
        multiply(mixed.rows(), &self.projection, &ends, attended.rows())?;
        drop(mixed);
        self.fed(on, &attended)
    }

    /// What the heads made of the tokens' values.
    fn mixed(&self, on: &OnCard, x: &Array, groups: usize, rope: Option<&Rope>) -> Result<Array, ModelError> {
        let (rows, c) = (x.rows().count, x.channels());
        let moments = moments(x.rows(), &self.norm1)?;
        let normed = Normed { rows: x.rows(), moments: &moments, norm: &self.norm1 };
        // All three together, where one array may be so large.
        let parts = if (4 * 3 * rows * c) as u64 <= BLOCK { 1 } else { 3 };
        let width = 3 * c / parts;
        let made = (0..parts).map(|part| {
            let y = on.new_array(&[rows, width])?;
            let part = Part { first: part * width, count: width };
            multiply_normed(normed, &self.qkv, part, &Ends::default(), y.rows())?;
            Ok(y)
        });
        let made = made.collect::<Result<Vec<Array>, ModelError>>()?;
        drop(moments);
        // Where the numbers of q, k and v begin.
        let numbers = [0, 1, 2].map(|part| match &made[..] {
            [together] => together.numbers.part(part * c, together.numbers.len() - part * c),
            several => several[part].numbers.clone(),
        });
        let [q, k, v] = numbers.each_ref().map(|numbers| Rows { numbers, count: rows, stride: width });
        let (heads, d) = (self.shape.heads, c / self.shape.heads);
        let turned = rope.map(|rope| Turned {
            cos: &rope.cos.numbers,
            sin: &rope.sin.numbers,
            tokens: rope.cos.numbers.len() / (d / 2),
        });
        let [q_norm, k_norm] = [0, 1].map(|part| self.qk_norm.as_ref().map(|norms| &norms[part]));
        prepare_keys(k, [heads, d], k_norm, turned)?;
        let mixed = on.new_array(x.dims())?;
        attend(&Attend { q, k, v, groups, heads, d, norm: q_norm, turned }, mixed.rows())?;
        Ok(mixed)
    }

    /// The feed-forward layers, some tokens at a time.
    fn fed(&self, on: &OnCard, x: &Array) -> Result<Array, ModelError> {
        let (rows, c) = (x.rows().count, x.channels());
        let [first, second] = &self.fed;
        let y = on.new_array(x.dims())?;
        let parts = (4 * rows * first.width()).div_ceil(HIDDEN_BYTES).max(1);
        let moments = moments(x.rows(), &self.norm2)?;
        let activation = if first.is_gated { Activation::None } else { Activation::Gelu };
        for part in 0..parts {
            let (begin, end) = (part * rows / parts, (part + 1) * rows / parts);
            let some = |x: &Array| x.numbers.part(begin * c, (end - begin) * c);
            let rows_of = |numbers, stride| Rows { numbers, count: end - begin, stride };
            let (x, y): (Numbers, Numbers) = (some(x), some(&y));
            let own = moments.part(2 * begin, 2 * (end - begin));
            let normed = Normed { rows: rows_of(&x, c), moments: &own, norm: &self.norm2 };
            let hidden = on.new_array(&[end - begin, first.width()])?;
            let part = Part { first: 0, count: first.outputs };
            multiply_normed(normed, first, part, &Ends { activation, ..Ends::default() }, hidden.rows())?;
            let ends = Ends { scale: Some(&self.scale2), plus: Some(rows_of(&x, c)), ..Ends::default() };
            multiply(hidden.rows(), second, &ends, rows_of(&y, c))?;
        }
        Ok(y)
    }
}
