//! Linear layers: products, and the biases that ride on them.

use candle_core::{DType, Device};

use super::array::{Array, Kind};
use super::norm::LayerNorm;
use super::weights::Weights;
use crate::model::ModelError;
use crate::model::operations::Precision;

/// Columns behind the inputs of a product that adds a bias on its way: two ones, and zeros, because kernels of products want
/// rows of whole vectors.
pub const TAIL: usize = 16;

/// [1, TAIL].
pub fn tail(device: &Device) -> candle_core::Result<Array> {
    let mut columns = vec![0.0; TAIL];
    columns[..2].fill(1.0);
    Array::from_vec(columns, (1, TAIL), device)
}

/// y = x·Wᵀ + b on the last dimension.
pub struct Linear {
    weight: Array,
    bias: Array,
}

impl Linear {
    pub fn read(weights: &Weights, name: &str, precision: Precision) -> Result<Self, ModelError> {
        let (weight, bias) = (format!("{name}.weight"), weights.f32(&format!("{name}.bias"))?);
        let element = weights.element(precision)?;
        let weight = weights.prepared(&weight, |x| x.flatten_from(1)?.to_element(element))?;
        Ok(Self { weight, bias })
    }

    /// A layer whose outputs are multiplied by the numbers of the tensor `scale`, once and for all.
    pub fn scaled(weights: &Weights, name: &str, scale: &str, precision: Precision) -> Result<Self, ModelError> {
        let (scale, element) = (weights.on_host(scale)?, weights.element(precision)?);
        let scaled = |x: &Array, shape: &[usize]| x.mul(&x.like(scale.clone(), shape)?);
        Ok(Self {
            weight: weights
                .prepared(&format!("{name}.weight"), |x| scaled(x, &[scale.len(), 1])?.to_element(element))?,
            bias: weights.prepared(&format!("{name}.bias"), |x| scaled(x, &[scale.len()]))?,
        })
    }

    /// [.., in] → [.., out], f32 in and out; of what LayerNorm makes of `x`, where there is one.
    pub fn forward(&self, x: &Array, norm: Option<&LayerNorm>) -> candle_core::Result<Array> {
        let mut shape = x.dims().to_vec();
        if let Some(last) = shape.last_mut() {
            *last = self.weight.dim(0)?;
        }
        let normed = norm.map(|norm| norm.forward(x)).transpose()?;
        let x = normed.as_ref().unwrap_or(x).reshape(((), self.weight.dim(1)?))?;
        product(&x, &self.weight)?.add(&self.bias)?.reshape(shape)
    }

    /// Of `x` [rows, in] the products alone, [rows, out], and what is still to be added, [out].
    pub fn products(&self, x: &Array) -> candle_core::Result<(Array, &Array)> {
        Ok((product(x, &self.weight)?, &self.bias))
    }

    /// Of a map [h, w, in] one [h, w, out], which lies in planes, as what resizes it wants it.
    pub fn forward_map(&self, x: &Array) -> candle_core::Result<Array> {
        let (height, width, channels) = x.dims3()?;
        let (y, bias) = self.products(&x.reshape((height * width, channels))?)?;
        let outputs = bias.elem_count();
        let planes = y.t()?.add(&bias.reshape((outputs, 1))?)?;
        planes.reshape((outputs, height, width))?.permute([1, 2, 0])
    }

    /// The layer of some of the outputs, which shares the weights.
    pub fn part(&self, first: usize, count: usize) -> candle_core::Result<Self> {
        Ok(Self { weight: self.weight.narrow(0, first, count)?, bias: self.bias.narrow(0, first, count)? })
    }
}

/// x·Wᵀ in f32. Half-precision weights are widened on a CPU, which multiplies no faster in half here; elsewhere the
/// product itself is done in half.
pub fn product(x: &Array, weight: &Array) -> candle_core::Result<Array> {
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
pub fn multiply(a: &Array, b: &Array) -> candle_core::Result<Array> {
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
