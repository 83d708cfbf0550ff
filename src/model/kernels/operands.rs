//! What goes into a product, and what takes its sums.

use super::panel::PANEL;
use super::simd::Simd;

/// The left side of a product: where the inputs lie.
#[derive(Clone, Copy)]
pub struct Left<'a, E> {
    pub values: &'a [E],
    /// From one row to the next.
    pub row_stride: usize,
    /// From one run of inputs to the next.
    pub run_stride: usize,
}

/// Some rows that are computed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Where the first row begins in [`Left::values`].
    pub start: usize,
    /// Number of the first row in the output.
    pub row: usize,
    /// At most [`super::product::Way::tile_rows`].
    pub rows: usize,
}

/// The sums of one row of a tile.
pub type Sums = [f32; PANEL];

/// What is done with sums: bias, activation, and where they go.
pub trait Sink {
    type Out;

    /// Takes `tile.rows` rows of the outputs `column..column + columns` (columns ≤ 32, column a multiple of 32).
    /// Must be `#[inline(always)]`.
    fn take<S: Simd>(&self, s: S, tile: Tile, column: usize, columns: usize, sums: &[Sums], out: &mut [Self::Out]);
}
