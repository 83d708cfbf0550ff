//! The two element types in which activations go into products.

use bytemuck::Pod;
use half::bf16;
use half::slice::HalfFloatSliceExt;

use super::bf16_unit::{self, Bf16Unit, STEP};
use super::lines::Lines;
use super::matrix::{Matrix, PANEL};
use super::product::TileArguments;
use super::simd::{Kernel, Level, Simd, dispatch_on};

/// f32 or bf16.
pub trait Element: Copy + Default + Send + Sync + 'static {
    /// Numbers of a panel.
    type Packed: Pod + Send + Sync;
    /// What must be open on a thread while it computes tiles.
    type Unit;

    /// Inputs of which a panel and the rows of a tile fit a core's first cache together.
    const PIECE: usize;

    /// Stores the vector over the first numbers of `out`.
    fn store<S: Simd>(s: S, out: &mut [Self], v: S::V);

    /// As panels keep it.
    fn pack(self) -> Self::Packed;

    /// Where a panel keeps the number of one input and one of its 32 columns.
    fn place(input: usize, column: usize) -> usize;

    /// Rows of one tile.
    fn tile_rows<S: Simd>() -> usize;

    /// Inputs of a run of `length` with what fills it up.
    fn padded(length: usize) -> usize;

    fn unit() -> Self::Unit;

    /// A panel of a matrix that is to be multiplied with activations of this type.
    fn panel<'a, S: Simd>(s: S, matrix: &'a Matrix, panel: usize, wide: &'a mut Lines<f32>) -> &'a [Self::Packed];

    /// One tile.
    ///
    /// # Safety
    /// As the fields of the arguments say.
    unsafe fn tile<S: Simd>(s: S, unit: &Self::Unit, arguments: TileArguments<Self>);
}

/// Rows of one tile of `E` on this instruction set.
pub fn tile_rows<E: Element>(level: Level) -> usize {
    struct Rows<E>(std::marker::PhantomData<E>);
    impl<E: Element> Kernel for Rows<E> {
        type Output = usize;

        #[inline(always)]
        fn run<S: Simd>(self, _: S) -> usize {
            E::tile_rows::<S>()
        }
    }
    dispatch_on(level, Rows::<E>(std::marker::PhantomData))
}

impl Element for f32 {
    type Packed = f32;
    type Unit = ();
    const PIECE: usize = 256;

    #[inline(always)]
    fn store<S: Simd>(s: S, out: &mut [f32], v: S::V) {
        s.store(out, v);
    }

    #[inline(always)]
    fn pack(self) -> f32 {
        self
    }

    #[inline(always)]
    fn place(input: usize, column: usize) -> usize {
        input * PANEL + column
    }

    #[inline(always)]
    fn tile_rows<S: Simd>() -> usize {
        S::TILE_ROWS
    }

    fn padded(length: usize) -> usize {
        length
    }

    fn unit() {}

    #[inline(always)]
    fn panel<'a, S: Simd>(s: S, matrix: &'a Matrix, panel: usize, wide: &'a mut Lines<f32>) -> &'a [f32] {
        matrix.panel(s, panel, wide)
    }

    /// # Safety
    /// As the trait says.
    #[inline(always)]
    unsafe fn tile<S: Simd>(s: S, (): &(), arguments: TileArguments<f32>) {
        // SAFETY: the caller's promise is passed on.
        unsafe { s.tile(arguments) }
    }
}

impl Element for bf16 {
    type Packed = u16;
    type Unit = Bf16Unit;
    const PIECE: usize = 384;

    #[inline(always)]
    fn store<S: Simd>(s: S, out: &mut [bf16], v: S::V) {
        s.store_bf16(out.reinterpret_cast_mut(), v);
    }

    #[inline(always)]
    fn pack(self) -> u16 {
        self.to_bits()
    }

    /// Two inputs of a column lie side by side.
    #[inline(always)]
    fn place(input: usize, column: usize) -> usize {
        input / 2 * (2 * PANEL) + 2 * column + input % 2
    }

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
    fn panel<'a, S: Simd>(_: S, matrix: &'a Matrix, panel: usize, _: &'a mut Lines<f32>) -> &'a [u16] {
        matrix.pairs(panel)
    }

    /// # Safety
    /// As the trait says.
    #[inline(always)]
    unsafe fn tile<S: Simd>(_: S, unit: &Bf16Unit, arguments: TileArguments<bf16>) {
        // SAFETY: the caller's promise is passed on.
        unsafe { unit.tile(arguments) }
    }
}
