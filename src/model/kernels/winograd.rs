//! 3×3 convolutions with a quarter of the products: Winograd's F(4×4, 3×3).
//!
//! A square of 6×6 inputs is taken to 36 numbers per channel, multiplied with 36 matrices, and what comes out is taken
//! back to 4×4 outputs. Along one side that is the product of two polynomials found from their values at six points:
//! 0, ±[`A`], ±[`B`] and infinity.

use std::cell::RefCell;

use rayon::prelude::*;

use super::dispatch::{Level, dispatch_on};
use super::image::Source;
use super::lines::Lines;
use super::matrix::{Format, Matrix};
use super::operands::{Sink, Sums, Tile};
use super::panel::{PANEL, Runs};
use super::share::{Share, shared};
use super::simd::{Kernel, Simd};
use super::strip::{Fill, STRIP_BYTES};
use super::tile::TileArguments;

/// The points besides 0 and infinity. Of small fractions these lose the fewest digits: 9e-7 of the outputs' root mean
/// square at 128 channels, where ±1 and ±2 lose 2e-6 and sums without a transform 2e-7.
const A: f32 = 0.75;
const B: f32 = 1.5;

/// Numbers to which a square of inputs is taken, per channel.
pub(super) const POINTS: usize = 36;
/// Sides of the squares.
const OUT: usize = 4;
const IN: usize = 6;
/// Squares that are multiplied together: many, because the weights, which come from afar, are read anew for each such
/// block; few, because all their points are to stay near. A multiple of every instruction set's rows of a tile.
const BLOCK: usize = 48;

/// The weights [outputs, 3, 3, channels] of a convolution at the 36 points: four times as many numbers, by which
/// [`super::conv3x3`] recognises them. `channels` must be a multiple of 16.
pub fn transformed(weight: &[f32], outputs: usize) -> Matrix {
    let channels = weight.len() / (9 * outputs);
    assert!(channels.is_multiple_of(16), "channels are taken in whole vectors");
    let (a, b) = (f64::from(A), f64::from(B));
    let (at_a, at_b) = (0.5 / (a * a * (a * a - b * b)), 0.5 / (b * b * (b * b - a * a)));
    let taps = [
        [1.0 / (a * a * b * b), 0.0, 0.0],
        [at_a, at_a * a, at_a * a * a],
        [at_a, -at_a * a, at_a * a * a],
        [at_b, at_b * b, at_b * b * b],
        [at_b, -at_b * b, at_b * b * b],
        [0.0, 0.0, 1.0],
    ];
    let mut values = vec![0.0; outputs * POINTS * channels];
    values.par_chunks_mut(POINTS * channels).zip(weight.par_chunks(9 * channels)).for_each(|(values, weight)| {
        for (point, values) in values.chunks_exact_mut(channels).enumerate() {
            let (down, across) = (&taps[point / IN], &taps[point % IN]);
            let mut sums = vec![0.0; channels];
            for (tap, weight) in weight.chunks_exact(channels).enumerate() {
                let share = down[tap / 3] * across[tap % 3];
                for (sum, &weight) in sums.iter_mut().zip(weight) {
                    *sum += share * f64::from(weight);
                }
            }
            for (value, sum) in values.iter_mut().zip(sums) {
                *value = sum as f32;
            }
        }
    });
    let (runs, inputs) = (Runs { count: POINTS, length: channels }, POINTS * channels);
    Matrix::in_panels(outputs, runs, Format::F32, |output, input| values[output * inputs + input])
}

/// As [`super::conv3x3`] with stride 1, of weights that were [`transformed`].
pub(super) fn convolve<Src: Source, K: Sink>(
    level: Level,
    source: Src,
    matrix: &Matrix,
    pixel: usize,
    out: &mut [K::Out],
    sink_of: impl Fn(usize, usize) -> K + Sync,
) where
    K::Out: Send,
{
    let [height, width, channels] = source.size();
    assert_eq!(matrix.runs(), Runs { count: POINTS, length: channels }, "a window has 36 points");
    let across = width.div_ceil(OUT);
    let length = (across * OUT + 2) * channels;
    let fitting = (STRIP_BYTES / (length * size_of::<f32>())).saturating_sub(2) / OUT;
    let shares = shared(out, height, width * pixel, OUT, OUT * fitting);
    let convolve = |scratch: &mut Scratch, Share { rows, out }: Share<K::Out>| {
        let (first, count) = (rows.start, rows.len());
        let Scratch { strip, between, .. } = scratch;
        let padded = count.next_multiple_of(OUT) + 2;
        strip.resize(padded * length, 0.0);
        dispatch_on(level, Fill { source, top: first as isize - 1, rows: padded, length, strip, between });
        let sink = sink_of(first * width, count * width);
        let squares = Squares { across, row: length, channels, height: count, width };
        dispatch_on(level, Convolve { squares, matrix, sink: &sink, out, scratch });
    };
    shares.into_par_iter().for_each(|share| SCRATCH.with_borrow_mut(|scratch| convolve(scratch, share)));
}

thread_local! {
    /// Kept, about 3 MB a thread, because fresh memory costs a third of the whole time again.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// What a thread keeps from one strip to the next.
#[derive(Default)]
struct Scratch {
    strip: Vec<f32>,
    between: Vec<f32>,
    /// [36, squares, channels].
    points: Lines<f32>,
    /// [squares, 36, 32].
    products: Lines<f32>,
}

/// The squares of a strip, row by row.
#[derive(Clone, Copy)]
struct Squares {
    /// In a row of squares.
    across: usize,
    /// Numbers in a row of the strip.
    row: usize,
    channels: usize,
    /// Outputs that are wanted.
    height: usize,
    width: usize,
}

struct Convolve<'a, K: Sink> {
    squares: Squares,
    matrix: &'a Matrix,
    sink: &'a K,
    out: &'a mut [K::Out],
    scratch: &'a mut Scratch,
}

impl<K: Sink> Kernel for Convolve<'_, K> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { squares, matrix, sink, out, scratch } = self;
        let Scratch { strip, points, products, .. } = scratch;
        let channels = squares.channels;
        let all = squares.across * squares.height.div_ceil(OUT);
        let most = BLOCK.min(all.next_multiple_of(S::TILE_ROWS));
        // Points a power of two apart would all fall into one set of a first cache.
        let stride = most * channels + 16;
        let (points, products) = (points.resized(POINTS * stride), products.resized(most * POINTS * PANEL));
        let mut wide = Lines::default();
        for first in (0..all).step_by(most) {
            let count = most.min(all - first);
            for i in 0..count {
                let (y, x) = ((first + i) / squares.across, (first + i) % squares.across);
                let square = &strip[OUT * (y * squares.row + x * channels)..];
                take(s, square, squares.row, channels, &mut points[i * channels..], stride);
            }
            for panel in 0..matrix.panels() {
                let weights = matrix.panel(s, panel, 0..POINTS * channels, &mut wide);
                for (point, weights) in weights.chunks_exact(channels * PANEL).enumerate() {
                    for i in (0..count).step_by(S::TILE_ROWS) {
                        let inputs = &points[point * stride + i * channels..][..S::TILE_ROWS * channels];
                        let sums = &mut products[i * POINTS * PANEL..][..S::TILE_ROWS * POINTS * PANEL];
                        let arguments = TileArguments {
                            a: inputs.as_ptr(),
                            row_stride: channels,
                            run_stride: 0,
                            runs: Runs::one(channels),
                            rows: S::TILE_ROWS,
                            panel: weights.as_ptr(),
                            sums: sums[point * PANEL..].as_mut_ptr(),
                            sums_stride: POINTS * PANEL,
                            is_continued: false,
                        };
                        // SAFETY: the slices above have the rows of a whole tile, the weights one row of 32 per input.
                        unsafe { s.tile(arguments) };
                    }
                }
                let column = panel * PANEL;
                let columns = PANEL.min(matrix.outputs() - column);
                for i in 0..count {
                    let (y, x) = (OUT * ((first + i) / squares.across), OUT * ((first + i) % squares.across));
                    let sums = give(s, &products[i * POINTS * PANEL..][..POINTS * PANEL]);
                    let rows = OUT.min(squares.width - x);
                    for (y, sums) in (y..squares.height).zip(&sums) {
                        sink.take(s, Tile { start: 0, row: y * squares.width + x, rows }, column, columns, sums, out);
                    }
                }
            }
        }
    }
}

/// One square of inputs to its points, which lie `stride` apart.
#[inline(always)]
fn take<S: Simd>(s: S, square: &[f32], row: usize, channels: usize, points: &mut [f32], stride: usize) {
    for channel in (0..channels).step_by(S::LANES) {
        let mut down = [[s.splat(0.0); IN]; IN];
        for x in 0..IN {
            let mut column = [s.splat(0.0); IN];
            for (y, v) in column.iter_mut().enumerate() {
                *v = s.load(&square[y * row + x * channels + channel..]);
            }
            let column = at_points(s, column);
            for y in 0..IN {
                down[y][x] = column[y];
            }
        }
        for (y, down) in down.into_iter().enumerate() {
            for (x, v) in at_points(s, down).into_iter().enumerate() {
                s.store(&mut points[(y * IN + x) * stride + channel..], v);
            }
        }
    }
}

/// The products of one square, [36, 32], to its outputs.
#[inline(always)]
fn give<S: Simd>(s: S, products: &[f32]) -> [[Sums; OUT]; OUT] {
    let mut sums = [[[0.0; PANEL]; OUT]; OUT];
    for lane in (0..PANEL).step_by(S::LANES) {
        let mut down = [[s.splat(0.0); IN]; OUT];
        for x in 0..IN {
            let mut column = [s.splat(0.0); IN];
            for (y, v) in column.iter_mut().enumerate() {
                *v = s.load(&products[(y * IN + x) * PANEL + lane..]);
            }
            let column = from_points(s, column);
            for y in 0..OUT {
                down[y][x] = column[y];
            }
        }
        for (down, sums) in down.into_iter().zip(&mut sums) {
            for (v, sums) in from_points(s, down).into_iter().zip(sums) {
                s.store(&mut sums[lane..], v);
            }
        }
    }
    sums
}

/// Six inputs along a side, as their polynomial's values.
#[inline(always)]
fn at_points<S: Simd>(s: S, [x0, x1, x2, x3, x4, x5]: [S::V; IN]) -> [S::V; IN] {
    const AA: f32 = A * A;
    const BB: f32 = B * B;
    let (even_a, odd_a) = (s.mul_add(x2, s.splat(-BB), x4), s.mul_add(x1, s.splat(-BB), x3));
    let (even_b, odd_b) = (s.mul_add(x2, s.splat(-AA), x4), s.mul_add(x1, s.splat(-AA), x3));
    [
        s.mul_add(x0, s.splat(AA * BB), s.mul_add(x2, s.splat(-AA - BB), x4)),
        s.mul_add(odd_a, s.splat(A), even_a),
        s.mul_add(odd_a, s.splat(-A), even_a),
        s.mul_add(odd_b, s.splat(B), even_b),
        s.mul_add(odd_b, s.splat(-B), even_b),
        s.mul_add(x1, s.splat(AA * BB), s.mul_add(x3, s.splat(-AA - BB), x5)),
    ]
}

/// Four outputs along a side from the values of their polynomial.
#[inline(always)]
fn from_points<S: Simd>(s: S, [at_0, at_a, at_minus_a, at_b, at_minus_b, at_infinity]: [S::V; IN]) -> [S::V; OUT] {
    let (even_a, odd_a) = (s.add(at_a, at_minus_a), s.sub(at_a, at_minus_a));
    let (even_b, odd_b) = (s.add(at_b, at_minus_b), s.sub(at_b, at_minus_b));
    [
        s.add(at_0, s.add(even_a, even_b)),
        s.mul_add(odd_a, s.splat(A), s.mul(odd_b, s.splat(B))),
        s.mul_add(even_a, s.splat(A * A), s.mul(even_b, s.splat(B * B))),
        s.mul_add(odd_a, s.splat(A * A * A), s.mul_add(odd_b, s.splat(B * B * B), at_infinity)),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::conv::conv3x3_on;
    use super::super::image::{Map, Plain, Resized};
    use super::super::sinks::{Activation, Logits, PerOutput, Rows};
    use super::*;

    /// Between −1 and 1, without a pattern that a transform could hide.
    fn numbers(count: usize, seed: f64) -> Vec<f32> {
        (0..count)
            .map(|i| ((i as f64 + seed) * 12.9898).sin() * 43758.5453)
            .map(|x| (2.0 * x.rem_euclid(1.0)) as f32 - 1.0)
            .collect()
    }

    fn greatest_difference(a: &[f32], b: &[f32]) -> f32 {
        a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
    }

    #[test]
    fn outputs_are_sums_over_windows() {
        for [height, width, channels, outputs] in [[1, 1, 16, 1], [6, 3, 48, 33], [9, 14, 32, 70], [61, 83, 64, 5]] {
            let (x, weight) = (numbers(height * width * channels, 0.1), numbers(outputs * 9 * channels, 0.2));
            let (plus, bias) = (numbers(height * width * outputs, 0.3), numbers(outputs, 0.4));
            let expected: Vec<f32> = (0..height * width * outputs)
                .map(|at| {
                    let (y, left, output) = (at / outputs / width, at / outputs % width, at % outputs);
                    let mut sum = f64::from(bias[output]);
                    for (tap, weight) in weight[output * 9 * channels..].chunks(channels).take(9).enumerate() {
                        let (y, left) = (y + tap / 3, left + tap % 3);
                        if (1..=height).contains(&y) && (1..=width).contains(&left) {
                            let pixel = &x[((y - 1) * width + left - 1) * channels..];
                            sum += pixel.iter().zip(weight).map(|(x, w)| f64::from(x.max(0.0) * w)).sum::<f64>();
                        }
                    }
                    sum.max(0.0) as f32 + plus[at]
                })
                .collect();
            let (matrix, bias) = (transformed(&weight, outputs), PerOutput::new(&bias));
            let source = Plain { map: Map { values: &x, height, width, channels }, relu: true };
            for level in Level::available() {
                let mut found = vec![0.0; expected.len()];
                conv3x3_on::<f32, _, _>(level, source, &matrix, 1, outputs, &mut found, |first, count| Rows {
                    activation: Activation::Relu,
                    plus: Some(&plus[first * outputs..][..count * outputs]),
                    ..Rows::new(&bias, outputs)
                });
                let worst = greatest_difference(&found, &expected);
                assert!(worst < 2e-4, "{level:?}, {height}×{width}, {channels} to {outputs}: {worst}");
            }
        }
    }

    #[test]
    fn a_head_ends_as_without_a_transform() {
        let (height, width, channels) = (27, 41, 32);
        let (x, weight) = (numbers(12 * 19 * channels, 0.5), numbers(PANEL * 9 * channels, 0.6));
        let map = Map { values: &x, height: 12, width: 19, channels };
        let source = Resized { map, height, width, positions: None };
        let (bias, out_weight) = (PerOutput::zeros(PANEL), numbers(2 * PANEL, 0.7));
        let sink = Logits { bias: &bias, weight: &out_weight, out_bias: &[0.5, -0.5] };
        let direct = Matrix::new(&weight, PANEL, Runs { count: 3, length: 3 * channels }, Format::F32);
        for level in Level::available() {
            let [mut found, mut expected] = [(); 2].map(|()| vec![0.0; height * width * 2]);
            conv3x3_on::<f32, _, _>(level, source, &direct, 1, 2, &mut expected, |_, _| sink);
            conv3x3_on::<f32, _, _>(level, source, &transformed(&weight, PANEL), 1, 2, &mut found, |_, _| sink);
            let worst = greatest_difference(&found, &expected);
            assert!(worst < 5e-4, "{level:?}: {worst}");
        }
    }
}
