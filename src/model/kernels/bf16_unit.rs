//! The part of a CPU that multiplies bf16: Intel's tiles (AMX), or the AVX-512 instruction for it.
// Other CPUs have none that is used here: what follows from having one is unreachable there.
#![cfg_attr(not(target_arch = "x86_64"), allow(unreachable_code, unused_mut))]

use std::sync::OnceLock;
use std::time::Instant;

use bytemuck::Zeroable;
use half::bf16;

use super::element::Factor;
use super::matrix::{PANEL, Runs};
use super::product::{MOST_TILE_ROWS, TileArguments};
use super::simd::{Kernel, Simd, dispatch};
use super::thirds::Thirds;

/// Inputs that one step of a product takes; runs of inputs are filled up to whole steps.
pub const STEP: usize = 32;
/// Rows of one tile of a product.
pub const TILE_ROWS: usize = 32;

/// Products in bf16 must take at most this share of the time of products in f32, which are more exact.
pub(super) const WORTHWHILE: f64 = 0.9;
/// How long the measurement is: a few hundred microseconds for each way.
const INPUTS: usize = 512;
const TILES: usize = 12;
const TRIALS: usize = 6;
/// Environment variable that hides the tiles, to see what other CPUs do.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
const NO_AMX: &str = "FATHOM_NO_AMX";

/// An open unit: products can be computed on this thread until it is dropped.
pub struct Bf16Unit(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    Tiles(super::amx::Amx),
    #[cfg(target_arch = "x86_64")]
    Vectors(super::avx512_bf16::Avx512Bf16),
}

impl Kind {
    /// The unit that products in bf16 use, if it beats products in f32. That is measured, once and in about a millisecond,
    /// before the first matrix is laid out for it: there are CPUs whose vectors multiply bf16 no faster than f32.
    fn chosen() -> Option<Self> {
        #[cfg(test)]
        if let Some(machine) = super::testing::Machine::current() {
            return machine.unit;
        }
        static CHOSEN: OnceLock<Option<Kind>> = OnceLock::new();
        *CHOSEN.get_or_init(|| {
            let single = seconds_in_f32();
            let timed = Self::detected().into_iter().map(|kind| (seconds_in::<bf16>(&Bf16Unit::opened(kind)), kind));
            let fastest = timed.min_by(|a, b| a.0.total_cmp(&b.0));
            fastest.filter(|(secs, _)| *secs < WORTHWHILE * single).map(|(_, kind)| kind)
        })
    }

    /// Whether this unit can have a use for f32 in thirds: six products must be faster than one by vectors.
    pub fn multiplies_thirds(&self) -> bool {
        match *self {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Self::Tiles(_) => true,
            #[cfg(target_arch = "x86_64")]
            Self::Vectors(_) => false,
        }
    }

    pub fn name(&self) -> &'static str {
        match *self {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Self::Tiles(_) => "AMX-BF16",
            #[cfg(target_arch = "x86_64")]
            Self::Vectors(_) => "AVX512-BF16",
        }
    }

    /// All units of this CPU.
    pub fn detected() -> Vec<Self> {
        let mut units = Vec::new();
        #[cfg(target_arch = "x86_64")]
        units.extend(super::avx512_bf16::Avx512Bf16::detect().map(Self::Vectors));
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        if std::env::var_os(NO_AMX).is_none() {
            units.extend(super::amx::Amx::detect().map(Self::Tiles));
        }
        units
    }
}

/// Seconds that one row takes against one panel in products of `E`.
fn seconds_in<F: Factor>(unit: &F::Unit) -> f64 {
    struct Rows<'a, F: Factor>(&'a F::Unit);
    impl<F: Factor> Kernel for Rows<'_, F> {
        type Output = f64;

        #[inline(always)]
        fn run<S: Simd>(self, s: S) -> f64 {
            // SAFETY: `seconds` gives whole tiles of the largest rows, a whole panel, and sums.
            seconds(F::tile_rows::<S>(), |arguments| unsafe { F::tile(s, self.0, arguments) })
        }
    }
    dispatch(Rows::<F>(unit))
}

/// Seconds that one row takes against one panel in products of f32 by vectors.
pub(super) fn seconds_in_f32() -> f64 {
    seconds_in::<f32>(&())
}

/// Seconds that one row takes against one panel.
#[inline(always)]
pub(super) fn seconds<A: Zeroable + Clone, P: Zeroable>(rows: usize, tile: impl Fn(TileArguments<A, P>)) -> f64 {
    // Three numbers for each of a panel, as products in thirds have.
    let panel: Vec<P> = (0..3 * INPUTS * PANEL).map(|_| P::zeroed()).collect();
    let a = vec![A::zeroed(); MOST_TILE_ROWS * INPUTS];
    let mut sums = [[0.0f32; PANEL]; MOST_TILE_ROWS];
    let mut least = f64::INFINITY;
    for _ in 0..TRIALS {
        let started = Instant::now();
        for _ in 0..TILES {
            tile(TileArguments {
                a: a.as_ptr(),
                row_stride: INPUTS,
                run_stride: 0,
                runs: Runs::one(INPUTS),
                rows,
                panel: panel.as_ptr(),
                sums: sums.as_flattened_mut().as_mut_ptr(),
                sums_stride: PANEL,
                is_continued: false,
            });
        }
        least = least.min(started.elapsed().as_secs_f64() / (TILES * rows) as f64);
        std::hint::black_box(&sums);
    }
    least
}

impl Bf16Unit {
    /// Whether this CPU has one that is worth its rounding.
    pub fn exists() -> bool {
        Kind::chosen().is_some()
    }

    /// How people call it.
    pub fn name() -> Option<&'static str> {
        Kind::chosen().map(|kind| kind.name())
    }

    /// Makes this thread ready. Only where there is a unit: matrices are laid out for it only then.
    pub fn open() -> Self {
        let Some(kind) = Kind::chosen() else { unreachable!("no matrix is laid out for a unit that does not exist") };
        Self::opened(kind)
    }

    pub(super) fn opened(kind: Kind) -> Self {
        match kind {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Kind::Tiles(amx) => amx.configure(),
            #[cfg(target_arch = "x86_64")]
            Kind::Vectors(_) => {}
        }
        Self(kind)
    }

    /// One tile.
    ///
    /// # Safety
    /// As the fields of the arguments say.
    pub unsafe fn tile(&self, arguments: TileArguments<bf16, u16>) {
        #[cfg(not(target_arch = "x86_64"))]
        let _ = arguments;
        match self.0 {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            // SAFETY: what the caller promises is what the units ask for; the unit is open.
            Kind::Tiles(amx) => unsafe { amx.tile(arguments) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Kind::Vectors(unit) => unsafe { unit.tile(arguments) },
        }
    }

    /// One tile of a product of numbers in thirds; `has_low` says whether the panel's low thirds are looked at.
    ///
    /// # Safety
    /// As the fields of the arguments say.
    pub(super) unsafe fn tile_of_thirds(&self, arguments: TileArguments<Thirds, u16>, has_low: bool) {
        #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
        let _ = (arguments, has_low);
        match self.0 {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            // SAFETY: what the caller promises is what the unit asks for; the unit is open.
            Kind::Tiles(amx) => unsafe { amx.tile_of_thirds(arguments, has_low) },
            #[cfg(target_arch = "x86_64")]
            Kind::Vectors(_) => unreachable!("vectors are never chosen for thirds"),
        }
    }
}

impl Drop for Bf16Unit {
    fn drop(&mut self) {
        match self.0 {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Kind::Tiles(amx) => amx.release(),
            #[cfg(target_arch = "x86_64")]
            Kind::Vectors(_) => {}
        }
    }
}
