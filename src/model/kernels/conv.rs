//! Convolutions as matrix products over image rows, without unfolding: a window's three rows are three runs of inputs.

use rayon::prelude::*;

use super::dispatch::{Level, dispatch_on};
use super::element::Element;
use super::image::Source;
use super::matrix::Matrix;
use super::operands::{Left, Sink, Tile};
use super::product::{Scratch, Way, multiply};
use super::share::{Share, shared};
use super::strip::{Fill, STRIP_BYTES};
use super::tile::MOST_TILE_ROWS;
use super::winograd;

/// 3×3 convolution with a border of one zero and the given stride over `source`, whose rows may be made on the way.
///
/// `matrix` has three runs of 3 · channels inputs, or is [`winograd::transformed`] where the stride is 1. `out` gets `pixel` numbers per pixel of ⌈h/stride⌉ × ⌈w/stride⌉;
/// `sink_of(first, count)` makes the sink of that many pixels, which counts its rows from its own first.
pub fn conv3x3<E: Element, Src: Source, K: Sink>(
    source: Src,
    matrix: &Matrix,
    stride: usize,
    pixel: usize,
    out: &mut [K::Out],
    sink_of: impl Fn(usize, usize) -> K + Sync,
) where
    K::Out: Send,
{
    conv3x3_on::<E, _, _>(Level::best(), source, matrix, stride, pixel, out, sink_of);
}

pub(super) fn conv3x3_on<E: Element, Src: Source, K: Sink>(
    level: Level,
    source: Src,
    matrix: &Matrix,
    stride: usize,
    pixel: usize,
    out: &mut [K::Out],
    sink_of: impl Fn(usize, usize) -> K + Sync,
) where
    K::Out: Send,
{
    if matrix.runs().count == winograd::POINTS {
        assert_eq!(stride, 1, "only whole maps are transformed");
        return winograd::convolve(level, source, matrix, pixel, out, sink_of);
    }
    let [height, width, channels] = source.size();
    assert_eq!((matrix.runs().count, matrix.runs().length), (3, 3 * channels), "a window has three rows");
    let (out_height, out_width) = (height.div_ceil(stride), width.div_ceil(stride));
    let row = (width + 2) * channels;
    let way = Way::of::<E>(level, matrix, out_height * out_width, row);
    let fitting = (STRIP_BYTES / way.row_bytes).saturating_sub(2) / stride;
    let tile_rows = way.tile_rows;

    let scratch = || (Vec::<E>::new(), Vec::new(), Scratch::default());
    let shares = shared(out, out_height, out_width * pixel, 1, fitting);
    shares.into_par_iter().for_each_init(scratch, |scratch, Share { rows, out }| {
        let (strip, between, products) = scratch;
        let (first, count) = (rows.start, rows.len());
        // Tiles read whole, past the last pixel of the last row.
        let slack = MOST_TILE_ROWS * stride * channels + E::padded(3 * channels);
        strip.resize((count * stride + 2) * row + slack, E::default());
        let top = (first * stride) as isize - 1;
        dispatch_on(level, Fill { source, top, rows: (count - 1) * stride + 3, length: row, strip, between });
        let tiles: Vec<_> = (0..count)
            .flat_map(|y| {
                (0..out_width).step_by(tile_rows).map(move |x| Tile {
                    start: y * stride * row + x * stride * channels,
                    row: y * out_width + x,
                    rows: tile_rows.min(out_width - x),
                })
            })
            .collect();
        let left = Left { values: strip, row_stride: stride * channels, run_stride: row };
        let sink = sink_of(first * out_width, count * out_width);
        multiply(way, left, &tiles, matrix, &sink, out, products);
    });
}

/// The patches of an image [3, height, width] as rows of a product: each patch's rows are runs of 3 · side numbers.
///
/// `matrix` has `side` runs of 3 · side inputs in the order (row, column, channel). Patches go out row by row.
pub fn patches<K: Sink>(
    planes: &[f32],
    [height, width]: [usize; 2],
    side: usize,
    matrix: &Matrix,
    out: &mut [K::Out],
    sink: impl Fn() -> K + Sync,
) where
    K::Out: Send,
{
    let level = Level::best();
    let (row, across) = (3 * width, width / side);
    let way = Way::of::<f32>(level, matrix, across, 3 * side);
    let tile_rows = way.tile_rows;
    let slack = MOST_TILE_ROWS * 3 * side;
    out.par_chunks_mut(across * matrix.outputs()).enumerate().for_each_init(
        || (Vec::new(), Scratch::default()),
        |(strip, products), (y, out)| {
            strip.resize(side * row + slack, 0.0);
            for (i, strip) in strip.chunks_exact_mut(row).take(side).enumerate() {
                for channel in 0..3 {
                    let plane = &planes[(channel * height + y * side + i) * width..][..width];
                    for (out, &x) in strip[channel..].iter_mut().step_by(3).zip(plane) {
                        *out = x;
                    }
                }
            }
            let tiles: Vec<_> = (0..across)
                .step_by(tile_rows)
                .map(|x| Tile { start: x * 3 * side, row: x, rows: tile_rows.min(across - x) })
                .collect();
            let left = Left { values: strip, row_stride: 3 * side, run_stride: row };
            multiply(way, left, &tiles, matrix, &sink(), out, products);
        },
    );
}

#[cfg(test)]
mod tests;
