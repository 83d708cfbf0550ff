//! The last layers of a dense head, strip by strip.

use std::sync::Arc;

use super::OnCard;
use super::array::Array;
use super::layers::Ends as Layers;
use crate::model::ModelError;
use crate::model::gpu::{Convolution, Ends, Picture, Rows, convolve_some, multiply};
use crate::model::kernels::Activation;

/// Bytes that the hidden channels of one strip may take.
const STRIP_BYTES: usize = 8 << 20;

/// Where pixels are, for maps of one size: [width, channels / 2] and [height, channels / 2].
pub struct Positions {
    pub columns: Array,
    pub rows: Array,
}

impl Positions {
    pub fn tables(&self) -> [&crate::model::gpu::Numbers; 2] {
        [&self.columns.numbers, &self.rows.numbers]
    }
}

/// A map that is seen at another size, with its positions, and never there as a whole.
pub struct Enlarged {
    pub map: Array,
    pub size: [usize; 2],
    pub positions: Option<Arc<Positions>>,
}

impl Enlarged {
    pub fn picture(&self) -> Picture<'_> {
        let tables = self.positions.as_ref().map(|positions| positions.tables());
        Picture { resized: Some(self.size), tables, ..self.map.picture() }
    }
}

impl Layers {
    /// [H, W, c] → [outputs, H, W].
    pub fn forward(&self, on: &OnCard, x: &Enlarged) -> Result<Array, ModelError> {
        let [height, width] = x.size;
        let (pixels, hidden, outputs) = (height * width, self.hidden.matrix.outputs, self.out.outputs);
        let logits = on.new_array(&[outputs, height, width])?;
        let how =
            Convolution { step: 1, relu_before: false, ends: Ends { activation: Activation::Relu, ..Ends::default() } };
        let strips = (4 * pixels * hidden).div_ceil(STRIP_BYTES);
        for strip in 0..strips {
            let (begin, end) = (strip * pixels / strips, (strip + 1) * pixels / strips);
            let between = on.new_array(&[end - begin, hidden])?;
            convolve_some(x.picture(), &self.hidden.matrix, &how, begin, between.rows())?;
            // Planes of all pixels, of which this strip fills its own.
            let rest = logits.numbers.part(begin, logits.numbers.len() - begin);
            let into = Rows { numbers: &rest, count: end - begin, stride: 1 };
            multiply(between.rows(), &self.out, &Ends { plane: Some(pixels), ..Ends::default() }, into)?;
        }
        Ok(logits)
    }
}
