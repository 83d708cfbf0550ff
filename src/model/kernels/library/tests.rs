//! A library gets whole blocks that it can take, and only where it is faster.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::super::matrix::{Format, Runs};
use super::super::testing::{FORMATS, Machine, Numbers, STAND_IN, kept};
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
fn a_matrix_for_a_library_holds_the_same_numbers() {
    let mut numbers = Numbers::new(42);
    for (outputs, runs) in [(1, Runs::one(7)), (33, Runs::one(64)), (96, Runs { count: 3, length: 45 })] {
        let values = numbers.list(outputs * runs.total());
        let [ours, theirs] = [Machine::levels()[0], Machine::with_library()[0]]
            .map(|machine| machine.run(|| Matrix::new(&values, outputs, runs, Format::F32)));
        assert!(theirs.is_by_output() && !ours.is_by_output());
        assert_eq!((theirs.format(), theirs.runs(), theirs.outputs()), (ours.format(), ours.runs(), ours.outputs()));
        assert!(theirs.bytes() <= ours.bytes(), "{} and {} bytes", theirs.bytes(), ours.bytes());
        assert_eq!(kept(&ours), values);
        assert_eq!(kept(&theirs), values);
    }
    // Points of a transformed convolution are multiplied by vectors.
    let values = numbers.list(32 * 36 * 16);
    let transformed = || Matrix::new(&values, 32, Runs { count: 36, length: 16 }, Format::F32).is_by_output();
    assert!(!Machine::with_library()[0].run(transformed));
}

#[test]
fn few_rows_of_a_matrix_that_must_be_widened_stay_with_vectors() {
    let values = Numbers::new(43).list(32 * 64);
    for format in FORMATS {
        let is_taken = |rows: usize| {
            let matrix = Matrix::new(&values, 32, Runs::one(64), format);
            library_for::<f32>(&matrix, rows).is_some()
        };
        let [few, many] = Machine::with_library()[0].run(|| [1, ROWS_AT_LEAST].map(is_taken));
        assert_eq!((few, many), (format == Format::F32, true), "{format:?}");
        assert!(!Machine::levels()[0].run(|| is_taken(1000)));
    }
    let matrix = Matrix::new(&values, 32, Runs::one(64), Format::F32);
    assert!(Machine::with_library()[0].run(|| library_for::<half::bf16>(&matrix, 1000).is_none()));
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

/// What a library would be that does nothing, after so long.
pub(in super::super) fn after<const MICROSECONDS: u64>() -> Library {
    // SAFETY: it looks at none of its arguments.
    unsafe extern "C" fn sgemm<const MICROSECONDS: u64>(
        _: c_int,
        _: c_int,
        _: c_int,
        _: c_int,
        _: c_int,
        _: c_int,
        _: f32,
        _: *const f32,
        _: c_int,
        _: *const f32,
        _: c_int,
        _: f32,
        _: *mut f32,
        _: c_int,
    ) {
        CALLS.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_micros(MICROSECONDS));
    }
    Library { name: "idle", sgemm: sgemm::<MICROSECONDS> }
}

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[test]
fn a_library_is_chosen_where_it_is_faster_and_only_there() {
    let vectors = pace_of_products(None);
    let fast = pace_of_products(Some(after::<0>()));
    assert!(CALLS.load(Ordering::Relaxed) > 0, "the library was measured");
    assert!(is_worthwhile(fast, vectors), "{fast} rows a second against {vectors}");
    let slow = pace_of_products(Some(after::<50_000>()));
    assert!(slow > 0.0 && !is_worthwhile(slow, vectors), "{slow} rows a second against {vectors}");
    // Where nothing could be measured, nothing changes.
    assert!(!is_worthwhile(0.0, 0.0));
}

#[test]
#[should_panic(expected = "a block's left side reaches past its memory")]
fn a_block_past_the_end_is_refused() {
    let (left, right, mut sums) = ([0.0; 15], [0.0; 8], [0.0; 8]);
    STAND_IN.multiply(Block {
        rows: 4,
        columns: 2,
        inputs: 4,
        left: &left,
        left_stride: 4,
        right: Right { values: &right, is_by_output: true, stride: 4 },
        sums: &mut sums,
        sums_stride: 2,
        is_continued: false,
    });
}
