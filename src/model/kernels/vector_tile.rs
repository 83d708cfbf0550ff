//! One tile of a product by vectors: the core of all that is computed in f32.

use super::panel::PANEL;
use super::simd::Simd;
use super::tile::TileArguments;

/// A tile of `ROWS` rows, all 32 columns of a panel, `VECTORS` vectors of columns at a time so that all sums stay in
/// registers.
///
/// # Safety
/// As the fields of [`TileArguments`] say, for `ROWS` rows.
#[inline(always)]
pub(super) unsafe fn tile<S: Simd, const ROWS: usize, const VECTORS: usize>(s: S, arguments: TileArguments<f32>) {
    let TileArguments { a, row_stride, run_stride, runs, panel, sums, sums_stride, is_continued, .. } = arguments;
    for column in (0..PANEL).step_by(VECTORS * S::LANES) {
        let mut sum = [[s.splat(0.0); VECTORS]; ROWS];
        // SAFETY: the pointers stay inside what the caller vouches for: `a` walks over the inputs of each run of each
        // row, `b` over the 32 numbers of each input; the sums have room for all rows.
        unsafe {
            if is_continued {
                for (row, sum) in sum.iter_mut().enumerate() {
                    for (v, sum) in sum.iter_mut().enumerate() {
                        let so_far = sums.add(row * sums_stride + column + v * S::LANES);
                        *sum = s.load(std::slice::from_raw_parts(so_far, S::LANES));
                    }
                }
            }
            let mut b = panel.add(column);
            for run in 0..runs.count {
                let mut a = a.add(run * run_stride);
                for _ in 0..runs.length {
                    let mut columns = [s.splat(0.0); VECTORS];
                    for (v, columns) in columns.iter_mut().enumerate() {
                        *columns = s.load(std::slice::from_raw_parts(b.add(v * S::LANES), S::LANES));
                    }
                    for (row, sum) in sum.iter_mut().enumerate() {
                        let x = s.splat(*a.add(row * row_stride));
                        for (sum, &columns) in sum.iter_mut().zip(&columns) {
                            *sum = s.mul_add(x, columns, *sum);
                        }
                    }
                    a = a.add(1);
                    b = b.wrapping_add(PANEL);
                }
            }
            for (row, sum) in sum.iter().enumerate() {
                for (v, &sum) in sum.iter().enumerate() {
                    let out = sums.add(row * sums_stride + column + v * S::LANES);
                    s.store(std::slice::from_raw_parts_mut(out, S::LANES), sum);
                }
            }
        }
    }
}
