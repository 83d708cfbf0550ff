//! Matrices straight from their stretch of the file into the layout of the kernels.

use crate::model::kernels::{Format, Matrix, Runs};
use crate::model::{Contents, ModelError};

/// Lays out the matrix `name`. `place(output, input)` is where its number stands in the stored tensor.
pub fn laid_out(
    weights: &Contents,
    name: &str,
    outputs: usize,
    runs: Runs,
    format: Format,
    place: impl Fn(usize, usize) -> usize + Sync,
) -> Result<Matrix, ModelError> {
    let mut matrix = None;
    weights.show(name, |numbers| {
        matrix = Some(Matrix::laid_out(outputs, runs, format, |o, i| numbers.get(place(o, i))));
    })?;
    matrix.ok_or_else(|| candle_core::Error::Msg(format!("the source showed no {name}")).into())
}
