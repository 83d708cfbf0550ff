//! Products of f32 on a CPU's unit for bf16, where that is faster than vectors of f32 and as exact.
//!
//! Every number is the sum of three bf16, its thirds: eight bits each, together the 24 of an f32. Of the nine products
//! between the thirds of two numbers the three smallest, at most 2⁻²⁴ of the whole together, are left out; the other six
//! are added up in f32 (Henry, Tang and Heinecke, "Leveraging the bfloat16 Artificial Intelligence Datatype For
//! Higher-Precision Computations", 2019).
//!
//! In memory the thirds of 32 numbers lie side by side: 32 high ones, 32 middle ones, 32 low ones.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::OnceLock;

use super::apart::{Thirds, thirds_of};
use super::bf16_unit::{Bf16Unit, Kind, TILE_ROWS};
use super::dispatch::{Level, dispatch_on};
use super::element::{Element, Factor};
use super::lines::Lines;
use super::matrix::{Format, Matrix};
use super::measure::{WORTHWHILE, seconds, seconds_in_f32};
use super::operands::{Left, Sink, Sums, Tile};
use super::panel::{PANEL, Runs, STEP};
use super::pieces::{Piece, pieces};
use super::simd::{Kernel, Simd};
use super::tile::TileArguments;

/// Inputs whose thirds are kept at once, of a panel and of all rows of a task: in a core's second cache. Shorter pieces
/// would fit the first, but a tile would begin and end more often, which costs more.
const BLOCK: usize = 1024;
/// Rows from which on a product pays for taking the weights apart.
const ROWS_AT_LEAST: usize = 64;

thread_local! {
    /// Kept, some 3 MB a thread: fresh memory would have to be cleared by the system again and again.
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl Factor for Thirds {
    type Packed = u16;
    type Unit = Bf16Unit;

    const PACKED: usize = 3;

    #[inline(always)]
    fn tile_rows<S: Simd>() -> usize {
        TILE_ROWS
    }

    fn padded(length: usize) -> usize {
        length.next_multiple_of(STEP)
    }

    fn unit() -> Bf16Unit {
        let Some(kind) = chosen() else {
            unreachable!("numbers are taken apart only where there is a unit for thirds")
        };
        Bf16Unit::opened(kind)
    }

    #[inline(always)]
    fn take_row<S: Simd>(s: S, values: &[f32], out: &mut [Self]) {
        for (values, thirds) in values.chunks_exact(STEP).zip(out.chunks_exact_mut(STEP)) {
            let thirds: &mut [u16] = bytemuck::cast_slice_mut(thirds);
            for lane in (0..STEP).step_by(S::LANES) {
                let apart = thirds_of(s, s.load(&values[lane..]));
                for (third, v) in apart.into_iter().enumerate() {
                    s.store_exact_bf16(&mut thirds[third * STEP + lane..], v);
                }
            }
        }
    }

    /// Of each 32 inputs three blocks [16, 32, 2], two inputs of a column side by side.
    #[inline(always)]
    fn take_panel<S: Simd>(s: S, numbers: &[f32], out: &mut [u16]) {
        const BLOCK: usize = STEP * PANEL;
        for (numbers, thirds) in numbers.chunks_exact(BLOCK).zip(out.chunks_exact_mut(3 * BLOCK)) {
            for (pair, numbers) in numbers.chunks_exact(2 * PANEL).enumerate() {
                for lane in (0..PANEL).step_by(S::LANES) {
                    let even = thirds_of(s, s.load(&numbers[lane..]));
                    let odd = thirds_of(s, s.load(&numbers[PANEL + lane..]));
                    for (third, (even, odd)) in even.into_iter().zip(odd).enumerate() {
                        s.store_pairs(&mut thirds[third * BLOCK + pair * 2 * PANEL + 2 * lane..], even, odd);
                    }
                }
            }
        }
    }

    /// # Safety
    /// As the trait says.
    #[inline(always)]
    unsafe fn tile<S: Simd>(_: S, unit: &Bf16Unit, arguments: TileArguments<Self, u16>) {
        // SAFETY: the caller's promise is passed on.
        unsafe { unit.tile_of_thirds(arguments, true) }
    }
}

/// What a thread keeps from one product to the next.
#[derive(Default)]
struct Scratch {
    left: Lines<Thirds>,
    panel: Lines<u16>,
    sums: Vec<Sums>,
}

/// The unit for products in thirds of `rows` rows with these runs of inputs, where they are f32 and it beats vectors.
pub(super) fn unit_for<E: Element>(runs: Runs, rows: usize) -> Option<Kind> {
    let is_single = E::singles(&[]).is_some();
    if !is_single || rows < ROWS_AT_LEAST || !runs.length.is_multiple_of(STEP) {
        return None;
    }
    chosen()
}

/// How people call the unit that large products of f32 use, where there is one.
pub(super) fn unit_name() -> Option<&'static str> {
    chosen().map(|kind| kind.name())
}

fn chosen() -> Option<Kind> {
    let fitting = |kind: &Kind| kind.multiplies_thirds();
    #[cfg(test)]
    if let Some(unit) = super::bf16_unit::OF_TEST.get() {
        return unit.filter(fitting);
    }
    static CHOSEN: OnceLock<Option<Kind>> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let kind = Kind::detected().into_iter().find(fitting)?;
        let unit = Bf16Unit::opened(kind);
        // SAFETY: `seconds` gives whole tiles, a whole panel, and sums.
        let in_thirds = seconds::<Thirds, _>(TILE_ROWS, |arguments| unsafe { unit.tile_of_thirds(arguments, true) });
        (in_thirds < WORTHWHILE * seconds_in_f32()).then_some(kind)
    })
}

/// Bytes of thirds that are kept from one row to the next: of the row, as far as it is taken apart at once, or of what
/// lies between the beginnings of rows that overlap.
pub(super) fn row_bytes(runs: Runs, row_stride: usize) -> usize {
    let numbers = if runs.count == 1 { BLOCK.min(runs.length) } else { row_stride };
    numbers * size_of::<Thirds>()
}

/// Multiplies the rows of `tiles`, of at most [`TILE_ROWS`] rows each, on this thread.
pub(super) struct Multiply<'a, K: Sink> {
    pub kind: Kind,
    pub left: Left<'a, f32>,
    pub tiles: &'a [Tile],
    pub matrix: &'a Matrix,
    pub sink: &'a K,
    pub out: &'a mut [K::Out],
    pub wide: &'a mut Lines<f32>,
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
        let Multiply { kind, left, tiles, matrix, sink, out, wide } = self.product;
        let unit = Bf16Unit::opened(kind);
        let runs = matrix.runs();
        // The eleven bits of an f16 leave nothing for the low thirds.
        let has_low = matrix.format() != Format::F16;
        // Rows of one run are taken apart piece by piece; rows that overlap in memory, all at once.
        let pieces = pieces(runs, left.run_stride, BLOCK);
        let together = if runs.count == 1 { 1 } else { pieces.len() };
        // Where there is more than one such block, all panels' sums must wait for the next.
        let kept = if pieces.len() > together { matrix.panels() } else { 1 };
        let Scratch { left: thirds, panel: panel_thirds, sums } = self.scratch;
        let room = tiles.len() * TILE_ROWS;
        sums.resize(kept * room, [0.0; PANEL]);
        for (b, block) in pieces.chunks(together).enumerate() {
            let apart = Apart::new(s, left, tiles, block, runs, thirds);
            for panel in 0..matrix.panels() {
                let (column, sums) = (panel * PANEL, &mut sums[panel % kept * room..][..room]);
                let columns = PANEL.min(matrix.outputs() - column);
                for (i, piece) in block.iter().enumerate() {
                    let is_last = (b * together + i + 1) == pieces.len();
                    let first = piece.input(runs.length);
                    let numbers = matrix.panel(s, panel, first..first + piece.runs.total(), wide);
                    let panel = panel_thirds.resized(Thirds::PACKED * numbers.len());
                    Thirds::take_panel(s, numbers, panel);
                    for (t, (tile, sums)) in tiles.iter().zip(sums.chunks_exact_mut(TILE_ROWS)).enumerate() {
                        let arguments = TileArguments {
                            a: apart.at(t, tile, piece).as_ptr(),
                            row_stride: apart.row_stride,
                            run_stride: left.run_stride,
                            runs: piece.runs,
                            rows: tile.rows,
                            panel: panel.as_ptr(),
                            sums: sums.as_flattened_mut().as_mut_ptr(),
                            sums_stride: PANEL,
                            is_continued: b + i > 0,
                        };
                        // SAFETY: `at` looked after all rows and runs of the tile; the panel is this piece's;
                        // there are sums for the rows of every tile.
                        unsafe { unit.tile_of_thirds(arguments, has_low) };
                        if is_last {
                            sink.take(s, *tile, column, columns, sums, out);
                        }
                    }
                }
            }
        }
    }
}

/// The inputs of some pieces, which lie together in a panel.
fn inputs_of(pieces: &[Piece], runs: Runs) -> Range<usize> {
    let (first, last) = (pieces[0], pieces[pieces.len() - 1]);
    first.input(runs.length)..last.input(runs.length) + last.runs.total()
}

/// The left side in thirds, for some pieces of the inputs.
struct Apart<'a> {
    thirds: &'a [Thirds],
    row_stride: usize,
    /// Whether every tile has rows of its own, beginning with the first input of the pieces.
    is_packed: bool,
    /// Of what is packed: the first input. Else: the first number that was taken apart.
    first: usize,
}

impl<'a> Apart<'a> {
    #[inline(always)]
    fn new<S: Simd>(
        s: S,
        left: Left<f32>,
        tiles: &[Tile],
        pieces: &[Piece],
        runs: Runs,
        thirds: &'a mut Lines<Thirds>,
    ) -> Self {
        if runs.count == 1 {
            let inputs = inputs_of(pieces, runs);
            // An odd number of lines from row to row spreads rows over the first cache.
            let stride = ((inputs.len() / STEP) | 1) * STEP;
            let thirds = thirds.resized(tiles.len() * TILE_ROWS * stride);
            for (tile, thirds) in tiles.iter().zip(thirds.chunks_exact_mut(TILE_ROWS * stride)) {
                for (row, thirds) in thirds.chunks_exact_mut(stride).take(tile.rows).enumerate() {
                    let values = &left.values[tile.start + row * left.row_stride + inputs.start..][..inputs.len()];
                    Thirds::take_row(s, values, thirds);
                }
            }
            return Self { thirds, row_stride: stride, is_packed: true, first: inputs.start };
        }
        let strides = [left.row_stride, left.run_stride];
        assert!(strides.iter().all(|stride| stride.is_multiple_of(STEP)), "rows begin with whole steps");
        let first = tiles.iter().map(|tile| tile.start).min().unwrap_or(0);
        let reach = (TILE_ROWS - 1) * left.row_stride + (runs.count - 1) * left.run_stride + runs.length;
        let end = tiles.iter().map(|tile| tile.start + reach).max().unwrap_or(0);
        let thirds = thirds.resized(end - first);
        Thirds::take_row(s, &left.values[first..end], thirds);
        Self { thirds, row_stride: left.row_stride, is_packed: false, first }
    }

    /// The thirds of a tile's first row from a piece on; as many as all its rows and runs take.
    fn at(&self, number: usize, tile: &Tile, piece: &Piece) -> &[Thirds] {
        let start = if self.is_packed {
            number * TILE_ROWS * self.row_stride + piece.start - self.first
        } else {
            tile.start - self.first + piece.start
        };
        assert!(start.is_multiple_of(STEP), "thirds are found by whole steps");
        &self.thirds[start..]
    }
}

#[cfg(test)]
mod tests;
