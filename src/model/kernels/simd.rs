//! Vectors of f32 as every kernel sees them, and the choice, at run time, of the widest that the CPU has.
//!
//! A kernel is written once, generic over [`Simd`]. [`dispatch`] runs it compiled for the instruction set that was
//! found; [`dispatch_on`] for a chosen one, which is how tests compare each set with the scalar twin.

use std::sync::OnceLock;

use super::product::TileArguments;

/// Added to the bits of an f32 before its lower half is cut off, it rounds to the nearest bf16.
pub(super) const BF16_HALF: u32 = 0x8000;
/// The bits of an f32 that a bf16 has.
pub(super) const BF16_BITS: u32 = 0xffff_0000;

/// An instruction set. A value of such a type is the proof that this CPU has it, which makes its methods safe.
pub trait Simd: Copy + Send + Sync + 'static {
    /// A vector of [`Self::LANES`] numbers.
    type V: Copy;
    /// Divides 16, so that rows of 16 and panels of 32 need no rest.
    const LANES: usize;
    /// Rows that [`Self::tile`] computes together.
    const TILE_ROWS: usize;

    fn splat(self, x: f32) -> Self::V;
    /// The first `LANES` numbers of `x`, which must have as many.
    fn load(self, x: &[f32]) -> Self::V;
    /// Over the first `LANES` numbers of `out`, which must have as many.
    fn store(self, out: &mut [f32], v: Self::V);
    /// To the nearest bf16, ties away from zero. What is not a number may become one.
    fn round_bf16(self, a: Self::V) -> Self::V;
    /// As [`Self::store`], bits of bf16 of what is bf16 already.
    fn store_exact_bf16(self, out: &mut [u16], v: Self::V);
    /// As [`Self::store`], rounded to bf16; what is not a number stays none.
    fn store_bf16(self, out: &mut [u16], v: Self::V);
    /// Over the first 2 · `LANES` numbers of `out`: bits of bf16 of `even` and `odd` in turn, which must be bf16 already.
    fn store_pairs(self, out: &mut [u16], even: Self::V, odd: Self::V);
    /// Widens the first `LANES` numbers of `x`, bits of f16.
    fn load_f16(self, x: &[u16]) -> Self::V;
    /// Widens the first `LANES` numbers of `x`.
    fn load_i8(self, x: &[i8]) -> Self::V;
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    fn div(self, a: Self::V, b: Self::V) -> Self::V;
    fn max(self, a: Self::V, b: Self::V) -> Self::V;
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// a·b + c, rounded once where the CPU can.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    fn round(self, a: Self::V) -> Self::V;
    /// a · 2ⁿ for whole n between −126 and 127.
    fn scale(self, a: Self::V, n: Self::V) -> Self::V;
    fn sum(self, a: Self::V) -> f32;
    fn greatest(self, a: Self::V) -> f32;

    /// One tile of a matrix product in f32: see [`super::product`].
    ///
    /// # Safety
    /// The pointers of `arguments` must be valid as its fields say.
    unsafe fn tile(self, arguments: TileArguments<f32>);
}

/// Work that is compiled once for every instruction set. `run` must be `#[inline(always)]` and must do its vector work
/// outside closures: only then is it compiled with the instructions of `S`.
pub trait Kernel {
    type Output;
    fn run<S: Simd>(self, simd: S) -> Self::Output;
}

/// The instruction sets that there are kernels for, slowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Scalar,
    #[cfg(target_arch = "aarch64")]
    Neon,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// All that this CPU has, slowest first.
    pub fn available() -> Vec<Self> {
        let mut levels = vec![Self::Scalar];
        #[cfg(target_arch = "aarch64")]
        levels.push(Self::Neon);
        #[cfg(target_arch = "x86_64")]
        {
            levels.extend(super::x86::Avx2::detect().map(|_| Self::Avx2));
            levels.extend(super::x86::Avx512::detect().map(|_| Self::Avx512));
        }
        levels
    }

    /// How people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Scalar => "no vectors",
            #[cfg(target_arch = "aarch64")]
            Self::Neon => "NEON",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => "AVX-512",
        }
    }

    /// The fastest that this CPU has; looked up once.
    pub fn best() -> Self {
        #[cfg(test)]
        if let Some(machine) = super::testing::Machine::current() {
            return machine.level;
        }
        static BEST: OnceLock<Level> = OnceLock::new();
        *BEST.get_or_init(|| Self::available().into_iter().max().unwrap_or(Self::Scalar))
    }
}

/// Runs a kernel on the best instruction set of this CPU.
pub fn dispatch<K: Kernel>(kernel: K) -> K::Output {
    dispatch_on(Level::best(), kernel)
}

/// Runs a kernel on one instruction set, or on the scalar twin where the CPU lacks it.
pub fn dispatch_on<K: Kernel>(level: Level, kernel: K) -> K::Output {
    match level {
        #[cfg(target_arch = "aarch64")]
        Level::Neon => super::neon::run(kernel),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => match super::x86::Avx2::detect() {
            Some(simd) => super::x86::run_avx2(simd, kernel),
            None => kernel.run(super::scalar::Scalar),
        },
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => match super::x86::Avx512::detect() {
            Some(simd) => super::x86::run_avx512(simd, kernel),
            None => kernel.run(super::scalar::Scalar),
        },
        Level::Scalar => kernel.run(super::scalar::Scalar),
    }
}

#[cfg(test)]
mod tests;
