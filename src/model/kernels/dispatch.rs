//! The choice, at run time, of the widest vectors that the CPU has.
//!
//! [`dispatch`] runs a kernel compiled for the instruction set that was found; [`dispatch_on`] for a chosen one, which is how tests
//! compare each set with the scalar twin.

use std::sync::OnceLock;

use super::scalar::Scalar;
use super::simd::Kernel;

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

#[cfg(test)]
thread_local! {
    /// What a test has chosen for this thread.
    pub(super) static OF_TEST: std::cell::Cell<Option<Level>> = const { std::cell::Cell::new(None) };
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
        if let Some(level) = OF_TEST.get() {
            return level;
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
            None => kernel.run(Scalar),
        },
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => match super::x86::Avx512::detect() {
            Some(simd) => super::x86::run_avx512(simd, kernel),
            None => kernel.run(Scalar),
        },
        Level::Scalar => kernel.run(Scalar),
    }
}
