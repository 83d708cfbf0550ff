//! NEON, which every 64-bit ARM CPU has.

use std::arch::aarch64::*;

use half::f16;

use super::simd::{BF16_BITS, BF16_HALF, Kernel, Simd};
use super::tile::TileArguments;
use super::vector_tile::tile;

/// Four lanes in 32 registers.
#[derive(Clone, Copy)]
pub struct Neon(());

/// Runs `kernel` compiled for NEON.
pub fn run<K: Kernel>(kernel: K) -> K::Output {
    // NEON belongs to the baseline of aarch64, so nothing has to be detected or enabled.
    kernel.run(Neon(()))
}

impl Simd for Neon {
    type V = float32x4_t;
    const LANES: usize = 4;
    const TILE_ROWS: usize = 6;

    #[inline(always)]
    fn splat(self, x: f32) -> float32x4_t {
        // SAFETY: NEON is always there, here and in every method below.
        unsafe { vdupq_n_f32(x) }
    }

    #[inline(always)]
    fn load(self, x: &[f32]) -> float32x4_t {
        // SAFETY: the slice has four numbers.
        unsafe { vld1q_f32(x[..4].as_ptr()) }
    }

    #[inline(always)]
    fn store(self, out: &mut [f32], v: float32x4_t) {
        // SAFETY: the slice has four numbers.
        unsafe { vst1q_f32(out[..4].as_mut_ptr(), v) }
    }

    #[inline(always)]
    fn store_exact_bf16(self, out: &mut [u16], v: float32x4_t) {
        // SAFETY: the slice has four numbers.
        unsafe { vst1_u16(out[..4].as_mut_ptr(), vshrn_n_u32::<16>(vreinterpretq_u32_f32(v))) }
    }

    #[inline(always)]
    fn store_bf16(self, out: &mut [u16], v: float32x4_t) {
        // SAFETY: as above.
        let rounded = unsafe {
            let half = vandq_u32(vceqq_f32(v, v), vdupq_n_u32(BF16_HALF));
            vreinterpretq_f32_u32(vaddq_u32(vreinterpretq_u32_f32(v), half))
        };
        self.store_exact_bf16(out, rounded);
    }

    #[inline(always)]
    fn round_bf16(self, a: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe {
            let rounded = vaddq_u32(vreinterpretq_u32_f32(a), vdupq_n_u32(BF16_HALF));
            vreinterpretq_f32_u32(vandq_u32(rounded, vdupq_n_u32(BF16_BITS)))
        }
    }

    #[inline(always)]
    fn store_pairs(self, out: &mut [u16], even: float32x4_t, odd: float32x4_t) {
        // SAFETY: the slice has eight numbers.
        unsafe {
            let low = vshrq_n_u32::<16>(vreinterpretq_u32_f32(even));
            let high = vandq_u32(vreinterpretq_u32_f32(odd), vdupq_n_u32(BF16_BITS));
            vst1q_u16(out[..8].as_mut_ptr(), vreinterpretq_u16_u32(vorrq_u32(low, high)));
        }
    }

    #[inline(always)]
    fn load_f16(self, x: &[u16]) -> float32x4_t {
        let wide: [f32; 4] = std::array::from_fn(|i| f16::from_bits(x[i]).to_f32());
        self.load(&wide)
    }

    #[inline(always)]
    fn load_i8(self, x: &[i8]) -> float32x4_t {
        let wide: [f32; 4] = std::array::from_fn(|i| f32::from(x[i]));
        self.load(&wide)
    }

    #[inline(always)]
    fn add(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vaddq_f32(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vsubq_f32(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vmulq_f32(a, b) }
    }

    #[inline(always)]
    fn div(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vdivq_f32(a, b) }
    }

    #[inline(always)]
    fn max(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vmaxq_f32(a, b) }
    }

    #[inline(always)]
    fn min(self, a: float32x4_t, b: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vminq_f32(a, b) }
    }

    #[inline(always)]
    fn mul_add(self, a: float32x4_t, b: float32x4_t, c: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vfmaq_f32(c, a, b) }
    }

    #[inline(always)]
    fn round(self, a: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe { vrndnq_f32(a) }
    }

    #[inline(always)]
    fn scale(self, a: float32x4_t, n: float32x4_t) -> float32x4_t {
        // SAFETY: as above.
        unsafe {
            let exponent = vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127));
            vmulq_f32(a, vreinterpretq_f32_s32(vshlq_n_s32::<23>(exponent)))
        }
    }

    #[inline(always)]
    fn sum(self, a: float32x4_t) -> f32 {
        // SAFETY: as above.
        unsafe { vaddvq_f32(a) }
    }

    #[inline(always)]
    fn greatest(self, a: float32x4_t) -> f32 {
        // SAFETY: as above.
        unsafe { vmaxvq_f32(a) }
    }

    /// # Safety
    /// As the trait says.
    #[inline(always)]
    unsafe fn tile(self, arguments: TileArguments<f32>) {
        // SAFETY: what the caller promises is what the tile asks for.
        unsafe { tile::<Self, 6, 4>(self, arguments) }
    }
}
