//! Layers over tokens, on a card.

use super::OnCard;
use super::array::{Array, Image};
use super::block::{Block, Rope};
use crate::model::candle::positional_embedding_of;
use crate::model::embed::{STORED_GRID, Turns};
use crate::model::gpu::{
    self, Ends, Function, Matrix, Norm, Numbers, Rows, apply, copy_rows, multiply, multiply_patches, normalise,
};
use crate::model::kernels::Activation;
use crate::model::operations::{BlockShape, Peek, Precision, TokenLayers};
use crate::model::preset::PATCH;
use crate::model::{Contents, ModelError, Shown};

impl TokenLayers for OnCard {
    type Patches = Matrix;
    type Rope = Rope;
    type Norm = Norm;
    type Linear = Matrix;
    type Block = Block;
    type Workspace = ();

    fn read_patches(&self, weights: &Contents, name: &str) -> Result<Matrix, ModelError> {
        self.reading(weights).linear(name, Precision::Single)
    }

    fn read_norm(&self, weights: &Contents, name: &str, eps: f64) -> Result<Norm, ModelError> {
        self.reading(weights).norm(name, eps)
    }

    fn read_linear(&self, weights: &Contents, name: &str, precision: Precision) -> Result<Matrix, ModelError> {
        self.reading(weights).linear(name, precision)
    }

    fn read_block(
        &self,
        weights: &Contents,
        name: &str,
        shape: BlockShape,
        precision: Precision,
    ) -> Result<Block, ModelError> {
        Block::read(&self.reading(weights), name, shape, precision)
    }

    fn embedding(&self, stored: &Array, h: usize, w: usize) -> Result<Array, ModelError> {
        if (h, w) == (STORED_GRID, STORED_GRID) {
            return Ok(Array::of(stored.numbers.clone(), &stored.dims()[1..]));
        }
        let (numbers, dims) = positional_embedding_of(stored.numbers()?, stored.dims(), h, w)?;
        self.kept(&numbers, &dims)
    }

    fn tokens(
        &self,
        patches: &Matrix,
        class_token: &Array,
        embedding: &Array,
        images: &[Image],
    ) -> Result<Array, ModelError> {
        let (tokens, c) = (embedding.dims()[0], embedding.channels());
        let all = self.new_array(&[images.len(), tokens, c])?;
        let first = embedding.numbers.part(0, c);
        let others = embedding.numbers.part(c, (tokens - 1) * c);
        let plus = Rows { numbers: &others, count: tokens - 1, stride: c };
        for (view, image) in images.iter().enumerate() {
            let picture = Numbers::upload(&self.gpu, image.planes())?;
            let class = all.numbers.part(view * tokens * c, c);
            let own = all.numbers.part((view * tokens + 1) * c, (tokens - 1) * c);
            // A map of one pixel, and another one that is added to it.
            let pixel = Array::of(class_token.numbers.clone(), &[1, 1, c]);
            gpu::resize(pixel.picture(), Some(&first), &class)?;
            let ends = Ends { plus: Some(plus), ..Ends::default() };
            let y = Rows { numbers: &own, count: tokens - 1, stride: c };
            multiply_patches(&picture, [image.height, image.width], PATCH, patches, &ends, y)?;
        }
        Ok(all)
    }

    fn rope(&self, turns: Turns) -> Result<Rope, ModelError> {
        let [cos, sin] = [turns.cos, turns.sin].map(|values| self.kept(&values, &[values.len()]));
        Ok(Rope { cos: cos?, sin: sin? })
    }

    fn workspace(&self, _tile_bytes: usize) {}

    fn has_tiles(&self) -> bool {
        false
    }

    fn block(
        &self,
        block: &Block,
        x: &Array,
        groups: usize,
        rope: Option<&Rope>,
        _workspace: &mut (),
        _peek: &Peek,
    ) -> Result<Array, ModelError> {
        block.forward(self, x, groups, rope)
    }

    fn linear(&self, layer: &Matrix, x: &Array) -> Result<Array, ModelError> {
        let y = self.new_array(&x.dims_with_last(layer.width()))?;
        multiply(x.rows(), layer, &Ends::default(), y.rows())?;
        Ok(y)
    }

    fn normed(&self, norm: &Norm, x: &Array) -> Result<Array, ModelError> {
        let y = self.new_array(x.dims())?;
        normalise(x.rows(), norm, y.rows())?;
        Ok(y)
    }

    fn activated(&self, x: &Array, activation: Activation) -> Result<Array, ModelError> {
        let y = self.new_array(x.dims())?;
        apply(Function::Activation(activation), &x.numbers, &y.numbers)?;
        Ok(y)
    }

    fn beside(&self, parts: Vec<Array>) -> Result<Array, ModelError> {
        let rows = parts.first().map_or(1, |part| part.dims()[0]);
        let width = |part: &Array| part.numbers.len() / rows;
        let all: usize = parts.iter().map(width).sum();
        let y = self.new_array(&[rows, all])?;
        let mut first = 0;
        for part in &parts {
            let width = width(part);
            let place = y.numbers.part(first, y.numbers.len() - first);
            let into = Rows { numbers: &place, count: rows, stride: all };
            copy_rows(Rows { numbers: &part.numbers, count: rows, stride: width }, width, into)?;
            first += width;
        }
        Ok(y)
    }

    fn in_order(&self, x: &Array, order: &[u32]) -> Result<Array, ModelError> {
        let (y, c) = (self.new_array(x.dims())?, x.channels());
        let of_view = x.numbers.len() / order.len();
        for (place, view) in order.iter().enumerate() {
            let [from, into] =
                [(&x, *view as usize), (&&y, place)].map(|(x, view)| x.numbers.part(view * of_view, of_view));
            let rows = |numbers| Rows { numbers, count: of_view / c, stride: c };
            copy_rows(rows(&from), c, rows(&into))?;
        }
        Ok(y)
    }

    fn first_tokens(&self, x: &Array) -> Result<Vec<f32>, ModelError> {
        let [views, tokens, c] = sizes(x);
        let y = self.new_array(&[views, c])?;
        copy_rows(Rows { numbers: &x.numbers, count: views, stride: tokens * c }, c, y.rows())?;
        y.numbers()
    }

    fn repeated(&self, learned: &Array, views: usize) -> Result<Array, ModelError> {
        let c = learned.channels();
        let y = self.new_array(&[views, c])?;
        let one = |numbers, count, stride| Rows { numbers, count, stride };
        copy_rows(one(&learned.numbers, 1, c), c, one(&y.numbers, 1, c))?;
        if views > 1 {
            let (other, rest) = (learned.numbers.part(c, c), y.numbers.part(c, (views - 1) * c));
            copy_rows(one(&other, views - 1, 0), c, one(&rest, views - 1, c))?;
        }
        Ok(y)
    }

    fn with_first_tokens(&self, x: &Array, first: &Array) -> Result<Array, ModelError> {
        let [views, tokens, c] = sizes(x);
        let y = self.new_array(x.dims())?;
        copy_rows(x.rows(), c, y.rows())?;
        copy_rows(first.rows(), c, Rows { numbers: &y.numbers, count: views, stride: tokens * c })?;
        Ok(y)
    }

    fn features(&self, norm: &Norm, before: Option<&Array>, x: &Array, view: usize) -> Result<Array, ModelError> {
        let [_, tokens, c] = sizes(x);
        let width = if before.is_some() { 2 * c } else { c };
        let y = self.new_array(&[tokens - 1, width])?;
        let own = |x: &Array| x.numbers.part((view * tokens + 1) * c, (tokens - 1) * c);
        if let Some(before) = before {
            let own = own(before);
            copy_rows(Rows { numbers: &own, count: tokens - 1, stride: c }, c, y.rows())?;
        }
        let (own, right) = (own(x), y.numbers.part(width - c, y.numbers.len() - (width - c)));
        let [from, into] =
            [(&own, c), (&right, width)].map(|(numbers, stride)| Rows { numbers, count: tokens - 1, stride });
        normalise(from, norm, into)?;
        Ok(y)
    }

    fn exported(&self, norm: &Norm, x: &Array, order: Option<&[u32]>) -> Result<Vec<f32>, ModelError> {
        let [views, _, _] = sizes(x);
        let mut all = Vec::new();
        for place in 0..views {
            let view = order.map_or(place, |order| order[place] as usize);
            all.extend(self.features(norm, None, x, view)?.numbers()?);
        }
        Ok(all)
    }

    fn camera_tokens(&self, local: &Array, x: &Array, order: Option<&[u32]>) -> Result<Array, ModelError> {
        let [views, tokens, c] = sizes(x);
        let y = self.new_array(&[views, 2 * c])?;
        for (first, x) in [(0, local), (c, x)] {
            let into = y.numbers.part(first, y.numbers.len() - first);
            let from = Rows { numbers: &x.numbers, count: views, stride: tokens * c };
            copy_rows(from, c, Rows { numbers: &into, count: views, stride: 2 * c })?;
        }
        order.map_or(Ok(y.clone()), |order| self.in_order(&y, order))
    }
}

/// Views, tokens of each, channels.
fn sizes(x: &Array) -> [usize; 3] {
    let (c, tokens) = (x.channels(), x.dims()[1]);
    [x.numbers.len() / (tokens * c), tokens, c]
}
