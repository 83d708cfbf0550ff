//! A library is taken only where it is faster, and for matrices that are laid out for it.

use std::ffi::c_int;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::super::matrix::Format;
use super::super::panel::Runs;
use super::super::testing::{FORMATS, Machine, Numbers, kept};
use super::*;

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
