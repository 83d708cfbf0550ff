//! Which way to compute a product is the fastest.

use super::dispatch::Level;
use super::element::Element;
use super::library_pace::library_for;
use super::matrix::Matrix;
use super::product::Way;
use super::thirds::unit_for;

impl Way {
    /// The fastest for `rows` rows, one every `row_stride` numbers, times `matrix`.
    pub fn of<E: Element>(level: Level, matrix: &Matrix, rows: usize, row_stride: usize) -> Self {
        let library = library_for::<E>(matrix, rows);
        match (library, unit_for::<E>(matrix.runs(), rows)) {
            (None, Some(unit)) => Self::by_thirds(level, unit, matrix.runs(), row_stride),
            _ => Self::by::<E>(level, library, row_stride),
        }
    }
}
