//! Matrix products: rows of activations times a [`Matrix`], with what follows done while the sums are at hand.
//!
//! The left side is never copied or unfolded. A [`Left`] says where its rows lie; a 3×3 convolution is a product whose
//! rows overlap in memory, whose inputs come in three runs, and whose tiles are pixels of one image row.

use super::bf16_unit::{self, Kind};
use super::element::{Element, tile_rows};
use super::library::{self, Library};
use super::lines::Lines;
use super::matrix::{Matrix, PANEL, Runs};
use super::simd::{Kernel, Level, Simd, dispatch_on};
use super::thirds;

/// Parts of a run begin at multiples of this.
const PIECE_STEP: usize = 32;
/// Rows of the largest tile of any instruction set.
pub const MOST_TILE_ROWS: usize = 32;
/// The sums of one row of a tile.
pub type Sums = [f32; PANEL];

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
    /// At most [`Way::tile_rows`].
    pub rows: usize,
}

/// What is done with sums: bias, activation, and where they go.
pub trait Sink {
    type Out;

    /// Takes `tile.rows` rows of the outputs `column..column + columns` (columns ≤ 32, column a multiple of 32).
    /// Must be `#[inline(always)]`.
    fn take<S: Simd>(&self, s: S, tile: Tile, column: usize, columns: usize, sums: &[Sums], out: &mut [Self::Out]);
}

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
    /// The fastest for `rows` rows, one every `row_stride` numbers, times `matrix`.
    pub fn of<E: Element>(level: Level, matrix: &Matrix, rows: usize, row_stride: usize) -> Self {
        let library = library::library_for::<E>(matrix, rows);
        let thirds = thirds::unit_for::<E>(matrix.runs(), rows);
        match (library, thirds) {
            (None, Some(_)) => {
                let (tile_rows, row_bytes) = (bf16_unit::TILE_ROWS, thirds::row_bytes(matrix.runs(), row_stride));
                Self { level, library, thirds, tile_rows, share_rows: tile_rows, row_bytes }
            }
            _ => Self::by::<E>(level, library, row_stride),
        }
    }

    /// By this library, or else by vectors.
    pub(super) fn by<E: Element>(level: Level, library: Option<Library>, row_stride: usize) -> Self {
        let (tile_rows, share_rows) = match library {
            Some(_) => (library::TILE_ROWS, library::SHARE_ROWS),
            None => (tile_rows::<E>(level), tile_rows::<E>(level)),
        };
        Self { level, library, thirds: None, tile_rows, share_rows, row_bytes: row_stride * size_of::<E>() }
    }

    /// Rows of a task whose part of the left side takes at most `bytes`.
    pub fn fitting_rows(&self, bytes: usize) -> usize {
        // A library cuts blocks as its caches like them.
        if self.library.is_some() { library::MOST_ROWS } else { bytes / self.row_bytes }
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
            library::Multiply { library, left, tiles, matrix, sink, out, panel: &mut scratch.wide }.run_on(level);
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

/// A part of the inputs, short enough that its part of a panel and of a tile's rows lie in a core's first cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// From the beginning of a row.
    pub start: usize,
    /// The first run, and the first input in it.
    run: usize,
    inside: usize,
    pub runs: Runs,
}

impl Piece {
    /// Number of its first input in a panel whose runs have this length.
    pub fn input(&self, padded_run: usize) -> usize {
        self.run * padded_run + self.inside
    }
}

/// Cuts runs into pieces of about `most` inputs: parts of one run, or several whole runs.
pub(super) fn pieces(runs: Runs, run_stride: usize, most: usize) -> Vec<Piece> {
    if runs.length > most {
        // Equal parts, in steps that every element type can take.
        let parts = runs.length.div_ceil(most);
        let part = runs.length.div_ceil(parts).next_multiple_of(PIECE_STEP);
        let cut = |run: usize| {
            (0..runs.length).step_by(part).map(move |inside| Piece {
                start: run * run_stride + inside,
                run,
                inside,
                runs: Runs::one(part.min(runs.length - inside)),
            })
        };
        return (0..runs.count).flat_map(cut).collect();
    }
    let together = (most / runs.length.max(1)).max(1);
    let group = |run: usize| Piece {
        start: run * run_stride,
        run,
        inside: 0,
        runs: Runs { count: together.min(runs.count - run), length: runs.length },
    };
    (0..runs.count).step_by(together).map(group).collect()
}

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

/// A tile of `ROWS` rows, all 32 columns of a panel, `VECTORS` vectors of columns at a time so that all sums stay in
/// registers.
///
/// # Safety
/// As the fields of [`TileArguments`] say, for `ROWS` rows.
#[inline(always)]
pub(super) unsafe fn tile<S: Simd, const ROWS: usize, const VECTORS: usize>(s: S, arguments: TileArguments<f32>) {
    let TileArguments { a, row_stride, run_stride, runs, panel, sums, sums_stride, is_continued, .. } = arguments;
    for column in (0..PANEL).step_by(VECTORS * S::LANES) {
        let mut sum = [[s.splat(0.0); VECTORS]; ROWS];
        // SAFETY: the pointers stay inside what the caller vouches for: `a` walks over the inputs of each run of each
        // row, `b` over the 32 numbers of each input; the sums have room for all rows.
        unsafe {
            if is_continued {
                for (row, sum) in sum.iter_mut().enumerate() {
                    for (v, sum) in sum.iter_mut().enumerate() {
                        let so_far = sums.add(row * sums_stride + column + v * S::LANES);
                        *sum = s.load(std::slice::from_raw_parts(so_far, S::LANES));
                    }
                }
            }
            let mut b = panel.add(column);
            for run in 0..runs.count {
                let mut a = a.add(run * run_stride);
                for _ in 0..runs.length {
                    let mut columns = [s.splat(0.0); VECTORS];
                    for (v, columns) in columns.iter_mut().enumerate() {
                        *columns = s.load(std::slice::from_raw_parts(b.add(v * S::LANES), S::LANES));
                    }
                    for (row, sum) in sum.iter_mut().enumerate() {
                        let x = s.splat(*a.add(row * row_stride));
                        for (sum, &columns) in sum.iter_mut().zip(&columns) {
                            *sum = s.mul_add(x, columns, *sum);
                        }
                    }
                    a = a.add(1);
                    b = b.wrapping_add(PANEL);
                }
            }
            for (row, sum) in sum.iter().enumerate() {
                for (v, &sum) in sum.iter().enumerate() {
                    let out = sums.add(row * sums_stride + column + v * S::LANES);
                    s.store(std::slice::from_raw_parts_mut(out, S::LANES), sum);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
