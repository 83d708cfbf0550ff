//! Inputs are cut into pieces without loss, and memory is looked after before a kernel runs over it.

use super::super::matrix::Format;
use super::super::sinks::{PerOutput, Rows};
use super::super::testing::Numbers;
use super::*;

#[test]
fn pieces_are_every_input_once_and_in_order() {
    let mut numbers = Numbers::new(5);
    for _ in 0..500 {
        let runs = Runs { count: numbers.size(14), length: numbers.size(900) };
        let (run_stride, most) = (runs.length + numbers.size(50), 32 * numbers.size(16));
        let mut inputs = Vec::new();
        for piece in pieces(runs, run_stride, most) {
            assert_eq!(piece.start, piece.run * run_stride + piece.inside, "{runs:?}");
            assert_eq!(piece.inside % PIECE_STEP, 0, "{runs:?}");
            assert!(piece.runs.total() <= most.max(runs.length.min(most)), "{runs:?}: {piece:?} of {most}");
            for run in 0..piece.runs.count {
                let first = piece.input(runs.length) + run * runs.length;
                inputs.extend(first..first + piece.runs.length);
            }
        }
        assert_eq!(inputs, (0..runs.total()).collect::<Vec<_>>(), "{runs:?} in pieces of {most}");
    }
}

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
