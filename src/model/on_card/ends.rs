//! The last layers of a dense head, in one go.

use std::sync::Arc;

use super::OnCard;
use super::array::Array;
use super::layers::Ends as Layers;
use crate::model::ModelError;
use crate::model::gpu::{Convolution, Ends, Numbers, Picture, convolve};

/// Where pixels are, for maps of one size: [width, channels / 2] and [height, channels / 2].
pub struct Positions {
    pub columns: Array,
    pub rows: Array,
}

impl Positions {
    pub fn tables(&self) -> [&Numbers; 2] {
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
        let logits = on.new_array(&[self.out.outputs, height, width])?;
        let ends = Ends { logits: Some(&self.out), ..Ends::default() };
        let how = Convolution { step: 1, relu_before: false, ends };
        convolve(x.picture(), &self.hidden.matrix, &how, &logits.numbers)?;
        Ok(logits)
    }
}
