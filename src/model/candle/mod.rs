//! Networks on candle, which has operations for every device: layers are put together from them so that few kernels are
//! launched and few bytes moved.

pub mod array;
mod attention;
mod block;
mod conv;
mod ends;
mod feed;
mod linear;
mod maps;
mod norm;
mod patches;
mod positions;
mod resize;
mod rope;
mod tokens;
mod upscale;
mod weights;

use candle_core::{Device, Tensor};

use array::Array;
pub use positions::positional_embedding_of;
use weights::Weights;

use super::operations::Arrays;
use super::{Contents, ModelError};

/// Candle's operations on one device.
pub struct Candle {
    device: Device,
}

impl Candle {
    pub fn new(device: &Device) -> Self {
        Self { device: device.clone() }
    }

    fn weights<'a>(&'a self, contents: &'a Contents<'a>) -> Weights<'a> {
        Weights { contents, device: &self.device }
    }
}

impl Arrays for Candle {
    type Array = Array;
    type Image = Array;

    fn images(&self, images: &Tensor) -> Result<Vec<Array>, ModelError> {
        let all = Array::from(images.clone());
        Ok((0..all.dim(0)?).map(|view| all.get(view)).collect::<candle_core::Result<_>>()?)
    }

    fn upload(&self, values: Vec<f32>, shape: &[usize]) -> Result<Array, ModelError> {
        Ok(Array::from_vec(values, shape, &self.device)?)
    }

    fn read_array(&self, weights: &Contents, name: &str) -> Result<Array, ModelError> {
        self.weights(weights).f32(name)
    }

    fn dims<'a>(&self, x: &'a Array) -> &'a [usize] {
        x.dims()
    }
}
