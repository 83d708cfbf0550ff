//! The layers that everything else is made of. Images are [channels, height, width], one view at a time.

use candle_core::{DType, Device, Tensor};

use super::{Contents, ModelError};

/// Bytes that the unfolded input of one convolution band may take: it should stay in the cache.
const BAND_BYTES: usize = 16 << 20;

/// y = x·Wᵀ + b on the last dimension.
pub struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    /// A linear layer of the backbone, in the precision chosen for it.
    pub fn backbone(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Ok(Self { weight: weights.matrix(&format!("{name}.weight"))?, bias: weights.f32(&format!("{name}.bias"))? })
    }

    /// A linear layer of a head or camera part, always in f32. 1×1 convolutions are stored as [out, in, 1, 1].
    pub fn f32(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        let weight = weights.f32(&format!("{name}.weight"))?.flatten_from(1)?;
        Ok(Self { weight, bias: weights.f32(&format!("{name}.bias"))? })
    }

    /// [.., in] → [.., out], f32 in and out.
    pub fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let (out, input) = self.weight.dims2()?;
        let mut shape = x.dims().to_vec();
        let rows = x.elem_count() / input;
        if let Some(last) = shape.last_mut() {
            *last = out;
        }
        product(&x.reshape((rows, input))?, &self.weight)?.broadcast_add(&self.bias)?.reshape(shape)
    }

    /// The same layer on an image: [in, h, w] → [out, h, w].
    pub fn forward_image(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let (channels, h, w) = x.dims3()?;
        let y = self.weight.matmul(&x.reshape((channels, h * w))?)?;
        y.broadcast_add(&self.bias.unsqueeze(1)?)?.reshape(((), h, w))
    }
}

/// x·Wᵀ in f32. Half-precision weights are widened on a CPU, which multiplies no faster in half; elsewhere the product
/// itself is done in half.
fn product(x: &Tensor, weight: &Tensor) -> candle_core::Result<Tensor> {
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
}

impl LayerNorm {
    pub fn new(weights: &Contents, name: &str, eps: f64) -> Result<Self, ModelError> {
        Ok(Self {
            weight: weights.f32(&format!("{name}.weight"))?,
            bias: weights.f32(&format!("{name}.bias"))?,
            eps: eps as f32,
        })
    }

    pub fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        candle_nn::ops::layer_norm(&x.contiguous()?, &self.weight, &self.bias, self.eps)
    }
}

/// 3×3 convolution, stride 1, padding 1.
pub struct Conv3x3 {
    /// [out, 9·in], taps first: column (3·ky + kx)·in + c.
    taps: Tensor,
    bias: Option<Tensor>,
}

impl Conv3x3 {
    pub fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Self::build(weights, name, true)
    }

    pub fn without_bias(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Self::build(weights, name, false)
    }

    fn build(weights: &Contents, name: &str, has_bias: bool) -> Result<Self, ModelError> {
        let weight = weights.f32(&format!("{name}.weight"))?;
        let taps = weight.permute((0, 2, 3, 1))?.contiguous()?.flatten_from(1)?;
        let bias = if has_bias { Some(weights.f32(&format!("{name}.bias"))?.unsqueeze(1)?) } else { None };
        Ok(Self { taps, bias })
    }

    /// [in, h, w] → [out, h, w].
    ///
    /// A matrix product over row bands of the unfolded image: the products run at the speed of the device's matrix
    /// library, and the unfolded band, nine times its input, stays small however large the image is.
    pub fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let (channels, h, w) = x.dims3()?;
        let padded = x.pad_with_zeros(1, 1, 1)?.pad_with_zeros(2, 1, 1)?;
        let band = (BAND_BYTES / (9 * channels * w * 4)).clamp(1, h);
        let mut rows = Vec::with_capacity(h.div_ceil(band));
        for top in (0..h).step_by(band) {
            let height = band.min(h - top);
            let mut taps = Vec::with_capacity(9);
            for (ky, kx) in (0..9).map(|tap| (tap / 3, tap % 3)) {
                taps.push(padded.narrow(1, top + ky, height)?.narrow(2, kx, w)?.contiguous()?);
            }
            let unfolded = Tensor::cat(&taps, 0)?.reshape((9 * channels, height * w))?;
            let mut y = self.taps.matmul(&unfolded)?;
            if let Some(bias) = &self.bias {
                y = y.broadcast_add(bias)?;
            }
            rows.push(y.reshape(((), height, w))?);
        }
        if rows.len() == 1 { Ok(rows.remove(0)) } else { Tensor::cat(&rows, 1) }
    }
}

/// 3×3 convolution, stride 2, padding 1.
pub struct Conv3x3Half {
    weight: Tensor,
    bias: Tensor,
}

impl Conv3x3Half {
    pub fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        Ok(Self {
            weight: weights.f32(&format!("{name}.weight"))?,
            bias: weights.f32(&format!("{name}.bias"))?.reshape(((), 1, 1))?,
        })
    }

    /// [c, h, w] → [c, ⌈h/2⌉, ⌈w/2⌉].
    pub fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        x.unsqueeze(0)?.conv2d(&self.weight, 1, 2, 1, 1)?.squeeze(0)?.broadcast_add(&self.bias)
    }
}

/// Transposed convolution whose kernel is as large as its stride: a matrix product and a shuffle of pixels.
pub struct Upscale {
    /// [out·k·k, in].
    weight: Tensor,
    bias: Tensor,
    factor: usize,
}

impl Upscale {
    pub fn new(weights: &Contents, name: &str) -> Result<Self, ModelError> {
        let weight = weights.f32(&format!("{name}.weight"))?;
        let factor = weight.dim(3)?;
        Ok(Self {
            weight: weight.flatten_from(1)?.t()?.contiguous()?,
            bias: weights.f32(&format!("{name}.bias"))?.reshape(((), 1, 1))?,
            factor,
        })
    }

    /// [c, h, w] → [c, k·h, k·w].
    pub fn forward(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let (channels, h, w) = x.dims3()?;
        let k = self.factor;
        let y = self.weight.matmul(&x.reshape((channels, h * w))?)?;
        let y = y.reshape(&[channels, k, k, h, w][..])?.permute([0, 3, 1, 4, 2])?;
        y.contiguous()?.reshape((channels, k * h, k * w))?.broadcast_add(&self.bias)
    }
}

/// Bilinear resize with aligned corners: [c, h, w] → [c, height, width].
pub fn resize(x: &Tensor, height: usize, width: usize) -> candle_core::Result<Tensor> {
    let (_, h, w) = x.dims3()?;
    if (h, w) == (height, width) {
        return Ok(x.clone());
    }
    x.unsqueeze(0)?.upsample_bilinear2d(height, width, true)?.squeeze(0)
}
