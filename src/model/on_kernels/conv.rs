//! Convolutions on maps [height, width, channels], and what enlarges a map by one.

use half::bf16;

use super::array::Array;
use super::laid_out::laid_out;
use crate::model::host::with_host;
use crate::model::kernels::{
    self, Activation, Compute, Element, Inputs, Matrix, PerOutput, Rows, Runs, Shuffle, Source,
};
use crate::model::operations::ConvShape;
use crate::model::{Contents, ModelError};

/// Whether a head's layer works at 4× the patch grid or more: there is most of the work, and few of the weights, which
/// a transform makes four times as large.
pub fn has_large_maps(name: &str) -> bool {
    ["layer1_rn", "refinenet1", "output_conv"].iter().any(|part| name.contains(part))
}

/// 3×3 convolution, padding 1.
pub struct Conv3x3 {
    pub matrix: Matrix,
    pub bias: PerOutput,
    stride: usize,
}

impl Conv3x3 {
    pub fn new(weights: &Contents, name: &str, ConvShape { has_bias, stride }: ConvShape) -> Result<Self, ModelError> {
        let stored = format!("{name}.weight");
        let bias = if has_bias { Some(weights.numbers(&format!("{name}.bias"))?) } else { None };
        let shape = weights.shape(&stored);
        let (outputs, channels) = (shape[0], shape[1]);
        let runs = Runs { count: 3, length: 3 * channels };
        let format = weights.format_of(&stored);
        // Where weights are to be kept as small as can be, they are not transformed.
        let is_exact = format == weights.exact_format_of(&stored);
        let matrix = if is_exact && stride == 1 && has_large_maps(name) && channels.is_multiple_of(16) {
            let taps = weights.tensor(&stored)?.permute((0, 2, 3, 1))?;
            with_host(&taps, |taps| kernels::transformed(taps, outputs))?
        } else {
            // Inputs come as (row, column, channel) of the window, and are stored as (channel, row, column).
            let place = |output: usize, input: usize| (output * channels + input % channels) * 9 + input / channels;
            laid_out(weights, &stored, outputs, runs, format, place)?
        };
        let bias = match bias {
            Some(bias) => PerOutput::new(&bias),
            None => PerOutput::zeros(outputs),
        };
        Ok(Self { matrix, bias, stride })
    }

    /// [h, w, in] → [⌈h/stride⌉, ⌈w/stride⌉, out], an activation, and a map that is added to the result.
    pub fn forward(&self, source: impl Source, after: Activation, plus: Option<&[f32]>) -> Array {
        let y = match self.matrix.compute() {
            Compute::F32 => self.convolved::<f32>(source, after, plus),
            Compute::Bf16 => self.convolved::<bf16>(source, after, plus),
        };
        let [height, width, _] = source.size();
        Array::new(y, &[height.div_ceil(self.stride), width.div_ceil(self.stride), self.matrix.outputs()])
    }

    fn convolved<E: Element>(&self, source: impl Source, activation: Activation, plus: Option<&[f32]>) -> Vec<f32> {
        let ([height, width, _], outputs) = (source.size(), self.matrix.outputs());
        let mut y = vec![0.0; height.div_ceil(self.stride) * width.div_ceil(self.stride) * outputs];
        kernels::conv3x3::<E, _, _>(source, &self.matrix, self.stride, outputs, &mut y, |first, count| Rows {
            activation,
            plus: plus.map(|plus| &plus[first * outputs..][..count * outputs]),
            ..Rows::new(&self.bias, outputs)
        });
        y
    }
}

/// Transposed convolution whose kernel is as large as its stride: a matrix product and a shuffle of pixels.
pub struct Upscale {
    factor: usize,
    channels: usize,
    matrix: Matrix,
    bias: PerOutput,
}

impl Upscale {
    pub fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        let stored = format!("{name}.weight");
        let shape = weights.shape(&stored);
        let (inputs, channels, factor) = (shape[0], shape[1], shape[2]);
        let bias = weights.numbers(&format!("{name}.bias"))?;
        let (block, format) = (factor * factor, weights.format_of(&stored));
        // Outputs come as (place in the block, channel), and are stored as (channel, place).
        let place = |output: usize, input: usize| (input * channels + output % channels) * block + output / channels;
        let matrix = laid_out(weights, &stored, block * channels, Runs::one(inputs), format, place)?;
        Ok(Self { factor, channels, matrix, bias: PerOutput::new(&bias) })
    }

    /// [h, w, c] → [k·h, k·w, c].
    pub fn forward(&self, x: &Array) -> Array {
        let map = x.map();
        let y = match self.matrix.compute() {
            Compute::F32 => self.shuffled::<f32>(x, map.width),
            Compute::Bf16 => self.shuffled::<bf16>(x, map.width),
        };
        Array::new(y, &[self.factor * map.height, self.factor * map.width, self.channels])
    }

    fn shuffled<E: Element>(&self, x: &[f32], width: usize) -> Vec<f32> {
        let inputs = Inputs::<E>::copy_of(x, self.matrix.runs().total());
        let mut y = vec![0.0; inputs.rows() * self.matrix.outputs()];
        let shuffle = Shuffle { bias: &self.bias, channels: self.channels, factor: self.factor, width };
        kernels::linear(&inputs, &self.matrix, &mut y, self.matrix.outputs(), width, |_, _| shuffle);
        y
    }
}
