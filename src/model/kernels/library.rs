//! Products of f32 by a library of the system, where that is faster than our vectors: on a Mac, Accelerate, the only way
//! to the matrix units of Apple's processors.
//!
//! The library multiplies whole blocks: all rows of a task with some panels of outputs. The sums go on to the [`Sink`]
//! from where they lie, so that everything else stays ours. Its interface is that of every BLAS, and tests put another
//! one in its place.
// Without such a library nothing here is reached but by tests.
#![cfg_attr(not(target_os = "macos"), allow(dead_code))]

use std::cell::RefCell;
use std::ffi::c_int;
use std::ops::Range;
use std::sync::OnceLock;
use std::time::Instant;

use super::bf16_unit::WORTHWHILE;
use super::element::Element;
use super::lines::Lines;
use super::matrix::{Matrix, PANEL, Right, Runs};
use super::product::{Left, MOST_TILE_ROWS, Scratch as Products, Sink, Tile, Way, multiply};
use super::simd::{Kernel, Level, Simd, dispatch_on};
use super::sinks::{PerOutput, Rows};

/// Rows whose sums are handed on together.
pub(super) const TILE_ROWS: usize = MOST_TILE_ROWS;
/// Rows of a task, few and many. A call takes the right side apart for the unit before it multiplies, which is lost on few
/// rows; but the units are shared by all cores of a cluster, which have time for that and for the sinks while others
/// multiply, so that every thread should have something. Both are guesses: no Mac was at hand.
pub(super) const SHARE_ROWS: usize = 64;
pub(super) const MOST_ROWS: usize = 256;
/// Rows from which on a product pays for widening its matrix. One that is laid out for the library is multiplied by it
/// whatever the rows.
const ROWS_AT_LEAST: usize = 32;
/// Bytes of the sums that wait for their sink, and of a matrix's numbers that are widened at once.
const SUMS_BYTES: usize = 1 << 20;
const WIDE_BYTES: usize = 1 << 20;
/// Of a thread, but for matrices and tasks that are too long for even one panel.
pub const LIBRARY_SCRATCH_BYTES: usize = SUMS_BYTES + WIDE_BYTES;
/// Panels that are computed at once.
const MOST_PANELS: usize = 16;
/// Rows between two tiles that are rather computed than cut out: the border of an image, left and right.
const MOST_BETWEEN: usize = 2;

/// Environment variable that hides the library, to see what our vectors do.
const NO_ACCELERATE: &str = "FATHOM_NO_ACCELERATE";

/// `cblas_sgemm` of the C interface to BLAS, with sizes of 32 bits.
// SAFETY: whoever calls it must give pointers to matrices as large as the sizes say: `Library::multiply` looks.
pub(super) type Sgemm = unsafe extern "C" fn(
    order: c_int,
    transpose_a: c_int,
    transpose_b: c_int,
    rows: c_int,
    columns: c_int,
    inputs: c_int,
    alpha: f32,
    a: *const f32,
    a_stride: c_int,
    b: *const f32,
    b_stride: c_int,
    beta: f32,
    c: *mut f32,
    c_stride: c_int,
);

/// Its constants.
pub(super) const ROW_MAJOR: c_int = 101;
pub(super) const AS_IT_IS: c_int = 111;
pub(super) const TRANSPOSED: c_int = 112;

// SAFETY: this is the declaration in Apple's header, whose enumerations are as large as an int.
#[cfg(target_os = "macos")]
#[link(name = "Accelerate", kind = "framework")]
unsafe extern "C" {
    fn cblas_sgemm(
        order: c_int,
        transpose_a: c_int,
        transpose_b: c_int,
        rows: c_int,
        columns: c_int,
        inputs: c_int,
        alpha: f32,
        a: *const f32,
        a_stride: c_int,
        b: *const f32,
        b_stride: c_int,
        beta: f32,
        c: *mut f32,
        c_stride: c_int,
    );
}

/// A library that multiplies f32, safe to call from many threads at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Library {
    pub name: &'static str,
    pub sgemm: Sgemm,
}

/// A product of blocks: sums [rows, columns] = left [rows, inputs] · right, or added to what the sums are.
pub(super) struct Block<'a> {
    pub rows: usize,
    pub columns: usize,
    pub inputs: usize,
    pub left: &'a [f32],
    pub left_stride: usize,
    pub right: Right<'a>,
    pub sums: &'a mut [f32],
    pub sums_stride: usize,
    pub is_continued: bool,
}

impl Library {
    /// The library that layers in f32 use, if it beats our vectors there: measured once, in some 20 ms, before the first
    /// matrix is laid out for it. Attention is measured by itself.
    pub fn chosen() -> Option<Self> {
        #[cfg(test)]
        if let Some(machine) = super::testing::Machine::current() {
            return machine.library;
        }
        static CHOSEN: OnceLock<Option<Library>> = OnceLock::new();
        *CHOSEN.get_or_init(|| {
            let library = Self::detected()?;
            let [theirs, ours] = [Some(library), None].map(pace_of_products);
            tracing::info!("{}: {:.1} times the pace of vectors", library.name, theirs / ours);
            is_worthwhile(theirs, ours).then_some(library)
        })
    }

    /// The system's.
    pub fn detected() -> Option<Self> {
        #[cfg(target_os = "macos")]
        if std::env::var_os(NO_ACCELERATE).is_none() {
            return Some(Self { name: "Accelerate", sgemm: cblas_sgemm });
        }
        None
    }

    pub fn multiply(self, block: Block) {
        let Block { rows, columns, inputs, left, left_stride, right, sums, sums_stride, is_continued } = block;
        // The library looks at nothing but its own arguments: what lies behind them is looked after here.
        let fits = |lines: usize, length: usize, stride: usize, room: usize| {
            let is_sane = lines > 0 && length > 0 && length <= stride && stride <= c_int::MAX as usize;
            is_sane && lines <= c_int::MAX as usize && (lines - 1) * stride + length <= room
        };
        let (lines, length, transpose) =
            if right.is_by_output { (columns, inputs, TRANSPOSED) } else { (inputs, columns, AS_IT_IS) };
        assert!(fits(rows, inputs, left_stride, left.len()), "a block's left side reaches past its memory");
        assert!(fits(lines, length, right.stride, right.values.len()), "a block's right side reaches past its memory");
        assert!(fits(rows, columns, sums_stride, sums.len()), "a block's sums reach past their memory");
        let int = |size: usize| size as c_int;
        // SAFETY: all that the library reads and writes lies inside the three slices, as was just looked at, and the sums
        // are borrowed by nobody else. It keeps no pointer, and may be called by several threads at once.
        unsafe {
            (self.sgemm)(
                ROW_MAJOR,
                AS_IT_IS,
                transpose,
                int(rows),
                int(columns),
                int(inputs),
                1.0,
                left.as_ptr(),
                int(left_stride),
                right.values.as_ptr(),
                int(right.stride),
                if is_continued { 1.0 } else { 0.0 },
                sums.as_mut_ptr(),
                int(sums_stride),
            );
        }
    }
}

/// The library for products of `rows` rows with this matrix.
pub(super) fn library_for<E: Element>(matrix: &Matrix, rows: usize) -> Option<Library> {
    let is_single = E::singles(&[]).is_some();
    let library = Library::chosen().filter(|_| is_single)?;
    (matrix.is_by_output() || rows >= ROWS_AT_LEAST).then_some(library)
}

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

/// What is measured: rows of one task, as wide as those of a larger network, times a part of its matrix, with everything
/// that such a product has.
const MEASURED_ROWS: usize = 128;
const MEASURED_INPUTS: usize = 1024;
const MEASURED_OUTPUTS: usize = 512;
const TRIALS: usize = 4;

pub(super) fn is_worthwhile(pace_of_library: f64, pace_of_vectors: f64) -> bool {
    pace_of_vectors < WORTHWHILE * pace_of_library
}

/// The pace of as many threads as the pool has, all at once, because cores share what the library uses: the sum of what
/// each says of itself. On threads of its own: one of the pool's, that waits here, could be handed work that waits for
/// this measurement.
pub(super) fn pace(of_one: impl Fn() -> f64 + Sync) -> f64 {
    std::thread::scope(|scope| {
        let start = |_| {
            let thread = std::thread::Builder::new().name("fathom-measure".into());
            thread.spawn_scoped(scope, &of_one).ok()
        };
        // All are started before the first is waited for.
        let threads: Vec<_> = (0..rayon::current_num_threads()).filter_map(start).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).sum()
    })
}

/// Rows a second.
fn pace_of_products(library: Option<Library>) -> f64 {
    let matrix = Matrix::uniform(0.5, MEASURED_OUTPUTS, MEASURED_INPUTS, library.is_some());
    let way = Way::by::<f32>(Level::best(), library, MEASURED_INPUTS);
    pace(|| MEASURED_ROWS as f64 / seconds(way, &matrix))
}

/// The least that a task took.
fn seconds(way: Way, matrix: &Matrix) -> f64 {
    let tiles: Vec<_> = (0..MEASURED_ROWS)
        .step_by(way.tile_rows)
        .map(|row| Tile { start: row * MEASURED_INPUTS, row, rows: way.tile_rows.min(MEASURED_ROWS - row) })
        .collect();
    // Tiles are read whole.
    let values = vec![0.25; (MEASURED_ROWS + MOST_TILE_ROWS) * MEASURED_INPUTS];
    let left = Left { values: &values, row_stride: MEASURED_INPUTS, run_stride: 0 };
    let (bias, mut scratch) = (PerOutput::zeros(MEASURED_OUTPUTS), Products::default());
    let (sink, mut out) = (Rows::new(&bias, MEASURED_OUTPUTS), vec![0.0; MEASURED_ROWS * MEASURED_OUTPUTS]);
    let mut least = f64::INFINITY;
    for _ in 0..TRIALS {
        let started = Instant::now();
        multiply::<f32, _>(way, left, &tiles, matrix, &sink, &mut out, &mut scratch);
        least = least.min(started.elapsed().as_secs_f64());
        std::hint::black_box(&out);
    }
    least
}

#[cfg(test)]
pub(super) mod tests;
