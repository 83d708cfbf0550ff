//! The part of a CPU that multiplies bf16: Intel's tiles (AMX), or the AVX-512 instruction for it.
// Other CPUs have none that is used here: what follows from having one is unreachable there.
#![cfg_attr(not(target_arch = "x86_64"), allow(unreachable_code, unused_mut))]

use std::sync::OnceLock;

use half::bf16;

use super::apart::Thirds;
use super::measure::{WORTHWHILE, seconds, seconds_in_f32};
use super::tile::TileArguments;

/// Rows of one tile of a product.
pub const TILE_ROWS: usize = 32;

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

#[cfg(test)]
thread_local! {
    /// What a test has chosen for this thread: a unit, or none.
    pub(super) static OF_TEST: std::cell::Cell<Option<Option<Kind>>> = const { std::cell::Cell::new(None) };
}

impl Kind {
    /// The unit that products in bf16 use, if it beats products in f32. That is measured, once and in about a millisecond,
    /// before the first matrix is laid out for it: there are CPUs whose vectors multiply bf16 no faster than f32.
    fn chosen() -> Option<Self> {
        #[cfg(test)]
        if let Some(unit) = OF_TEST.get() {
            return unit;
        }
        static CHOSEN: OnceLock<Option<Kind>> = OnceLock::new();
        *CHOSEN.get_or_init(|| {
            let single = seconds_in_f32();
            let timed = Self::detected().into_iter().map(|kind| (seconds_in_bf16(&Bf16Unit::opened(kind)), kind));
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

/// Seconds that one row takes against one panel in products of bf16 by this unit.
fn seconds_in_bf16(unit: &Bf16Unit) -> f64 {
    // SAFETY: `seconds` gives whole tiles, a whole panel, and sums.
    seconds::<bf16, u16>(TILE_ROWS, |arguments| unsafe { unit.tile(arguments) })
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
