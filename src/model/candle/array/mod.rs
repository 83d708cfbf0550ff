//! What networks on candle calculate with: tensors, each operation of which can be written down, and which a rehearsal
//! replaces by their shapes.

mod compute;
mod pool;
mod record;

use std::borrow::Borrow;
use std::sync::Arc;

use candle_core::shape::ShapeWithOneHole;
use candle_core::{DType, Device, Layout, Result, Shape, Tensor};

pub use pool::peak_bytes;
use record::Block;
pub use record::{
    Event, Kind, Launch, Source, is_brief, record, rehearse, rehearse_briefly, rehearsed, swept, traffic, unrecorded,
};

use crate::model::{ModelError, Shown};

/// A tensor on any device, or in a rehearsal its shape. A clone shares the numbers.
#[derive(Clone, Debug)]
pub struct Array {
    values: Values,
    /// Numbers in the memory that they lie in, of which views show a part.
    whole: usize,
    /// The memory that views of the same numbers share; present while somebody writes down.
    block: Option<Arc<Block>>,
}

#[derive(Clone, Debug)]
enum Values {
    Tensor(Tensor),
    Shape { layout: Layout, element: DType },
}

impl Shown for Array {
    fn numbers(&self) -> std::result::Result<Vec<f32>, ModelError> {
        Ok(self.to_host()?)
    }
}

/// Numbers that candle holds, on a CPU or a card.
impl From<Tensor> for Array {
    fn from(tensor: Tensor) -> Self {
        let bytes = (tensor.elem_count() * tensor.dtype().size_in_bytes()) as u64;
        let block = Block::take(bytes, Source::Upload).map(Arc::new);
        let whole = tensor.elem_count();
        let values = match rehearsed() {
            Some(_) => Values::Shape { layout: Layout::contiguous(tensor.shape().clone()), element: tensor.dtype() },
            None => Values::Tensor(tensor),
        };
        Self { values, whole, block }
    }
}

impl Array {
    /// Uploads numbers.
    pub fn from_vec(values: Vec<f32>, shape: impl Into<Shape>, device: &Device) -> Result<Self> {
        let shape = shape.into();
        match rehearsed() {
            Some(_) => Ok(Self::shaped(shape, DType::F32)),
            None => Ok(Tensor::from_vec(values, shape, device)?.into()),
        }
    }

    /// A shape that stands for an upload; for rehearsals.
    pub fn shaped(shape: impl Into<Shape>, element: DType) -> Self {
        let shape = shape.into();
        let bytes = (shape.elem_count() * element.size_in_bytes()) as u64;
        let block = Block::take(bytes, Source::Upload).map(Arc::new);
        let whole = shape.elem_count();
        Self { values: Values::Shape { layout: Layout::contiguous(shape), element }, whole, block }
    }

    /// Numbers where these lie.
    pub fn like(&self, values: Vec<f32>, shape: impl Into<Shape>) -> Result<Self> {
        Self::from_vec(values, shape, self.device())
    }

    /// The CPU in a rehearsal, where [`Self::kind`] knows more.
    pub fn device(&self) -> &Device {
        match &self.values {
            Values::Tensor(tensor) => tensor.device(),
            Values::Shape { .. } => &Device::Cpu,
        }
    }

    pub fn kind(&self) -> Kind {
        rehearsed().unwrap_or(match self.device() {
            Device::Cpu => Kind::Cpu,
            Device::Cuda(_) => Kind::Cuda,
            Device::Metal(_) => Kind::Metal,
        })
    }

    /// The tensor; an error in a rehearsal, which has none.
    pub fn tensor(&self) -> Result<&Tensor> {
        match &self.values {
            Values::Tensor(tensor) => Ok(tensor),
            Values::Shape { .. } => candle_core::bail!("a rehearsal has no numbers"),
        }
    }

    fn layout(&self) -> &Layout {
        match &self.values {
            Values::Tensor(tensor) => tensor.layout(),
            Values::Shape { layout, .. } => layout,
        }
    }

    pub fn shape(&self) -> &Shape {
        self.layout().shape()
    }

    pub fn dims(&self) -> &[usize] {
        self.layout().dims()
    }

    pub fn dim(&self, dim: usize) -> Result<usize> {
        self.shape().dim(dim)
    }

    pub fn dims2(&self) -> Result<(usize, usize)> {
        self.shape().dims2()
    }

    pub fn dims3(&self) -> Result<(usize, usize, usize)> {
        self.shape().dims3()
    }

    pub fn dims4(&self) -> Result<(usize, usize, usize, usize)> {
        self.shape().dims4()
    }

    pub fn rank(&self) -> usize {
        self.dims().len()
    }

    pub fn elem_count(&self) -> usize {
        self.shape().elem_count()
    }

    pub fn element(&self) -> DType {
        match &self.values {
            Values::Tensor(tensor) => tensor.dtype(),
            Values::Shape { element, .. } => *element,
        }
    }

    pub fn is_contiguous(&self) -> bool {
        self.layout().is_contiguous()
    }

    /// Bytes of the numbers that this shows; what it repeats lies there once.
    fn bytes(&self) -> u64 {
        let lengths = self.dims().iter().zip(self.layout().stride());
        let shown: usize = lengths.filter(|(_, stride)| **stride > 0).map(|(length, _)| length).product();
        (shown * self.element().size_in_bytes()) as u64
    }

    /// The same numbers seen otherwise.
    fn view(
        &self,
        of_tensor: impl FnOnce(&Tensor) -> Result<Tensor>,
        of_layout: impl FnOnce(&Layout) -> Result<Layout>,
    ) -> Result<Self> {
        let values = match &self.values {
            Values::Tensor(tensor) => Values::Tensor(of_tensor(tensor)?),
            Values::Shape { layout, element } => Values::Shape { layout: of_layout(layout)?, element: *element },
        };
        Ok(Self { values, whole: self.whole, block: self.block.clone() })
    }

    pub fn narrow(&self, dim: usize, start: usize, len: usize) -> Result<Self> {
        self.view(|x| x.narrow(dim, start, len), |layout| layout.narrow(dim, start, len))
    }

    /// The `i`-th part along the first dimension, which goes.
    pub fn get(&self, i: usize) -> Result<Self> {
        self.narrow(0, i, 1)?.squeeze(0)
    }

    pub fn transpose(&self, a: usize, b: usize) -> Result<Self> {
        self.view(|x| x.transpose(a, b), |layout| layout.transpose(a, b))
    }

    /// The last two dimensions change places.
    pub fn t(&self) -> Result<Self> {
        let rank = self.rank();
        self.transpose(rank - 2, rank - 1)
    }

    pub fn permute<const N: usize>(&self, dims: [usize; N]) -> Result<Self> {
        self.view(|x| x.permute(dims.to_vec()), |layout| layout.permute(&dims))
    }

    pub fn broadcast_as(&self, shape: impl Into<Shape>) -> Result<Self> {
        let shape = shape.into();
        self.view(|x| x.broadcast_as(&shape), |layout| layout.broadcast_as(shape.clone()))
    }

    pub fn squeeze(&self, dim: usize) -> Result<Self> {
        self.view(|x| x.squeeze(dim), |layout| Ok(without(layout, dim)))
    }

    pub fn unsqueeze(&self, dim: usize) -> Result<Self> {
        self.view(
            |x| x.unsqueeze(dim),
            |layout| {
                let (mut dims, mut stride) = (layout.dims().to_vec(), layout.stride().to_vec());
                let of_new = if dim < dims.len() { dims[dim] * stride[dim] } else { 1 };
                dims.insert(dim, 1);
                stride.insert(dim, of_new);
                Ok(Layout::new(Shape::from_dims(&dims), stride, layout.start_offset()))
            },
        )
    }

    /// Another shape; what does not lie together is copied.
    pub fn reshape(&self, shape: impl ShapeWithOneHole) -> Result<Self> {
        let shape = shape.into_shape(self.elem_count())?;
        if shape.elem_count() != self.elem_count() {
            candle_core::bail!("{:?} is no shape of {:?}", shape, self.dims());
        }
        if !self.is_contiguous() {
            return self.contiguous()?.reshape(shape.dims());
        }
        self.view(
            |x| x.reshape(&shape),
            |layout| Ok(Layout::contiguous_with_offset(shape.clone(), layout.start_offset())),
        )
    }

    /// Dimensions from `start` to `end` become one.
    pub fn flatten(&self, start: usize, end: usize) -> Result<Self> {
        let dims = self.dims();
        let together: usize = dims[start..=end].iter().product();
        let shape = [&dims[..start], &[together], &dims[end + 1..]].concat();
        self.reshape(shape.as_slice())
    }

    pub fn flatten_from(&self, start: usize) -> Result<Self> {
        self.flatten(start, self.rank() - 1)
    }

    pub fn flatten_all(&self) -> Result<Self> {
        self.reshape(self.elem_count())
    }
}

/// Without a dimension of length 1; others stay.
fn without(layout: &Layout, dim: usize) -> Layout {
    if layout.dims()[dim] != 1 {
        return layout.clone();
    }
    let (mut dims, mut stride) = (layout.dims().to_vec(), layout.stride().to_vec());
    dims.remove(dim);
    stride.remove(dim);
    Layout::new(Shape::from_dims(&dims), stride, layout.start_offset())
}

/// Whether parts like this can be put beside others along `dim` row by row, as candle does it.
fn has_rows(x: &Array, dim: usize) -> bool {
    let (dims, stride) = (x.dims(), x.layout().stride());
    let mut expected = 1;
    for i in (dim..dims.len()).rev() {
        if stride[i] != expected {
            return false;
        }
        expected *= dims[i];
    }
    let Some(outer) = dim.checked_sub(1) else { return true };
    (0..outer).rev().all(|i| stride[i] == stride[i + 1] * dims[i + 1])
}

/// The arrays behind anything that lends them.
fn lent<A: Borrow<Array>>(arrays: &[A]) -> impl Iterator<Item = &Array> + Clone {
    arrays.iter().map(Borrow::borrow)
}
