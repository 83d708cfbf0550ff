//! The image as tokens: a linear layer over patches of 14×14 pixels (specification §3.1).

use super::ModelError;
use super::array::Array;
use super::host::with_host;
use super::kernels::{self, Matrix, PerOutput, Rows, Runs};
use super::ops::multiply;
use super::source::{Backend, Contents};

/// Side of a patch in pixels.
pub const PATCH: usize = 14;

/// The patch embedding, always in f32.
pub enum Patches {
    /// Weight [3 · 14 · 14, C].
    Candle {
        weight: Array,
        bias: Array,
    },
    Kernels {
        matrix: Matrix,
        bias: PerOutput,
    },
}

impl Patches {
    pub fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        let stored = format!("{name}.weight");
        let bias = weights.f32(&format!("{name}.bias"))?;
        if weights.backend() == Backend::Candle {
            return Ok(Self::Candle {
                weight: weights.prepared(&stored, |weight| weight.flatten_from(1)?.t()?.contiguous())?,
                bias,
            });
        }
        let outputs = weights.shape(&stored)[0];
        let runs = Runs { count: PATCH, length: 3 * PATCH };
        // The kernel reads pixels with their channels together; stored are planes.
        let place = |output: usize, input: usize| (output * 3 + input % 3) * PATCH * PATCH + input / 3;
        let matrix = weights.lay_out(&stored, outputs, runs, weights.exact_format_of(&stored), place)?;
        Ok(Self::Kernels { matrix, bias: with_host(&bias, PerOutput::new)? })
    }

    /// One normalised image [3, H, W] → [h·w, C].
    pub fn forward(&self, image: &Array) -> candle_core::Result<Array> {
        let (_, height, width) = image.dims3()?;
        let (h, w) = (height / PATCH, width / PATCH);
        match self {
            Self::Candle { weight, bias } => {
                let patches = image.reshape(&[3, h, PATCH, w, PATCH][..])?.permute([1, 3, 0, 2, 4])?.contiguous()?;
                multiply(&patches.reshape((h * w, 3 * PATCH * PATCH))?, weight)?.add(bias)
            }
            Self::Kernels { matrix, bias } => {
                let outputs = matrix.outputs();
                let mut tokens = vec![0.0; h * w * outputs];
                let sink = || Rows::new(bias, outputs);
                with_host(image, |image| kernels::patches(image, [height, width], PATCH, matrix, &mut tokens, sink))?;
                image.like(tokens, (h * w, outputs))
            }
        }
    }
}
