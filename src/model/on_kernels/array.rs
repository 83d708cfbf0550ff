//! Numbers on the host, as our kernels read and write them.

use std::ops::Deref;
use std::sync::Arc;

use crate::model::kernels::Map;
use crate::model::{ModelError, Shown};

/// Numbers, row-major. A clone shares them.
#[derive(Clone)]
pub struct Array {
    numbers: Arc<Vec<f32>>,
    dims: Vec<usize>,
}

impl Array {
    pub fn new(numbers: Vec<f32>, dims: &[usize]) -> Self {
        debug_assert_eq!(numbers.len(), dims.iter().product::<usize>());
        Self { numbers: Arc::new(numbers), dims: dims.to_vec() }
    }

    /// Numbers of this shape but for the last dimension.
    pub fn with_last(&self, numbers: Vec<f32>, last: usize) -> Self {
        let mut dims = self.dims.clone();
        if let Some(length) = dims.last_mut() {
            *length = last;
        }
        Self::new(numbers, &dims)
    }

    /// The same numbers in another shape.
    pub fn seen_as(&self, dims: &[usize]) -> Self {
        debug_assert_eq!(self.len(), dims.iter().product::<usize>());
        Self { numbers: self.numbers.clone(), dims: dims.to_vec() }
    }

    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// The last dimension.
    pub fn channels(&self) -> usize {
        self.dims.last().copied().unwrap_or(1)
    }

    /// As a map [height, width, channels].
    pub fn map(&self) -> Map<'_> {
        let channels = self.channels();
        let [height, width] = [0, 1].map(|side| self.dims.get(side).copied().unwrap_or(1));
        Map { values: self, height, width, channels }
    }
}

impl Deref for Array {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.numbers
    }
}

impl Shown for Array {
    fn numbers(&self) -> Result<Vec<f32>, ModelError> {
        Ok(self.to_vec())
    }
}
