//! What XFeat is made of: maps of plain numbers, and convolutions on our kernels.

use rayon::prelude::*;

use super::specs::BlockSpec;
use crate::model::ModelError;
use crate::model::kernels::{
    Activation, Format, Inputs, Map, Matrix, PerOutput, Plain, Rows, Runs, conv3x3, linear, transformed,
};
use crate::model::tensors::Tensors;

/// Added to a variance before its root is taken, as the network was trained.
const EPS: f64 = 1e-5;
/// Channels of which whole vectors can be taken, so that a convolution may be transformed.
const TRANSFORMED: usize = 16;

/// A map [height, width, channels].
pub struct Grid {
    pub values: Vec<f32>,
    pub height: usize,
    pub width: usize,
    pub channels: usize,
}

impl Grid {
    fn map(&self) -> Map<'_> {
        Map { values: &self.values, height: self.height, width: self.width, channels: self.channels }
    }

    /// Adds a smaller map of as many channels, enlarged bilinearly with the centres of pixels on halves.
    pub fn add_enlarged(&mut self, small: &Self) {
        let channels = self.channels;
        let columns: Vec<_> = (0..self.width).map(|x| place(x, small.width, self.width)).collect();
        let (height, length) = (self.height, small.width * channels);
        self.values.par_chunks_mut(self.width * channels).enumerate().for_each_init(Vec::new, |between, (y, out)| {
            let (above, below, share) = place(y, small.height, height);
            let (above, below) = (&small.values[above * length..][..length], &small.values[below * length..][..length]);
            between.clear();
            between.extend(above.iter().zip(below).map(|(a, b)| a + (b - a) * share));
            for (out, &(left, right, share)) in out.chunks_exact_mut(channels).zip(&columns) {
                let (left, right) = (&between[left * channels..][..channels], &between[right * channels..][..channels]);
                for (out, (a, b)) in out.iter_mut().zip(left.iter().zip(right)) {
                    *out += a + (b - a) * share;
                }
            }
        });
    }
}

/// Where place `to` of `wanted` lies among `available`, centres on halves: the places before and after, and how far beyond
/// the first.
pub fn place(to: usize, available: usize, wanted: usize) -> (usize, usize, f32) {
    let at = ((to as f32 + 0.5) * (available as f32 / wanted as f32) - 0.5).max(0.0);
    let before = (at as usize).min(available - 1);
    (before, (before + 1).min(available - 1), at - before as f32)
}

/// A convolution, with what follows it.
pub struct Convolution {
    matrix: Matrix,
    bias: PerOutput,
    side: usize,
    stride: usize,
    activation: Activation,
}

impl Convolution {
    /// Convolution, normalisation and ReLU. The normalisation has no parameters of its own and goes into the weights.
    pub fn block(weights: &Tensors, name: &str, spec: BlockSpec) -> Result<Self, ModelError> {
        let BlockSpec { inputs, outputs, side, stride } = spec;
        let window = side * side;
        let taps = weights.numbers(&format!("{name}.layer.0.weight"), outputs * inputs * window)?;
        let mean = weights.numbers(&format!("{name}.layer.1.running_mean"), outputs)?;
        let variance = weights.numbers(&format!("{name}.layer.1.running_var"), outputs)?;
        let scales: Vec<f64> = variance.iter().map(|&variance| 1.0 / (f64::from(variance) + EPS).sqrt()).collect();
        let bias: Vec<f32> = mean.iter().zip(&scales).map(|(&mean, scale)| (-f64::from(mean) * scale) as f32).collect();
        // Inputs come as (row, column, channel) of the window, and are stored as (channel, row, column).
        let scaled = |output: usize, input: usize| {
            let (tap, channel) = (input / inputs, input % inputs);
            (f64::from(taps[(output * inputs + channel) * window + tap]) * scales[output]) as f32
        };
        let all = window * inputs;
        let values: Vec<f32> = (0..outputs * all).map(|at| scaled(at / all, at % all)).collect();
        let matrix = if side == 3 && stride == 1 && inputs.is_multiple_of(TRANSFORMED) {
            transformed(&values, outputs)
        } else {
            Matrix::new(&values, outputs, Runs { count: side, length: side * inputs }, Format::F32)
        };
        Ok(Self { matrix, bias: PerOutput::new(&bias), side, stride, activation: Activation::Relu })
    }

    /// A 1×1 convolution with a bias.
    pub fn plain(weights: &Tensors, (name, inputs, outputs): (&str, usize, usize)) -> Result<Self, ModelError> {
        let taps = weights.numbers(&format!("{name}.weight"), outputs * inputs)?;
        let bias = PerOutput::new(&weights.numbers(&format!("{name}.bias"), outputs)?);
        let matrix = Matrix::new(&taps, outputs, Runs::one(inputs), Format::F32);
        Ok(Self { matrix, bias, side: 1, stride: 1, activation: Activation::None })
    }

    /// [h, w, in] → [⌈h/stride⌉, ⌈w/stride⌉, out]; `plus`, of that size, is added to what comes out.
    pub fn forward(&self, x: &Grid, plus: Option<&Grid>) -> Grid {
        let channels = self.matrix.outputs();
        let [height, width] = [x.height, x.width].map(|side| side.div_ceil(self.stride));
        let mut values = vec![0.0; height * width * channels];
        let sink = |first: usize, count: usize| Rows {
            activation: self.activation,
            plus: plus.map(|plus| &plus.values[first * channels..][..count * channels]),
            ..Rows::new(&self.bias, channels)
        };
        if self.side == 1 {
            let inputs = Inputs::<f32>::copy_of(&x.values, x.channels);
            linear(&inputs, &self.matrix, &mut values, channels, 1, sink);
        } else {
            let source = Plain { map: x.map(), relu: false };
            conv3x3::<f32, _, _>(source, &self.matrix, self.stride, channels, &mut values, sink);
        }
        Grid { values, height, width, channels }
    }
}

/// Blocks one after the other.
pub struct Blocks {
    first: Convolution,
    rest: Vec<Convolution>,
}

impl Blocks {
    pub fn new(weights: &Tensors, (name, specs): (&str, &[BlockSpec])) -> Result<Self, ModelError> {
        let block = |(i, &spec)| Convolution::block(weights, &format!("{name}.{i}"), spec);
        let first = block((0, &specs[0]))?;
        let rest = specs.iter().enumerate().skip(1).map(block).collect::<Result<_, _>>()?;
        Ok(Self { first, rest })
    }

    /// `plus` is added to what comes out of the last.
    pub fn forward(&self, x: &Grid, plus: Option<&Grid>) -> Grid {
        let at_last = |done: usize| plus.filter(|_| done == self.rest.len());
        let first = self.first.forward(x, at_last(0));
        self.rest.iter().zip(1..).fold(first, |y, (block, done)| block.forward(&y, at_last(done)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_enlarged_twice_lies_between_its_neighbours() {
        let small = Grid { values: vec![0.0, 8.0, 16.0, 24.0], height: 1, width: 4, channels: 1 };
        let mut large = Grid { values: vec![1.0; 16], height: 2, width: 8, channels: 1 };
        large.add_enlarged(&small);
        let row = [0.0, 2.0, 6.0, 10.0, 14.0, 18.0, 22.0, 24.0].map(|x| x + 1.0);
        assert_eq!(large.values, [row, row].concat());
    }

    #[test]
    fn places_begin_and_end_inside() {
        assert_eq!(place(0, 5, 20), (0, 1, 0.0));
        assert_eq!(place(19, 5, 20).0, 4);
        assert_eq!(place(3, 7, 7), (3, 4, 0.0));
        assert_eq!(place(0, 1, 4), (0, 0, 0.0));
    }
}
