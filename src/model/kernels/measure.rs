//! How long tiles of a product take, measured: which of several ways is the fastest only the CPU itself can tell.

use std::time::Instant;

use bytemuck::Zeroable;

use super::dispatch::dispatch;
use super::panel::{PANEL, Runs};
use super::simd::{Kernel, Simd};
use super::tile::{MOST_TILE_ROWS, TileArguments};

/// Products in bf16 must take at most this share of the time of products in f32, which are more exact.
pub(super) const WORTHWHILE: f64 = 0.9;

/// How long the measurement is: a few hundred microseconds for each way.
const INPUTS: usize = 512;
const TILES: usize = 12;
const TRIALS: usize = 6;

/// Seconds that one row takes against one panel in products of f32 by vectors.
pub(super) fn seconds_in_f32() -> f64 {
    struct Rows;
    impl Kernel for Rows {
        type Output = f64;

        #[inline(always)]
        fn run<S: Simd>(self, s: S) -> f64 {
            // SAFETY: `seconds` gives whole tiles of the largest rows, a whole panel, and sums.
            seconds(S::TILE_ROWS, |arguments| unsafe { s.tile(arguments) })
        }
    }
    dispatch(Rows)
}

/// Seconds that one row takes against one panel.
#[inline(always)]
pub(super) fn seconds<A: Zeroable + Clone, P: Zeroable>(rows: usize, tile: impl Fn(TileArguments<A, P>)) -> f64 {
    // Three numbers for each of a panel, as products in thirds have.
    let panel: Vec<P> = (0..3 * INPUTS * PANEL).map(|_| P::zeroed()).collect();
    let a = vec![A::zeroed(); MOST_TILE_ROWS * INPUTS];
    let mut sums = [[0.0f32; PANEL]; MOST_TILE_ROWS];
    let mut least = f64::INFINITY;
    for _ in 0..TRIALS {
        let started = Instant::now();
        for _ in 0..TILES {
            tile(TileArguments {
                a: a.as_ptr(),
                row_stride: INPUTS,
                run_stride: 0,
                runs: Runs::one(INPUTS),
                rows,
                panel: panel.as_ptr(),
                sums: sums.as_flattened_mut().as_mut_ptr(),
                sums_stride: PANEL,
                is_continued: false,
            });
        }
        least = least.min(started.elapsed().as_secs_f64() / (TILES * rows) as f64);
        std::hint::black_box(&sums);
    }
    least
}
