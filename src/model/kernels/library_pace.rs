//! Whether a library is faster than our vectors: measured.

use std::sync::OnceLock;
use std::time::Instant;

use super::dispatch::Level;
use super::element::Element;
use super::library::Library;
use super::matrix::Matrix;
use super::measure::WORTHWHILE;
use super::operands::{Left, Tile};
use super::product::{Scratch, Way, multiply};
use super::sinks::{PerOutput, Rows};
use super::tile::MOST_TILE_ROWS;

/// Rows from which on a product pays for widening its matrix. One that is laid out for the library is multiplied by it
/// whatever the rows.
const ROWS_AT_LEAST: usize = 32;

/// What is measured: rows of one task, as wide as those of a larger network, times a part of its matrix, with everything
/// that such a product has.
const MEASURED_ROWS: usize = 128;
const MEASURED_INPUTS: usize = 1024;
const MEASURED_OUTPUTS: usize = 512;
const TRIALS: usize = 4;

impl Library {
    /// The library that layers in f32 use, if it beats our vectors there: measured once, in some 20 ms, before the first
    /// matrix is laid out for it. Attention is measured by itself.
    pub fn chosen() -> Option<Self> {
        #[cfg(test)]
        if let Some(library) = super::library::OF_TEST.get() {
            return library;
        }
        static CHOSEN: OnceLock<Option<Library>> = OnceLock::new();
        *CHOSEN.get_or_init(|| {
            let library = Self::detected()?;
            let [theirs, ours] = [Some(library), None].map(pace_of_products);
            tracing::info!("{}: {:.1} times the pace of vectors", library.name, theirs / ours);
            is_worthwhile(theirs, ours).then_some(library)
        })
    }
}

/// The library for products of `rows` rows with this matrix.
pub(super) fn library_for<E: Element>(matrix: &Matrix, rows: usize) -> Option<Library> {
    let is_single = E::singles(&[]).is_some();
    let library = Library::chosen().filter(|_| is_single)?;
    (matrix.is_by_output() || rows >= ROWS_AT_LEAST).then_some(library)
}

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
    let (bias, mut scratch) = (PerOutput::zeros(MEASURED_OUTPUTS), Scratch::default());
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
