use super::super::Gpu;
use super::super::GpuError;
use super::super::testing::{assert_close, numbers, on_both};
use super::*;
use crate::model::kernels::{Activation, Format};

/// A map in f64, and what it looks like at another size with tables added.
#[derive(Clone)]
struct Plain {
    values: Vec<f64>,
    height: usize,
    width: usize,
    channels: usize,
}

impl Plain {
    fn of(values: &[f32], [height, width, channels]: [usize; 3]) -> Self {
        Self { values: values.iter().map(|x| f64::from(*x)).collect(), height, width, channels }
    }

    fn at(&self, y: usize, x: usize, c: usize) -> f64 {
        self.values[(y * self.width + x) * self.channels + c]
    }

    fn resized(&self, height: usize, width: usize) -> Self {
        let place = |to: usize, from: usize, wanted: usize| {
            let at = if wanted == 1 { 0.0 } else { to as f64 * (from - 1) as f64 / (wanted - 1) as f64 };
            let before = (at as usize).min(from - 1);
            (before, (before + 1).min(from - 1), at - before as f64)
        };
        let mut values = Vec::new();
        for y in 0..height {
            let (above, below, down) = place(y, self.height, height);
            for x in 0..width {
                let (left, right, across) = place(x, self.width, width);
                for c in 0..self.channels {
                    let row = |y| self.at(y, left, c) * (1.0 - across) + self.at(y, right, c) * across;
                    values.push(row(above) * (1.0 - down) + row(below) * down);
                }
            }
        }
        Self { values, height, width, channels: self.channels }
    }

    fn with_tables(mut self, columns: &[f32], rows: &[f32]) -> Self {
        let half = self.channels / 2;
        for (i, value) in self.values.iter_mut().enumerate() {
            let (pixel, channel) = (i / self.channels, i % self.channels);
            *value += f64::from(match channel.checked_sub(half) {
                None => columns[pixel % self.width * half + channel],
                Some(channel) => rows[pixel / self.width * half + channel],
            });
        }
        self
    }

    /// Weights [outputs, row, column, channel].
    fn convolved(&self, w: &[f32], bias: &[f32], step: usize) -> Vec<f64> {
        let mut out = Vec::new();
        for y in 0..self.height.div_ceil(step) {
            for x in 0..self.width.div_ceil(step) {
                for (w, bias) in w.chunks_exact(9 * self.channels).zip(bias) {
                    let mut sum = f64::from(*bias);
                    for (tap, w) in w.chunks_exact(self.channels).enumerate() {
                        let (down, across) =
                            ((y * step + tap / 3).wrapping_sub(1), (x * step + tap % 3).wrapping_sub(1));
                        if down < self.height && across < self.width {
                            sum += w
                                .iter()
                                .enumerate()
                                .map(|(c, w)| f64::from(*w) * self.at(down, across, c))
                                .sum::<f64>();
                        }
                    }
                    out.push(sum);
                }
            }
        }
        out
    }
}

fn matrix(gpu: &Gpu, w: &[f32], bias: &[f32]) -> Result<Matrix, GpuError> {
    let inputs = w.len() / bias.len();
    Matrix::new(gpu, [bias.len(), inputs], bias, Format::F32, &|output, input| w[output * inputs + input])
}

fn picture<'a>(numbers: &'a Numbers, [height, width, channels]: [usize; 3]) -> Picture<'a> {
    Picture { numbers, height, width, channels, resized: None, tables: None }
}

#[test]
fn ragged_convolutions_are_right() {
    for (size, outputs, step) in [([5, 7, 16], 64, 1), ([9, 3, 48], 20, 2), ([1, 1, 4], 33, 1), ([6, 11, 12], 32, 2)] {
        let [height, width, channels] = size;
        let (x, w, bias) =
            (numbers(1, height * width * channels), numbers(2, outputs * 9 * channels), numbers(3, outputs));
        let count = height.div_ceil(step) * width.div_ceil(step) * outputs;
        let y = on_both(|gpu| {
            let (x, y) = (Numbers::upload(gpu, &x)?, Numbers::new(gpu, count)?);
            let how = Convolution { step, relu_before: false, ends: Ends::default() };
            convolve(picture(&x, size), &matrix(gpu, &w, &bias)?, &how, &y)?;
            y.read()
        });
        assert_close(&y, &Plain::of(&x, size).convolved(&w, &bias, step), 2e-6);
    }
}

/// As a residual unit of a head: ReLU before and after, and the map itself added.
#[test]
fn what_stands_around_a_convolution_is_done() {
    let size @ [height, width, channels] = [6, 10, 32];
    let (x, w, bias) =
        (numbers(1, height * width * channels), numbers(2, channels * 9 * channels), numbers(3, channels));
    let y = on_both(|gpu| {
        let (x, y) = (Numbers::upload(gpu, &x)?, Numbers::new(gpu, x.len())?);
        let plus = Rows { numbers: &x, count: height * width, stride: channels };
        let ends = Ends { activation: Activation::Relu, plus: Some(plus), ..Ends::default() };
        convolve(picture(&x, size), &matrix(gpu, &w, &bias)?, &Convolution { step: 1, relu_before: true, ends }, &y)?;
        y.read()
    });
    let positive: Vec<f32> = x.iter().map(|x| x.max(0.0)).collect();
    let sums = Plain::of(&positive, size).convolved(&w, &bias, 1);
    let expected: Vec<f64> = sums.iter().zip(&x).map(|(sum, x)| sum.max(0.0) + f64::from(*x)).collect();
    assert_close(&y, &expected, 2e-6);
}

#[test]
fn maps_are_seen_at_other_sizes() {
    for (size, [height, width]) in
        [([3, 5, 16], [6, 9]), ([1, 4, 16], [3, 4]), ([7, 6, 32], [7, 6]), ([8, 8, 16], [5, 1])]
    {
        let channels = size[2];
        let (x, w, bias) = (numbers(1, size.iter().product()), numbers(2, 24 * 9 * channels), numbers(3, 24));
        let (columns, rows) = (numbers(4, width * channels / 2), numbers(5, height * channels / 2));
        let plus = numbers(6, height * width * channels);
        let plain = Plain::of(&x, size).resized(height, width);
        for has_tables in [false, true] {
            let plain = if has_tables { plain.clone().with_tables(&columns, &rows) } else { plain.clone() };
            let run = |gpu: &std::sync::Arc<Gpu>, is_convolved: bool| {
                let (x, plus) = (Numbers::upload(gpu, &x)?, Numbers::upload(gpu, &plus)?);
                let [columns, rows] = [Numbers::upload(gpu, &columns)?, Numbers::upload(gpu, &rows)?];
                let tables = has_tables.then_some([&columns, &rows]);
                let map = Picture { resized: Some([height, width]), tables, ..picture(&x, size) };
                let y = Numbers::new(gpu, if is_convolved { height * width * 24 } else { plus.len() })?;
                if is_convolved {
                    let how = Convolution { step: 1, relu_before: false, ends: Ends::default() };
                    convolve(map, &matrix(gpu, &w, &bias)?, &how, &y)?;
                } else {
                    resize(map, Some(&plus), &y)?;
                }
                y.read()
            };
            assert_close(&on_both(|gpu| run(gpu, true)), &plain.convolved(&w, &bias, 1), 3e-6);
            let sum: Vec<f64> = plain.values.iter().zip(&plus).map(|(x, plus)| x + f64::from(*plus)).collect();
            assert_close(&on_both(|gpu| run(gpu, false)), &sum, 3e-6);
        }
    }
}
