//! What the tests of the kernels share: machines to run on, numbers that are the same every time, comparisons.

use std::ffi::c_int;
use std::sync::atomic::{AtomicUsize, Ordering};

use half::bf16;

use super::bf16_unit::{self, Kind};
use super::dispatch::{self, Level, dispatch};
use super::image::{Map, PositionTables};
use super::library::{self, AS_IT_IS, Library, ROW_MAJOR, TRANSPOSED};
use super::lines::Lines;
use super::matrix::{Compute, Format, Matrix};
use super::panel::{PANEL, STEP};
use super::simd::{Kernel, Simd};

pub const FORMATS: [Format; 4] = [Format::F32, Format::F16, Format::Bf16, Format::Int8];

/// What of this CPU the kernels may use.
#[derive(Clone, Copy, Debug)]
pub struct Machine {
    pub level: Level,
    pub unit: Option<Kind>,
    pub library: Option<Library>,
}

impl Machine {
    /// Every instruction set without a unit for bf16; the scalar twin first.
    pub fn levels() -> Vec<Self> {
        Level::available().into_iter().map(|level| Self { level, unit: None, library: None }).collect()
    }

    /// Products of f32 by a library, with all else on every instruction set.
    pub fn with_library() -> Vec<Self> {
        Self::levels().into_iter().map(|machine| Self { library: Some(STAND_IN), ..machine }).collect()
    }

    /// Every unit for bf16 beside every instruction set; empty where the CPU has no such unit.
    pub fn with_units() -> Vec<Self> {
        let beside = |unit| Self::levels().into_iter().map(move |machine| Self { unit: Some(unit), ..machine });
        Kind::detected().into_iter().flat_map(beside).collect()
    }

    /// All that products in f32 run on: vectors of every level, a library, and thirds where a unit takes them.
    pub fn all() -> Vec<Self> {
        let thirds = |machine: &Self| machine.unit.is_some_and(|unit| unit.multiplies_thirds());
        Self::without_units().into_iter().chain(Self::with_units().into_iter().filter(thirds)).collect()
    }

    /// All on which a matrix of this format is multiplied in f32.
    pub fn in_f32(format: Format) -> Vec<Self> {
        if format == Format::Bf16 { Self::without_units() } else { Self::all() }
    }

    fn without_units() -> Vec<Self> {
        Self::levels().into_iter().chain(Self::with_library()).collect()
    }

    /// Runs `work`, with all that it shares out to other threads, on this machine.
    pub fn run<T: Send>(self, work: impl FnOnce() -> T + Send) -> T {
        let choose = move |_| {
            dispatch::OF_TEST.set(Some(self.level));
            bf16_unit::OF_TEST.set(Some(self.unit));
            library::OF_TEST.set(Some(self.library));
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).start_handler(choose).build();
        pool.expect("three threads").install(work)
    }
}

/// Does what a system's library does, and refuses what such a library refuses.
pub const STAND_IN: Library = Library { name: "stand-in", sgemm: stand_in };

/// How often it was called.
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// Runs `work` where products of f32 are a library's, and says how many it was given.
pub fn with_library<T: Send>(work: impl FnOnce() -> T + Send) -> (T, usize) {
    let before = CALLS.load(Ordering::Relaxed);
    let library = Some(STAND_IN);
    let result = Machine { level: Level::best(), unit: None, library }.run(work);
    (result, CALLS.load(Ordering::Relaxed) - before)
}

/// # Safety
/// As `cblas_sgemm`.
unsafe extern "C" fn stand_in(
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
) {
    CALLS.fetch_add(1, Ordering::Relaxed);
    assert!(order == ROW_MAJOR && transpose_a == AS_IT_IS && [AS_IT_IS, TRANSPOSED].contains(&transpose_b));
    let is_transposed = transpose_b == TRANSPOSED;
    let b_least = if is_transposed { inputs } else { columns };
    assert!(rows > 0 && columns > 0 && inputs > 0, "an empty product");
    assert!(a_stride >= inputs && b_stride >= b_least && c_stride >= columns, "rows that overlap");
    let [rows, columns, inputs] = [rows, columns, inputs].map(|size| size as usize);
    let [a_stride, b_stride, c_stride] = [a_stride, b_stride, c_stride].map(|stride| stride as isize);
    let (b_column, b_row) = if is_transposed { (b_stride, 1) } else { (1, b_stride) };
    // SAFETY: the matrices are as large as the arguments say, and sums that are not asked for are not read.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inputs,
            c,
            1,
            c_stride,
            beta != 0.0,
            a,
            1,
            a_stride,
            b,
            b_column,
            b_row,
            beta,
            alpha,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// Runs a kernel on every machine. Each result must lie within `tolerance` of the exact one, and of the first
/// machine's, relative to the root mean square.
pub fn agree(
    what: &str,
    machines: &[Machine],
    tolerance: f64,
    exact: &[f64],
    kernel: impl Fn() -> Vec<f32> + Send + Sync,
) {
    let mut twin: Option<Vec<f64>> = None;
    for machine in machines {
        let result = machine.run(&kernel);
        for (whose, expected) in [("exact", Some(exact)), ("twin's", twin.as_deref())] {
            let error = expected.map_or(0.0, |expected| relative_error(&result, expected));
            assert!(error <= tolerance, "{what} on {machine:?}: {error:.2e} off the {whose} result");
        }
        twin.get_or_insert_with(|| wide(&result));
    }
}

/// The largest difference, relative to the root mean square of what is expected; infinite where a number is not one.
pub fn relative_error(actual: &[f32], expected: &[f64]) -> f64 {
    assert_eq!(actual.len(), expected.len(), "as many numbers");
    let rms = (expected.iter().map(|x| x * x).sum::<f64>() / expected.len() as f64).sqrt();
    let differences = actual.iter().zip(expected).map(|(&a, e)| (f64::from(a) - e).abs());
    differences.fold(0.0, |most, d| if d.is_nan() { f64::INFINITY } else { d.max(most) }) / rms.max(1e-30)
}

/// Numbers that look random and are the same every time.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Between −1 and 1.
    pub fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 40) as f32) * 2f32.powi(-23) - 1.0
    }

    pub fn list(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.next()).collect()
    }

    /// From 1 to `most`.
    pub fn size(&mut self, most: usize) -> usize {
        1 + ((self.next() + 1.0) / 2.0 * most as f32) as usize % most
    }
}

pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}

/// As activations are rounded on their way into a product: ties away from zero.
pub fn rounded(values: &[f32]) -> Vec<f32> {
    values.iter().map(|x| f32::from_bits((x.to_bits() + 0x8000) & 0xffff_0000)).collect()
}

/// As weights are rounded: ties to even.
pub fn to_bf16(values: &[f32]) -> Vec<f32> {
    values.iter().map(|&x| bf16::from_f32(x).to_f32()).collect()
}

/// The numbers of a matrix as products see them, [outputs, inputs] row-major.
pub fn kept(matrix: &Matrix) -> Vec<f32> {
    match matrix.compute() {
        Compute::F32 => dispatch(Widened(matrix)),
        Compute::Bf16 => unpaired(matrix),
    }
}

struct Widened<'a>(&'a Matrix);

impl Kernel for Widened<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn run<S: Simd>(self, s: S) -> Vec<f32> {
        let (matrix, inputs) = (self.0, self.0.runs().total());
        let mut values = vec![0.0; matrix.outputs() * inputs];
        let mut wide = Lines::default();
        for panel in 0..matrix.panels() {
            for (at, &x) in matrix.panel(s, panel, 0..inputs, &mut wide).iter().enumerate() {
                let output = panel * PANEL + at % PANEL;
                if output < matrix.outputs() {
                    values[output * inputs + at / PANEL] = x;
                } else {
                    assert_eq!(x, 0.0, "what fills the last panel up");
                }
            }
        }
        values
    }
}

fn unpaired(matrix: &Matrix) -> Vec<f32> {
    let runs = matrix.runs();
    let at = |output: usize, input: usize| {
        let padded = input / runs.length * runs.length.next_multiple_of(STEP) + input % runs.length;
        let pairs = matrix.pairs(output / PANEL);
        bf16::from_bits(pairs[padded / 2 * (2 * PANEL) + output % PANEL * 2 + padded % 2]).to_f32()
    };
    let values: Vec<f32> =
        (0..matrix.outputs()).flat_map(|output| (0..runs.total()).map(move |input| at(output, input))).collect();
    let count = |values: &[f32]| values.iter().filter(|&&x| x != 0.0).count();
    let pairs = (0..matrix.panels()).flat_map(|panel| matrix.pairs(panel)).filter(|&&bits| bits << 1 != 0).count();
    assert_eq!(pairs, count(&values), "what fills runs and panels up is zero");
    values
}

/// x · wᵀ + bias for rows of `x`.
pub fn product(x: &[f32], w: &[f32], bias: &[f32]) -> Vec<f64> {
    let inputs = w.len() / bias.len();
    let row = |x: &[f32]| -> Vec<f64> {
        let outputs = w.chunks_exact(inputs).zip(bias);
        outputs
            .map(|(w, &bias)| wide(x).iter().zip(w).map(|(x, &w)| x * f64::from(w)).sum::<f64>() + f64::from(bias))
            .collect()
    };
    x.chunks_exact(inputs).flat_map(row).collect()
}

/// Bilinear resize with aligned corners, plus tables for the columns and rows.
pub fn resized(map: Map, [height, width]: [usize; 2], positions: Option<&PositionTables>) -> Vec<f64> {
    let at = |y: usize, x: usize, c: usize| f64::from(map.values[(y * map.width + x) * map.channels + c]);
    let place = |to: usize, available: usize, wanted: usize| {
        let at = if wanted > 1 { to as f64 * (available - 1) as f64 / (wanted - 1) as f64 } else { 0.0 };
        let before = (at.floor() as usize).min(available - 1);
        (before, (before + 1).min(available - 1), at - before as f64)
    };
    let half = map.channels / 2;
    let mut out = Vec::with_capacity(height * width * map.channels);
    for y in 0..height {
        let (above, below, down) = place(y, map.height, height);
        for x in 0..width {
            let (left, right, across) = place(x, map.width, width);
            for c in 0..map.channels {
                let mix = |y: usize| at(y, left, c) * (1.0 - across) + at(y, right, c) * across;
                let position = positions.map_or(0.0, |tables| {
                    f64::from(if c < half { tables.columns[x * half + c] } else { tables.rows[y * half + c - half] })
                });
                out.push(mix(above) * (1.0 - down) + mix(below) * down + position);
            }
        }
    }
    out
}

pub fn tables(numbers: &mut Numbers, [height, width]: [usize; 2], channels: usize) -> PositionTables {
    PositionTables { columns: numbers.list(width * channels / 2), rows: numbers.list(height * channels / 2) }
}

/// Φ by its series, good for |x| < 6.
pub fn normal_cdf(x: f64) -> f64 {
    let (mut term, mut sum) = (x, x);
    for n in 1..100 {
        term *= x * x / f64::from(2 * n + 1);
        sum += term;
    }
    0.5 + sum * (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
}
