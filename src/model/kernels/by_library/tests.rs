//! A library gets whole blocks that it can take.

use super::super::matrix::Format;
use super::super::testing::{Machine, Numbers};
use super::*;

fn tile(start: usize, row: usize, rows: usize) -> Tile {
    Tile { start, row, rows }
}

#[test]
fn parts_are_every_input_once_and_never_longer_than_a_row() {
    let mut numbers = Numbers::new(41);
    for _ in 0..500 {
        let runs = Runs { count: numbers.size(14), length: numbers.size(300) };
        let (row_stride, run_stride) = (numbers.size(320), 300 + numbers.size(50));
        let mut inputs = Vec::new();
        for part in parts(runs, row_stride, run_stride) {
            assert!(part.length <= row_stride, "{part:?}, a row every {row_stride}");
            let (run, inside) = (part.input / runs.length, part.input % runs.length);
            assert_eq!(part.start, run * run_stride + inside, "{runs:?}");
            assert!(inside + part.length <= runs.length, "{runs:?}: {part:?} crosses runs");
            inputs.extend(part.input..part.input + part.length);
        }
        assert_eq!(inputs, (0..runs.total()).collect::<Vec<_>>(), "{runs:?}, a row every {row_stride}");
    }
}

#[test]
fn rows_of_an_image_are_one_span_and_a_tile_elsewhere_is_another() {
    // Three rows of seven pixels with a border of one on each side, ten numbers a pixel, in tiles of four; then one that
    // begins between pixels, and one before.
    let row = |y: usize| [tile(y * 90, y * 7, 4), tile(y * 90 + 40, y * 7 + 4, 3)];
    let image = [row(0), row(1), row(2)].concat();
    let apart = [tile(295, 21, 4), tile(5, 25, 2)];
    let found = spans(&[&image[..], &apart].concat(), 10);
    let first = [0, 4, 9, 13, 18, 22];
    let expected = Span { start: 0, sums: 0..25, tiles: image.into_iter().zip(first).collect() };
    assert_eq!(found[0], expected);
    assert_eq!(found[1], Span { start: 295, sums: 25..29, tiles: vec![(apart[0], 25)] });
    assert_eq!(found[2], Span { start: 5, sums: 29..31, tiles: vec![(apart[1], 29)] });
    assert_eq!(found.len(), 3);
    // Every other pixel of wider rows: too much lies between.
    assert_eq!(spans(&[tile(0, 0, 4), tile(140, 4, 4)], 20).len(), 2);
}

#[test]
fn scratch_stays_within_what_is_reckoned() {
    for (outputs, inputs, rows) in [(8192, 1536, 256), (1536, 4096, 256), (4096, 1024, 64), (96, 384, 4000)] {
        for format in [Format::F32, Format::F16] {
            let matrix = || Matrix::laid_out(outputs, Runs::one(inputs), format, |_, _| 0.5);
            let matrix = Machine::with_library()[0].run(matrix);
            let columns = panels_together(&matrix, rows) * PANEL;
            let wide = if matrix.is_by_output() { 0 } else { inputs * columns };
            let bytes = (rows * columns + wide) * size_of::<f32>();
            assert!(bytes <= LIBRARY_SCRATCH_BYTES, "{outputs}×{inputs}, {rows} rows: {bytes}");
            assert!(columns >= PANEL * 2, "{outputs}×{inputs}, {rows} rows: {columns} at once");
        }
    }
}
