//! Linear layers and LayerNorm over rows, in parallel.

use rayon::prelude::*;

use super::dispatch::{Level, dispatch};
use super::element::Element;
use super::math::silu;
use super::matrix::Matrix;
use super::operands::{Left, Sink, Tile};
use super::product::{Scratch, Way, multiply};
use super::share::{Share, shared};
use super::simd::{Kernel, Simd};
use super::sinks::{Activation, load_some, store_some};
use super::tile::MOST_TILE_ROWS;

/// Bytes of the left side that one task works on: with a panel beside them they stay in a core's second cache.
const TASK_BYTES: usize = 1 << 20;
/// Added to the length of rows in memory: rows a power of two apart would fight for the same lines of the first cache.
const ROW_PADDING: usize = 16;
/// Rows that are worth a task of their own where little is done with each.
const ROWS_AT_LEAST: usize = 16;

/// Activations on their way into a product: rows with room between them and behind them, so that tiles may read on.
pub struct Inputs<E> {
    values: Vec<E>,
    rows: usize,
    stride: usize,
}

impl<E> Default for Inputs<E> {
    fn default() -> Self {
        Self { values: Vec::new(), rows: 0, stride: 0 }
    }
}

impl<E: Element> Inputs<E> {
    /// Makes room for rows of this length; what they hold is left unsaid.
    pub fn resize(&mut self, rows: usize, length: usize) {
        (self.rows, self.stride) = (rows, length + ROW_PADDING);
        self.values.resize((rows + MOST_TILE_ROWS) * self.stride + E::padded(length), E::default());
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    pub fn stride(&self) -> usize {
        self.stride
    }

    /// All rows, one every [`Self::stride`] numbers.
    pub fn get_mut(&mut self) -> &mut [E] {
        &mut self.values[..self.rows * self.stride]
    }

    /// Copies of rows [rows, length].
    pub fn copy_of(rows: &[f32], length: usize) -> Self {
        let mut inputs = Self::default();
        inputs.copy(rows, length);
        inputs
    }

    /// Becomes a copy of rows [rows, length].
    pub fn copy(&mut self, rows: &[f32], length: usize) {
        self.copy_before(rows, length, length);
    }

    /// Becomes copies of rows [rows, length] at the beginning of rows of `room` numbers, whose rest is left unsaid: something
    /// else may be written there.
    pub fn copy_before(&mut self, rows: &[f32], length: usize, room: usize) {
        self.resize(rows.len() / length, room);
        let stride = self.stride;
        self.get_mut()
            .par_chunks_mut(stride)
            .zip(rows.par_chunks(length))
            .with_min_len(ROWS_AT_LEAST)
            .for_each(|(out, row)| dispatch(Copy { row, out }));
    }

    /// Becomes the LayerNorm of rows [rows, length].
    pub fn normalise(&mut self, rows: &[f32], norm: Norm) {
        self.normalise_then(rows, norm, Activation::None);
    }

    /// Becomes a function of the LayerNorm of rows [rows, length].
    pub fn normalise_then(&mut self, rows: &[f32], norm: Norm, then: Activation) {
        let length = norm.weight.len();
        self.resize(rows.len() / length, length);
        let stride = self.stride;
        self.get_mut()
            .par_chunks_mut(stride)
            .zip(rows.par_chunks(length))
            .with_min_len(ROWS_AT_LEAST)
            .for_each(|(out, row)| dispatch(NormRow { row, norm, then, out }));
    }
}

/// Rows times a matrix. `sink_of(first, rows)` makes the sink of the rows `first..first + rows`, which counts its rows
/// from its own first; `out_stride` is the length of an output row in `out`. The work is shared out in multiples of
/// `line` rows.
pub fn linear<E: Element, K: Sink>(
    inputs: &Inputs<E>,
    matrix: &Matrix,
    out: &mut [K::Out],
    out_stride: usize,
    line: usize,
    sink_of: impl Fn(usize, usize) -> K + Sync,
) where
    K::Out: Send,
{
    let level = Level::best();
    let way = Way::of::<E>(level, matrix, inputs.rows, inputs.stride);
    let tile_rows = way.tile_rows;
    // Whole tiles, or whole lines where those are asked for, that fit the cache.
    let unit = if line > 1 { line } else { way.share_rows };
    let fitting = way.fitting_rows(TASK_BYTES);
    shared(out, inputs.rows, out_stride, unit, fitting).into_par_iter().for_each_init(
        Scratch::default,
        |scratch, share| {
            let Share { rows, out } = share;
            let tiles: Vec<_> = (0..rows.len())
                .step_by(tile_rows)
                .map(|row| Tile {
                    start: (rows.start + row) * inputs.stride,
                    row,
                    rows: tile_rows.min(rows.len() - row),
                })
                .collect();
            let left = Left { values: &inputs.values, row_stride: inputs.stride, run_stride: 0 };
            multiply(way, left, &tiles, matrix, &sink_of(rows.start, rows.len()), out, scratch);
        },
    );
}

/// LayerNorm of rows [rows, length] in f32.
pub fn normalise(rows: &[f32], norm: Norm) -> Vec<f32> {
    let length = norm.weight.len();
    let mut out = vec![0.0; rows.len()];
    out.par_chunks_mut(length).zip(rows.par_chunks(length)).with_min_len(ROWS_AT_LEAST).for_each(|(out, row)| {
        dispatch(NormRow { row, norm, then: Activation::None, out });
    });
    out
}

/// Features of patches: of `x` [views, tokens, length] all tokens but each view's first, normed, after the same tokens of
/// `before` as they are, where there is one. [views, tokens − 1, length or 2 · length].
pub fn features(before: Option<&[f32]>, x: &[f32], tokens: usize, norm: Norm) -> Vec<f32> {
    let length = norm.weight.len();
    let rows = x.len() / length / tokens * (tokens - 1);
    let start = if before.is_some() { length } else { 0 };
    let mut out = vec![0.0; rows * (start + length)];
    out.par_chunks_mut(start + length).with_min_len(ROWS_AT_LEAST).enumerate().for_each(|(i, out)| {
        let at = (i / (tokens - 1) * tokens + 1 + i % (tokens - 1)) * length;
        if let Some(before) = before {
            out[..length].copy_from_slice(&before[at..][..length]);
        }
        dispatch(NormRow { row: &x[at..][..length], norm, then: Activation::None, out: &mut out[start..] });
    });
    out
}

/// LayerNorm over the last dimension.
#[derive(Clone, Copy)]
pub struct Norm<'a> {
    pub weight: &'a [f32],
    pub bias: &'a [f32],
    pub eps: f32,
}

/// One row through LayerNorm, f32 or rounded to bf16.
pub(super) struct NormRow<'a, O> {
    pub row: &'a [f32],
    pub norm: Norm<'a>,
    pub then: Activation,
    pub out: &'a mut [O],
}

impl<O: Element> Kernel for NormRow<'_, O> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { row, norm, then, out } = self;
        let length = row.len();
        let whole = length / S::LANES * S::LANES;
        let mut total = s.splat(0.0);
        for at in (0..whole).step_by(S::LANES) {
            total = s.add(total, s.load(&row[at..]));
        }
        let mean = (s.sum(total) + row[whole..].iter().sum::<f32>()) / length as f32;
        let mut squares = s.splat(0.0);
        for at in (0..whole).step_by(S::LANES) {
            let d = s.sub(s.load(&row[at..]), s.splat(mean));
            squares = s.mul_add(d, d, squares);
        }
        let rest: f32 = row[whole..].iter().map(|x| (x - mean) * (x - mean)).sum();
        let scale = 1.0 / ((s.sum(squares) + rest) / length as f32 + norm.eps).sqrt();
        for at in (0..length).step_by(S::LANES) {
            let count = length - at;
            let x = s.mul(s.sub(load_some(s, &row[at..], count), s.splat(mean)), s.splat(scale));
            let y = s.mul_add(x, load_some(s, &norm.weight[at..], count), load_some(s, &norm.bias[at..], count));
            store_some(s, &mut out[at..], count, then.of(s, y));
        }
    }
}

/// A row in another element type.
struct Copy<'a, O> {
    row: &'a [f32],
    out: &'a mut [O],
}

impl<O: Element> Kernel for Copy<'_, O> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        for at in (0..self.row.len()).step_by(S::LANES) {
            let count = self.row.len() - at;
            store_some(s, &mut self.out[at..], count, load_some(s, &self.row[at..], count));
        }
    }
}

/// The gate of SwiGLU: from rows [rows, 2 · length], the first half's SiLU times the second half.
pub fn gate<E: Element>(rows: &[f32], out: &mut Inputs<E>, length: usize) {
    let stride = out.stride;
    out.get_mut().par_chunks_mut(stride).zip(rows.par_chunks(2 * length)).with_min_len(ROWS_AT_LEAST).for_each(
        |(out, row)| {
            dispatch(Gate { row, length, out });
        },
    );
}

struct Gate<'a, O> {
    row: &'a [f32],
    length: usize,
    out: &'a mut [O],
}

impl<O: Element> Kernel for Gate<'_, O> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let (gates, values) = self.row.split_at(self.length);
        for at in (0..self.length).step_by(S::LANES) {
            let count = self.length - at;
            let y = s.mul(silu(s, load_some(s, &gates[at..], count)), load_some(s, &values[at..], count));
            store_some(s, &mut self.out[at..], count, y);
        }
    }
}

#[cfg(test)]
mod tests;
