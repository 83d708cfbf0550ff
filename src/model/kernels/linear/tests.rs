//! Linear layers, LayerNorm and gates against plain loops in f64, on every instruction set and unit.

use half::bf16;

use super::super::matrix::Format;
use super::super::panel::Runs;
use super::super::sinks::{Activation, PerOutput, Rows};
use super::super::testing::{
    FORMATS, Machine, Numbers, agree, kept, normal_cdf, product, relative_error, rounded, to_bf16, wide,
};
use super::*;

/// (rows, inputs, outputs): less than a tile, a panel, a piece, and more.
const SHAPES: [(usize, usize, usize); 10] = [
    (1, 7, 33),
    (13, 7, 1),
    (1, 64, 64),
    (13, 300, 33),
    (33, 31, 32),
    (50, 513, 65),
    (97, 1100, 40),
    (200, 384, 96),
    (70, 2112, 65),
    (130, 96, 33),
];

/// What stands between the rows of an output, and must stay.
const UNTOUCHED: f32 = -7.25;

/// A layer with all that can follow a product.
struct Layer {
    x: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    activation: Activation,
    /// Scale and residual; the residual has gaps between its rows, as the output.
    after: Option<[Vec<f32>; 2]>,
    stride: usize,
}

impl Layer {
    fn new(seed: u64, (rows, inputs, outputs): (usize, usize, usize), activation: Activation, has_after: bool) -> Self {
        let mut numbers = Numbers::new(seed);
        let stride = outputs + seed as usize % 3 * 5;
        Self {
            x: numbers.list(rows * inputs),
            weight: numbers.list(outputs * inputs).iter().map(|w| w * 1.7 / (inputs as f32).sqrt()).collect(),
            bias: numbers.list(outputs),
            activation,
            after: has_after.then(|| [numbers.list(outputs), numbers.list(rows * stride)]),
            stride,
        }
    }

    fn inputs(&self) -> usize {
        self.weight.len() / self.bias.len()
    }

    fn matrix(&self, format: Format) -> Matrix {
        Matrix::new(&self.weight, self.bias.len(), Runs::one(self.inputs()), format)
    }

    /// The layer by plain loops, for inputs and weights that are rounded already.
    fn exact(&self, x: &[f32], weight: &[f32]) -> Vec<f64> {
        let outputs = self.bias.len();
        let mut y = product(x, weight, &self.bias);
        for (i, y) in y.iter_mut().enumerate() {
            *y = match self.activation {
                Activation::None => *y,
                Activation::Relu => y.max(0.0),
                Activation::Gelu => *y * normal_cdf(*y),
                Activation::Silu => *y / (1.0 + (-*y).exp()),
            };
            if let Some([scale, plus]) = &self.after {
                let (row, column) = (i / outputs, i % outputs);
                *y = *y * f64::from(scale[column]) + f64::from(plus[row * self.stride + column]);
            }
        }
        y
    }

    fn run<E: Element>(&self, matrix: &Matrix) -> Vec<f32>
    where
        f32: From<E>,
    {
        let (outputs, inputs) = (self.bias.len(), Inputs::<E>::copy_of(&self.x, self.inputs()));
        let (bias, scale) = (PerOutput::new(&self.bias), self.after.as_ref().map(|[scale, _]| PerOutput::new(scale)));
        let mut out = vec![UNTOUCHED; inputs.rows() * self.stride];
        linear(&inputs, matrix, &mut out, self.stride, 1, |first, rows| Rows {
            activation: self.activation,
            scale: scale.as_ref(),
            plus: self.after.as_ref().map(|[_, plus]| &plus[first * self.stride..][..rows * self.stride]),
            ..Rows::new(&bias, self.stride)
        });
        out.chunks_exact(self.stride)
            .flat_map(|row| {
                assert!(row[outputs..].iter().all(|&x| x == UNTOUCHED), "a row wrote into the gap behind it");
                row[..outputs].to_vec()
            })
            .collect()
    }
}

#[test]
fn layers_in_f32_agree_with_plain_loops() {
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        for (i, activation) in
            [Activation::None, Activation::Relu, Activation::Gelu, Activation::Silu].into_iter().enumerate()
        {
            let layer = Layer::new(seed as u64, shape, activation, (i + seed) % 2 == 0);
            for format in FORMATS {
                let scalar = Machine::levels()[0];
                let exact = layer.exact(&layer.x, &scalar.run(|| kept(&layer.matrix(format))));
                let what = format!("{shape:?} {activation:?} {format:?}");
                agree(&what, &Machine::in_f32(format), 1e-5, &exact, || layer.run::<f32>(&layer.matrix(format)));
            }
        }
    }
}

#[test]
fn layers_in_bf16_agree_with_loops_over_rounded_numbers() {
    for (seed, shape) in SHAPES.into_iter().enumerate() {
        for activation in [Activation::None, Activation::Gelu] {
            let layer = Layer::new(seed as u64, shape, activation, seed % 2 == 1);
            let exact = layer.exact(&rounded(&layer.x), &to_bf16(&layer.weight));
            let what = format!("{shape:?} {activation:?}");
            agree(&what, &Machine::with_units(), 2e-5, &exact, || layer.run::<bf16>(&layer.matrix(Format::Bf16)));
        }
    }
}

#[test]
fn layers_of_many_sizes_agree_with_plain_loops() {
    let mut numbers = Numbers::new(6);
    for seed in 0..40 {
        let shape = (numbers.size(70), numbers.size(600), numbers.size(100));
        let layer = Layer::new(seed, shape, Activation::None, seed % 2 == 0);
        let exact = layer.exact(&layer.x, &layer.weight);
        agree(&format!("{shape:?}"), &Machine::all(), 1e-5, &exact, || layer.run::<f32>(&layer.matrix(Format::F32)));
        let exact = layer.exact(&rounded(&layer.x), &to_bf16(&layer.weight));
        agree(&format!("{shape:?} in bf16"), &Machine::with_units(), 2e-5, &exact, || {
            layer.run::<bf16>(&layer.matrix(Format::Bf16))
        });
    }
}

#[test]
fn outputs_in_bf16_are_the_rounded_ones() {
    let layer = Layer::new(7, (37, 96, 50), Activation::Gelu, false);
    let exact = layer.exact(&layer.x, &layer.weight);
    for machine in Machine::levels() {
        let rounded = machine.run(|| {
            let bias = PerOutput::new(&layer.bias);
            let mut out = vec![bf16::ZERO; 37 * 50];
            let inputs = Inputs::<f32>::copy_of(&layer.x, 96);
            linear(&inputs, &layer.matrix(Format::F32), &mut out, 50, 1, |_, _| Rows {
                activation: layer.activation,
                ..Rows::new(&bias, 50)
            });
            out
        });
        for (y, &exact) in rounded.into_iter().zip(&exact) {
            assert!((y.to_f64() - exact).abs() <= exact.abs() / 250.0 + 1e-5, "{machine:?}: {y}, not {exact}");
        }
    }
}

#[test]
fn a_row_that_is_no_number_stays_alone() {
    let layer = Layer::new(0, (50, 64, 40), Activation::Gelu, true);
    let mut hostile = Layer::new(0, (50, 64, 40), Activation::Gelu, true);
    for (row, x) in [(5, f32::NAN), (17, f32::INFINITY), (49, f32::NEG_INFINITY)] {
        hostile.x[row * 64..][..64].fill(x);
    }
    let same = |machine: Machine, run: &(dyn Fn(&Layer) -> Vec<f32> + Sync)| {
        let (clean, mixed) = machine.run(|| (run(&layer), run(&hostile)));
        for (row, (a, b)) in clean.chunks(40).zip(mixed.chunks(40)).enumerate() {
            let is_hostile = [5, 17, 49].contains(&row);
            assert_eq!(a == b, !is_hostile, "row {row} on {machine:?}");
            assert_eq!(b.iter().all(|y| !y.is_finite()), is_hostile, "row {row} on {machine:?}: {b:?}");
        }
    };
    for machine in Machine::levels() {
        for format in FORMATS {
            same(machine, &|layer| layer.run::<f32>(&layer.matrix(format)));
        }
    }
    for machine in Machine::with_units() {
        same(machine, &|layer| layer.run::<bf16>(&layer.matrix(Format::Bf16)));
    }
}

/// LayerNorm by its definition.
fn normed(rows: &[f32], norm: Norm) -> Vec<f64> {
    let length = norm.weight.len();
    let row = |row: &[f32]| -> Vec<f64> {
        let row = wide(row);
        let mean = row.iter().sum::<f64>() / length as f64;
        let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / length as f64;
        let scale = 1.0 / (variance + f64::from(norm.eps)).sqrt();
        let parts = norm.weight.iter().zip(norm.bias);
        row.iter().zip(parts).map(|(x, (&w, &b))| (x - mean) * scale * f64::from(w) + f64::from(b)).collect()
    };
    rows.chunks_exact(length).flat_map(row).collect()
}

/// Rows of `inputs` without what stands between them.
fn rows_of<E: Element>(mut inputs: Inputs<E>, length: usize) -> Vec<f32>
where
    f32: From<E>,
{
    let stride = inputs.stride();
    inputs.get_mut().chunks_exact(stride).flat_map(|row| row[..length].iter().map(|&x| x.into())).collect()
}

#[test]
fn layer_norm_agrees_with_its_definition() {
    let mut numbers = Numbers::new(8);
    for (rows, length) in [(1, 1), (1, 3), (13, 5), (37, 24), (50, 63), (3, 384), (13, 1000)] {
        let (x, weight, bias) = (numbers.list(rows * length), numbers.list(length), numbers.list(length));
        let x: Vec<f32> = x.iter().map(|x| 3.0 * x + 2.0).collect();
        let norm = Norm { weight: &weight, bias: &bias, eps: 1e-6 };
        let exact = normed(&x, norm);
        let what = format!("{rows} rows of {length}");
        agree(&what, &Machine::levels(), 2e-5, &exact, || normalise(&x, norm));
        agree(&what, &Machine::levels(), 2e-2, &exact, || {
            let mut inputs = Inputs::<bf16>::default();
            inputs.normalise(&x, norm);
            rows_of(inputs, length)
        });
        agree(&what, &Machine::levels(), 2e-5, &exact, || {
            // Memory that was used for something longer.
            let mut inputs = Inputs::<f32>::copy_of(&vec![9.0; 3 * (rows + 1) * length], length);
            inputs.normalise(&x, norm);
            rows_of(inputs, length)
        });
    }
}

#[test]
fn a_function_may_follow_layer_norm() {
    let (x, weight, bias) = {
        let mut numbers = Numbers::new(10);
        (numbers.list(13 * 24), numbers.list(24), numbers.list(24))
    };
    let norm = Norm { weight: &weight, bias: &bias, eps: 1e-5 };
    let exact: Vec<f64> = normed(&x, norm).into_iter().map(|x| x * normal_cdf(x)).collect();
    agree("GELU", &Machine::levels(), 2e-5, &exact, || {
        let mut inputs = Inputs::<f32>::default();
        inputs.normalise_then(&x, norm, Activation::Gelu);
        rows_of(inputs, 24)
    });
}

#[test]
fn rows_are_copied_before_what_is_written_behind_them() {
    let x = Numbers::new(11).list(20 * 7);
    let mut inputs = Inputs::<f32>::copy_of(&[5.0; 20 * 9], 9);
    inputs.copy_before(&x, 7, 9);
    assert_eq!(inputs.rows(), 20);
    let stride = inputs.stride();
    inputs.get_mut().chunks_exact_mut(stride).for_each(|row| row[7..9].fill(1.0));
    let expected: Vec<f32> = x.chunks_exact(7).flat_map(|row| [row, &[1.0; 2]].concat()).collect();
    assert_eq!(rows_of(inputs, 9), expected);
}

#[test]
fn layer_norm_of_small_rows_heeds_its_epsilon() {
    let x: Vec<f32> = Numbers::new(9).list(13 * 48).into_iter().map(|x| x * 1e-3).collect();
    for eps in [1e-5, 1e-6] {
        let norm = Norm { weight: &[1.0; 48], bias: &[0.0; 48], eps };
        agree("small rows", &Machine::levels(), 1e-5, &normed(&x, norm), || normalise(&x, norm));
        let zeros = normalise(&[0.0; 48], Norm { bias: &[0.5; 48], ..norm });
        assert_eq!(zeros, [0.5; 48], "a row without variance is its bias");
    }
}

#[test]
fn a_gate_is_silu_times_value() {
    let mut numbers = Numbers::new(10);
    for (rows, length) in [(1, 1), (13, 5), (37, 24), (50, 63), (3, 1024)] {
        let x: Vec<f32> = numbers.list(rows * 2 * length).into_iter().map(|x| 4.0 * x).collect();
        let gated = |row: &[f64]| -> Vec<f64> {
            let (gates, values) = row.split_at(length);
            gates.iter().zip(values).map(|(g, v)| g / (1.0 + (-g).exp()) * v).collect()
        };
        let exact: Vec<f64> = wide(&x).chunks_exact(2 * length).flat_map(gated).collect();
        let what = format!("{rows} rows of {length}");
        agree(&what, &Machine::levels(), 1e-5, &exact, || {
            let mut out = Inputs::<f32>::default();
            out.resize(rows, length);
            gate(&x, &mut out, length);
            rows_of(out, length)
        });
        for machine in Machine::levels() {
            let half = machine.run(|| {
                let mut out = Inputs::<bf16>::default();
                out.resize(rows, length);
                gate(&x, &mut out, length);
                rows_of(out, length)
            });
            assert!(relative_error(&half, &exact) < 3e-2, "{what} in bf16 on {machine:?}");
        }
    }
}
