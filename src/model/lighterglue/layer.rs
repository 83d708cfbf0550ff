//! Half a layer of LighterGlue: every point looks at points of one photo, and learns from what it has seen.

use super::specs::{AT_EACH_OTHER, AT_ITSELF, ROOT, WIDTH};
use crate::model::ModelError;
use crate::model::kernels::{Activation, Heads, Inputs, Lines, Norm, Rows, attention, linear};
use crate::model::on_kernels::Linear;
use crate::model::tensors::Tensors;

/// Of the LayerNorm between the feed-forward layers.
const EPS: f32 = 1e-5;
/// Pairs of channels that turn by an angle of their own, in each half of the channels as attention's kernel takes them.
const QUARTER: usize = WIDTH / 4;

/// Where the points look.
#[derive(Clone, Copy)]
pub enum Look<'a> {
    /// At those of their own photo. With it, for a and b, the cosines and sines [points, 48] of their positions.
    AtThemselves([[&'a [f32]; 2]; 2]),
    AtEachOther,
}

/// The layers behind one look.
pub struct HalfLayer {
    /// To q, k and v, [3 · 96].
    qkv: Linear,
    /// Of a point and what it has seen, side by side. The layer that brings together what was seen is part of it.
    first: Linear,
    norm: [Vec<f32>; 2],
    second: Linear,
}

/// Memory that goes from half to half.
#[derive(Default)]
pub struct Work {
    /// Points, and beside each what it has seen.
    both: Inputs<f32>,
    qkv: Vec<f32>,
    panels: Lines<u8>,
    hidden: Vec<f32>,
    fed: Inputs<f32>,
}

impl HalfLayer {
    pub fn at_themselves(weights: &Tensors, layer: usize) -> Result<Self, ModelError> {
        let (look, [(name, _)], output) = AT_ITSELF else { unreachable!("one layer gives all three") };
        let name = format!("{ROOT}.transformers.{layer}.{look}.{name}");
        let weight = weights.numbers(&format!("{name}.weight"), 3 * WIDTH * WIDTH)?;
        let bias = weights.numbers(&format!("{name}.bias"), 3 * WIDTH)?;
        let stored: Vec<usize> = (0..3 * WIDTH).map(|output| stored_at(output / WIDTH, output % WIDTH)).collect();
        let weight: Vec<f32> = stored.iter().flat_map(|&row| &weight[row * WIDTH..][..WIDTH]).copied().collect();
        let bias: Vec<f32> = stored.iter().map(|&row| bias[row]).collect();
        Self::with(weights, Linear::of(&weight, &bias), layer, look, output)
    }

    pub fn at_each_other(weights: &Tensors, layer: usize) -> Result<Self, ModelError> {
        let (look, [(qk, _), (v, _)], output) = AT_EACH_OTHER else { unreachable!("two layers give them") };
        let read = |name: &str, part: &str, count: usize| {
            weights.numbers(&format!("{ROOT}.transformers.{layer}.{look}.{name}.{part}"), count)
        };
        // What asks is what answers: q and k are the same numbers.
        let joined = |part: &str, count: usize| -> Result<Vec<f32>, ModelError> {
            let (qk, v) = (read(qk, part, count)?, read(v, part, count)?);
            Ok([&qk[..], &qk, &v].concat())
        };
        let qkv = Linear::of(&joined("weight", WIDTH * WIDTH)?, &joined("bias", WIDTH)?);
        Self::with(weights, qkv, layer, look, output)
    }

    fn with(weights: &Tensors, qkv: Linear, layer: usize, look: &str, output: &str) -> Result<Self, ModelError> {
        let read = |part: &str, count| weights.numbers(&format!("{ROOT}.transformers.{layer}.{look}.{part}"), count);
        let seen = [read(&format!("{output}.weight"), WIDTH * WIDTH)?, read(&format!("{output}.bias"), WIDTH)?];
        let first = [read("ffn.0.weight", 4 * WIDTH * WIDTH)?, read("ffn.0.bias", 2 * WIDTH)?];
        let [weight, bias] = after(first, seen);
        Ok(Self {
            qkv,
            first: Linear::of(&weight, &bias),
            norm: [read("ffn.1.weight", 2 * WIDTH)?, read("ffn.1.bias", 2 * WIDTH)?],
            second: Linear::of(&read("ffn.3.weight", 2 * WIDTH * WIDTH)?, &read("ffn.3.bias", WIDTH)?),
        })
    }

    /// Points [points, 96], those of a before those of b, → the same.
    pub fn forward(&self, x: &[f32], points_of_a: usize, look: Look, work: &mut Work) -> Vec<f32> {
        let Work { both, qkv, panels, hidden, fed } = work;
        let points = x.len() / WIDTH;
        both.copy_before(x, WIDTH, 2 * WIDTH);
        qkv.resize(points * 3 * WIDTH, 0.0);
        linear(both, &self.qkv.matrix, qkv, 3 * WIDTH, 1, |_, _| Rows::new(&self.qkv.bias, 3 * WIDTH));

        let stride = both.stride();
        let (a, b) = qkv.split_at(points_of_a * 3 * WIDTH);
        let (seen_by_a, seen_by_b) = both.get_mut().split_at_mut(points_of_a * stride);
        for (photo, own, other, seen) in [(0, a, b, seen_by_a), (1, b, a, seen_by_b)] {
            let (qkv, queries, rope) = match look {
                Look::AtThemselves(turns) => (own, None, Some(turns[photo])),
                Look::AtEachOther => (other, Some(own), None),
            };
            let heads = Heads { qkv, queries, heads: 1, d: WIDTH, norms: None, rope };
            attention(&heads, &mut seen[WIDTH..], stride, panels);
        }

        hidden.resize(points * 2 * WIDTH, 0.0);
        linear(both, &self.first.matrix, hidden, 2 * WIDTH, 1, |_, _| Rows::new(&self.first.bias, 2 * WIDTH));
        let [weight, bias] = &self.norm;
        fed.normalise_then(hidden, Norm { weight, bias, eps: EPS }, Activation::Gelu);
        let mut y = vec![0.0; x.len()];
        linear(fed, &self.second.matrix, &mut y, WIDTH, 1, |first, rows| Rows {
            plus: Some(&x[first * WIDTH..][..rows * WIDTH]),
            ..Rows::new(&self.second.bias, WIDTH)
        });
        y
    }
}

/// Which stored output is channel `channel` of q, k or v (`part` 0 to 2). They are stored in turn, and channels that turn
/// together stand side by side; attention's kernel has those a quarter apart. v is not turned and stays as it is.
fn stored_at(part: usize, channel: usize) -> usize {
    let (half, inside) = (channel / (2 * QUARTER), channel % (2 * QUARTER));
    let turned = 2 * (half * QUARTER + inside % QUARTER) + inside / QUARTER;
    3 * if part == 2 { channel } else { turned } + part
}

/// The layer `first` of rows [point, seen] where what was seen has yet to go through the layer `seen`: both weight and bias.
fn after([weight, bias]: [Vec<f32>; 2], [seen_weight, seen_bias]: [Vec<f32>; 2]) -> [Vec<f32>; 2] {
    let (mut joined, mut joined_bias) = (weight.clone(), bias);
    for ((row, joined), bias) in
        weight.chunks_exact(2 * WIDTH).zip(joined.chunks_exact_mut(2 * WIDTH)).zip(&mut joined_bias)
    {
        let shares = &row[WIDTH..];
        for (input, joined) in joined[WIDTH..].iter_mut().enumerate() {
            let column = seen_weight[input..].iter().step_by(WIDTH);
            *joined = shares.iter().zip(column).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>() as f32;
        }
        let added: f64 = shares.iter().zip(&seen_bias).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
        *bias = (f64::from(*bias) + added) as f32;
    }
    [joined, joined_bias]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stored_output_is_used_once() {
        let mut all: Vec<usize> = (0..3).flat_map(|part| (0..WIDTH).map(move |c| stored_at(part, c))).collect();
        all.sort_unstable();
        assert_eq!(all, (0..3 * WIDTH).collect::<Vec<_>>());
        // Channels 2 and 3 of q turn together, by the second angle.
        assert_eq!((stored_at(0, 1), stored_at(0, 1 + QUARTER)), (3 * 2, 3 * 3));
        assert_eq!(stored_at(2, 5), 3 * 5 + 2);
    }
}
