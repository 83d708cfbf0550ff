//! Convolutions and patches against plain loops in f64, on every instruction set and unit.

use half::bf16;

use super::super::image::{Map, Plain, Resized};
use super::super::matrix::Format;
use super::super::panel::Runs;
use super::super::sinks::{Activation, Logits, PerOutput, Rows};
use super::super::testing::{FORMATS, Machine, Numbers, agree, kept, product, resized, rounded, tables, to_bf16, wide};
use super::*;

/// A convolution by its definition. `image` is [height, width, channels], `weight` [outputs, 3, 3, channels].
fn convolved(
    image: &[f64],
    [height, width, channels]: [usize; 3],
    weight: &[f32],
    bias: &[f32],
    stride: usize,
) -> Vec<f64> {
    let mut out = Vec::new();
    for (y, x) in (0..height).step_by(stride).flat_map(|y| (0..width).step_by(stride).map(move |x| (y, x))) {
        for (weight, &bias) in weight.chunks_exact(9 * channels).zip(bias) {
            let mut sum = f64::from(bias);
            for (tap, weight) in weight.chunks_exact(channels).enumerate() {
                let (y, x) = ((y + tap / 3).wrapping_sub(1), (x + tap % 3).wrapping_sub(1));
                if y < height && x < width {
                    let pixel = &image[(y * width + x) * channels..][..channels];
                    sum += pixel.iter().zip(weight).map(|(x, &w)| x * f64::from(w)).sum::<f64>();
                }
            }
            out.push(sum);
        }
    }
    out
}

/// A convolution's numbers.
struct Case {
    size: [usize; 3],
    image: Vec<f32>,
    weight: Vec<f32>,
    bias: Vec<f32>,
    stride: usize,
}

impl Case {
    fn new(numbers: &mut Numbers, [height, width, channels]: [usize; 3], outputs: usize, stride: usize) -> Self {
        let image = numbers.list(height * width * channels);
        let weight = numbers.list(outputs * 9 * channels);
        Self { size: [height, width, channels], image, weight, bias: numbers.list(outputs), stride }
    }

    fn what(&self) -> String {
        format!("{:?} to {} with stride {}", self.size, self.bias.len(), self.stride)
    }

    fn map(&self) -> Map<'_> {
        let [height, width, channels] = self.size;
        Map { values: &self.image, height, width, channels }
    }

    fn matrix(&self, format: Format) -> Matrix {
        let runs = Runs { count: 3, length: 3 * self.size[2] };
        Matrix::new(&self.weight, self.bias.len(), runs, format)
    }

    /// ReLU after the sums, plus a residual.
    fn run<E: Element, Src: Source>(&self, source: Src, format: Format, plus: Option<&[f32]>) -> Vec<f32> {
        let [height, width, _] = source.size();
        let outputs = self.bias.len();
        let bias = PerOutput::new(&self.bias);
        let mut out = vec![f32::NAN; height.div_ceil(self.stride) * width.div_ceil(self.stride) * outputs];
        conv3x3::<E, _, _>(source, &self.matrix(format), self.stride, outputs, &mut out, |first, count| Rows {
            activation: if plus.is_some() { Activation::Relu } else { Activation::None },
            plus: plus.map(|plus| &plus[first * outputs..][..count * outputs]),
            ..Rows::new(&bias, outputs)
        });
        out
    }
}

const SIZES: [[usize; 3]; 11] = [
    [1, 1, 3],
    [1, 13, 24],
    [7, 1, 5],
    [4, 2, 48],
    [2, 2, 63],
    [9, 13, 24],
    [8, 37, 48],
    [5, 37, 63],
    [13, 12, 3],
    [9, 13, 32],
    [16, 37, 64],
];

#[test]
fn convolutions_in_f32_agree_with_their_definition() {
    let mut numbers = Numbers::new(14);
    for size in SIZES {
        for (stride, outputs) in [(1, 33), (2, 5), (1, 1), (2, 64)] {
            let case = Case::new(&mut numbers, size, outputs, stride);
            let pixels = size[0].div_ceil(stride) * size[1].div_ceil(stride);
            let plus = numbers.list(pixels * outputs);
            for format in FORMATS {
                let weight = Machine::levels()[0].run(|| kept(&case.matrix(format)));
                let exact = convolved(&wide(&case.image), size, &weight, &case.bias, stride);
                agree(&case.what(), &Machine::in_f32(format), 1e-5, &exact, || {
                    case.run::<f32, _>(Plain { map: case.map(), relu: false }, format, None)
                });
            }
            let positive: Vec<f64> = wide(&case.image).into_iter().map(|x| x.max(0.0)).collect();
            let sums = convolved(&positive, size, &case.weight, &case.bias, stride);
            let exact: Vec<f64> = sums.iter().zip(&plus).map(|(y, &p)| y.max(0.0) + f64::from(p)).collect();
            agree(&case.what(), &Machine::all(), 1e-5, &exact, || {
                case.run::<f32, _>(Plain { map: case.map(), relu: true }, Format::F32, Some(&plus))
            });
        }
    }
}

#[test]
fn convolutions_in_bf16_agree_with_loops_over_rounded_numbers() {
    let mut numbers = Numbers::new(15);
    for size in SIZES {
        for (stride, outputs) in [(1, 33), (2, 64)] {
            let case = Case::new(&mut numbers, size, outputs, stride);
            let (image, weight) = (wide(&rounded(&case.image)), to_bf16(&case.weight));
            let exact = convolved(&image, size, &weight, &case.bias, stride);
            agree(&case.what(), &Machine::with_units(), 2e-5, &exact, || {
                case.run::<bf16, _>(Plain { map: case.map(), relu: false }, Format::Bf16, None)
            });
        }
    }
}

#[test]
fn convolutions_of_maps_resized_on_the_way_agree_with_both_steps() {
    let mut numbers = Numbers::new(16);
    for (size, wanted) in [([3, 5, 24], [6, 10]), ([5, 7, 48], [9, 37]), ([4, 3, 6], [13, 2]), ([2, 2, 64], [5, 13])] {
        let case = Case::new(&mut numbers, size, 33, 1);
        let tables = tables(&mut numbers, wanted, size[2]);
        for positions in [None, Some(&tables)] {
            let source = Resized { map: case.map(), height: wanted[0], width: wanted[1], positions };
            let between = resized(case.map(), wanted, positions);
            let size = [wanted[0], wanted[1], size[2]];
            let exact = convolved(&between, size, &case.weight, &case.bias, 1);
            let what = format!("{} through {wanted:?}", case.what());
            agree(&what, &Machine::all(), 1e-5, &exact, || case.run::<f32, _>(source, Format::F32, None));
            // Rounding may fall to the other side where the resize itself is rounded.
            let between: Vec<f32> = between.iter().map(|&x| x as f32).collect();
            let exact = convolved(&wide(&rounded(&between)), size, &to_bf16(&case.weight), &case.bias, 1);
            agree(&what, &Machine::with_units(), 1e-2, &exact, || case.run::<bf16, _>(source, Format::Bf16, None));
        }
    }
}

#[test]
fn logits_are_a_second_layer_over_the_hidden_channels() {
    let mut numbers = Numbers::new(17);
    for (size, outputs) in [([1, 1, 24], 1), ([9, 13, 32], 2), ([5, 37, 63], 7)] {
        let case = Case::new(&mut numbers, size, 32, 1);
        let (weight, out_bias) = (numbers.list(outputs * 32), numbers.list(outputs));
        let hidden = convolved(&wide(&case.image), size, &case.weight, &case.bias, 1);
        let hidden: Vec<f32> = hidden.iter().map(|x| x.max(0.0) as f32).collect();
        let exact = product(&hidden, &weight, &out_bias);
        agree(&case.what(), &Machine::all(), 1e-5, &exact, || {
            let bias = PerOutput::new(&case.bias);
            let mut out = vec![f32::NAN; size[0] * size[1] * outputs];
            let source = Plain { map: case.map(), relu: false };
            let sink = Logits { bias: &bias, weight: &weight, out_bias: &out_bias };
            conv3x3::<f32, _, _>(source, &case.matrix(Format::F32), 1, outputs, &mut out, |_, _| sink);
            out
        });
    }
}

#[test]
fn a_pixel_that_is_no_number_spoils_its_neighbours_only() {
    let mut numbers = Numbers::new(18);
    for channels in [24, 32] {
        let mut case = Case::new(&mut numbers, [9, 13, channels], 33, 1);
        let run = |case: &Case| case.run::<f32, _>(Plain { map: case.map(), relu: false }, Format::F32, None);
        for machine in Machine::all() {
            let at = (4 * 13 + 6) * channels;
            let clean = machine.run(|| run(&case));
            let number = std::mem::replace(&mut case.image[at], f32::NAN);
            let spoilt = machine.run(|| run(&case));
            case.image[at] = number;
            for (pixel, (a, b)) in clean.chunks(33).zip(spoilt.chunks(33)).enumerate() {
                let is_near = (pixel / 13).abs_diff(4) <= 1 && (pixel % 13).abs_diff(6) <= 1;
                assert_eq!(a == b, !is_near, "pixel {pixel} on {machine:?}");
            }
        }
    }
}

#[test]
fn patches_agree_with_their_definition() {
    let mut numbers = Numbers::new(19);
    for (side, down, across, outputs) in [(14, 1, 1, 33), (14, 3, 5, 48), (2, 4, 37, 5), (5, 2, 13, 63)] {
        let [height, width] = [side * down, side * across];
        let (planes, weight) = (numbers.list(3 * height * width), numbers.list(outputs * 3 * side * side));
        let bias = numbers.list(outputs);
        let mut rows = Vec::new();
        for patch in 0..down * across {
            let (top, left) = (patch / across * side, patch % across * side);
            for (y, x) in (0..side).flat_map(|y| (0..side).map(move |x| (top + y, left + x))) {
                rows.extend((0..3).map(|channel| planes[(channel * height + y) * width + x]));
            }
        }
        let exact = product(&rows, &weight, &bias);
        agree(&format!("{down}×{across} patches of {side}"), &Machine::levels(), 1e-5, &exact, || {
            let matrix = Matrix::new(&weight, outputs, Runs { count: side, length: 3 * side }, Format::F32);
            let bias = PerOutput::new(&bias);
            let mut out = vec![f32::NAN; down * across * outputs];
            patches(&planes, [height, width], side, &matrix, &mut out, || Rows::new(&bias, outputs));
            out
        });
    }
}
