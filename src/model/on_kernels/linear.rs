//! Linear layers and LayerNorm, laid out for the kernels.

use half::bf16;

use super::laid_out::laid_out;
use crate::model::kernels::{self, Compute, Element, Format, Inputs, Matrix, Norm, PerOutput, Rows, Runs};
use crate::model::operations::Precision;
use crate::model::{Contents, ModelError};

/// Rows that go through a layer together.
const ROWS_TOGETHER: usize = 2048;

/// y = x·Wᵀ + b on the last dimension.
pub struct Linear {
    pub matrix: Matrix,
    pub bias: PerOutput,
}

impl Linear {
    pub fn read(weights: &Contents, name: &str, precision: Precision) -> Result<Self, ModelError> {
        let (weight, bias) = (format!("{name}.weight"), weights.numbers(&format!("{name}.bias"))?);
        let format = match precision {
            Precision::Chosen => weights.format_of(&weight),
            Precision::Single => weights.exact_format_of(&weight),
        };
        let shape = weights.shape(&weight);
        let (outputs, inputs) = (shape[0], shape[1..].iter().product::<usize>());
        let matrix = laid_out(weights, &weight, outputs, Runs::one(inputs), format, |o, i| o * inputs + i)?;
        Ok(Self { matrix, bias: PerOutput::new(&bias) })
    }

    /// Of weights [outputs, inputs] and a bias for each output, in f32.
    pub fn of(weight: &[f32], bias: &[f32]) -> Self {
        let outputs = bias.len();
        let matrix = Matrix::new(weight, outputs, Runs::one(weight.len() / outputs), Format::F32);
        Self { matrix, bias: PerOutput::new(bias) }
    }

    /// Rows [rows, in] → [rows, out]; of what LayerNorm makes of them, where there is one.
    pub fn forward(&self, x: &[f32], norm: Option<&LayerNorm>) -> Vec<f32> {
        let norm = norm.map(LayerNorm::parts);
        match self.matrix.compute() {
            Compute::F32 => self.multiplied::<f32>(x, norm),
            Compute::Bf16 => self.multiplied::<bf16>(x, norm),
        }
    }

    fn multiplied<E: Element>(&self, x: &[f32], norm: Option<Norm>) -> Vec<f32> {
        let (input, outputs) = (self.matrix.runs().total(), self.matrix.outputs());
        let mut y = vec![0.0; x.len() / input * outputs];
        let mut inputs = Inputs::<E>::default();
        // Some rows at a time: their copy stays small beside a large map.
        for (x, y) in x.chunks(ROWS_TOGETHER * input).zip(y.chunks_mut(ROWS_TOGETHER * outputs)) {
            match norm {
                Some(norm) => inputs.normalise(x, norm),
                None => inputs.copy(x, input),
            }
            kernels::linear(&inputs, &self.matrix, y, outputs, 1, |_, _| Rows::new(&self.bias, outputs));
        }
        y
    }
}

/// LayerNorm over the last dimension.
pub struct LayerNorm {
    weight: Vec<f32>,
    bias: Vec<f32>,
    eps: f32,
}

impl LayerNorm {
    pub fn new(weights: &Contents, name: &str, eps: f64) -> Result<Self, ModelError> {
        let (weight, bias) = (weights.numbers(&format!("{name}.weight"))?, weights.numbers(&format!("{name}.bias"))?);
        Ok(Self { weight, bias, eps: eps as f32 })
    }

    /// For kernels that normalise on their way.
    pub fn parts(&self) -> Norm<'_> {
        Norm { weight: &self.weight, bias: &self.bias, eps: self.eps }
    }
}
