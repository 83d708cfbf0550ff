//! Rotary embedding: the channels of a token turn by angles that say where it is.

use candle_core::{Device, Result};

use super::array::Array;
use crate::model::embed::{ROPE_HALF, Turns};

/// Cosines and sines, each [2 · tokens, 16].
pub struct Rope {
    cos: Array,
    sin: Array,
}

impl Rope {
    pub fn new(Turns { cos, sin }: Turns, device: &Device) -> Result<Self> {
        let pairs = ROPE_HALF / 2;
        let shape = (cos.len() / pairs, pairs);
        Ok(Self { cos: Array::from_vec(cos, shape, device)?, sin: Array::from_vec(sin, shape, device)? })
    }

    /// Turns `x` [heads, tokens, 64]: both halves of a token's channels are pairs (i, i + 16) of their own.
    pub fn apply(&self, x: &Array) -> Result<Array> {
        let (heads, tokens, d) = x.dims3()?;
        x.reshape((1, heads, 2 * tokens, ROPE_HALF))?.rope(&self.cos, &self.sin)?.reshape((heads, tokens, d))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rope_turns_unit_vectors_as_the_check_vectors_say() -> Result<()> {
        let rope = Rope::new(Turns::new(&[[2.0, 3.0]]), &Device::Cpu)?;
        for (channel, other, cos, sin) in [(0, 16, -0.416147, 0.909297), (32, 48, -0.989992, 0.141120)] {
            let mut unit = vec![0f32; 64];
            unit[channel] = 1.0;
            let turned = rope.apply(&Array::from_vec(unit, (1, 1, 64), &Device::Cpu)?)?.to_host()?;
            assert!((turned[channel] - cos).abs() < 1e-5 && (turned[other] - sin).abs() < 1e-5);
        }
        Ok(())
    }
}
