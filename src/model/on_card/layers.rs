//! Layers as the card keeps them: linear ones and convolutions are matrices, as are patches.

use std::sync::Arc;

use crate::model::gpu::{Gpu, Matrix, Norm};
use crate::model::kernels::Format;
use crate::model::operations::{ConvShape, Precision};
use crate::model::patches::PATCH;
use crate::model::{Contents, ModelError};

/// y = x·Wᵀ + b.
pub struct Linear {
    pub matrix: Matrix,
}

impl Linear {
    pub fn read(gpu: &Gpu, weights: &Contents, name: &str, precision: Precision) -> Result<Self, ModelError> {
        let (values, bias, shape, format) = parts(weights, name, precision)?;
        Ok(Self { matrix: Matrix::new(gpu, shape, &bias, format, |o, i| values[o * shape[1] + i])? })
    }

    /// The first layer of SwiGLU.
    pub fn gated(gpu: &Gpu, weights: &Contents, name: &str, precision: Precision) -> Result<Self, ModelError> {
        let (values, bias, shape, format) = parts(weights, name, precision)?;
        Ok(Self { matrix: Matrix::gated(gpu, shape, &bias, format, |o, i| values[o * shape[1] + i])? })
    }
}

/// Weights [outputs, inputs], biases, the shape, and how they are kept.
type Parts = (Vec<f32>, Vec<f32>, [usize; 2], Format);

fn parts(weights: &Contents, name: &str, precision: Precision) -> Result<Parts, ModelError> {
    let (weight, bias) = (format!("{name}.weight"), weights.numbers(&format!("{name}.bias"))?);
    let format = match precision {
        Precision::Chosen => weights.format_of(&weight),
        Precision::Single => weights.exact_format_of(&weight),
    };
    let shape = weights.shape(&weight);
    Ok((weights.numbers(&weight)?, bias, [shape[0], shape[1..].iter().product()], format))
}

pub fn read_norm(gpu: &Gpu, weights: &Contents, name: &str, eps: f64) -> Result<Norm, ModelError> {
    let [weight, bias] = ["weight", "bias"].map(|part| weights.numbers(&format!("{name}.{part}")));
    Ok(Norm::new(gpu, &weight?, &bias?, eps as f32)?)
}

/// The patch embedding, always as exact as the file.
pub struct Patches {
    pub matrix: Matrix,
}

impl Patches {
    pub fn read(gpu: &Gpu, weights: &Contents, name: &str) -> Result<Self, ModelError> {
        let (values, bias, shape, format) = parts(weights, name, Precision::Single)?;
        debug_assert_eq!(shape[1], 3 * PATCH * PATCH);
        Ok(Self { matrix: Matrix::new(gpu, shape, &bias, format, |o, i| values[o * shape[1] + i])? })
    }
}

/// A 3×3 convolution.
pub struct Conv {
    pub matrix: Matrix,
    pub stride: usize,
}

impl Conv {
    pub fn read(gpu: &Gpu, weights: &Contents, name: &str, shape: ConvShape) -> Result<Self, ModelError> {
        let stored = format!("{name}.weight");
        let (values, sizes, format) = (weights.numbers(&stored)?, weights.shape(&stored), weights.format_of(&stored));
        let (outputs, channels) = (sizes[0], sizes[1]);
        let bias = if shape.has_bias { weights.numbers(&format!("{name}.bias"))? } else { vec![0.0; outputs] };
        // Kernels read four channels at once: what is beyond the last is zero.
        let padded = channels.next_multiple_of(4);
        // Inputs come as (row, column, channel) of the window, and are stored as (channel, row, column).
        let at = |output: usize, input: usize| match input % padded {
            channel if channel < channels => values[(output * channels + channel) * 9 + input / padded],
            _ => 0.0,
        };
        let matrix = Matrix::new(gpu, [outputs, 9 * padded], &bias, format, at)?;
        Ok(Self { matrix, stride: shape.stride })
    }
}

/// A transposed convolution whose kernel is as large as its stride.
pub struct Upscale {
    pub matrix: Matrix,
    pub factor: usize,
    pub channels: usize,
}

impl Upscale {
    pub fn read(gpu: &Gpu, weights: &Contents, name: &str) -> Result<Self, ModelError> {
        let stored = format!("{name}.weight");
        let (values, shape, format) = (weights.numbers(&stored)?, weights.shape(&stored), weights.format_of(&stored));
        let (inputs, channels, factor) = (shape[0], shape[1], shape[2]);
        let of_channel = weights.numbers(&format!("{name}.bias"))?;
        let block = factor * factor;
        let bias: Vec<f32> = (0..block).flat_map(|_| &of_channel).copied().collect();
        // Outputs come as (place in the block, channel), and are stored as (channel, place).
        let at = |output: usize, input: usize| {
            values[(input * channels + output % channels) * block + output / channels]
        };
        Ok(Self { matrix: Matrix::new(gpu, [block * channels, inputs], &bias, format, at)?, factor, channels })
    }
}

/// The end of a dense head.
pub struct Ends {
    pub hidden: Conv,
    pub out: Linear,
}

impl Ends {
    pub fn read(gpu: &Arc<Gpu>, weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Ok(Self {
            hidden: Conv::read(gpu, weights, &format!("{name}.0"), ConvShape::PLAIN)?,
            out: Linear::read(gpu, weights, &format!("{name}.2"), Precision::Single)?,
        })
    }
}
