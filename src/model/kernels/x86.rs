//! AVX2 with FMA, and AVX-512.

use std::arch::x86_64::*;

use super::simd::{BF16_BITS, BF16_HALF, Kernel, Simd};
use super::tile::TileArguments;
use super::vector_tile::tile;

/// Eight lanes; found on nearly every x86 CPU since 2013.
#[derive(Clone, Copy)]
pub struct Avx2(());

/// Sixteen lanes and twice as many registers.
#[derive(Clone, Copy)]
pub struct Avx512(());

impl Avx2 {
    pub fn detect() -> Option<Self> {
        let has =
            is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c");
        has.then_some(Self(()))
    }
}

impl Avx512 {
    pub fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && Avx2::detect().is_some();
        has.then_some(Self(()))
    }
}

/// Runs `kernel` compiled for AVX2.
pub fn run_avx2<K: Kernel>(simd: Avx2, kernel: K) -> K::Output {
    #[target_feature(enable = "avx2,fma,f16c")]
    fn compiled<K: Kernel>(simd: Avx2, kernel: K) -> K::Output {
        kernel.run(simd)
    }
    // SAFETY: an `Avx2` exists only where the CPU has these features.
    unsafe { compiled(simd, kernel) }
}

/// Runs `kernel` compiled for AVX-512.
pub fn run_avx512<K: Kernel>(simd: Avx512, kernel: K) -> K::Output {
    #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")]
    fn compiled<K: Kernel>(simd: Avx512, kernel: K) -> K::Output {
        kernel.run(simd)
    }
    // SAFETY: an `Avx512` exists only where the CPU has these features.
    unsafe { compiled(simd, kernel) }
}

impl Simd for Avx2 {
    type V = __m256;
    const LANES: usize = 8;
    const TILE_ROWS: usize = 6;

    #[inline(always)]
    fn splat(self, x: f32) -> __m256 {
        // SAFETY: `self` proves the feature, here and in every method below.
        unsafe { _mm256_set1_ps(x) }
    }

    #[inline(always)]
    fn load(self, x: &[f32]) -> __m256 {
        // SAFETY: the slice has eight numbers.
        unsafe { _mm256_loadu_ps(x[..8].as_ptr()) }
    }

    #[inline(always)]
    fn store(self, out: &mut [f32], v: __m256) {
        // SAFETY: the slice has eight numbers.
        unsafe { _mm256_storeu_ps(out[..8].as_mut_ptr(), v) }
    }

    #[inline(always)]
    fn store_bf16(self, out: &mut [u16], v: __m256) {
        // SAFETY: as above.
        let rounded = unsafe {
            let numbers = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_ORD_Q>(v, v));
            let half = _mm256_and_si256(numbers, _mm256_set1_epi32(BF16_HALF as i32));
            _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(v), half))
        };
        self.store_exact_bf16(out, rounded);
    }

    #[inline(always)]
    fn store_exact_bf16(self, out: &mut [u16], v: __m256) {
        // SAFETY: the slice has eight numbers.
        unsafe {
            let high = _mm256_srli_epi32::<16>(_mm256_castps_si256(v));
            let packed = _mm256_permute4x64_epi64::<0b1000>(_mm256_packus_epi32(high, high));
            _mm_storeu_si128(out[..8].as_mut_ptr().cast(), _mm256_castsi256_si128(packed));
        }
    }

    #[inline(always)]
    fn round_bf16(self, a: __m256) -> __m256 {
        // SAFETY: as above.
        unsafe {
            let rounded = _mm256_add_epi32(_mm256_castps_si256(a), _mm256_set1_epi32(BF16_HALF as i32));
            _mm256_castsi256_ps(_mm256_and_si256(rounded, _mm256_set1_epi32(BF16_BITS as i32)))
        }
    }

    #[inline(always)]
    fn store_pairs(self, out: &mut [u16], even: __m256, odd: __m256) {
        // SAFETY: the slice has sixteen numbers.
        unsafe {
            let low = _mm256_srli_epi32::<16>(_mm256_castps_si256(even));
            let high = _mm256_and_si256(_mm256_castps_si256(odd), _mm256_set1_epi32(BF16_BITS as i32));
            _mm256_storeu_si256(out[..16].as_mut_ptr().cast(), _mm256_or_si256(low, high));
        }
    }

    #[inline(always)]
    fn load_f16(self, x: &[u16]) -> __m256 {
        // SAFETY: the slice has eight numbers.
        unsafe { _mm256_cvtph_ps(_mm_loadu_si128(x[..8].as_ptr().cast())) }
    }

    #[inline(always)]
    fn load_i8(self, x: &[i8]) -> __m256 {
        // SAFETY: the slice has eight numbers.
        unsafe { _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(x[..8].as_ptr().cast()))) }
    }

    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_add_ps(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_sub_ps(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_mul_ps(a, b) }
    }

    #[inline(always)]
    fn div(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_div_ps(a, b) }
    }

    #[inline(always)]
    fn max(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_max_ps(a, b) }
    }

    #[inline(always)]
    fn min(self, a: __m256, b: __m256) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_min_ps(a, b) }
    }

    #[inline(always)]
    fn mul_add(self, a: __m256, b: __m256, c: __m256) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn round(self, a: __m256) -> __m256 {
        // SAFETY: as above.
        unsafe { _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a) }
    }

    #[inline(always)]
    fn scale(self, a: __m256, n: __m256) -> __m256 {
        // SAFETY: as above.
        unsafe {
            let exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
            _mm256_mul_ps(a, _mm256_castsi256_ps(_mm256_slli_epi32::<23>(exponent)))
        }
    }

    #[inline(always)]
    fn sum(self, a: __m256) -> f32 {
        let mut lanes = [0.0; 8];
        self.store(&mut lanes, a);
        let [a, b, c, d, e, f, g, h] = lanes;
        ((a + b) + (c + d)) + ((e + f) + (g + h))
    }

    #[inline(always)]
    fn greatest(self, a: __m256) -> f32 {
        let mut lanes = [0.0; 8];
        self.store(&mut lanes, a);
        lanes.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }

    /// # Safety
    /// As the trait says.
    #[inline(always)]
    unsafe fn tile(self, arguments: TileArguments<f32>) {
        /// One copy for all kernels: their code would be several times as large if each had its own.
        ///
        /// # Safety
        /// As the trait says.
        #[inline(never)]
        #[target_feature(enable = "avx2,fma,f16c")]
        unsafe fn compiled(simd: Avx2, arguments: TileArguments<f32>) {
            // SAFETY: what the caller promises is what the tile asks for.
            unsafe { tile::<Avx2, 6, 2>(simd, arguments) }
        }
        // SAFETY: `self` proves the features; the caller's promise is passed on.
        unsafe { compiled(self, arguments) }
    }
}

impl Simd for Avx512 {
    type V = __m512;
    const LANES: usize = 16;
    const TILE_ROWS: usize = 12;

    #[inline(always)]
    fn splat(self, x: f32) -> __m512 {
        // SAFETY: `self` proves the feature, here and in every method below.
        unsafe { _mm512_set1_ps(x) }
    }

    #[inline(always)]
    fn load(self, x: &[f32]) -> __m512 {
        // SAFETY: the slice has sixteen numbers.
        unsafe { _mm512_loadu_ps(x[..16].as_ptr()) }
    }

    #[inline(always)]
    fn store(self, out: &mut [f32], v: __m512) {
        // SAFETY: the slice has sixteen numbers.
        unsafe { _mm512_storeu_ps(out[..16].as_mut_ptr(), v) }
    }

    #[inline(always)]
    fn store_bf16(self, out: &mut [u16], v: __m512) {
        // SAFETY: as above.
        let rounded = unsafe {
            let (bits, numbers) = (_mm512_castps_si512(v), _mm512_cmp_ps_mask::<_CMP_ORD_Q>(v, v));
            _mm512_castsi512_ps(_mm512_mask_add_epi32(bits, numbers, bits, _mm512_set1_epi32(BF16_HALF as i32)))
        };
        self.store_exact_bf16(out, rounded);
    }

    #[inline(always)]
    fn store_exact_bf16(self, out: &mut [u16], v: __m512) {
        // SAFETY: the slice has sixteen numbers.
        unsafe {
            let packed = _mm512_cvtepi32_epi16(_mm512_srli_epi32::<16>(_mm512_castps_si512(v)));
            _mm256_storeu_si256(out[..16].as_mut_ptr().cast(), packed);
        }
    }

    #[inline(always)]
    fn round_bf16(self, a: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe {
            let rounded = _mm512_add_epi32(_mm512_castps_si512(a), _mm512_set1_epi32(BF16_HALF as i32));
            _mm512_castsi512_ps(_mm512_and_si512(rounded, _mm512_set1_epi32(BF16_BITS as i32)))
        }
    }

    #[inline(always)]
    fn store_pairs(self, out: &mut [u16], even: __m512, odd: __m512) {
        // SAFETY: the slice has 32 numbers.
        unsafe {
            let low = _mm512_srli_epi32::<16>(_mm512_castps_si512(even));
            let high = _mm512_and_si512(_mm512_castps_si512(odd), _mm512_set1_epi32(BF16_BITS as i32));
            _mm512_storeu_si512(out[..32].as_mut_ptr().cast(), _mm512_or_si512(low, high));
        }
    }

    #[inline(always)]
    fn load_f16(self, x: &[u16]) -> __m512 {
        // SAFETY: the slice has sixteen numbers.
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(x[..16].as_ptr().cast())) }
    }

    #[inline(always)]
    fn load_i8(self, x: &[i8]) -> __m512 {
        // SAFETY: the slice has sixteen numbers.
        unsafe { _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(x[..16].as_ptr().cast()))) }
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_add_ps(a, b) }
    }

    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_sub_ps(a, b) }
    }

    #[inline(always)]
    fn mul(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_mul_ps(a, b) }
    }

    #[inline(always)]
    fn div(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_div_ps(a, b) }
    }

    #[inline(always)]
    fn max(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_max_ps(a, b) }
    }

    #[inline(always)]
    fn min(self, a: __m512, b: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_min_ps(a, b) }
    }

    #[inline(always)]
    fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }

    #[inline(always)]
    fn round(self, a: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_roundscale_ps::<{ _MM_FROUND_TO_NEAREST_INT }>(a) }
    }

    #[inline(always)]
    fn scale(self, a: __m512, n: __m512) -> __m512 {
        // SAFETY: as above.
        unsafe { _mm512_scalef_ps(a, n) }
    }

    #[inline(always)]
    fn sum(self, a: __m512) -> f32 {
        // SAFETY: as above.
        unsafe { _mm512_reduce_add_ps(a) }
    }

    #[inline(always)]
    fn greatest(self, a: __m512) -> f32 {
        // SAFETY: as above.
        unsafe { _mm512_reduce_max_ps(a) }
    }

    /// # Safety
    /// As the trait says.
    #[inline(always)]
    unsafe fn tile(self, arguments: TileArguments<f32>) {
        /// One copy for all kernels: their code would be several times as large if each had its own.
        ///
        /// # Safety
        /// As the trait says.
        #[inline(never)]
        #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")]
        unsafe fn compiled(simd: Avx512, arguments: TileArguments<f32>) {
            // SAFETY: what the caller promises is what the tile asks for.
            unsafe { tile::<Avx512, 12, 2>(simd, arguments) }
        }
        // SAFETY: `self` proves the features; the caller's promise is passed on.
        unsafe { compiled(self, arguments) }
    }
}
