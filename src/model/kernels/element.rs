//! The two element types in which activations go into products.

use bytemuck::Pod;
use half::bf16;
use half::slice::HalfFloatSliceExt;

use super::bf16_unit::{self, Bf16Unit};
use super::dispatch::{Level, dispatch_on};
use super::lines::Lines;
use super::matrix::Matrix;
use super::panel::{PANEL, STEP};
use super::simd::{Kernel, Simd};
use super::tile::TileArguments;

/// What products multiply: f32, bf16, or [`super::apart::Thirds`].
pub trait Factor: Pod + Send + Sync {
    /// Numbers of a panel.
    type Packed: Pod + Send + Sync;
    /// What must be open on a thread while it computes tiles.
    type Unit;

    /// Numbers of a panel per input and column.
    const PACKED: usize = 1;

    /// Rows of one tile.
    fn tile_rows<S: Simd>() -> usize;

    /// Inputs of a run of `length` with what fills it up.
    fn padded(length: usize) -> usize;

    fn unit() -> Self::Unit;

    /// A row of inputs, filled up. Must be `#[inline(always)]`, as what follows.
    fn take_row<S: Simd>(s: S, values: &[f32], out: &mut [Self]);

    /// A panel [inputs, 32], filled up.
    fn take_panel<S: Simd>(s: S, numbers: &[f32], out: &mut [Self::Packed]);

    /// One tile.
    ///
    /// # Safety
    /// As the fields of the arguments say.
    unsafe fn tile<S: Simd>(s: S, unit: &Self::Unit, arguments: TileArguments<Self, Self::Packed>);
}

/// How activations are kept: f32 or bf16.
pub trait Element: Factor + Default {
    /// Inputs of which a panel and the rows of a tile fit a core's first cache together.
    const PIECE: usize;

    /// Stores the vector over the first numbers of `out`.
    fn store<S: Simd>(s: S, out: &mut [Self], v: S::V);

    /// The same numbers, where they are f32.
    fn singles(_: &[Self]) -> Option<&[f32]> {
        None
    }

    /// A panel of a matrix that is to be multiplied with activations of this type.
    fn panel<'a, S: Simd>(s: S, matrix: &'a Matrix, panel: usize, wide: &'a mut Lines<f32>) -> &'a [Self::Packed];
}

/// Rows of one tile of `F` on this instruction set.
pub fn tile_rows<F: Factor>(level: Level) -> usize {
    struct Rows<F>(std::marker::PhantomData<F>);
    impl<F: Factor> Kernel for Rows<F> {
        type Output = usize;

        #[inline(always)]
        fn run<S: Simd>(self, _: S) -> usize {
            F::tile_rows::<S>()
        }
    }
    dispatch_on(level, Rows::<F>(std::marker::PhantomData))
}

impl Factor for f32 {
    type Packed = f32;
    type Unit = ();

    #[inline(always)]
    fn tile_rows<S: Simd>() -> usize {
        S::TILE_ROWS
    }

    fn padded(length: usize) -> usize {
        length
    }

    fn unit() {}

    #[inline(always)]
    fn take_row<S: Simd>(_: S, values: &[f32], out: &mut [f32]) {
        out.copy_from_slice(values);
    }

    #[inline(always)]
    fn take_panel<S: Simd>(_: S, numbers: &[f32], out: &mut [f32]) {
        out.copy_from_slice(numbers);
    }

    /// # Safety
    /// As the trait says.
    #[inline(always)]
    unsafe fn tile<S: Simd>(s: S, (): &(), arguments: TileArguments<f32>) {
        // SAFETY: the caller's promise is passed on.
        unsafe { s.tile(arguments) }
    }
}

impl Element for f32 {
    const PIECE: usize = 256;

    #[inline(always)]
    fn store<S: Simd>(s: S, out: &mut [f32], v: S::V) {
        s.store(out, v);
    }

    fn singles(values: &[f32]) -> Option<&[f32]> {
        Some(values)
    }

    #[inline(always)]
    fn panel<'a, S: Simd>(s: S, matrix: &'a Matrix, panel: usize, wide: &'a mut Lines<f32>) -> &'a [f32] {
        matrix.panel(s, panel, 0..matrix.runs().total(), wide)
    }
}

impl Factor for bf16 {
    type Packed = u16;
    type Unit = Bf16Unit;

    #[inline(always)]
    fn tile_rows<S: Simd>() -> usize {
        bf16_unit::TILE_ROWS
    }

    fn padded(length: usize) -> usize {
        length.next_multiple_of(STEP)
    }

    fn unit() -> Bf16Unit {
        Bf16Unit::open()
    }

    #[inline(always)]
    fn take_row<S: Simd>(s: S, values: &[f32], out: &mut [bf16]) {
        for at in (0..values.len()).step_by(S::LANES) {
            Self::store(s, &mut out[at..], s.load(&values[at..]));
        }
    }

    /// Two inputs of a column lie side by side.
    #[inline(always)]
    fn take_panel<S: Simd>(s: S, numbers: &[f32], out: &mut [u16]) {
        for (numbers, out) in numbers.chunks_exact(2 * PANEL).zip(out.chunks_exact_mut(2 * PANEL)) {
            for lane in (0..PANEL).step_by(S::LANES) {
                let even = s.round_bf16(s.load(&numbers[lane..]));
                let odd = s.round_bf16(s.load(&numbers[PANEL + lane..]));
                s.store_pairs(&mut out[2 * lane..], even, odd);
            }
        }
    }

    /// # Safety
    /// As the trait says.
    #[inline(always)]
    unsafe fn tile<S: Simd>(_: S, unit: &Bf16Unit, arguments: TileArguments<bf16, u16>) {
        // SAFETY: the caller's promise is passed on.
        unsafe { unit.tile(arguments) }
    }
}

impl Element for bf16 {
    const PIECE: usize = 384;

    #[inline(always)]
    fn store<S: Simd>(s: S, out: &mut [bf16], v: S::V) {
        s.store_bf16(out.reinterpret_cast_mut(), v);
    }

    #[inline(always)]
    fn panel<'a, S: Simd>(_: S, matrix: &'a Matrix, panel: usize, _: &'a mut Lines<f32>) -> &'a [u16] {
        matrix.pairs(panel)
    }
}
