//! A library of the system that multiplies f32: on a Mac, Accelerate, the only way to the matrix units of Apple's processors.
//!
//! It multiplies whole blocks and nothing else. Its interface is that of every BLAS, and tests put another one in its place.
// Without such a library nothing here is reached but by tests.
#![cfg_attr(not(target_os = "macos"), allow(dead_code))]

use std::ffi::c_int;

/// Environment variable that hides the library, to see what our vectors do.
const NO_ACCELERATE: &str = "FATHOM_NO_ACCELERATE";

/// `cblas_sgemm` of the C interface to BLAS, with sizes of 32 bits.
// SAFETY: whoever calls it must give pointers to matrices as large as the sizes say: `Library::multiply` looks.
pub(super) type Sgemm = unsafe extern "C" fn(
    order: c_int,
    transpose_a: c_int,
    transpose_b: c_int,
    rows: c_int,
    columns: c_int,
    inputs: c_int,
    alpha: f32,
    a: *const f32,
    a_stride: c_int,
    b: *const f32,
    b_stride: c_int,
    beta: f32,
    c: *mut f32,
    c_stride: c_int,
);

/// Its constants.
pub(super) const ROW_MAJOR: c_int = 101;
pub(super) const AS_IT_IS: c_int = 111;
pub(super) const TRANSPOSED: c_int = 112;

// SAFETY: this is the declaration in Apple's header, whose enumerations are as large as an int.
#[cfg(target_os = "macos")]
#[link(name = "Accelerate", kind = "framework")]
unsafe extern "C" {
    fn cblas_sgemm(
        order: c_int,
        transpose_a: c_int,
        transpose_b: c_int,
        rows: c_int,
        columns: c_int,
        inputs: c_int,
        alpha: f32,
        a: *const f32,
        a_stride: c_int,
        b: *const f32,
        b_stride: c_int,
        beta: f32,
        c: *mut f32,
        c_stride: c_int,
    );
}

/// A library that multiplies f32, safe to call from many threads at once.
#[derive(Clone, Copy, Debug)]
pub(super) struct Library {
    pub name: &'static str,
    pub sgemm: Sgemm,
}

/// Some outputs of a matrix as a library takes them.
#[derive(Clone, Copy)]
pub(super) struct Right<'a> {
    pub values: &'a [f32],
    /// Whether the inputs of an output lie side by side, instead of the outputs of an input.
    pub is_by_output: bool,
    /// From one output, or input, to the next.
    pub stride: usize,
}

impl Right<'_> {
    /// From this input on.
    pub fn from(self, input: usize) -> Self {
        let start = if self.is_by_output { input } else { input * self.stride };
        Self { values: &self.values[start..], ..self }
    }
}

/// A product of blocks: sums [rows, columns] = left [rows, inputs] · right, or added to what the sums are.
pub(super) struct Block<'a> {
    pub rows: usize,
    pub columns: usize,
    pub inputs: usize,
    pub left: &'a [f32],
    pub left_stride: usize,
    pub right: Right<'a>,
    pub sums: &'a mut [f32],
    pub sums_stride: usize,
    pub is_continued: bool,
}

#[cfg(test)]
thread_local! {
    /// What a test has chosen for this thread: a library, or none.
    pub(super) static OF_TEST: std::cell::Cell<Option<Option<Library>>> = const { std::cell::Cell::new(None) };
}

impl Library {
    /// The system's.
    pub fn detected() -> Option<Self> {
        #[cfg(target_os = "macos")]
        if std::env::var_os(NO_ACCELERATE).is_none() {
            return Some(Self { name: "Accelerate", sgemm: cblas_sgemm });
        }
        None
    }

    pub fn multiply(self, block: Block) {
        let Block { rows, columns, inputs, left, left_stride, right, sums, sums_stride, is_continued } = block;
        // The library looks at nothing but its own arguments: what lies behind them is looked after here.
        let fits = |lines: usize, length: usize, stride: usize, room: usize| {
            let is_sane = lines > 0 && length > 0 && length <= stride && stride <= c_int::MAX as usize;
            is_sane && lines <= c_int::MAX as usize && (lines - 1) * stride + length <= room
        };
        let (lines, length, transpose) =
            if right.is_by_output { (columns, inputs, TRANSPOSED) } else { (inputs, columns, AS_IT_IS) };
        assert!(fits(rows, inputs, left_stride, left.len()), "a block's left side reaches past its memory");
        assert!(fits(lines, length, right.stride, right.values.len()), "a block's right side reaches past its memory");
        assert!(fits(rows, columns, sums_stride, sums.len()), "a block's sums reach past their memory");
        let int = |size: usize| size as c_int;
        // SAFETY: all that the library reads and writes lies inside the three slices, as was just looked at, and the sums
        // are borrowed by nobody else. It keeps no pointer, and may be called by several threads at once.
        unsafe {
            (self.sgemm)(
                ROW_MAJOR,
                AS_IT_IS,
                transpose,
                int(rows),
                int(columns),
                int(inputs),
                1.0,
                left.as_ptr(),
                int(left_stride),
                right.values.as_ptr(),
                int(right.stride),
                if is_continued { 1.0 } else { 0.0 },
                sums.as_mut_ptr(),
                int(sums_stride),
            );
        }
    }
}

#[cfg(test)]
mod tests;
