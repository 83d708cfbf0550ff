//! What happens between the parts of a run: progress, cancellation, a look at intermediate tensors.

use std::fmt::Arguments;

use super::ModelError;

/// A place that a run has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Before block `index` of `of` of the backbone.
    Block { index: usize, of: usize },
    /// Before the features of out layer `index` of `of` are collected.
    Features { index: usize, of: usize },
    /// Before part `index` of `of` of the head.
    Head { index: usize, of: usize },
}

/// Numbers that somebody may want to see, wherever they lie.
pub trait Shown {
    /// In f32, row-major, on the host; a device is waited for.
    fn numbers(&self) -> Result<Vec<f32>, ModelError>;
}

/// Looks over a network's shoulder.
pub trait Watch {
    /// Called between parts, none of which takes longer than one transformer block. Returning
    /// [`ModelError::Cancelled`] ends the run there.
    fn step(&self, step: Step) -> Result<(), ModelError>;

    /// Called with named intermediate tensors; only tests listen.
    fn tensor(&self, _name: Arguments<'_>, _tensor: &dyn Shown) {}

    /// The same of networks that work on plain numbers, rows of channels; only tests listen.
    fn numbers(&self, _name: Arguments<'_>, _values: &[f32]) {}
}

/// Watches nothing.
pub struct Silent;

impl Watch for Silent {
    fn step(&self, _step: Step) -> Result<(), ModelError> {
        Ok(())
    }
}
