//! Operations that launch kernels and take memory.

use std::borrow::Borrow;
use std::sync::Arc;

use candle_core::{DType, Layout, Result, Shape, Tensor};

use super::record::{Block, Launch, Source, launched, spelt, swept};
use super::{Array, Kind, Values, has_rows, lent};

/// One operation: what it is called, what it reads, and what it gives.
struct Work<'a> {
    op: &'static str,
    inputs: &'a [&'a Array],
    shape: Shape,
    element: DType,
    from: Source,
    /// Kernels that it takes.
    count: usize,
    /// Rows and columns of a product.
    product: Option<(usize, usize)>,
}

impl<'a> Work<'a> {
    fn new(op: &'static str, inputs: &'a [&'a Array], shape: Shape) -> Self {
        let element = inputs.first().map_or(DType::F32, |x| x.element());
        Self { op, inputs, shape, element, from: Source::Private, count: 1, product: None }
    }

    /// Writes it down and does it; in a rehearsal, only the former.
    fn run(self, work: impl FnOnce() -> Result<Tensor>) -> Result<Array> {
        let bytes = (self.shape.elem_count() * self.element.size_in_bytes()) as u64;
        let block = Block::take(bytes, self.from).map(Arc::new);
        launched(|| Launch {
            op: self.op,
            element: spelt(self.inputs.first().map_or(self.element, |x| x.element())),
            layouts: self.inputs.iter().map(|x| if x.is_contiguous() { 'c' } else { 's' }).collect(),
            has_one_row: self.product.is_some_and(|(rows, _)| rows == 1),
            has_one_column: self.product.is_some_and(|(_, columns)| columns == 1),
            count: self.count,
            bytes: bytes + self.inputs.iter().map(|x| x.bytes()).sum::<u64>(),
        });
        let whole = self.shape.elem_count();
        let values = match super::rehearsed() {
            Some(_) => Values::Shape { layout: Layout::contiguous(self.shape), element: self.element },
            None => Values::Tensor(work()?),
        };
        Ok(Array { values, whole, block })
    }
}

impl Array {
    fn mapped(&self, op: &'static str, work: impl FnOnce(&Tensor) -> Result<Tensor>) -> Result<Self> {
        Work::new(op, &[self], self.shape().clone()).run(|| work(self.tensor()?))
    }

    fn with(
        &self,
        op: &'static str,
        other: &Self,
        work: impl FnOnce(&Tensor, &Tensor) -> Result<Tensor>,
    ) -> Result<Self> {
        let shape = self.shape().broadcast_shape_binary_op(other.shape(), op)?;
        Work::new(op, &[self, other], shape).run(|| work(self.tensor()?, other.tensor()?))
    }

    /// Row-major numbers that lie together: a copy where they do not yet.
    pub fn contiguous(&self) -> Result<Self> {
        if self.is_contiguous() { Ok(self.clone()) } else { self.mapped("copy", Tensor::contiguous) }
    }

    /// In a brief rehearsal: memory as it would be taken once more by what gave this.
    pub fn standing_in(like: &Self) -> Result<Self> {
        Work::new("stand-in", &[like], like.shape().clone()).run(|| like.tensor()?.force_contiguous())
    }

    pub fn zeros(shape: impl Into<Shape>, like: &Self) -> Result<Self> {
        let shape = shape.into();
        let work = Work { element: like.element(), from: Source::Shared, ..Work::new("zeros", &[], shape.clone()) };
        work.run(|| Tensor::zeros(shape, like.element(), like.device()))
    }

    pub fn relu(&self) -> Result<Self> {
        self.mapped("relu", Tensor::relu)
    }

    pub fn gelu_erf(&self) -> Result<Self> {
        self.mapped("gelu_erf", Tensor::gelu_erf)
    }

    pub fn silu(&self) -> Result<Self> {
        self.mapped("silu", Tensor::silu)
    }

    pub fn exp(&self) -> Result<Self> {
        self.mapped("exp", Tensor::exp)
    }

    pub fn neg(&self) -> Result<Self> {
        self.mapped("neg", Tensor::neg)
    }

    pub fn sigmoid(&self) -> Result<Self> {
        self.mapped("sigmoid", candle_nn::ops::sigmoid)
    }

    /// x · `factor` + `offset`.
    pub fn affine(&self, factor: f64, offset: f64) -> Result<Self> {
        self.mapped("affine", |x| x.affine(factor, offset))
    }

    /// Over the last dimension.
    pub fn softmax(&self) -> Result<Self> {
        self.mapped("softmax", candle_nn::ops::softmax_last_dim)
    }

    /// Over the last dimension of what lies together.
    pub fn layer_norm(&self, weight: &Self, bias: &Self, eps: f32) -> Result<Self> {
        Work::new("layer_norm", &[self, weight, bias], self.shape().clone())
            .run(|| candle_nn::ops::layer_norm(self.tensor()?, weight.tensor()?, bias.tensor()?, eps))
    }

    /// Turns the pairs (i, i + d/2) of channels of `self` [1, heads, tokens, d] by angles whose cosines and sines are
    /// [tokens, d/2].
    pub fn rope(&self, cos: &Self, sin: &Self) -> Result<Self> {
        Work::new("rope", &[self, cos, sin], self.shape().clone())
            .run(|| candle_nn::rotary_emb::rope(self.tensor()?, cos.tensor()?, sin.tensor()?))
    }

    pub fn add(&self, other: &Self) -> Result<Self> {
        self.with("add", other, |a, b| a.broadcast_add(b))
    }

    pub fn mul(&self, other: &Self) -> Result<Self> {
        self.with("mul", other, |a, b| a.broadcast_mul(b))
    }

    pub fn to_element(&self, element: DType) -> Result<Self> {
        if self.element() == element {
            return Ok(self.clone());
        }
        Work { element, ..Work::new("to_dtype", &[self], self.shape().clone()) }
            .run(|| self.tensor()?.to_dtype(element))
    }

    /// [.., m, k] · [.., k, n], the leading dimensions equal.
    pub fn matmul(&self, other: &Self) -> Result<Self> {
        let (rank, a, b) = (self.rank(), self.dims(), other.dims());
        if rank < 2 || other.rank() != rank || a[..rank - 2] != b[..rank - 2] || a[rank - 1] != b[rank - 2] {
            candle_core::bail!("{a:?} cannot be multiplied by {b:?}");
        }
        let (rows, columns) = (a[rank - 2], b[rank - 1]);
        let shape = [&a[..rank - 2], &[rows, columns]].concat();
        let inputs = [self, other];
        let work = Work::new("matmul", &inputs, shape.into());
        Work { product: Some((rows, columns)), ..work }.run(|| self.tensor()?.matmul(other.tensor()?))
    }

    /// The Apple GPU's fused attention over [1, heads, tokens, d].
    pub fn sdpa(&self, keys: &Self, values: &Self, scale: f32) -> Result<Self> {
        // Neither a mask, nor causal, nor capped.
        Work::new("sdpa", &[self, keys, values], self.shape().clone())
            .run(|| candle_nn::ops::sdpa(self.tensor()?, keys.tensor()?, values.tensor()?, None, false, scale, 1.0))
    }

    /// Parts beside each other along `dim`.
    pub fn cat<A: Borrow<Self>>(parts: &[A], dim: usize) -> Result<Self> {
        let all = lent(parts);
        let Some(first) = all.clone().next() else { candle_core::bail!("nothing to put together") };
        if parts.len() == 1 {
            return Ok(first.clone());
        }
        if dim > 0 && !all.clone().all(|part| part.is_contiguous() || has_rows(part, dim)) {
            let turned = all.map(|part| part.transpose(0, dim)).collect::<Result<Vec<_>>>()?;
            return Self::cat(&turned, 0)?.transpose(0, dim);
        }
        let mut shape = first.dims().to_vec();
        shape[dim] = all.clone().map(|part| part.dims()[dim]).sum();
        let inputs: Vec<&Self> = all.clone().collect();
        let work = Work::new("cat", &inputs, shape.into());
        Work { count: parts.len(), ..work }.run(|| {
            let tensors = all.map(Self::tensor).collect::<Result<Vec<_>>>()?;
            Tensor::cat(&tensors, dim)
        })
    }

    /// Parts behind each other along a new first dimension.
    pub fn stack<A: Borrow<Self>>(parts: &[A]) -> Result<Self> {
        let parts = lent(parts).map(|part| part.unsqueeze(0)).collect::<Result<Vec<_>>>()?;
        Self::cat(&parts, 0)
    }

    /// With zeros before and after along `dim`.
    pub fn pad(&self, dim: usize, before: usize, after: usize) -> Result<Self> {
        let zeros = |length: usize| {
            let mut shape = self.dims().to_vec();
            shape[dim] = length;
            Self::zeros(shape, self)
        };
        match (before, after) {
            (0, 0) => Ok(self.clone()),
            (0, _) => Self::cat(&[self, &zeros(after)?], dim),
            (_, 0) => Self::cat(&[&zeros(before)?, self], dim),
            _ => Self::cat(&[&zeros(before)?, self, &zeros(after)?], dim),
        }
    }

    /// A map [h, w, c] with rows of zeros above and below it, and columns of zeros left and right of it.
    pub fn framed(&self, [above, below]: [usize; 2], [left, right]: [usize; 2]) -> Result<Self> {
        let (height, width, channels) = self.dims3()?;
        let whole = Self::zeros((above + height + below, left + width + right, channels), self)?;
        let (inside, x) = (whole.narrow(0, above, height)?, self.contiguous()?);
        x.put_into(&inside, 1, left)?;
        Ok(whole)
    }

    /// Copies these numbers into memory of `place`, whose dimension `dim` they fill from `offset` on.
    fn put_into(&self, place: &Self, dim: usize, offset: usize) -> Result<()> {
        launched(|| Launch {
            op: "put",
            element: spelt(self.element()),
            layouts: "c".into(),
            has_one_row: false,
            has_one_column: false,
            count: 1,
            bytes: 2 * self.bytes(),
        });
        match super::rehearsed() {
            Some(_) => Ok(()),
            None => place.tensor()?.slice_set(self.tensor()?, dim, offset),
        }
    }

    /// The parts with these numbers along the first dimension.
    pub fn select(&self, indices: &[u32]) -> Result<Self> {
        let mut shape = self.dims().to_vec();
        shape[0] = indices.len();
        Work::new("index_select", &[self], shape.into())
            .run(|| self.tensor()?.index_select(&Tensor::new(indices, self.device())?, 0))
    }

    /// Planes [1, c, h, w], bilinear with aligned corners.
    pub fn upsample(&self, height: usize, width: usize) -> Result<Self> {
        let (n, c, _, _) = self.dims4()?;
        Work::new("upsample_bilinear2d", &[self], (n, c, height, width).into())
            .run(|| self.tensor()?.upsample_bilinear2d(height, width, true))
    }

    /// The numbers in f32, row-major, on the host. A card copies the whole memory that they lie in, whatever part of it they
    /// are, so what is read is made to lie by itself before.
    pub fn to_host(&self) -> Result<Vec<f32>> {
        let own = if self.fills_its_memory() { self.clone() } else { self.mapped("copy", Tensor::force_contiguous)? };
        let bytes = own.bytes();
        let staging = Block::take(bytes, Source::Shared);
        launched(|| Launch {
            op: "read",
            element: spelt(own.element()),
            layouts: "c".into(),
            has_one_row: false,
            has_one_column: false,
            count: 1,
            bytes: 2 * bytes,
        });
        swept();
        drop(staging);
        match super::rehearsed() {
            Some(_) => Ok(vec![0.0; self.elem_count()]),
            None => own.tensor()?.to_dtype(DType::F32)?.flatten_all()?.to_vec1(),
        }
    }

    /// Whether a read of these numbers reads nothing else; a CPU reads what it is asked for.
    fn fills_its_memory(&self) -> bool {
        self.kind() == Kind::Cpu || self.is_contiguous() && self.whole == self.elem_count()
    }
}
