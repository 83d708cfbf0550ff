//! How the numbers of a matrix lie: outputs in panels, inputs in runs.

/// Outputs side by side in one panel.
pub const PANEL: usize = 32;
/// Inputs that one step of a product in bf16 takes; runs of inputs are filled up to whole steps.
pub const STEP: usize = 32;

/// The inputs of one output, in runs that lie together in the left side's memory.
///
/// A linear layer has one run; a 3×3 convolution has three, one per row of its window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runs {
    pub count: usize,
    pub length: usize,
}

impl Runs {
    pub fn one(length: usize) -> Self {
        Self { count: 1, length }
    }

    pub fn total(self) -> usize {
        self.count * self.length
    }
}
