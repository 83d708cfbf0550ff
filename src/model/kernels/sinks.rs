//! What becomes of the sums of a product: bias, activation, scale, residual, and their place in the output.

use super::element::Element;
use super::lines::Lines;
use super::math::{gelu, silu};
use super::operands::{Sink, Sums, Tile};
use super::panel::PANEL;
use super::simd::Simd;

/// A function of each output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Activation {
    #[default]
    None,
    Relu,
    Gelu,
    Silu,
}

impl Activation {
    #[inline(always)]
    pub(super) fn of<S: Simd>(self, s: S, x: S::V) -> S::V {
        match self {
            Self::None => x,
            Self::Relu => s.max(x, s.splat(0.0)),
            Self::Gelu => gelu(s, x),
            Self::Silu => silu(s, x),
        }
    }
}

/// One number per output, filled up with zeros to whole panels so that vectors may be loaded anywhere.
pub struct PerOutput(Lines<f32>);

impl PerOutput {
    pub fn new(values: &[f32]) -> Self {
        let mut lines = Lines::zeros(values.len().next_multiple_of(PANEL));
        lines.get_mut()[..values.len()].copy_from_slice(values);
        Self(lines)
    }

    pub fn zeros(outputs: usize) -> Self {
        Self(Lines::zeros(outputs.next_multiple_of(PANEL)))
    }

    #[inline(always)]
    pub(super) fn from(&self, column: usize) -> &[f32] {
        &self.0.get()[column..]
    }
}

/// Rows of outputs: plus + scale · activation(sum + bias).
#[derive(Clone, Copy)]
pub struct Rows<'a, O> {
    pub bias: &'a PerOutput,
    pub activation: Activation,
    /// LayerScale.
    pub scale: Option<&'a PerOutput>,
    /// The residual, laid out as the output.
    pub plus: Option<&'a [f32]>,
    /// From one row of the output to the next.
    pub stride: usize,
    pub out: std::marker::PhantomData<O>,
}

impl<'a, O> Rows<'a, O> {
    /// sum + bias, in rows of `stride` outputs.
    pub fn new(bias: &'a PerOutput, stride: usize) -> Self {
        let out = std::marker::PhantomData;
        Self { bias, activation: Activation::None, scale: None, plus: None, stride, out }
    }
}

impl<O: Element> Sink for Rows<'_, O> {
    type Out = O;

    #[inline(always)]
    fn take<S: Simd>(&self, s: S, tile: Tile, column: usize, columns: usize, sums: &[Sums], out: &mut [O]) {
        let bias = self.bias.from(column);
        for (row, sums) in (tile.row..).zip(&sums[..tile.rows]) {
            let at = row * self.stride + column;
            for lane in (0..columns).step_by(S::LANES) {
                let mut y = self.activation.of(s, s.add(s.load(&sums[lane..]), s.load(&bias[lane..])));
                if let Some(scale) = self.scale {
                    y = s.mul(y, s.load(&scale.from(column)[lane..]));
                }
                if let Some(plus) = self.plus {
                    y = s.add(y, load_some(s, &plus[at + lane..], columns - lane));
                }
                store_some(s, &mut out[at + lane..], columns - lane, y);
            }
        }
    }
}

/// Transposed convolution whose kernel is as large as its stride: each output of a pixel has its own place in a block
/// of factor × factor pixels. Outputs come in the order (row in the block, column in the block, channel).
#[derive(Clone, Copy)]
pub struct Shuffle<'a> {
    /// One per channel.
    pub bias: &'a PerOutput,
    pub channels: usize,
    pub factor: usize,
    /// Pixels in a row of the input.
    pub width: usize,
}

impl Sink for Shuffle<'_> {
    type Out = f32;

    #[inline(always)]
    fn take<S: Simd>(&self, s: S, tile: Tile, column: usize, columns: usize, sums: &[Sums], out: &mut [f32]) {
        let (channels, factor) = (self.channels, self.factor);
        for (pixel, sums) in (tile.row..).zip(&sums[..tile.rows]) {
            let (y, x) = (pixel / self.width, pixel % self.width);
            let mut lane = 0;
            while lane < columns {
                let (block, channel) = ((column + lane) / channels, (column + lane) % channels);
                let (row, left) = (y * factor + block / factor, x * factor + block % factor);
                let at = (row * self.width * factor + left) * channels + channel;
                // As many as stay inside this panel and this pixel.
                let count = S::LANES.min(columns - lane).min(channels - channel);
                let sum = load_some(s, &sums[lane..], PANEL - lane);
                let bias = load_some(s, self.bias.from(channel), S::LANES);
                store_some(s, &mut out[at..], count, s.add(sum, bias));
                lane += count;
            }
        }
    }
}

/// The end of a dense head: ReLU of 32 hidden channels, then a 1×1 convolution to a few outputs, pixel after pixel.
#[derive(Clone, Copy)]
pub struct Logits<'a> {
    /// Of the hidden channels.
    pub bias: &'a PerOutput,
    /// [outputs, 32].
    pub weight: &'a [f32],
    /// One per output.
    pub out_bias: &'a [f32],
}

impl Sink for Logits<'_> {
    type Out = f32;

    #[inline(always)]
    fn take<S: Simd>(&self, s: S, tile: Tile, _: usize, columns: usize, sums: &[Sums], out: &mut [f32]) {
        assert_eq!(columns, PANEL, "the hidden channels are one panel");
        let outputs = self.out_bias.len();
        for (row, sums) in (tile.row..).zip(&sums[..tile.rows]) {
            let weights = self.weight.chunks_exact(PANEL).zip(self.out_bias);
            for (out, (weight, bias)) in out[row * outputs..][..outputs].iter_mut().zip(weights) {
                let mut total = s.splat(0.0);
                for lane in (0..PANEL).step_by(S::LANES) {
                    let hidden = s.add(s.load(&sums[lane..]), s.load(&self.bias.from(0)[lane..]));
                    total = s.mul_add(s.max(hidden, s.splat(0.0)), s.load(&weight[lane..]), total);
                }
                *out = s.sum(total) + bias;
            }
        }
    }
}

/// The first `count` numbers of `x`, or a whole vector where there are more.
#[inline(always)]
pub(super) fn load_some<S: Simd>(s: S, x: &[f32], count: usize) -> S::V {
    if count >= S::LANES && x.len() >= S::LANES {
        return s.load(x);
    }
    let mut lanes = [0.0; 16];
    let count = count.min(x.len());
    lanes[..count].copy_from_slice(&x[..count]);
    s.load(&lanes)
}

/// Over the first `count` numbers of `out`, or as many as a vector has.
#[inline(always)]
pub(super) fn store_some<S: Simd, O: Element>(s: S, out: &mut [O], count: usize, v: S::V) {
    if count >= S::LANES {
        O::store(s, out, v);
    } else {
        let mut lanes = [O::default(); 16];
        O::store(s, &mut lanes, v);
        out[..count].copy_from_slice(&lanes[..count]);
    }
}

#[cfg(test)]
mod tests;
