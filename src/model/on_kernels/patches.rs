//! The image as tokens: a linear layer over patches of 14×14 pixels (specification §3.1).

use candle_core::Tensor;

use super::array::Array;
use super::laid_out::laid_out;
use crate::model::host::with_host;
use crate::model::kernels::{self, Matrix, PerOutput, Rows, Runs};
use crate::model::{Contents, ModelError, PATCH};

/// The patch embedding, always in f32.
pub struct Patches {
    matrix: Matrix,
    bias: PerOutput,
}

impl Patches {
    pub fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        let stored = format!("{name}.weight");
        let bias = weights.numbers(&format!("{name}.bias"))?;
        let outputs = weights.shape(&stored)[0];
        let runs = Runs { count: PATCH, length: 3 * PATCH };
        // The kernel reads pixels with their channels together; stored are planes.
        let place = |output: usize, input: usize| (output * 3 + input % 3) * PATCH * PATCH + input / 3;
        let matrix = laid_out(weights, &stored, outputs, runs, weights.exact_format_of(&stored), place)?;
        Ok(Self { matrix, bias: PerOutput::new(&bias) })
    }

    /// Images [3, H, W] → [S, 1 + h·w, C]: their patches behind the class token, plus an embedding [1 + h·w, C].
    pub fn tokens(&self, class_token: &[f32], embedding: &[f32], images: &[Tensor]) -> Result<Array, ModelError> {
        let outputs = self.matrix.outputs();
        let of_view = embedding.len();
        let mut tokens = vec![0.0; images.len() * of_view];
        for (image, tokens) in images.iter().zip(tokens.chunks_exact_mut(of_view)) {
            let (_, height, width) = image.dims3()?;
            let (class, patches) = tokens.split_at_mut(outputs);
            class.copy_from_slice(class_token);
            let sink = || Rows::new(&self.bias, outputs);
            with_host(image, |image| {
                kernels::patches(image, [height, width], PATCH, &self.matrix, patches, sink);
            })?;
            tokens.iter_mut().zip(embedding).for_each(|(token, place)| *token += place);
        }
        Ok(Array::new(tokens, &[images.len(), of_view / outputs, outputs]))
    }
}
