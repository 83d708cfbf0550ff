//! Arrays on a card, and images on their way there.

use std::sync::Arc;

use crate::model::gpu::{Gpu, Numbers, Picture, Rows};
use crate::model::{ModelError, Shown};

/// Numbers, row-major. A clone shares them.
#[derive(Clone)]
pub struct Array {
    pub numbers: Numbers,
    dims: Vec<usize>,
}

impl Array {
    pub fn new(gpu: &Arc<Gpu>, dims: &[usize]) -> Result<Self, ModelError> {
        Ok(Self::of(Numbers::new(gpu, dims.iter().product())?, dims))
    }

    pub fn of(numbers: Numbers, dims: &[usize]) -> Self {
        debug_assert_eq!(numbers.len(), dims.iter().product::<usize>());
        Self { numbers, dims: dims.to_vec() }
    }

    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The last dimension.
    pub fn channels(&self) -> usize {
        self.dims.last().copied().unwrap_or(1)
    }

    /// The shape with another last dimension.
    pub fn dims_with_last(&self, last: usize) -> Vec<usize> {
        let mut dims = self.dims.clone();
        if let Some(length) = dims.last_mut() {
            *length = last;
        }
        dims
    }

    /// As rows of channels.
    pub fn rows(&self) -> Rows<'_> {
        let stride = self.channels();
        Rows { numbers: &self.numbers, count: self.numbers.len() / stride, stride }
    }

    /// As a map [height, width, channels].
    pub fn picture(&self) -> Picture<'_> {
        let [height, width] = [0, 1].map(|side| self.dims.get(side).copied().unwrap_or(1));
        Picture { numbers: &self.numbers, height, width, channels: self.channels(), resized: None, tables: None }
    }
}

impl Shown for Array {
    fn numbers(&self) -> Result<Vec<f32>, ModelError> {
        Ok(self.numbers.read()?)
    }
}

/// One normalised image [3, H, W], on the host until a layer looks at it.
#[derive(Clone)]
pub struct Image {
    /// Those of all images of a pass.
    pub values: Arc<Vec<f32>>,
    pub first: usize,
    pub height: usize,
    pub width: usize,
}

impl Image {
    pub fn planes(&self) -> &[f32] {
        &self.values[self.first..][..3 * self.height * self.width]
    }
}
