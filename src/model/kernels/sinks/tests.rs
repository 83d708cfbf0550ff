//! A transposed convolution against its definition. The other sinks are tested where they are used.

use half::bf16;

use super::super::linear::{Inputs, linear};
use super::super::matrix::{Format, Matrix};
use super::super::panel::Runs;
use super::super::testing::{Machine, Numbers, agree, rounded, to_bf16};
use super::*;

/// A map [height, width, inputs] that grows by `factor`.
struct Growing {
    x: Vec<f32>,
    /// [row in the block, column in the block, channel, input].
    weight: Vec<f32>,
    bias: Vec<f32>,
    width: usize,
    factor: usize,
}

impl Growing {
    fn exact(&self, x: &[f32], weight: &[f32]) -> Vec<f64> {
        let (factor, width, channels) = (self.factor, self.width, self.bias.len());
        let inputs = weight.len() / (factor * factor * channels);
        let height = x.len() / (width * inputs);
        let mut y = vec![0.0; height * factor * width * factor * channels];
        for (at, y) in y.iter_mut().enumerate() {
            let (pixel, channel) = (at / channels, at % channels);
            let (row, column) = (pixel / (width * factor), pixel % (width * factor));
            let from = &x[(row / factor * width + column / factor) * inputs..][..inputs];
            let output = (row % factor * factor + column % factor) * channels + channel;
            let weight = &weight[output * inputs..][..inputs];
            let sum: f64 = from.iter().zip(weight).map(|(&x, &w)| f64::from(x) * f64::from(w)).sum();
            *y = sum + f64::from(self.bias[channel]);
        }
        y
    }

    fn run<E: Element>(&self, format: Format) -> Vec<f32> {
        let (factor, channels) = (self.factor, self.bias.len());
        let outputs = factor * factor * channels;
        let inputs = self.weight.len() / outputs;
        let matrix = Matrix::new(&self.weight, outputs, Runs::one(inputs), format);
        let inputs = Inputs::<E>::copy_of(&self.x, inputs);
        let mut y = vec![f32::NAN; inputs.rows() * outputs];
        let bias = PerOutput::new(&self.bias);
        let shuffle = Shuffle { bias: &bias, channels, factor, width: self.width };
        linear(&inputs, &matrix, &mut y, outputs, self.width, |_, _| shuffle);
        y
    }
}

#[test]
fn a_transposed_convolution_puts_every_pixel_in_its_place() {
    let mut numbers = Numbers::new(11);
    for channels in [3, 5, 24, 48, 63] {
        for (factor, height, width, inputs) in
            [(2, 1, 1, 7), (4, 3, 2, 24), (2, 7, 13, 40), (4, 5, 13, 64), (2, 9, 37, 33)]
        {
            let growing = Growing {
                x: numbers.list(height * width * inputs),
                weight: numbers.list(factor * factor * channels * inputs),
                bias: numbers.list(channels),
                width,
                factor,
            };
            let what = format!("{height}×{width}×{inputs} to {channels} channels, {factor} times larger");
            let exact = growing.exact(&growing.x, &growing.weight);
            agree(&what, &Machine::all(), 1e-5, &exact, || growing.run::<f32>(Format::F32));
            let exact = growing.exact(&rounded(&growing.x), &to_bf16(&growing.weight));
            agree(&what, &Machine::with_units(), 2e-5, &exact, || growing.run::<bf16>(Format::Bf16));
        }
    }
}
