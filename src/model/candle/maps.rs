//! Layers over maps, out of candle's operations.

use std::sync::Arc;

use super::Candle;
use super::array::Array;
use super::conv::Conv3x3;
use super::ends::{Ends, planes};
use super::linear::Linear;
use super::norm::LayerNorm;
use super::resize::{resize, with_positions};
use super::upscale::Upscale;
use crate::geometry::GAUSSIAN_CHANNELS;
use crate::model::kernels::PositionTables;
use crate::model::operations::{Around, ConvShape, End, MapLayers};
use crate::model::{Contents, ModelError};

impl MapLayers for Candle {
    type Conv = Conv3x3;
    type Upscale = Upscale;
    type Ends = Ends;
    type Positions = PositionTables;
    type Enlarged = Array;

    fn read_conv(&self, weights: &Contents, name: &str, shape: ConvShape) -> Result<Conv3x3, ModelError> {
        Conv3x3::new(&self.weights(weights), name, shape)
    }

    fn read_upscale(&self, weights: &Contents, name: &str) -> Result<Upscale, ModelError> {
        Upscale::new(&self.weights(weights), name)
    }

    fn read_ends(&self, weights: &Contents, name: &str) -> Result<Ends, ModelError> {
        Ends::new(&self.weights(weights), name)
    }

    fn positions(&self, tables: PositionTables) -> Result<PositionTables, ModelError> {
        Ok(tables)
    }

    fn image_map(&self, image: &Array) -> Result<Array, ModelError> {
        Ok(image.permute([1, 2, 0])?.contiguous()?)
    }

    fn project(
        &self,
        layer: &Linear,
        norm: Option<&LayerNorm>,
        tokens: &Array,
        [height, width]: [usize; 2],
    ) -> Result<Array, ModelError> {
        Ok(layer.forward(tokens, norm)?.reshape((height, width, ()))?)
    }

    fn mix(&self, layer: &Linear, x: &Array) -> Result<Array, ModelError> {
        Ok(layer.forward_map(x)?)
    }

    fn conv(&self, layer: &Conv3x3, x: &Array, around: Around<Array>) -> Result<Array, ModelError> {
        Ok(layer.forward(x, &around)?)
    }

    fn conv_enlarged(&self, layer: &Conv3x3, x: &Array, around: Around<Array>) -> Result<Array, ModelError> {
        Ok(layer.forward(x, &around)?)
    }

    fn upscale(&self, layer: &Upscale, x: &Array) -> Result<Array, ModelError> {
        Ok(layer.forward(x)?)
    }

    fn resize(&self, x: &Array, size: [usize; 2], plus: Option<&Array>) -> Result<Array, ModelError> {
        Ok(resize(x, size, plus)?)
    }

    fn placed(&self, x: &Array, positions: &PositionTables) -> Result<Array, ModelError> {
        Ok(with_positions(x, positions)?)
    }

    fn enlarge(
        &self,
        x: &Array,
        size: [usize; 2],
        positions: Option<&Arc<PositionTables>>,
    ) -> Result<Array, ModelError> {
        Ok(match positions {
            Some(tables) => with_positions(x, tables),
            None => resize(x, size, None),
        }?)
    }

    fn whole<'a>(&self, x: &'a Array) -> Option<&'a Array> {
        Some(x)
    }

    fn planes(&self, x: &Array) -> Result<Array, ModelError> {
        Ok(planes(x)?)
    }

    fn logits(&self, ends: &Ends, x: &Array) -> Result<Array, ModelError> {
        Ok(ends.forward(x)?)
    }

    fn ended(&self, logits: &Array, channel: usize, end: End) -> Result<Array, ModelError> {
        let x = logits.get(channel)?;
        Ok(match end {
            End::Exp => x.exp(),
            End::ExpPlusOne => x.exp()?.affine(1.0, 1.0),
            End::Relu => x.relu(),
            End::Sigmoid(most) => x.sigmoid()?.affine(f64::from(most), 0.0),
        }?)
    }

    fn rays(&self, logits: &Array) -> Result<[Vec<f32>; 2], ModelError> {
        let rays = logits.narrow(0, 0, 6)?.permute([1, 2, 0])?.contiguous()?;
        let confidence = self.ended(logits, 6, End::ExpPlusOne)?;
        Ok([rays.to_host()?, confidence.to_host()?])
    }

    fn gaussians(&self, logits: &Array) -> Result<[Vec<f32>; 2], ModelError> {
        let channels = logits.narrow(2, 0, GAUSSIAN_CHANNELS)?.contiguous()?;
        let opacity = logits.narrow(2, GAUSSIAN_CHANNELS, 1)?.contiguous()?.sigmoid()?;
        Ok([channels.to_host()?, opacity.to_host()?])
    }
}
