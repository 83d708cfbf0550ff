//! The part of a CPU that multiplies bf16: Intel's tiles (AMX), or the AVX-512 instruction for it.

use half::bf16;

use super::product::TileArguments;

/// Inputs that one step of a product takes; runs of inputs are filled up to whole steps.
pub const STEP: usize = 32;
/// Rows of one tile of a product.
pub const TILE_ROWS: usize = 32;

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
    /// All that this CPU has.
    #[cfg(test)]
    pub fn available() -> Vec<Self> {
        #[allow(unused_mut, reason = "other CPUs have none")]
        let mut kinds = Vec::new();
        #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
        kinds.extend(super::amx::Amx::detect().map(Self::Tiles));
        #[cfg(target_arch = "x86_64")]
        kinds.extend(super::avx512_bf16::Avx512Bf16::detect().map(Self::Vectors));
        kinds
    }

    #[cfg(target_arch = "x86_64")]
    fn detect() -> Option<Self> {
        #[cfg(test)]
        if let Some(machine) = super::testing::Machine::current() {
            return machine.unit;
        }
        // One look, before the first matrix is laid out for it.
        static KIND: std::sync::OnceLock<Option<Kind>> = std::sync::OnceLock::new();
        *KIND.get_or_init(|| {
            let vectors = super::avx512_bf16::Avx512Bf16::detect().map(Self::Vectors);
            #[cfg(target_os = "linux")]
            if std::env::var_os("FATHOM_NO_AMX").is_none() {
                return super::amx::Amx::detect().map(Self::Tiles).or(vectors);
            }
            vectors
        })
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn detect() -> Option<Self> {
        None
    }
}

impl Bf16Unit {
    /// Whether this CPU has one.
    pub fn exists() -> bool {
        Kind::detect().is_some()
    }

    /// How people call it.
    pub fn name() -> Option<&'static str> {
        Kind::detect().map(|kind| match kind {
            #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
            Kind::Tiles(_) => "AMX-BF16",
            #[cfg(target_arch = "x86_64")]
            Kind::Vectors(_) => "AVX512-BF16",
        })
    }

    /// Makes this thread ready. Only where there is a unit: matrices are laid out for it only then.
    pub fn open() -> Self {
        let Some(kind) = Kind::detect() else { unreachable!("no matrix is laid out for a unit that does not exist") };
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
    pub unsafe fn tile(&self, arguments: TileArguments<bf16>) {
        // SAFETY: what the caller promises is what the units ask for; the unit is open.
        unsafe {
            match self.0 {
                #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
                Kind::Tiles(amx) => amx.tile(arguments),
                #[cfg(target_arch = "x86_64")]
                Kind::Vectors(unit) => unit.tile(arguments),
            }
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = arguments;
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
