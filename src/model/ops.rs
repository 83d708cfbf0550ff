//! Layers on tokens: linear layers and LayerNorm. Each runs on candle, or on our kernels where the device is a CPU.

use candle_core::{DType, Device, Tensor};

use super::ModelError;
use super::host::with_host;
use super::kernels::{self, Compute, Element, Format, Inputs, Matrix, Norm, PerOutput, Rows, Runs};
use super::source::{Backend, Contents};

/// Rows that go through a layer on the kernels together.
const ROWS_TOGETHER: usize = 2048;

/// y = x·Wᵀ + b on the last dimension.
pub enum Linear {
    Candle { weight: Tensor, bias: Tensor },
    Kernels(CpuLinear),
}

/// A linear layer laid out for the kernels.
pub struct CpuLinear {
    pub matrix: Matrix,
    pub bias: PerOutput,
}

impl Linear {
    /// A layer of the backbone or of a head, in the format chosen for those. 1×1 convolutions are stored as
    /// [out, in, 1, 1].
    pub fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        let (weight, bias) = (format!("{name}.weight"), weights.f32(&format!("{name}.bias"))?);
        match weights.backend() {
            Backend::Candle => Ok(Self::Candle { weight: weights.matrix(&weight)?.flatten_from(1)?, bias }),
            Backend::Kernels => Self::laid_out(weights, &weight, &bias, weights.format_of(&weight)),
        }
    }

    /// A layer that is always in f32: cameras, and the ends of heads.
    pub fn f32(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        let (weight, bias) = (format!("{name}.weight"), weights.f32(&format!("{name}.bias"))?);
        match weights.backend() {
            Backend::Candle => Ok(Self::Candle { weight: weights.f32(&weight)?.flatten_from(1)?, bias }),
            Backend::Kernels => Self::laid_out(weights, &weight, &bias, weights.exact_format_of(&weight)),
        }
    }

    fn laid_out(weights: &Contents, name: &str, bias: &Tensor, format: Format) -> Result<Self, ModelError> {
        let shape = weights.shape(name);
        let (outputs, inputs) = (shape[0], shape[1..].iter().product::<usize>());
        let matrix = weights.lay_out(name, outputs, Runs::one(inputs), format, |o, i| o * inputs + i)?;
        Ok(Self::Kernels(CpuLinear { matrix, bias: with_host(bias, PerOutput::new)? }))
    }

    /// [.., in] → [.., out], f32 in and out.
    pub fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        self.apply(x, None)
    }

    /// The same after LayerNorm.
    pub fn forward_normed(&self, x: &Tensor, norm: &LayerNorm) -> candle_core::Result<Tensor> {
        self.apply(x, Some(norm))
    }

    fn apply(&self, x: &Tensor, norm: Option<&LayerNorm>) -> candle_core::Result<Tensor> {
        let (out, input) = match self {
            Self::Candle { weight, .. } => weight.dims2()?,
            Self::Kernels(layer) => (layer.matrix.outputs(), layer.matrix.runs().total()),
        };
        let mut shape = x.dims().to_vec();
        if let Some(last) = shape.last_mut() {
            *last = out;
        }
        match self {
            Self::Candle { weight, bias } => {
                let normed = norm.map(|norm| norm.forward(x)).transpose()?;
                let x = normed.as_ref().unwrap_or(x).reshape(((), input))?;
                product(&x, weight)?.broadcast_add(bias)?.reshape(shape)
            }
            Self::Kernels(layer) => {
                let norm = norm.map(LayerNorm::parts);
                let y = with_host(x, |x| match layer.matrix.compute() {
                    Compute::F32 => layer.forward::<f32>(x, norm),
                    Compute::Bf16 => layer.forward::<half::bf16>(x, norm),
                })?;
                Tensor::from_vec(y, shape, x.device())
            }
        }
    }
}

impl CpuLinear {
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
pub(super) fn product(x: &Tensor, weight: &Tensor) -> candle_core::Result<Tensor> {
    match (weight.dtype(), weight.device()) {
        (DType::F32, _) => x.matmul(&weight.t()?),
        (_, Device::Cpu) => x.matmul(&weight.to_dtype(DType::F32)?.t()?),
        (half, _) => x.to_dtype(half)?.matmul(&weight.t()?)?.to_dtype(DType::F32),
    }
}

/// LayerNorm over the last dimension.
pub struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    eps: f32,
    /// The same numbers for the kernels.
    host: Option<[Vec<f32>; 2]>,
}

impl LayerNorm {
    pub fn new(weights: &Contents, name: &str, eps: f64) -> Result<Self, ModelError> {
        let (weight, bias) = (weights.f32(&format!("{name}.weight"))?, weights.f32(&format!("{name}.bias"))?);
        let host =
            if weights.backend() == Backend::Kernels { Some([weight.to_vec1()?, bias.to_vec1()?]) } else { None };
        Ok(Self { weight, bias, eps: eps as f32, host })
    }

    pub fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        match &self.host {
            Some(_) => {
                let y = with_host(x, |x| kernels::normalise(x, self.parts()))?;
                Tensor::from_vec(y, x.shape(), x.device())
            }
            None => candle_nn::ops::layer_norm(&x.contiguous()?, &self.weight, &self.bias, self.eps),
        }
    }

    /// Of `x` [views, tokens, C] all tokens but each view's first, normed, behind the same tokens of `before`, where there
    /// is one: [views, tokens − 1, C or 2C].
    pub fn features(&self, before: Option<&Tensor>, x: &Tensor) -> candle_core::Result<Tensor> {
        let (views, tokens, c) = x.dims3()?;
        if self.host.is_none() {
            let patches = |x: &Tensor| x.narrow(1, 1, tokens - 1);
            let normed = patches(&self.forward(x)?)?;
            return before.map_or(Ok(normed.clone()), |before| Tensor::cat(&[patches(before)?, normed], 2));
        }
        let join = |before: Option<&[f32]>| with_host(x, |x| kernels::features(before, x, tokens, self.parts()));
        let features = match before {
            Some(before) => with_host(before, |before| join(Some(before)))??,
            None => join(None)?,
        };
        let width = if before.is_some() { 2 * c } else { c };
        Tensor::from_vec(features, (views, tokens - 1, width), x.device())
    }

    /// For kernels that normalise on their way; networks that run on candle never ask.
    pub fn parts(&self) -> Norm<'_> {
        let [weight, bias] = self.host.as_ref().map_or([&[][..], &[][..]], |[w, b]| [w.as_slice(), b.as_slice()]);
        Norm { weight, bias, eps: self.eps }
    }
}
