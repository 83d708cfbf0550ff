//! LayerNorm.

use super::array::{Numbers, Rows};
use super::cost::Cost;
use super::runner::{Dispatch, Operand, Weights};
use super::shader::Template;
use super::{Gpu, GpuError};

/// The weights of a LayerNorm.
#[derive(Clone, Debug)]
pub struct Norm {
    /// And behind them the biases.
    pub(super) weights: Weights,
    pub eps: f32,
    pub length: usize,
}

impl Norm {
    /// # Errors
    /// [`GpuError::OutOfMemory`].
    pub fn new(gpu: &Gpu, weight: &[f32], bias: &[f32], eps: f32) -> Result<Self, GpuError> {
        let weights = gpu.weights(bytemuck::cast_slice(&[weight, bias].concat()))?;
        Ok(Self { weights, eps, length: weight.len() })
    }
}

const NORM: Template = Template { name: "norm", text: include_str!("../../../shaders/model/norm.wgsl"), parts: &[] };

/// As in `norm.wgsl`.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Parameters {
    rows: u32,
    quads: u32,
    x_first: u32,
    x_stride: u32,
    y_first: u32,
    y_stride: u32,
    down: u32,
    eps: f32,
}

/// LayerNorm of rows, into as many others.
///
/// # Errors
/// As [`Gpu::run`].
pub fn normalise(x: Rows<'_>, norm: &Norm, y: Rows<'_>) -> Result<(), GpuError> {
    let arrays = [(1, x.numbers.operand()), (2, norm.weights.operand()), (4, y.numbers.operand())];
    run(
        x,
        norm,
        &arrays,
        Parameters { y_first: y.numbers.skipped(), y_stride: y.stride as u32, ..Parameters::of(x, norm) },
    )
}

/// What LayerNorm makes of each row, for products that do it on the way: its mean, and by what it is multiplied. [rows, 2].
///
/// # Errors
/// As [`Gpu::run`].
pub fn moments(x: Rows<'_>, norm: &Norm) -> Result<Numbers, GpuError> {
    let y = Numbers::new(x.numbers.gpu(), 2 * x.count)?;
    let arrays = [(1, x.numbers.operand()), (4, y.operand())];
    run(x, norm, &arrays, Parameters { y_first: y.skipped(), ..Parameters::of(x, norm) })?;
    Ok(y)
}

impl Parameters {
    fn of(x: Rows<'_>, norm: &Norm) -> Self {
        Self {
            rows: x.count as u32,
            quads: (norm.length / 4) as u32,
            x_first: x.numbers.skipped(),
            x_stride: x.stride as u32,
            down: in_groups(x.count)[0] as u32,
            eps: norm.eps,
            ..bytemuck::Zeroable::zeroed()
        }
    }
}

fn run(x: Rows<'_>, norm: &Norm, arrays: &[(u32, Operand)], parameters: Parameters) -> Result<(), GpuError> {
    let ([across, down], are_moments) = (in_groups(x.count), arrays.len() == 2);
    let written = if are_moments { 2 } else { norm.length };
    x.numbers.gpu().run(Dispatch {
        template: &NORM,
        values: &[("MOMENTS", u32::from(are_moments))],
        arrays,
        parameters: bytemuck::cast_slice(std::slice::from_ref(&parameters)),
        groups: [across, down, 1],
        cost: Cost::of(8 * x.count * norm.length, x.count * (norm.length + written)),
    })
}

/// So many groups as a rectangle of them that every card takes.
pub(super) fn in_groups(count: usize) -> [usize; 2] {
    let down = count.div_ceil(32_768).max(1);
    [count.div_ceil(down).max(1), down]
}

#[cfg(test)]
mod tests {
    use super::super::rearrange::copy_rows;
    use super::super::testing::{assert_close, numbers, on_both};
    use super::*;

    /// Into the right half of wider rows, whose left half is copied from elsewhere: the features of a head.
    #[test]
    fn rows_are_normed_and_copied_into_wider_ones() {
        for (rows, length) in [(1, 64), (33, 384), (70, 132)] {
            let (x, weight, bias) = (numbers(1, rows * length), numbers(2, length), numbers(3, length));
            let before = numbers(4, rows * length);
            let y = on_both(|gpu| {
                let (x, before, y) =
                    (Numbers::upload(gpu, &x)?, Numbers::upload(gpu, &before)?, Numbers::new(gpu, 2 * rows * length)?);
                let norm = Norm::new(gpu, &weight, &bias, 1e-5)?;
                let rows_of = |numbers, stride| Rows { numbers, count: rows, stride };
                let right = y.part(length, y.len() - length);
                normalise(rows_of(&x, length), &norm, rows_of(&right, 2 * length))?;
                copy_rows(rows_of(&before, length), length, rows_of(&y, 2 * length))?;
                y.read()
            });
            let mut expected = Vec::new();
            for (row, before) in x.chunks_exact(length).zip(before.chunks_exact(length)) {
                let row: Vec<f64> = row.iter().map(|x| f64::from(*x)).collect();
                let mean = row.iter().sum::<f64>() / length as f64;
                let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / length as f64;
                expected.extend(before.iter().map(|x| f64::from(*x)));
                let normed = |(i, x): (usize, &f64)| {
                    (x - mean) / (variance + 1e-5).sqrt() * f64::from(weight[i]) + f64::from(bias[i])
                };
                expected.extend(row.iter().enumerate().map(normed));
            }
            assert_close(&y, &expected, 2e-6);
        }
    }

    #[test]
    fn groups_are_no_more_than_a_card_takes() {
        for count in [0, 1, 32_768, 32_769, 100_000, 5_000_000] {
            let [across, down] = in_groups(count);
            assert!(
                across * down >= count && across.max(down) <= 65_535 && across * (down - 1) < count.max(1),
                "{count}"
            );
        }
    }
}
