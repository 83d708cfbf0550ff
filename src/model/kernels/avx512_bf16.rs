//! Products of bf16 pairs by AVX-512, which recent desktop CPUs have without tiles.

use std::arch::x86_64::*;

use half::bf16;

use super::panel::STEP;
use super::tile::TileArguments;

/// The proof that the CPU has the instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avx512Bf16(());

/// Rows that are summed together: two vectors of sums each, besides the panel's two.
const ROWS: usize = 8;

impl Avx512Bf16 {
    pub fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx512bf16") && is_x86_feature_detected!("avx512bw")).then_some(Self(()))
    }

    /// One tile of a product: 16 or 32 rows, 32 columns.
    ///
    /// # Safety
    /// As the fields of the arguments say.
    pub unsafe fn tile(self, arguments: TileArguments<bf16, u16>) {
        for group in 0..arguments.rows.div_ceil(ROWS) {
            // SAFETY: `self` proves the instruction; the caller vouches for all rows of the tile.
            unsafe {
                let a = arguments.a.add(group * ROWS * arguments.row_stride);
                let sums = arguments.sums.add(group * ROWS * arguments.sums_stride);
                eight_rows(TileArguments { a, sums, ..arguments });
            }
        }
    }
}

/// # Safety
/// The CPU has AVX512-BF16; the fields of the arguments are valid for eight rows.
#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512bf16")]
unsafe fn eight_rows(arguments: TileArguments<bf16, u16>) {
    let TileArguments { a, row_stride, run_stride, runs, panel, sums, sums_stride, is_continued, .. } = arguments;
    let mut sum = [[_mm512_setzero_ps(); 2]; ROWS];
    // SAFETY: inside what the caller vouches for. The transmutes keep all 512 bits, and none is invalid.
    unsafe {
        if is_continued {
            for (row, sum) in sum.iter_mut().enumerate() {
                sum[0] = _mm512_loadu_ps(sums.add(row * sums_stride));
                sum[1] = _mm512_loadu_ps(sums.add(row * sums_stride + 16));
            }
        }
        let mut b = panel;
        for run in 0..runs.count {
            let mut a = a.add(run * run_stride);
            for _ in 0..runs.length.next_multiple_of(STEP) / 2 {
                let left = std::mem::transmute::<__m512i, __m512bh>(_mm512_loadu_si512(b.cast()));
                let right = std::mem::transmute::<__m512i, __m512bh>(_mm512_loadu_si512(b.add(32).cast()));
                for (row, sum) in sum.iter_mut().enumerate() {
                    let pair = _mm512_set1_epi32(a.add(row * row_stride).cast::<i32>().read_unaligned());
                    let pair = std::mem::transmute::<__m512i, __m512bh>(pair);
                    sum[0] = _mm512_dpbf16_ps(sum[0], pair, left);
                    sum[1] = _mm512_dpbf16_ps(sum[1], pair, right);
                }
                a = a.add(2);
                b = b.add(64);
            }
        }
        for (row, sum) in sum.iter().enumerate() {
            _mm512_storeu_ps(sums.add(row * sums_stride), sum[0]);
            _mm512_storeu_ps(sums.add(row * sums_stride + 16), sum[1]);
        }
    }
}
