//! Matrices of layers as the kernels read them.

use half::{bf16, f16};
use rayon::prelude::*;

use super::runner::Weights;
use super::{Gpu, GpuError};
use crate::model::kernels::{Format, INT8_BLOCK};

/// Rows and columns are filled up with zeros to multiples of these, so that kernels need not look where a matrix ends.
pub const DEPTH: usize = 16;
pub const ACROSS: usize = 64;

/// The weights of a layer with so many inputs and outputs, and its biases.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// [inputs, outputs], both filled up: a kernel reads some outputs of one input together. In 8 bits there follow the scales of
    /// each [`INT8_BLOCK`] inputs.
    pub(super) weights: Weights,
    /// One per output, filled up.
    pub(super) bias: Weights,
    pub(super) format: Format,
    pub inputs: usize,
    pub outputs: usize,
    /// In products of SwiGLU: outputs of a gate and of what it lets through stand beside each other, and become one.
    pub is_gated: bool,
}

impl Matrix {
    /// `at(output, input)`: the numbers; `bias`: one per output.
    ///
    /// # Errors
    /// [`GpuError::OutOfMemory`].
    pub fn new(
        gpu: &Gpu,
        [outputs, inputs]: [usize; 2],
        bias: &[f32],
        format: Format,
        at: &(dyn Fn(usize, usize) -> f32 + Sync),
    ) -> Result<Self, GpuError> {
        let [deep, across] = [inputs.next_multiple_of(DEPTH), outputs.next_multiple_of(ACROSS)];
        if gpu.card().is_none() {
            return Ok(Self::on_paper(gpu, [outputs, inputs], format));
        }
        let mut values = vec![0f32; deep * across];
        values.par_chunks_exact_mut(across).take(inputs).enumerate().for_each(|(input, row)| {
            row.iter_mut().take(outputs).enumerate().for_each(|(output, value)| *value = at(output, input));
        });
        let mut biases = vec![0f32; across];
        biases[..bias.len()].copy_from_slice(bias);
        let weights = match format {
            Format::F32 => gpu.weights(bytemuck::cast_slice(&values)),
            Format::F16 => gpu.weights(&halved(&values, |x| f16::from_f32(x).to_bits())),
            Format::Bf16 => gpu.weights(&halved(&values, |x| bf16::from_f32(x).to_bits())),
            Format::Int8 => gpu.weights(&in_bytes(&values, across)),
        };
        let (weights, bias) = (weights?, gpu.weights(bytemuck::cast_slice(&biases))?);
        Ok(Self { weights, bias, format, inputs, outputs, is_gated: false })
    }

    /// Where nothing is calculated no numbers are needed, but what they would take is counted.
    fn on_paper(gpu: &Gpu, [outputs, inputs]: [usize; 2], format: Format) -> Self {
        let weights = gpu.reckoned_weights(matrix_bytes(outputs, inputs, format));
        let bias = gpu.reckoned_weights(4 * outputs.next_multiple_of(ACROSS) as u64);
        Self { weights, bias, format, inputs, outputs, is_gated: false }
    }

    /// Of a layer of SwiGLU, whose gates are the first half of its outputs: each beside what it lets through.
    ///
    /// # Errors
    /// [`GpuError::OutOfMemory`].
    pub fn gated(
        gpu: &Gpu,
        [outputs, inputs]: [usize; 2],
        bias: &[f32],
        format: Format,
        at: &(dyn Fn(usize, usize) -> f32 + Sync),
    ) -> Result<Self, GpuError> {
        let place = |output: usize| output / 2 + output % 2 * (outputs / 2);
        let bias: Vec<f32> = (0..bias.len()).map(|output| bias[place(output)]).collect();
        let matrix = Self::new(gpu, [outputs, inputs], &bias, format, &|output, input| at(place(output), input))?;
        Ok(Self { is_gated: true, ..matrix })
    }

    /// Numbers that a row of inputs becomes.
    pub fn width(&self) -> usize {
        if self.is_gated { self.outputs / 2 } else { self.outputs }
    }

    /// From one input's row to the next, in numbers.
    pub(super) fn across(&self) -> usize {
        self.outputs.next_multiple_of(ACROSS)
    }

    /// Where scales of 8-bit numbers begin, in words of 32 bits.
    pub(super) fn scales_first(&self) -> usize {
        self.inputs.next_multiple_of(DEPTH) * self.across() / 4
    }
}

/// Bytes of the weights of a matrix.
pub fn matrix_bytes(outputs: usize, inputs: usize, format: Format) -> u64 {
    let [deep, across] = [inputs.next_multiple_of(DEPTH), outputs.next_multiple_of(ACROSS)];
    let bytes = match format {
        Format::F32 => 4 * deep * across,
        Format::F16 | Format::Bf16 => 2 * deep * across,
        Format::Int8 => deep * across + 4 * deep.div_ceil(INT8_BLOCK) * across,
    };
    bytes as u64
}

fn halved(values: &[f32], half: impl Fn(f32) -> u16) -> Vec<u8> {
    values.iter().flat_map(|x| half(*x).to_ne_bytes()).collect()
}

/// Numbers [inputs, across] in 8 bits, then their scales, one for each output and [`INT8_BLOCK`] inputs.
fn in_bytes(values: &[f32], across: usize) -> Vec<u8> {
    let mut bytes = vec![0u8; values.len()];
    let mut scales = Vec::new();
    for (rows, bytes) in values.chunks(INT8_BLOCK * across).zip(bytes.chunks_mut(INT8_BLOCK * across)) {
        let mut greatest = vec![0f32; across];
        for row in rows.chunks_exact(across) {
            greatest.iter_mut().zip(row).for_each(|(most, x)| *most = most.max(x.abs()));
        }
        for (row, bytes) in rows.chunks_exact(across).zip(bytes.chunks_exact_mut(across)) {
            for ((x, byte), most) in row.iter().zip(bytes).zip(&greatest) {
                let scale = most / 127.0;
                *byte = if scale > 0.0 { (x / scale).round() as i8 as u8 } else { 0 };
            }
        }
        scales.extend(greatest.into_iter().map(|most| most / 127.0));
    }
    bytes.extend(scales.into_iter().flat_map(f32::to_ne_bytes));
    bytes
}
