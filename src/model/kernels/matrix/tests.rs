//! Every format keeps numbers within its error, and in the memory that it promises.

use super::super::testing::{FORMATS, Machine, Numbers, kept};
use super::*;

/// (outputs, runs): whole panels and not, runs that fill steps of products and runs that do not.
const SHAPES: [(usize, Runs); 6] = [
    (1, Runs { count: 1, length: 1 }),
    (33, Runs { count: 1, length: 7 }),
    (32, Runs { count: 3, length: 72 }),
    (5, Runs { count: 3, length: 9 }),
    (64, Runs { count: 1, length: 100 }),
    (40, Runs { count: 14, length: 42 }),
];

#[test]
fn numbers_are_kept_within_the_error_of_their_format() {
    let mut numbers = Numbers::new(1);
    for machine in Machine::levels().into_iter().chain(Machine::with_units()) {
        for (outputs, runs) in SHAPES {
            let mut values = numbers.list(outputs * runs.total());
            // Magnitudes as trained weights have them, and a block of zeros.
            values.iter_mut().for_each(|x| *x = *x * *x * *x * 0.1);
            values[..runs.total().min(INT8_BLOCK)].fill(0.0);
            for format in FORMATS {
                let kept = machine.run(|| kept(&Matrix::new(&values, outputs, runs, format)));
                assert_eq!(kept.len(), values.len());
                for (i, (&x, &y)) in values.iter().zip(&kept).enumerate() {
                    let bound = match format {
                        Format::F32 => 0.0,
                        Format::F16 => x.abs() / 2048.0 + 2f32.powi(-25),
                        Format::Bf16 => x.abs() / 256.0,
                        Format::Int8 => greatest_beside(&values, i, runs.total()) / 253.9,
                    };
                    assert!((x - y).abs() <= bound, "{format:?} {machine:?} {outputs}, {runs:?}: {x} became {y}");
                }
            }
        }
    }
}

/// The greatest magnitude in the block of number `i`.
fn greatest_beside(values: &[f32], i: usize, inputs: usize) -> f32 {
    let (row, block) = (i / inputs * inputs, i % inputs / INT8_BLOCK * INT8_BLOCK);
    let end = inputs.min(block + INT8_BLOCK);
    values[row + block..row + end].iter().fold(0.0, |most, x| most.max(x.abs()))
}

#[test]
fn bf16_is_multiplied_as_such_only_where_there_is_a_unit() {
    let compute = |format| Matrix::new(&[1.0; 64], 2, Runs::one(32), format).compute();
    for machine in Machine::levels().into_iter().chain(Machine::with_units()) {
        for format in FORMATS {
            let is_half = machine.unit.is_some() && format == Format::Bf16;
            let expected = if is_half { Compute::Bf16 } else { Compute::F32 };
            assert_eq!(machine.run(|| compute(format)), expected, "{format:?} {machine:?}");
        }
    }
}

#[test]
fn formats_take_half_and_a_quarter_of_the_memory() {
    let bytes = |format| Matrix::new(&[1.0; 64 * 256], 64, Runs::one(256), format).bytes();
    assert_eq!(FORMATS.map(bytes), [65536, 32768, 32768, 16384 + 64 * 8 * 4]);
}

#[test]
#[should_panic(expected = "a number for every input and output")]
fn a_matrix_of_another_size_is_refused() {
    Matrix::new(&[0.0; 7], 2, Runs::one(4), Format::F32);
}
