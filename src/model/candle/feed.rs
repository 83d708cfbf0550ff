//! The feed-forward layers of a block on candle, whose biases ride on the products.
//!
//! candle adds a bias in a kernel of its own, which reads and writes the largest arrays of a block once more. Here the inputs
//! have a one in a column behind their channels, and the weights their biases there. The hidden units get such a column as well:
//! units that see nothing but that one, and whose activation is a round number, so that it carries the second layer's bias.

use candle_core::DType;

use super::array::Array;
use super::attention::even_parts;
use super::linear::{TAIL, product, tail};
use super::weights::Weights;
use crate::model::ModelError;
use crate::model::operations::{BlockShape, Precision};

/// Bytes that the hidden activations may take at once: they are four times as wide as the tokens, and would else be most of a
/// pass's memory.
const HIDDEN_BYTES: usize = 64 << 20;
/// What the units that carry the second bias give: eight is its own GELU in f32, and nothing is lost by dividing by it.
const UNIT: f32 = 8.0;
/// What they are given: before GELU; as a gate, which is its own SiLU, and what it lets through.
const GELU_UNITS: [f32; 1] = [UNIT];
const SWIGLU_UNITS: [f32; 2] = [32.0, UNIT / 32.0];

/// GELU between two layers, or SwiGLU; the second layer has its LayerScale in it.
pub struct FeedForward {
    /// [hidden + TAIL, C + TAIL], or twice that with SwiGLU.
    first: Array,
    /// [C, hidden + TAIL].
    second: Array,
    /// [1, TAIL].
    tail: Array,
    is_gated: bool,
}

impl FeedForward {
    /// Reads the layers of these names; `scale` is the tensor of LayerScale.
    pub fn new(
        weights: &Weights,
        [first, second]: [&str; 2],
        scale: &str,
        shape: BlockShape,
        precision: Precision,
    ) -> Result<Self, ModelError> {
        let element = weights.element(precision)?;
        let bias = |name: &str| weights.on_host(&format!("{name}.bias"));
        // A bias as two columns, so that half precision keeps what its first rounding loses.
        let with_bias = |x: &Array, bias: &[f32], factor: f64| {
            let outputs = bias.len();
            let bias = x.like(bias.to_vec(), (outputs, 1))?.affine(factor, 0.0)?;
            let rounded = bias.to_element(element)?.to_element(x.element())?;
            let lost = bias.add(&rounded.neg()?)?;
            Array::cat(&[x.clone(), rounded, lost, Array::zeros((outputs, TAIL - 2), x)?], 1)
        };
        let units: &[f32] = if shape.swiglu { &SWIGLU_UNITS } else { &GELU_UNITS };
        let (first_bias, second_bias, scale) = (bias(first)?, bias(second)?, weights.on_host(scale)?);
        let first = weights.prepared(&format!("{first}.weight"), |x| {
            let (outputs, inputs) = x.dims2()?;
            let x = with_bias(x, &first_bias, 1.0)?;
            let each = outputs / units.len();
            let mut parts = Vec::with_capacity(2 * units.len());
            for (i, unit) in units.iter().enumerate() {
                let mut carrying = vec![0.0; TAIL * (inputs + TAIL)];
                (0..2).for_each(|row| carrying[row * (inputs + TAIL) + inputs] = *unit);
                parts.push(x.narrow(0, i * each, each)?);
                parts.push(x.like(carrying, (TAIL, inputs + TAIL))?);
            }
            Array::cat(&parts, 0)?.to_element(element)
        })?;
        let second = weights.prepared(&format!("{second}.weight"), |x| {
            let scaled: Vec<f32> = second_bias.iter().zip(&scale).map(|(bias, scale)| bias * scale).collect();
            let x = x.mul(&x.like(scale.clone(), (scale.len(), 1))?)?;
            with_bias(&x, &scaled, 1.0 / f64::from(UNIT))?.to_element(element)
        })?;
        Ok(Self { first, second, tail: tail(weights.device)?, is_gated: shape.swiglu })
    }

    /// [groups, tokens, C] → the same.
    pub fn forward(&self, x: &Array) -> candle_core::Result<Array> {
        let (groups, tokens, c) = x.dims3()?;
        let rows = groups * tokens;
        // In half precision what one product gives and what the other takes are there as well.
        let bytes = if self.first.element() == DType::F32 { 4 } else { 4 + 2 * self.first.element().size_in_bytes() };
        let together = (HIDDEN_BYTES / (bytes * self.first.dim(0)?)).max(1);
        let x = x.reshape((rows, c))?;
        let parts = even_parts(rows, together).map(|(first, count)| self.feed(&x.narrow(0, first, count)?));
        Array::cat(&parts.collect::<candle_core::Result<Vec<_>>>()?, 0)?.reshape((groups, tokens, c))
    }

    fn feed(&self, x: &Array) -> candle_core::Result<Array> {
        let (rows, _) = x.dims2()?;
        let x = Array::cat(&[x, &self.tail.broadcast_as((rows, TAIL))?], 1)?;
        let hidden = product(&x, &self.first)?;
        drop(x);
        if !self.is_gated {
            return product(&hidden.gelu_erf()?, &self.second);
        }
        let half = hidden.dim(1)? / 2;
        let gate = hidden.narrow(1, 0, half)?.silu()?;
        product(&gate.mul(&hidden.narrow(1, half, half)?)?, &self.second)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Tensor};

    use super::*;
    use crate::model::{Contents, Format, Generated, Preset, TensorSource};

    /// The layers as they are defined, one operation after the other.
    fn plain(source: &Generated, [first, second, scale]: [&str; 3], x: &Tensor, is_gated: bool) -> Tensor {
        let layer = |name: &str, x: &Tensor| -> Result<Tensor, ModelError> {
            let (weight, bias) = (source.read(&format!("{name}.weight"))?, source.read(&format!("{name}.bias"))?);
            Ok(x.matmul(&weight.t()?)?.broadcast_add(&bias)?)
        };
        let run = || -> Result<Tensor, ModelError> {
            let hidden = layer(first, x)?;
            let half = hidden.dim(1)? / 2;
            let hidden = match is_gated {
                true => (hidden.narrow(1, 0, half)?.silu()? * hidden.narrow(1, half, half)?)?,
                false => hidden.gelu_erf()?,
            };
            Ok(layer(second, &hidden)?.broadcast_mul(&source.read(scale)?)?)
        };
        run().expect("plain layers")
    }

    #[test]
    fn biases_and_scale_arrive() {
        for (preset, parts) in [(Preset::Da3Small, ["mlp.fc1", "mlp.fc2"]), (Preset::Da3Giant, ["mlp.w12", "mlp.w3"])] {
            let (source, name) =
                (Generated::new(preset, 5, false), |part| format!("model.backbone.pretrained.blocks.0.{part}"));
            let ([first, second], scale) = (parts.map(name), name("ls2.gamma"));
            let config = preset.backbone();
            let shape = BlockShape { heads: config.heads, norm_eps: 1e-6, qk_norm: false, swiglu: config.swiglu };
            let x = Tensor::randn(0f32, 1.0, (9, config.width), &Device::Cpu).expect("numbers");
            let expected = Array::from(plain(&source, [&first, &second, &scale], &x, config.swiglu)).to_host();
            let expected = expected.expect("numbers");
            let greatest = expected.iter().fold(0f32, |most, x| most.max(x.abs()));
            for (format, tolerance) in [(Format::F32, 2e-6), (Format::F16, 1e-3), (Format::Bf16, 8e-3)] {
                let check = Contents::check(&source, preset, format, &|_| Ok(()));
                let contents = check.expect("weights of the preset");
                let weights = Weights { contents: &contents, device: &Device::Cpu };
                let layers = FeedForward::new(&weights, [&first, &second], &scale, shape, Precision::Chosen);
                let x = Array::from(x.unsqueeze(0).expect("one group"));
                let y = layers.and_then(|layers| Ok(layers.forward(&x)?.to_host()?)).expect("layers");
                for (y, expected) in y.iter().zip(&expected) {
                    let difference = (y - expected).abs();
                    assert!(difference <= tolerance * greatest, "{preset:?} {format:?}: {y} for {expected}");
                }
            }
        }
    }
}
