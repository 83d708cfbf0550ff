//! Matrix products: rows of activations times a [`Matrix`], with what follows done while the sums are at hand.
//!
//! The left side is never copied or unfolded. A [`Left`] says where its rows lie; a 3×3 convolution is a product whose
//! rows overlap in memory, whose inputs come in three runs, and whose tiles are pixels of one image row.

use super::bf16_unit::{self, Kind};
use super::dispatch::{Level, dispatch_on};
use super::element::{Element, tile_rows};
use super::library::Library;
use super::lines::Lines;
use super::matrix::Matrix;
use super::operands::{Left, Sink, Sums, Tile};
use super::panel::{PANEL, Runs};
use super::pieces::pieces;
use super::simd::{Kernel, Simd};
use super::tile::TileArguments;
use super::{by_library, thirds};

/// How a product is computed.
#[derive(Clone, Copy)]
pub struct Way {
    level: Level,
    /// The library that takes whole blocks, instead of vectors.
    library: Option<Library>,
    /// The unit for bf16 that takes f32 in thirds, instead of vectors.
    thirds: Option<Kind>,
    /// Of one tile.
    pub tile_rows: usize,
    /// Rows of which a task should have a multiple.
    pub share_rows: usize,
    /// Bytes that a core reads of one row of the left side again and again, from row to row of the left side.
    pub row_bytes: usize,
}

impl Way {
    /// By this library, or else by vectors.
    pub(super) fn by<E: Element>(level: Level, library: Option<Library>, row_stride: usize) -> Self {
        let (tile_rows, share_rows) = match library {
            Some(_) => (by_library::TILE_ROWS, by_library::SHARE_ROWS),
            None => (tile_rows::<E>(level), tile_rows::<E>(level)),
        };
        Self { level, library, thirds: None, tile_rows, share_rows, row_bytes: row_stride * size_of::<E>() }
    }

    /// By a unit that takes f32 in thirds.
    pub(super) fn by_thirds(level: Level, unit: Kind, runs: Runs, row_stride: usize) -> Self {
        let (tile_rows, row_bytes) = (bf16_unit::TILE_ROWS, thirds::row_bytes(runs, row_stride));
        Self { level, library: None, thirds: Some(unit), tile_rows, share_rows: tile_rows, row_bytes }
    }

    /// Rows of a task whose part of the left side takes at most `bytes`.
    pub fn fitting_rows(&self, bytes: usize) -> usize {
        // A library cuts blocks as its caches like them.
        if self.library.is_some() { by_library::MOST_ROWS } else { bytes / self.row_bytes }
    }
}

/// What a thread keeps from one product to the next.
#[derive(Default)]
pub struct Scratch {
    /// Room for a panel that is kept in less than f32.
    wide: Lines<f32>,
    /// The sums of all tiles of a task for one panel.
    sums: Vec<Sums>,
}

/// Multiplies the rows of `tiles` on this thread.
pub fn multiply<E: Element, K: Sink>(
    way: Way,
    left: Left<E>,
    tiles: &[Tile],
    matrix: &Matrix,
    sink: &K,
    out: &mut [K::Out],
    scratch: &mut Scratch,
) {
    // The kernels read whole tiles without looking: every row of every tile must lie inside the values, also the rows
    // that only fill a tile up.
    let (Way { level, library, thirds, tile_rows: rows, .. }, runs) = (way, matrix.runs());
    let reach = (rows - 1) * left.row_stride + (runs.count - 1) * left.run_stride + E::padded(runs.length);
    for tile in tiles {
        assert!(tile.rows <= rows && tile.start + reach <= left.values.len(), "a tile reaches past its memory");
    }
    let singles = E::singles(left.values);
    let singles = singles.map(|values| Left { values, row_stride: left.row_stride, run_stride: left.run_stride });
    match (library, thirds, singles) {
        (Some(library), _, Some(left)) => {
            by_library::Multiply { library, left, tiles, matrix, sink, out, panel: &mut scratch.wide }.run_on(level);
        }
        (None, Some(kind), Some(left)) => {
            thirds::Multiply { kind, left, tiles, matrix, sink, out, wide: &mut scratch.wide }.run_on(level);
        }
        _ => dispatch_on(level, Multiply { left, tiles, matrix, sink, out, scratch }),
    }
}

struct Multiply<'a, E: Element, K: Sink> {
    left: Left<'a, E>,
    tiles: &'a [Tile],
    matrix: &'a Matrix,
    sink: &'a K,
    out: &'a mut [K::Out],
    scratch: &'a mut Scratch,
}

impl<E: Element, K: Sink> Kernel for Multiply<'_, E, K> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, s: S) {
        let Self { left, tiles, matrix, sink, out, scratch } = self;
        let (unit, rows) = (E::unit(), E::tile_rows::<S>());
        let Scratch { wide, sums } = scratch;
        sums.resize(tiles.len() * rows, [0.0; PANEL]);
        let pieces = pieces(matrix.runs(), left.run_stride, E::PIECE);
        for panel in 0..matrix.panels() {
            let numbers = E::panel(s, matrix, panel, wide);
            let column = panel * PANEL;
            let columns = PANEL.min(matrix.outputs() - column);
            for (i, piece) in pieces.iter().enumerate() {
                let is_last = i + 1 == pieces.len();
                let panel = &numbers[piece.input(E::padded(matrix.runs().length)) * PANEL..];
                for (tile, sums) in tiles.iter().zip(sums.chunks_exact_mut(rows)) {
                    let arguments = TileArguments {
                        a: left.values[tile.start + piece.start..].as_ptr(),
                        row_stride: left.row_stride,
                        run_stride: left.run_stride,
                        runs: piece.runs,
                        rows: tile.rows,
                        panel: panel.as_ptr(),
                        sums: sums.as_flattened_mut().as_mut_ptr(),
                        sums_stride: PANEL,
                        is_continued: i > 0,
                    };
                    // SAFETY: `multiply` checked that all rows and runs of the tile lie inside the values; the matrix
                    // made the panel for these runs, of which this is a piece; there are sums for the rows of every
                    // tile.
                    unsafe { E::tile(s, &unit, arguments) };
                    if is_last {
                        sink.take(s, *tile, column, columns, sums, out);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
