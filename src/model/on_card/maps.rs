//! Layers over maps, on a card.

use std::sync::Arc;

use super::OnCard;
use super::array::{Array, Image};
use super::ends::{Enlarged, Positions};
use super::layers::{Conv, Ends as EndLayers, Upscale};
use crate::geometry::GAUSSIAN_CHANNELS;
use crate::model::gpu::{
    self, Convolution, Ends, Function, Matrix, Norm, Normed, Part, Picture, Shuffle, apply, convolve, moments,
    multiply, multiply_normed,
};
use crate::model::kernels::{Activation, PositionTables};
use crate::model::operations::{Around, Arrays, ConvShape, End, MapLayers};
use crate::model::{Contents, ModelError, Shown};

impl MapLayers for OnCard {
    type Conv = Conv;
    type Upscale = Upscale;
    type Ends = EndLayers;
    type Positions = Positions;
    type Enlarged = Enlarged;

    fn read_conv(&self, weights: &Contents, name: &str, shape: ConvShape) -> Result<Conv, ModelError> {
        Conv::read(&self.reading(weights), name, shape)
    }

    fn read_upscale(&self, weights: &Contents, name: &str) -> Result<Upscale, ModelError> {
        Upscale::read(&self.reading(weights), name)
    }

    fn read_ends(&self, weights: &Contents, name: &str) -> Result<EndLayers, ModelError> {
        EndLayers::read(&self.reading(weights), name)
    }

    fn positions(&self, tables: PositionTables) -> Result<Positions, ModelError> {
        let [columns, rows] = [tables.columns, tables.rows].map(|values| self.kept(&values, &[values.len()]));
        Ok(Positions { columns: columns?, rows: rows? })
    }

    /// Kernels read four channels at once: the fourth is zero, and layers know it.
    fn image_map(&self, image: &Image) -> Result<Array, ModelError> {
        let (planes, pixels) = (image.planes(), image.height * image.width);
        let at = |i: usize| if i % 4 < 3 { planes[i % 4 * pixels + i / 4] } else { 0.0 };
        self.upload((0..4 * pixels).map(at).collect(), &[image.height, image.width, 4])
    }

    fn project(
        &self,
        layer: &Matrix,
        norm: Option<&Norm>,
        tokens: &Array,
        [height, width]: [usize; 2],
    ) -> Result<Array, ModelError> {
        let y = self.new_array(&[height, width, layer.outputs])?;
        match norm {
            Some(norm) => {
                let normed = Normed { rows: tokens.rows(), moments: &moments(tokens.rows(), norm)?, norm };
                let part = Part { first: 0, count: layer.outputs };
                multiply_normed(normed, layer, part, &Ends::default(), y.rows())?;
            }
            None => multiply(tokens.rows(), layer, &Ends::default(), y.rows())?,
        }
        Ok(y)
    }

    fn mix(&self, layer: &Matrix, x: &Array) -> Result<Array, ModelError> {
        let y = self.new_array(&x.dims_with_last(layer.outputs))?;
        multiply(x.rows(), layer, &Ends::default(), y.rows())?;
        Ok(y)
    }

    fn conv(&self, layer: &Conv, x: &Array, around: Around<Array>) -> Result<Array, ModelError> {
        self.convolved(layer, x.picture(), &around)
    }

    fn conv_enlarged(&self, layer: &Conv, x: &Enlarged, around: Around<Array>) -> Result<Array, ModelError> {
        self.convolved(layer, x.picture(), &around)
    }

    fn upscale(&self, layer: &Upscale, x: &Array) -> Result<Array, ModelError> {
        let Upscale { matrix, factor, channels } = layer;
        let Picture { height, width, .. } = x.picture();
        let y = self.new_array(&[factor * height, factor * width, *channels])?;
        let shuffle = Shuffle { width, factor: *factor, channels: *channels };
        multiply(x.rows(), matrix, &Ends { shuffle: Some(shuffle), ..Ends::default() }, y.rows())?;
        Ok(y)
    }

    fn resize(&self, x: &Array, size: [usize; 2], plus: Option<&Array>) -> Result<Array, ModelError> {
        let y = self.new_array(&[size[0], size[1], x.channels()])?;
        gpu::resize(Picture { resized: Some(size), ..x.picture() }, plus.map(|plus| &plus.numbers), &y.numbers)?;
        Ok(y)
    }

    fn placed(&self, x: &Array, positions: &Positions) -> Result<Array, ModelError> {
        let (y, map) = (self.new_array(x.dims())?, x.picture());
        let size = Some([map.height, map.width]);
        gpu::resize(Picture { resized: size, tables: Some(positions.tables()), ..map }, None, &y.numbers)?;
        Ok(y)
    }

    fn enlarge(&self, x: &Array, size: [usize; 2], positions: Option<&Arc<Positions>>) -> Result<Enlarged, ModelError> {
        Ok(Enlarged { map: x.clone(), size, positions: positions.cloned() })
    }

    /// Never there as a whole.
    fn whole<'a>(&self, _x: &'a Enlarged) -> Option<&'a Array> {
        None
    }

    fn planes(&self, x: &Array) -> Result<Array, ModelError> {
        let (values, channels) = (x.numbers()?, x.channels());
        let pixels = values.len() / channels;
        let mut dims = x.dims().to_vec();
        dims.rotate_right(1);
        self.upload((0..values.len()).map(|i| values[i % pixels * channels + i / pixels]).collect(), &dims)
    }

    fn logits(&self, ends: &EndLayers, x: &Enlarged) -> Result<Array, ModelError> {
        ends.forward(self, x)
    }

    fn ended(&self, logits: &Array, channel: usize, end: End) -> Result<Array, ModelError> {
        let [_, height, width] = [0, 1, 2].map(|side| logits.dims()[side]);
        let y = self.new_array(&[height, width])?;
        let function = match end {
            End::Exp => Function::ExpPlus(0.0),
            End::ExpPlusOne => Function::ExpPlus(1.0),
            End::Relu => Function::Activation(Activation::Relu),
            End::Sigmoid(most) => Function::Sigmoid(most),
        };
        apply(function, &logits.numbers.part(channel * height * width, height * width), &y.numbers)?;
        Ok(y)
    }

    fn rays(&self, logits: &Array) -> Result<[Vec<f32>; 2], ModelError> {
        let confidence = self.ended(logits, 6, End::ExpPlusOne)?.numbers()?;
        let pixels = confidence.len();
        let values = logits.numbers.part(0, 6 * pixels).read()?;
        Ok([(0..6 * pixels).map(|i| values[i % 6 * pixels + i / 6]).collect(), confidence])
    }

    fn gaussians(&self, logits: &Array) -> Result<[Vec<f32>; 2], ModelError> {
        let values = logits.numbers()?;
        let pixels = || values.chunks_exact(GAUSSIAN_CHANNELS + 1);
        let channels = pixels().flat_map(|pixel| &pixel[..GAUSSIAN_CHANNELS]).copied().collect();
        Ok([channels, pixels().map(|pixel| 1.0 / (1.0 + (-pixel[GAUSSIAN_CHANNELS]).exp())).collect()])
    }
}

impl OnCard {
    fn convolved(&self, layer: &Conv, map: Picture<'_>, around: &Around<Array>) -> Result<Array, ModelError> {
        let ends = Ends { activation: around.after, plus: around.plus.map(Array::rows), ..Ends::default() };
        let how = Convolution { step: layer.stride, relu_before: around.relu_before, ends };
        let [height, width] = how.size(&map);
        let y = self.new_array(&[height, width, layer.matrix.outputs])?;
        convolve(map, &layer.matrix, &how, &y.numbers)?;
        Ok(y)
    }
}
