//! Layers over maps, on our kernels.

use std::sync::Arc;

use candle_core::Tensor;

use super::Kernels;
use super::array::Array;
use super::conv::{Conv3x3, Upscale};
use super::ends::{Ends, Enlarged, ended, planes, sigmoid};
use super::linear::{LayerNorm, Linear};
use crate::geometry::GAUSSIAN_CHANNELS;
use crate::model::host::with_host;
use crate::model::kernels::{Plain, PositionTables, Resized, write};
use crate::model::operations::{Around, ConvShape, End, MapLayers, TokenLayers};
use crate::model::{Contents, ModelError};

impl MapLayers for Kernels {
    type Conv = Conv3x3;
    type Upscale = Upscale;
    type Ends = Ends;
    type Positions = PositionTables;
    type Enlarged = Enlarged;

    fn read_conv(&self, weights: &Contents, name: &str, shape: ConvShape) -> Result<Conv3x3, ModelError> {
        Conv3x3::new(weights, name, shape)
    }

    fn read_upscale(&self, weights: &Contents, name: &str) -> Result<Upscale, ModelError> {
        Upscale::new(weights, name)
    }

    fn read_ends(&self, weights: &Contents, name: &str) -> Result<Ends, ModelError> {
        Ends::new(weights, name)
    }

    fn positions(&self, tables: PositionTables) -> Result<PositionTables, ModelError> {
        Ok(tables)
    }

    fn image_map(&self, image: &Tensor) -> Result<Array, ModelError> {
        let (channels, height, width) = image.dims3()?;
        let pixels = height * width;
        let together =
            |planes: &[f32]| (0..pixels * channels).map(|i| planes[i % channels * pixels + i / channels]).collect();
        Ok(Array::new(with_host(image, together)?, &[height, width, channels]))
    }

    fn project(
        &self,
        layer: &Linear,
        norm: Option<&LayerNorm>,
        tokens: &Array,
        [height, width]: [usize; 2],
    ) -> Result<Array, ModelError> {
        Ok(Array::new(layer.forward(tokens, norm), &[height, width, layer.matrix.outputs()]))
    }

    fn mix(&self, layer: &Linear, x: &Array) -> Result<Array, ModelError> {
        self.linear(layer, x)
    }

    fn conv(&self, layer: &Conv3x3, x: &Array, around: Around<Array>) -> Result<Array, ModelError> {
        let source = Plain { map: x.map(), relu: around.relu_before };
        Ok(layer.forward(source, around.after, around.plus.map(|plus| &**plus)))
    }

    fn conv_enlarged(&self, layer: &Conv3x3, x: &Enlarged, around: Around<Array>) -> Result<Array, ModelError> {
        Ok(layer.forward(x.source(), around.after, around.plus.map(|plus| &**plus)))
    }

    fn upscale(&self, layer: &Upscale, x: &Array) -> Result<Array, ModelError> {
        Ok(layer.forward(x))
    }

    fn resize(&self, x: &Array, size: [usize; 2], plus: Option<&Array>) -> Result<Array, ModelError> {
        Ok(resized(x, size, None, plus))
    }

    fn placed(&self, x: &Array, positions: &PositionTables) -> Result<Array, ModelError> {
        Ok(resized(x, [x.dims()[0], x.dims()[1]], Some(positions), None))
    }

    fn enlarge(
        &self,
        x: &Array,
        size: [usize; 2],
        positions: Option<&Arc<PositionTables>>,
    ) -> Result<Enlarged, ModelError> {
        Ok(Enlarged { map: x.clone(), size, positions: positions.cloned() })
    }

    /// Never there as a whole.
    fn whole<'a>(&self, _x: &'a Enlarged) -> Option<&'a Array> {
        None
    }

    fn planes(&self, x: &Array) -> Result<Array, ModelError> {
        Ok(planes(x))
    }

    fn logits(&self, ends: &Ends, x: &Enlarged) -> Result<Array, ModelError> {
        Ok(ends.forward(x))
    }

    fn ended(&self, logits: &Array, channel: usize, end: End) -> Result<Array, ModelError> {
        let [_, height, width] = [0, 1, 2].map(|side| logits.dims()[side]);
        Ok(Array::new(ended(plane(logits, channel), end), &[height, width]))
    }

    fn rays(&self, logits: &Array) -> Result<[Vec<f32>; 2], ModelError> {
        let rays: [&[f32]; 6] = std::array::from_fn(|channel| plane(logits, channel));
        let pixels = rays[0].len();
        let together = (0..pixels).flat_map(|pixel| rays.map(|channel| channel[pixel])).collect();
        Ok([together, ended(plane(logits, 6), End::ExpPlusOne)])
    }

    fn gaussians(&self, logits: &Array) -> Result<[Vec<f32>; 2], ModelError> {
        let pixels = || logits.chunks_exact(GAUSSIAN_CHANNELS + 1);
        let mut channels = Vec::with_capacity(pixels().len() * GAUSSIAN_CHANNELS);
        pixels().for_each(|pixel| channels.extend_from_slice(&pixel[..GAUSSIAN_CHANNELS]));
        Ok([channels, pixels().map(|pixel| sigmoid(pixel[GAUSSIAN_CHANNELS])).collect()])
    }
}

/// Channel `channel` of [channels, height, width].
fn plane(logits: &Array, channel: usize) -> &[f32] {
    let length = logits.len() / logits.dims()[0];
    &logits[channel * length..][..length]
}

/// A map at another size, plus positions for that size, plus another map of that size.
fn resized(x: &Array, [height, width]: [usize; 2], positions: Option<&PositionTables>, plus: Option<&Array>) -> Array {
    let map = x.map();
    let mut y = vec![0.0; height * width * map.channels];
    write(Resized { map, height, width, positions }, plus.map(|plus| &**plus), &mut y);
    Array::new(y, &[height, width, map.channels])
}
