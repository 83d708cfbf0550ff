//! Layers on tokens: linear layers and LayerNorm. Each runs on candle, or on our kernels where the device is a CPU.

use candle_core::{DType, Device};

use super::ModelError;
use super::array::{Array, Kind};
use super::host::with_host;
use super::kernels::{self, Compute, Element, Format, Inputs, Matrix, Norm, PerOutput, Rows, Runs};
use super::source::{Backend, Contents};

/// Rows that go through a layer on the kernels together.
const ROWS_TOGETHER: usize = 2048;

/// Columns behind the inputs of a product on candle that adds a bias on its way: two ones, and zeros, because kernels of products
/// want rows of whole vectors.
pub(super) const TAIL: usize = 16;

/// [1, TAIL].
pub(super) fn tail(device: &Device) -> candle_core::Result<Array> {
    let mut columns = vec![0.0; TAIL];
    columns[..2].fill(1.0);
    Array::from_vec(columns, (1, TAIL), device)
}

/// y = x·Wᵀ + b on the last dimension.
pub enum Linear {
    Candle { weight: Array, bias: Array },
    Kernels(CpuLinear),
}

/// A linear layer laid out for the kernels.
pub struct CpuLinear {
    pub matrix: Matrix,
    pub bias: PerOutput,
}

/// How exactly the matrix of a layer is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// In the format chosen for the run.
    Chosen,
    Single,
}

impl Precision {
    pub fn element(self, weights: &Contents) -> Result<DType, ModelError> {
        if self == Self::Chosen { weights.element() } else { Ok(DType::F32) }
    }
}

impl Linear {
    /// A layer of the backbone or of a head, in the format chosen for those. 1×1 convolutions are stored as
    /// [out, in, 1, 1].
    pub fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Self::read(weights, name, Precision::Chosen)
    }

    /// A layer that is always in f32: cameras, and the ends of heads.
    pub fn f32(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Self::read(weights, name, Precision::Single)
    }

    pub fn read(weights: &Contents, name: &str, precision: Precision) -> Result<Self, ModelError> {
        let (weight, bias) = (format!("{name}.weight"), weights.f32(&format!("{name}.bias"))?);
        match (weights.backend(), precision) {
            (Backend::Candle, _) => {
                let element = precision.element(weights)?;
                let weight = weights.prepared(&weight, |x| x.flatten_from(1)?.to_element(element))?;
                Ok(Self::Candle { weight, bias })
            }
            (Backend::Kernels, Precision::Chosen) => {
                Self::laid_out(weights, &weight, &bias, weights.format_of(&weight))
            }
            (Backend::Kernels, Precision::Single) => {
                Self::laid_out(weights, &weight, &bias, weights.exact_format_of(&weight))
            }
        }
    }

    /// A layer on candle whose outputs are multiplied by the numbers of the tensor `scale`, once and for all.
    pub fn scaled(weights: &Contents, name: &str, scale: &str, precision: Precision) -> Result<Self, ModelError> {
        let (scale, element) = (weights.on_host(scale)?, precision.element(weights)?);
        let scaled = |x: &Array, shape: &[usize]| x.mul(&x.like(scale.clone(), shape)?);
        Ok(Self::Candle {
            weight: weights
                .prepared(&format!("{name}.weight"), |x| scaled(x, &[scale.len(), 1])?.to_element(element))?,
            bias: weights.prepared(&format!("{name}.bias"), |x| scaled(x, &[scale.len()]))?,
        })
    }

    fn laid_out(weights: &Contents, name: &str, bias: &Array, format: Format) -> Result<Self, ModelError> {
        let shape = weights.shape(name);
        let (outputs, inputs) = (shape[0], shape[1..].iter().product::<usize>());
        let matrix = weights.lay_out(name, outputs, Runs::one(inputs), format, |o, i| o * inputs + i)?;
        Ok(Self::Kernels(CpuLinear { matrix, bias: with_host(bias, PerOutput::new)? }))
    }

    /// [.., in] → [.., out], f32 in and out.
    pub fn forward(&self, x: &Array) -> candle_core::Result<Array> {
        self.apply(x, None)
    }

    /// Of `x` [rows, in], on candle, the products alone, [rows, out], and what is still to be added, [out].
    pub fn products(&self, x: &Array) -> candle_core::Result<(Array, &Array)> {
        match self {
            Self::Candle { weight, bias } => Ok((product(x, weight)?, bias)),
            Self::Kernels(_) => candle_core::bail!("a layer on kernels adds on its way"),
        }
    }

    /// Of a map [h, w, in] one [h, w, out]. On candle it lies in planes, as what resizes it wants it.
    pub fn forward_map(&self, x: &Array) -> candle_core::Result<Array> {
        let Self::Candle { .. } = self else { return self.forward(x) };
        let (height, width, channels) = x.dims3()?;
        let (y, bias) = self.products(&x.reshape((height * width, channels))?)?;
        let outputs = bias.elem_count();
        let planes = y.t()?.add(&bias.reshape((outputs, 1))?)?;
        planes.reshape((outputs, height, width))?.permute([1, 2, 0])
    }

    /// The same after LayerNorm.
    pub fn forward_normed(&self, x: &Array, norm: &LayerNorm) -> candle_core::Result<Array> {
        self.apply(x, Some(norm))
    }

    /// The layer of some of the outputs, which shares the weights. Layers on kernels have no parts.
    pub fn part(&self, first: usize, count: usize) -> candle_core::Result<Self> {
        match self {
            Self::Candle { weight, bias } => {
                Ok(Self::Candle { weight: weight.narrow(0, first, count)?, bias: bias.narrow(0, first, count)? })
            }
            Self::Kernels(_) => candle_core::bail!("a layer on kernels has no parts"),
        }
    }

    /// Numbers that it makes of each row.
    pub fn outputs(&self) -> candle_core::Result<usize> {
        match self {
            Self::Candle { weight, .. } => weight.dim(0),
            Self::Kernels(layer) => Ok(layer.matrix.outputs()),
        }
    }

    fn apply(&self, x: &Array, norm: Option<&LayerNorm>) -> candle_core::Result<Array> {
        let mut shape = x.dims().to_vec();
        if let Some(last) = shape.last_mut() {
            *last = self.outputs()?;
        }
        match self {
            Self::Candle { weight, bias } => {
                let normed = norm.map(|norm| norm.forward(x)).transpose()?;
                let x = normed.as_ref().unwrap_or(x).reshape(((), weight.dim(1)?))?;
                product(&x, weight)?.add(bias)?.reshape(shape)
            }
            Self::Kernels(layer) => {
                let norm = norm.map(LayerNorm::parts);
                let y = with_host(x, |x| match layer.matrix.compute() {
                    Compute::F32 => layer.forward::<f32>(x, norm),
                    Compute::Bf16 => layer.forward::<half::bf16>(x, norm),
                })?;
                x.like(y, shape)
            }
        }
    }
}

impl CpuLinear {
    /// Of weights [outputs, inputs] and a bias for each output, in f32.
    pub fn of(weight: &[f32], bias: &[f32]) -> Self {
        let outputs = bias.len();
        let matrix = Matrix::new(weight, outputs, Runs::one(weight.len() / outputs), Format::F32);
        Self { matrix, bias: PerOutput::new(bias) }
    }

    fn forward<E: Element>(&self, x: &[f32], norm: Option<Norm>) -> Vec<f32> {
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

/// x·Wᵀ in f32. Half-precision weights are widened on a CPU, which multiplies no faster in half here; elsewhere the
/// product itself is done in half.
pub(super) fn product(x: &Array, weight: &Array) -> candle_core::Result<Array> {
    match (weight.element(), weight.kind()) {
        (DType::F32, _) => multiply(x, &weight.t()?),
        (_, Kind::Cpu) => multiply(x, &weight.to_element(DType::F32)?.t()?),
        (half, _) => multiply(&x.to_element(half)?, &weight.t()?)?.to_element(DType::F32),
    }
}

/// [.., m, k] · [.., k, n]: the one entry through which all products on candle go.
///
/// For one row or one column candle's Metal library takes kernels of their own, all in one file, which names bf16 whatever the
/// system's compiler knows: where that is too old, none of them can be had. So there are two rows and columns at least.
pub(super) fn multiply(a: &Array, b: &Array) -> candle_core::Result<Array> {
    if a.kind() == Kind::Metal { multiply_padded(a, b) } else { a.matmul(b) }
}

fn multiply_padded(a: &Array, b: &Array) -> candle_core::Result<Array> {
    let (row, column) = (a.rank() - 2, a.rank() - 1);
    let (rows, columns) = (a.dim(row)?, b.dim(column)?);
    let wide = |x: &Array, dim: usize, length: usize| if length == 1 { x.pad(dim, 0, 1) } else { Ok(x.clone()) };
    let y = wide(a, row, rows)?.matmul(&wide(b, column, columns)?)?;
    if rows > 1 && columns > 1 {
        return Ok(y);
    }
    y.narrow(row, 0, rows)?.narrow(column, 0, columns)?.contiguous()
}

/// LayerNorm over the last dimension.
pub struct LayerNorm {
    weight: Array,
    bias: Array,
    eps: f32,
    /// The same numbers for the kernels.
    host: Option<[Vec<f32>; 2]>,
}

impl LayerNorm {
    pub fn new(weights: &Contents, name: &str, eps: f64) -> Result<Self, ModelError> {
        let (weight, bias) = (weights.f32(&format!("{name}.weight"))?, weights.f32(&format!("{name}.bias"))?);
        let host =
            if weights.backend() == Backend::Kernels { Some([weight.to_host()?, bias.to_host()?]) } else { None };
        Ok(Self { weight, bias, eps: eps as f32, host })
    }

    pub fn forward(&self, x: &Array) -> candle_core::Result<Array> {
        match &self.host {
            Some(_) => {
                let y = with_host(x, |x| kernels::normalise(x, self.parts()))?;
                x.like(y, x.shape())
            }
            None => x.contiguous()?.layer_norm(&self.weight, &self.bias, self.eps),
        }
    }

    /// Of `x` [views, tokens, C] all tokens but each view's first, normed, behind the same tokens of `before`, where there
    /// is one: [views, tokens − 1, C or 2C].
    pub fn features(&self, before: Option<&Array>, x: &Array) -> candle_core::Result<Array> {
        let (views, tokens, c) = x.dims3()?;
        if self.host.is_none() {
            let patches = |x: &Array| x.narrow(1, 1, tokens - 1);
            let normed = patches(&self.forward(x)?)?;
            return before.map_or(Ok(normed.clone()), |before| Array::cat(&[patches(before)?, normed], 2));
        }
        let join = |before: Option<&[f32]>| with_host(x, |x| kernels::features(before, x, tokens, self.parts()));
        let features = match before {
            Some(before) => with_host(before, |before| join(Some(before)))??,
            None => join(None)?,
        };
        let width = if before.is_some() { 2 * c } else { c };
        x.like(features, (views, tokens - 1, width))
    }

    /// For kernels that normalise on their way; networks that run on candle never ask.
    pub fn parts(&self) -> Norm<'_> {
        let [weight, bias] = self.host.as_ref().map_or([&[][..], &[][..]], |[w, b]| [w.as_slice(), b.as_slice()]);
        Norm { weight, bias, eps: self.eps }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Tensor;

    use super::*;

    #[test]
    fn padded_products_are_those_without() -> candle_core::Result<()> {
        for (rows, columns) in [(1, 1), (1, 5), (4, 1), (3, 2)] {
            for batch in [vec![], vec![6]] {
                let random = |rows: usize, columns: usize| {
                    let shape = [&batch[..], &[rows, columns]].concat();
                    Tensor::randn(0f32, 1.0, shape, &Device::Cpu).map(Array::from)
                };
                let (a, b) = (random(rows, 7)?, random(7, columns)?);
                let (plain, padded) = (a.matmul(&b)?, multiply_padded(&a, &b)?);
                assert_eq!(padded.dims(), plain.dims());
                for (padded, plain) in padded.to_host()?.iter().zip(plain.to_host()?) {
                    assert!((padded - plain).abs() < 1e-5, "{rows}×{columns}: {padded} {plain}");
                }
            }
        }
        Ok(())
    }
}
