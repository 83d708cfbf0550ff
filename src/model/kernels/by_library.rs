//! Products of f32 by a library: whole blocks, all rows of a task with some panels of outputs. The sums go on to the [`Sink`] from
//! where they lie.

use std::cell::RefCell;
use std::ops::Range;

use super::dispatch::{Level, dispatch_on};
use super::library::{Block, Library};
use super::lines::Lines;
use super::matrix::Matrix;
use super::operands::{Left, Sink, Tile};
use super::panel::{PANEL, Runs};
use super::simd::{Kernel, Simd};
use super::tile::MOST_TILE_ROWS;

/// Rows whose sums are handed on together.
pub(super) const TILE_ROWS: usize = MOST_TILE_ROWS;
/// Rows of a task, few and many. A call takes the right side apart for the unit before it multiplies, which is lost on few
/// rows; but the units are shared by all cores of a cluster, which have time for that and for the sinks while others
/// multiply, so that every thread should have something. Both are guesses: no Mac was at hand.
pub(super) const SHARE_ROWS: usize = 64;
pub(super) const MOST_ROWS: usize = 256;
/// Bytes of the sums that wait for their sink, and of a matrix's numbers that are widened at once.
const SUMS_BYTES: usize = 1 << 20;
const WIDE_BYTES: usize = 1 << 20;
/// Of a thread, but for matrices and tasks that are too long for even one panel.
pub const LIBRARY_SCRATCH_BYTES: usize = SUMS_BYTES + WIDE_BYTES;
/// Panels that are computed at once.
const MOST_PANELS: usize = 16;
/// Rows between two tiles that are rather computed than cut out: the border of an image, left and right.
const MOST_BETWEEN: usize = 2;

thread_local! {
    /// Kept, some 2 MB a thread: fresh memory would have to be cleared by the system again and again.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// What a thread keeps from one product to the next.
#[derive(Default)]
struct Scratch {
    /// [rows, outputs that are computed at once].
    sums: Lines<f32>,
    /// [inputs, outputs that are computed at once], of a matrix that is not laid out for the library.
    wide: Lines<f32>,
}

/// Multiplies the rows of `tiles` on this thread.
pub(super) struct Multiply<'a, K: Sink> {
    pub library: Library,
    pub left: Left<'a, f32>,
    pub tiles: &'a [Tile],
    pub matrix: &'a Matrix,
    pub sink: &'a K,
    pub out: &'a mut [K::Out],
    /// Room for a panel that is kept in less than f32.
    pub panel: &'a mut Lines<f32>,
}

impl<K: Sink> Multiply<'_, K> {
    pub fn run_on(self, level: Level) {
        SCRATCH.with_borrow_mut(|scratch| dispatch_on(level, WithScratch { product: self, scratch }));
    }
}

struct WithScratch<'a, 'b, K: Sink> {
    product: Multiply<'a, K>,
    scratch: &'b mut Scratch,
}

impl<K: Sink> Kernel for WithScratch<'_, '_, K> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Multiply { library, left, tiles, matrix, sink, out, panel: narrow } = self.product;
        let Scratch { sums, wide } = self.scratch;
        let parts = parts(matrix.runs(), left.row_stride, left.run_stride);
        let spans = spans(tiles, left.row_stride);
        let rows = spans.last().map_or(0, |span| span.sums.end);
        let together = panels_together(matrix, rows);
        let mut near = [[0.0; PANEL]; TILE_ROWS];
        for first in (0..matrix.panels()).step_by(together) {
            let panels = first..matrix.panels().min(first + together);
            let width = panels.len() * PANEL;
            let sums = sums.resized(rows * width);
            let right = matrix.block(s, panels.clone(), narrow, wide);
            for span in &spans {
                for (i, part) in parts.iter().enumerate() {
                    library.multiply(Block {
                        rows: span.sums.len(),
                        columns: width.min(matrix.outputs() - first * PANEL),
                        inputs: part.length,
                        left: &left.values[span.start + part.start..],
                        left_stride: left.row_stride,
                        right: right.from(part.input),
                        sums: &mut sums[span.sums.start * width..],
                        sums_stride: width,
                        is_continued: i > 0,
                    });
                }
            }
            for (tile, first_sums) in spans.iter().flat_map(|span| &span.tiles) {
                for panel in panels.clone() {
                    let column = panel * PANEL;
                    let sums = &sums[first_sums * width + column - first * PANEL..];
                    for (near, sums) in near[..tile.rows].iter_mut().zip(sums.chunks(width)) {
                        near.copy_from_slice(&sums[..PANEL]);
                    }
                    sink.take(s, *tile, column, PANEL.min(matrix.outputs() - column), &near, out);
                }
            }
        }
    }
}

/// Panels whose sums, and whose numbers where they must be widened, stay in a core's second cache.
fn panels_together(matrix: &Matrix, rows: usize) -> usize {
    let fitting = |bytes: usize, numbers: usize| bytes / (numbers * PANEL * size_of::<f32>()).max(1);
    let of_sums = fitting(SUMS_BYTES, rows);
    let of_wide = if matrix.is_by_output() { MOST_PANELS } else { fitting(WIDE_BYTES, matrix.runs().total()) };
    of_sums.min(of_wide).clamp(1, MOST_PANELS)
}

/// Inputs that a library can be given as one matrix: rows of its left side must not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    /// From the beginning of a row.
    start: usize,
    /// Number of the first input.
    input: usize,
    length: usize,
}

/// Runs of inputs, cut where the next row begins.
fn parts(runs: Runs, row_stride: usize, run_stride: usize) -> Vec<Part> {
    let cut = |run: usize| {
        (0..runs.length).step_by(row_stride).map(move |inside| Part {
            start: run * run_stride + inside,
            input: run * runs.length + inside,
            length: row_stride.min(runs.length - inside),
        })
    };
    (0..runs.count).flat_map(cut).collect()
}

/// Tiles whose rows lie at equal distances in memory, or would with very few more.
#[derive(Debug, PartialEq, Eq)]
struct Span {
    /// Where the first row begins.
    start: usize,
    /// Its rows among all sums.
    sums: Range<usize>,
    /// With the row of the sums where each begins.
    tiles: Vec<(Tile, usize)>,
}

fn spans(tiles: &[Tile], row_stride: usize) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for tile in tiles {
        let between = |span: &Span| {
            let numbers = tile.start.checked_sub(span.start + span.sums.len() * row_stride)?;
            let is_near = numbers.is_multiple_of(row_stride) && numbers / row_stride <= MOST_BETWEEN;
            is_near.then_some(numbers / row_stride)
        };
        let end = spans.last().map_or(0, |span| span.sums.end);
        match spans.last_mut().and_then(|span| Some((between(span)?, span))) {
            Some((rows, span)) => {
                span.tiles.push((*tile, end + rows));
                span.sums.end = end + rows + tile.rows;
            }
            None => spans.push(Span { start: tile.start, sums: end..end + tile.rows, tiles: vec![(*tile, end)] }),
        }
    }
    spans
}

#[cfg(test)]
mod tests;
