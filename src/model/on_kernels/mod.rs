//! Networks on our kernels for CPUs: what follows an operation is done while its numbers are near.

mod array;
mod block;
mod conv;
mod ends;
mod laid_out;
mod linear;
mod maps;
mod patches;
mod tokens;

use candle_core::Tensor;

use array::Array;
pub use block::FED_TOGETHER;
pub use conv::has_large_maps;
pub use linear::Linear;

use super::operations::Arrays;
use super::{Contents, ModelError};

/// Our kernels on this machine's CPU.
pub struct Kernels;

impl Arrays for Kernels {
    type Array = Array;
    type Image = Tensor;

    fn images(&self, images: &Tensor) -> Result<Vec<Tensor>, ModelError> {
        Ok((0..images.dim(0)?).map(|view| images.narrow(0, view, 1)?.squeeze(0)).collect::<candle_core::Result<_>>()?)
    }

    fn upload(&self, values: Vec<f32>, shape: &[usize]) -> Result<Array, ModelError> {
        Ok(Array::new(values, shape))
    }

    fn read_array(&self, weights: &Contents, name: &str) -> Result<Array, ModelError> {
        Ok(Array::new(weights.numbers(name)?, &weights.shape(name)))
    }

    fn dims<'a>(&self, x: &'a Array) -> &'a [usize] {
        x.dims()
    }
}
