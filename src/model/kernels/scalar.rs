//! The scalar twin of every kernel: plain Rust, for CPUs without known vectors and as the measure for the others.

use half::f16;

use super::simd::{BF16_BITS, BF16_HALF, Simd};
use super::tile::TileArguments;
use super::vector_tile::tile;

/// Eight numbers at a time, which compilers turn into whatever the target has.
#[derive(Clone, Copy)]
pub struct Scalar;

const LANES: usize = 8;
type V = [f32; LANES];

#[inline(always)]
fn each(mut f: impl FnMut(usize) -> f32) -> V {
    let mut out = [0.0; LANES];
    for (lane, out) in out.iter_mut().enumerate() {
        *out = f(lane);
    }
    out
}

impl Simd for Scalar {
    type V = V;
    const LANES: usize = LANES;
    const TILE_ROWS: usize = 4;

    #[inline(always)]
    fn splat(self, x: f32) -> V {
        [x; LANES]
    }

    #[inline(always)]
    fn load(self, x: &[f32]) -> V {
        each(|i| x[i])
    }

    #[inline(always)]
    fn store(self, out: &mut [f32], v: V) {
        out[..LANES].copy_from_slice(&v);
    }

    #[inline(always)]
    fn store_exact_bf16(self, out: &mut [u16], v: V) {
        for (out, v) in out[..LANES].iter_mut().zip(v) {
            *out = (v.to_bits() >> 16) as u16;
        }
    }

    #[inline(always)]
    fn store_bf16(self, out: &mut [u16], v: V) {
        for (out, v) in out[..LANES].iter_mut().zip(v) {
            let half = if v.is_nan() { 0 } else { BF16_HALF };
            *out = ((v.to_bits() + half) >> 16) as u16;
        }
    }

    #[inline(always)]
    fn round_bf16(self, a: V) -> V {
        each(|i| f32::from_bits(a[i].to_bits().wrapping_add(BF16_HALF) & BF16_BITS))
    }

    #[inline(always)]
    fn store_pairs(self, out: &mut [u16], even: V, odd: V) {
        for (out, (even, odd)) in out[..2 * LANES].chunks_exact_mut(2).zip(even.into_iter().zip(odd)) {
            out.copy_from_slice(&[(even.to_bits() >> 16) as u16, (odd.to_bits() >> 16) as u16]);
        }
    }

    #[inline(always)]
    fn load_f16(self, x: &[u16]) -> V {
        each(|i| f16::from_bits(x[i]).to_f32())
    }

    #[inline(always)]
    fn load_i8(self, x: &[i8]) -> V {
        each(|i| f32::from(x[i]))
    }

    #[inline(always)]
    fn add(self, a: V, b: V) -> V {
        each(|i| a[i] + b[i])
    }

    #[inline(always)]
    fn sub(self, a: V, b: V) -> V {
        each(|i| a[i] - b[i])
    }

    #[inline(always)]
    fn mul(self, a: V, b: V) -> V {
        each(|i| a[i] * b[i])
    }

    #[inline(always)]
    fn div(self, a: V, b: V) -> V {
        each(|i| a[i] / b[i])
    }

    #[inline(always)]
    fn max(self, a: V, b: V) -> V {
        each(|i| if a[i] > b[i] { a[i] } else { b[i] })
    }

    #[inline(always)]
    fn min(self, a: V, b: V) -> V {
        each(|i| if a[i] < b[i] { a[i] } else { b[i] })
    }

    #[inline(always)]
    fn mul_add(self, a: V, b: V, c: V) -> V {
        // Two roundings: without the instruction, `f32::mul_add` is a call into the C library.
        each(|i| a[i] * b[i] + c[i])
    }

    #[inline(always)]
    fn round(self, a: V) -> V {
        each(|i| a[i].round_ties_even())
    }

    #[inline(always)]
    fn scale(self, a: V, n: V) -> V {
        each(|i| a[i] * f32::from_bits(((n[i] as i32 + 127) as u32) << 23))
    }

    #[inline(always)]
    fn sum(self, a: V) -> f32 {
        a.iter().sum()
    }

    #[inline(always)]
    fn greatest(self, a: V) -> f32 {
        a.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    }

    /// # Safety
    /// As the trait says.
    #[inline(always)]
    unsafe fn tile(self, arguments: TileArguments<f32>) {
        // SAFETY: what the caller promises is what the tile asks for.
        unsafe { tile::<Self, 4, 1>(self, arguments) }
    }
}
