//! Layers as the card keeps them: linear ones, convolutions and patches are matrices, laid out straight from their stretch of the
//! file. On paper their shapes are enough.

use std::sync::Arc;

use crate::model::gpu::{Gpu, Logits, Matrix, Norm, Weights};
use crate::model::kernels::Format;
use crate::model::operations::{ConvShape, Precision};
use crate::model::{Contents, ModelError};

/// The weights of a network on their way to a card.
pub struct Reading<'a> {
    pub gpu: &'a Arc<Gpu>,
    pub contents: &'a Contents<'a>,
}

/// How a matrix is laid out: its outputs and inputs, and where a number stands in the stored tensor; `None` is zero.
struct Layout<P> {
    shape: [usize; 2],
    is_gated: bool,
    place: P,
}

impl Reading<'_> {
    /// The numbers of a small tensor.
    pub fn on_host(&self, name: &str) -> Result<Vec<f32>, ModelError> {
        match self.gpu.card() {
            Some(_) => self.contents.numbers(name),
            None => Ok(vec![0.0; self.contents.shape(name).iter().product()]),
        }
    }

    /// A number for each output.
    pub fn per_output(&self, name: &str) -> Result<Weights, ModelError> {
        Ok(self.gpu.weights(bytemuck::cast_slice(&self.on_host(name)?))?)
    }

    pub fn norm(&self, name: &str, eps: f64) -> Result<Norm, ModelError> {
        let [weight, bias] = ["weight", "bias"].map(|part| self.on_host(&format!("{name}.{part}")));
        Ok(Norm::new(self.gpu, &weight?, &bias?, eps as f32)?)
    }

    /// The last layer of a dense head, always in f32.
    fn logits(&self, name: &str) -> Result<Logits, ModelError> {
        let [weight, bias] = ["weight", "bias"].map(|part| self.on_host(&format!("{name}.{part}")));
        Ok(Logits::new(self.gpu, &weight?, &bias?)?)
    }

    /// Of a linear layer; 1×1 convolutions and patches, stored as [out, in, height, width], are such as well.
    pub fn linear(&self, name: &str, precision: Precision) -> Result<Matrix, ModelError> {
        self.rows(name, precision, false)
    }

    /// Of the first layer of SwiGLU.
    pub fn gated(&self, name: &str, precision: Precision) -> Result<Matrix, ModelError> {
        self.rows(name, precision, true)
    }

    fn rows(&self, name: &str, precision: Precision, is_gated: bool) -> Result<Matrix, ModelError> {
        let stored = format!("{name}.weight");
        let format = match precision {
            Precision::Chosen => self.contents.format_of(&stored),
            Precision::Single => self.contents.exact_format_of(&stored),
        };
        let sizes = self.contents.shape(&stored);
        let shape @ [_, inputs] = [sizes[0], sizes[1..].iter().product()];
        let bias = self.on_host(&format!("{name}.bias"))?;
        let place = |output: usize, input: usize| Some(output * inputs + input);
        self.laid_out(&stored, &bias, format, Layout { shape, is_gated, place })
    }

    fn laid_out(
        &self,
        name: &str,
        bias: &[f32],
        format: Format,
        layout: Layout<impl Fn(usize, usize) -> Option<usize> + Sync>,
    ) -> Result<Matrix, ModelError> {
        let Layout { shape, is_gated, place } = layout;
        let make = if is_gated { Matrix::gated } else { Matrix::new };
        if self.gpu.card().is_none() {
            return Ok(make(self.gpu, shape, bias, format, &|_, _| 0.0)?);
        }
        let mut matrix = None;
        self.contents.show(name, |numbers| {
            let at = |output: usize, input: usize| place(output, input).map_or(0.0, |place| numbers.get(place));
            matrix = Some(make(self.gpu, shape, bias, format, &at));
        })?;
        Ok(matrix.ok_or_else(|| candle_core::Error::Msg(format!("the source showed no {name}")))??)
    }
}

/// A 3×3 convolution.
pub struct Conv {
    pub matrix: Matrix,
    pub stride: usize,
}

impl Conv {
    pub fn read(reading: &Reading, name: &str, shape: ConvShape) -> Result<Self, ModelError> {
        let stored = format!("{name}.weight");
        let (sizes, format) = (reading.contents.shape(&stored), reading.contents.format_of(&stored));
        let (outputs, channels) = (sizes[0], sizes[1]);
        let bias = if shape.has_bias { reading.on_host(&format!("{name}.bias"))? } else { vec![0.0; outputs] };
        // Kernels read four channels at once: what is beyond the last is zero.
        let padded = channels.next_multiple_of(4);
        // Inputs come as (row, column, channel) of the window, and are stored as (channel, row, column).
        let place = |output: usize, input: usize| {
            let channel = input % padded;
            (channel < channels).then(|| (output * channels + channel) * 9 + input / padded)
        };
        let layout = Layout { shape: [outputs, 9 * padded], is_gated: false, place };
        Ok(Self { matrix: reading.laid_out(&stored, &bias, format, layout)?, stride: shape.stride })
    }
}

/// A transposed convolution whose kernel is as large as its stride.
pub struct Upscale {
    pub matrix: Matrix,
    pub factor: usize,
    pub channels: usize,
}

impl Upscale {
    pub fn read(reading: &Reading, name: &str) -> Result<Self, ModelError> {
        let stored = format!("{name}.weight");
        let (sizes, format) = (reading.contents.shape(&stored), reading.contents.format_of(&stored));
        let (inputs, channels, factor) = (sizes[0], sizes[1], sizes[2]);
        let of_channel = reading.on_host(&format!("{name}.bias"))?;
        let block = factor * factor;
        let bias: Vec<f32> = (0..block).flat_map(|_| &of_channel).copied().collect();
        // Outputs come as (place in the block, channel), and are stored as (channel, place).
        let place =
            |output: usize, input: usize| Some((input * channels + output % channels) * block + output / channels);
        let layout = Layout { shape: [block * channels, inputs], is_gated: false, place };
        Ok(Self { matrix: reading.laid_out(&stored, &bias, format, layout)?, factor, channels })
    }
}

/// The end of a dense head.
pub struct Ends {
    pub hidden: Conv,
    pub out: Logits,
}

impl Ends {
    pub fn read(reading: &Reading, name: &str) -> Result<Self, ModelError> {
        Ok(Self {
            hidden: Conv::read(reading, &format!("{name}.0"), ConvShape::PLAIN)?,
            out: reading.logits(&format!("{name}.2"))?,
        })
    }
}
