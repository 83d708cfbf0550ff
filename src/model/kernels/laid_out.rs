//! How the weights of a layer are laid out: for what multiplies them on this machine.

use super::bf16_unit::Bf16Unit;
use super::library::Library;
use super::matrix::{Format, Matrix};
use super::panel::Runs;
use super::winograd;

impl Matrix {
    /// Lays out `values`, [outputs, runs.total()] row-major.
    pub fn new(values: &[f32], outputs: usize, runs: Runs, format: Format) -> Self {
        assert_eq!(values.len(), outputs * runs.total(), "a matrix has a number for every input and output");
        let inputs = runs.total();
        Self::laid_out(outputs, runs, format, |output, input| values[output * inputs + input])
    }

    /// Lays out `value(output, input)`.
    pub fn laid_out(outputs: usize, runs: Runs, format: Format, value: impl Fn(usize, usize) -> f32 + Sync) -> Self {
        match format {
            // What was transformed is multiplied point by point, by vectors.
            Format::F32 if runs.count != winograd::POINTS && Library::chosen().is_some() => {
                Self::by_output(outputs, runs, value)
            }
            Format::Bf16 if Bf16Unit::exists() => Self::in_pairs(outputs, runs, value),
            _ => Self::in_panels(outputs, runs, format, value),
        }
    }
}
