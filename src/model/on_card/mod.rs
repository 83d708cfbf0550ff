//! Networks on a graphics card, by our own compute shaders.

mod array;
mod block;
mod ends;
mod layers;
mod maps;
mod net;
mod tokens;

use std::sync::Arc;

use candle_core::Tensor;

use array::{Array, Image};
use layers::Reading;
pub use net::{CardNet, Like, Paper};

use super::gpu::{Gpu, Numbers};
use super::host::with_host;
use super::operations::Arrays;
use super::{Contents, ModelError};

/// Our shaders on one card, or on paper.
pub struct OnCard {
    gpu: Arc<Gpu>,
}

impl OnCard {
    pub fn new(gpu: &Arc<Gpu>) -> Self {
        Self { gpu: Arc::clone(gpu) }
    }

    fn reading<'a>(&'a self, contents: &'a Contents<'a>) -> Reading<'a> {
        Reading { gpu: &self.gpu, contents }
    }

    /// Numbers that outlive a pass.
    fn kept(&self, values: &[f32], shape: &[usize]) -> Result<Array, ModelError> {
        Ok(Array::of(Numbers::kept(&self.gpu, values)?, shape))
    }

    /// Memory for numbers of this shape, with nothing in it yet.
    fn new_array(&self, dims: &[usize]) -> Result<Array, ModelError> {
        Array::new(&self.gpu, dims)
    }
}

impl Arrays for OnCard {
    type Array = Array;
    type Image = Image;

    fn images(&self, images: &Tensor) -> Result<Vec<Image>, ModelError> {
        let (views, channels, height, width) = images.dims4()?;
        let each = channels * height * width;
        if self.gpu.card().is_none() {
            // Their sizes are enough.
            let values = Arc::new(vec![0.0; each]);
            return Ok((0..views).map(|_| Image { values: Arc::clone(&values), first: 0, height, width }).collect());
        }
        let values: Arc<Vec<f32>> = Arc::new(with_host(images, <[f32]>::to_vec)?);
        Ok((0..views).map(|view| Image { values: Arc::clone(&values), first: view * each, height, width }).collect())
    }

    fn upload(&self, values: Vec<f32>, shape: &[usize]) -> Result<Array, ModelError> {
        Ok(Array::of(Numbers::upload(&self.gpu, &values)?, shape))
    }

    fn read_array(&self, weights: &Contents, name: &str) -> Result<Array, ModelError> {
        self.kept(&self.reading(weights).on_host(name)?, &weights.shape(name))
    }

    fn dims<'a>(&self, x: &'a Array) -> &'a [usize] {
        x.dims()
    }
}
