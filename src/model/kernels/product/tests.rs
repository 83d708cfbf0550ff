//! Memory is looked after before a kernel runs over it.

use super::super::matrix::Format;
use super::super::panel::Runs;
use super::super::sinks::{PerOutput, Rows};
use super::*;

#[test]
#[should_panic(expected = "a tile reaches past its memory")]
fn a_tile_past_the_end_is_refused() {
    let level = Level::Scalar;
    let inputs = 8;
    let matrix = Matrix::new(&vec![1.0; 32 * inputs], 32, Runs::one(inputs), Format::F32);
    let way = Way::of::<f32>(level, &matrix, 1, inputs);
    let rows = way.tile_rows;
    let bias = PerOutput::zeros(32);
    let (values, mut out) = (vec![0.0f32; rows * inputs - 1], vec![0.0f32; rows * 32]);
    let left = Left { values: &values, row_stride: inputs, run_stride: 0 };
    // Even where a single row is wanted, a whole tile is read.
    let tiles = [Tile { start: 0, row: 0, rows: 1 }];
    multiply(way, left, &tiles, &matrix, &Rows::new(&bias, 32), &mut out, &mut Scratch::default());
}
