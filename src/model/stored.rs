//! Numbers as weight files hold them: whole, halved, or in 8 bits with a scale for every few.

use half::f16;
use rayon::prelude::*;

use super::kernels::{Format, INT8_BLOCK};
use super::names::TensorSpec;

/// What a file in `format` (f32, f16 or 8 bits) holds of a tensor. Linear layers alone come in 8 bits, of which each output
/// has a scale for every [`INT8_BLOCK`] inputs; other matrices then come in f16.
pub fn stored_as(spec: &TensorSpec, format: Format) -> Format {
    let is_linear = spec.shape.len() >= 2 && spec.shape[2..].iter().all(|&side| side == 1);
    match format {
        _ if spec.is_always_f32() => Format::F32,
        Format::Int8 if is_linear && spec.inputs() >= INT8_BLOCK => Format::Int8,
        Format::F16 | Format::Int8 => Format::F16,
        other => other,
    }
}

/// The numbers of a tensor as they are stored, row-major.
#[derive(Clone, Copy)]
pub enum Numbers<'a> {
    F32(&'a [f32]),
    F16(&'a [f16]),
    /// With one scale per output and [`INT8_BLOCK`] of its `inputs`.
    Int8 {
        values: &'a [i8],
        scales: &'a [f32],
        inputs: usize,
    },
}

impl Numbers<'_> {
    pub fn get(self, index: usize) -> f32 {
        match self {
            Self::F32(numbers) => numbers[index],
            Self::F16(numbers) => numbers[index].to_f32(),
            Self::Int8 { values, scales, inputs } => {
                let block = index / inputs * inputs.div_ceil(INT8_BLOCK) + index % inputs / INT8_BLOCK;
                f32::from(values[index]) * scales[block]
            }
        }
    }

    /// Whether none is NaN or infinite. A network would turn such a number into a picture that looks like one: what is
    /// not a number does not survive a ReLU.
    pub fn are_finite(self) -> bool {
        const TOGETHER: usize = 1 << 16;
        // Without an early end inside a piece, so that it runs over whole vectors.
        match self {
            Self::F32(numbers) | Self::Int8 { scales: numbers, .. } => numbers
                .par_chunks(TOGETHER)
                .all(|piece| piece.iter().fold(true, |all, number| all & number.is_finite())),
            Self::F16(numbers) => numbers
                .par_chunks(TOGETHER)
                .all(|piece| piece.iter().fold(true, |all, number| all & (number.to_bits() & 0x7c00 != 0x7c00))),
        }
    }
}

/// Numbers to 8 bits: values, and a scale per output and [`INT8_BLOCK`] inputs, by which the largest of them is ±127.
pub fn to_int8(numbers: &[f32], inputs: usize) -> (Vec<i8>, Vec<f32>) {
    let blocks = || numbers.chunks(inputs).flat_map(|row| row.chunks(INT8_BLOCK));
    let scale = |block: &[f32]| block.iter().fold(0.0f32, |most, number| most.max(number.abs())) / 127.0;
    let rounded = |block| {
        let scale = scale(block);
        block.iter().map(move |number| if scale > 0.0 { (number / scale).round() as i8 } else { 0 })
    };
    (blocks().flat_map(rounded).collect(), blocks().map(scale).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bits_come_back_within_half_a_step() {
        let inputs = 70;
        let numbers: Vec<f32> = (0..3 * inputs).map(|i| ((i * 37) % 101) as f32 / 50.0 - 1.0).collect();
        let (values, scales) = to_int8(&numbers, inputs);
        assert_eq!((values.len(), scales.len()), (210, 9));
        let stored = Numbers::Int8 { values: &values, scales: &scales, inputs };
        for (i, number) in numbers.iter().enumerate() {
            assert!((stored.get(i) - number).abs() <= 0.5 * 1.0 / 127.0 + 1e-6, "{i}");
        }
        assert_eq!(to_int8(&[0.0; 4], 4), (vec![0; 4], vec![0.0]));
    }
}
