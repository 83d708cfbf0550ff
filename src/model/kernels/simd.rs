//! Vectors of f32 as every kernel sees them: a kernel is written once, generic over [`Simd`].

use super::tile::TileArguments;

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

    /// One tile of a matrix product in f32: see [`super::vector_tile`].
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

#[cfg(test)]
mod tests;
