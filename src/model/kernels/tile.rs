//! What one tile of a product reads and writes.

use super::panel::Runs;

/// Rows of the largest tile of any instruction set.
pub const MOST_TILE_ROWS: usize = 32;

/// What one tile reads and writes: inputs of type `A`, panels of type `P`.
#[derive(Clone, Copy)]
pub struct TileArguments<A, P = A> {
    /// The first input of the first row; valid for reads of all rows of a tile and all runs, each
    /// [`super::element::Factor::padded`].
    pub a: *const A,
    pub row_stride: usize,
    pub run_stride: usize,
    pub runs: Runs,
    /// Rows that are wanted; the sums of the others are left unsaid.
    pub rows: usize,
    /// Valid for reads of 32 numbers per input of the padded runs.
    pub panel: *const P,
    /// Valid for writes of 32 sums per row of the tile, one row every `sums_stride`.
    pub sums: *mut f32,
    pub sums_stride: usize,
    /// Whether the sums so far are added to.
    pub is_continued: bool,
}
