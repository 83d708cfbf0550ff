//! Intel's tile registers (AMX-BF16): sixteen rows of 32 numbers in one instruction.
//!
//! The instructions are written in assembly because Rust has no stable intrinsics for them. Linux gives the registers
//! only to processes that ask.

use std::arch::asm;
use std::arch::x86_64::{__cpuid_count, _xgetbv};

use half::bf16;

use super::apart::Thirds;
use super::panel::STEP;
use super::tile::TileArguments;

/// The proof that the CPU has tiles and that the system gave them to this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amx(());

/// Layout of the tiles: palette 1, and for each of eight tiles 16 rows of 64 bytes.
#[repr(C, align(64))]
struct Configuration {
    palette: u8,
    start_row: u8,
    reserved: [u8; 14],
    row_bytes: [u16; 16],
    rows: [u8; 16],
}

static CONFIGURATION: Configuration = Configuration {
    palette: 1,
    start_row: 0,
    reserved: [0; 14],
    row_bytes: [64, 64, 64, 64, 64, 64, 64, 64, 0, 0, 0, 0, 0, 0, 0, 0],
    rows: [16, 16, 16, 16, 16, 16, 16, 16, 0, 0, 0, 0, 0, 0, 0, 0],
};

/// The way through one tile: the sums so far, every step of every run, the sums. Each line in brackets belongs to the step,
/// which has `a` and `b` at 16 rows of inputs each and leaves them at those of the next step. `lower` is "#", which begins
/// a comment, where only the upper 16 rows are wanted.
macro_rules! walk {
    ($arguments:expr, $bytes:expr, $lower:literal, [$($step:expr,)+]) => {{
        let TileArguments { a, row_stride, run_stride, runs, panel, sums, sums_stride, is_continued, .. } = $arguments;
        let row_bytes = row_stride * $bytes;
        let sums_bytes = sums_stride * size_of::<f32>();
        // What the assembly needs rarely goes through memory: there are not enough registers.
        let rare = Rare {
            steps: runs.length.div_ceil(STEP),
            run_bytes: run_stride * $bytes,
            lower_rows: 16 * row_bytes,
            lower_sums: sums.wrapping_byte_add(16 * sums_bytes),
            is_continued: usize::from(is_continued),
        };
        asm!(
            "cmp qword ptr [{rare} + 32], 0",
            "je 4f",
            "mov {a}, [{rare} + 24]",
            "tileloadd tmm0, [{sums} + {sums_bytes}]",
            "tileloadd tmm1, [{sums} + {sums_bytes} + 64]",
            concat!($lower, "tileloadd tmm2, [{a} + {sums_bytes}]"),
            concat!($lower, "tileloadd tmm3, [{a} + {sums_bytes} + 64]"),
            "jmp 2f",
            "4:",
            "tilezero tmm0",
            "tilezero tmm1",
            "tilezero tmm2",
            "tilezero tmm3",
            "2:",
            "mov {a}, {run}",
            "mov {b}, {run}",
            "add {b}, [{rare} + 16]",
            "mov {k}, [{rare}]",
            "3:",
            $($step,)+
            "dec {k}",
            "jnz 3b",
            "add {run}, [{rare} + 8]",
            "dec {runs}",
            "jnz 2b",
            "mov {a}, [{rare} + 24]",
            "tilestored [{sums} + {sums_bytes}], tmm0",
            "tilestored [{sums} + {sums_bytes} + 64], tmm1",
            concat!($lower, "tilestored [{a} + {sums_bytes}], tmm2"),
            concat!($lower, "tilestored [{a} + {sums_bytes} + 64], tmm3"),
            run = inout(reg) a => _,
            row_bytes = in(reg) row_bytes,
            runs = inout(reg) runs.count => _,
            panel = inout(reg) panel => _,
            columns = in(reg) 128usize,
            sums = in(reg) sums,
            sums_bytes = in(reg) sums_bytes,
            rare = in(reg) &raw const rare,
            a = out(reg) _,
            b = out(reg) _,
            k = out(reg) _,
            out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
            out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
            options(nostack),
        );
    }};
}

/// The way through one tile of bf16.
macro_rules! walk_bf16 {
    ($arguments:expr, $bytes:expr, $lower:literal) => {
        walk!(
            $arguments,
            $bytes,
            $lower,
            [
                "tileloadd tmm6, [{panel} + {columns}]",
                "tileloadd tmm4, [{a} + {row_bytes}]",
                "tdpbf16ps tmm0, tmm4, tmm6",
                "tileloadd tmm7, [{panel} + {columns} + 64]",
                "tdpbf16ps tmm1, tmm4, tmm7",
                concat!($lower, "tileloadd tmm5, [{b} + {row_bytes}]"),
                concat!($lower, "tdpbf16ps tmm2, tmm5, tmm6"),
                concat!($lower, "tdpbf16ps tmm3, tmm5, tmm7"),
                "add {a}, 64",
                "add {b}, 64",
                "add {panel}, 2048",
            ]
        )
    };
}

/// The way through one tile of thirds. Of the nine products between thirds it takes six, in an order that loads each third
/// as rarely as eight registers allow. `low` is "#" where the panel's low thirds are zero.
macro_rules! walk_thirds {
    ($arguments:expr, $bytes:expr, $lower:literal, $low:literal) => {
        walk!(
            $arguments,
            $bytes,
            $lower,
            [
                // High · middle.
                "tileloadd tmm4, [{a} + {row_bytes}]",
                "tileloadd tmm6, [{panel} + {columns} + 2048]",
                "tdpbf16ps tmm0, tmm4, tmm6",
                "tileloadd tmm7, [{panel} + {columns} + 2112]",
                "tdpbf16ps tmm1, tmm4, tmm7",
                concat!($lower, "tileloadd tmm5, [{b} + {row_bytes}]"),
                concat!($lower, "tdpbf16ps tmm2, tmm5, tmm6"),
                concat!($lower, "tdpbf16ps tmm3, tmm5, tmm7"),
                // Middle · middle.
                "tileloadd tmm4, [{a} + {row_bytes} + 64]",
                "tdpbf16ps tmm0, tmm4, tmm6",
                "tdpbf16ps tmm1, tmm4, tmm7",
                concat!($lower, "tileloadd tmm5, [{b} + {row_bytes} + 64]"),
                concat!($lower, "tdpbf16ps tmm2, tmm5, tmm6"),
                concat!($lower, "tdpbf16ps tmm3, tmm5, tmm7"),
                // Middle · high.
                "tileloadd tmm6, [{panel} + {columns}]",
                "tdpbf16ps tmm0, tmm4, tmm6",
                "tileloadd tmm7, [{panel} + {columns} + 64]",
                "tdpbf16ps tmm1, tmm4, tmm7",
                concat!($lower, "tdpbf16ps tmm2, tmm5, tmm6"),
                concat!($lower, "tdpbf16ps tmm3, tmm5, tmm7"),
                // Low · high.
                "tileloadd tmm4, [{a} + {row_bytes} + 128]",
                "tdpbf16ps tmm0, tmm4, tmm6",
                "tdpbf16ps tmm1, tmm4, tmm7",
                concat!($lower, "tileloadd tmm5, [{b} + {row_bytes} + 128]"),
                concat!($lower, "tdpbf16ps tmm2, tmm5, tmm6"),
                concat!($lower, "tdpbf16ps tmm3, tmm5, tmm7"),
                // High · high.
                "tileloadd tmm4, [{a} + {row_bytes}]",
                "tdpbf16ps tmm0, tmm4, tmm6",
                "tdpbf16ps tmm1, tmm4, tmm7",
                concat!($lower, "tileloadd tmm5, [{b} + {row_bytes}]"),
                concat!($lower, "tdpbf16ps tmm2, tmm5, tmm6"),
                concat!($lower, "tdpbf16ps tmm3, tmm5, tmm7"),
                // High · low.
                concat!($low, "tileloadd tmm6, [{panel} + {columns} + 4096]"),
                concat!($low, "tdpbf16ps tmm0, tmm4, tmm6"),
                concat!($low, "tileloadd tmm7, [{panel} + {columns} + 4160]"),
                concat!($low, "tdpbf16ps tmm1, tmm4, tmm7"),
                concat!($lower, $low, "tdpbf16ps tmm2, tmm5, tmm6"),
                concat!($lower, $low, "tdpbf16ps tmm3, tmm5, tmm7"),
                "add {a}, 192",
                "add {b}, 192",
                "add {panel}, 6144",
            ]
        )
    };
}

impl Amx {
    pub fn detect() -> Option<Self> {
        const LEAF_FEATURES: u32 = 7;
        const AMX_BF16: u32 = 1 << 22;
        const AMX_TILE: u32 = 1 << 24;
        // State components of the tiles' configuration and data.
        const TILE_STATE: u64 = 0b11 << 17;
        if !is_x86_feature_detected!("xsave") || !is_x86_feature_detected!("avx512f") {
            return None;
        }
        let features = __cpuid_count(LEAF_FEATURES, 0).edx;
        // SAFETY: the check above found XSAVE.
        let saved = unsafe { xcr0() };
        let usable = features & AMX_BF16 != 0 && features & AMX_TILE != 0 && saved & TILE_STATE == TILE_STATE;
        (usable && granted_by_linux()).then_some(Self(()))
    }

    /// Gives this thread its tiles.
    pub fn configure(self) {
        // SAFETY: `self` proves that tiles exist; the configuration is a valid one of 64 bytes.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const CONFIGURATION, options(nostack, readonly)) }
    }

    /// Frees the tiles, so that the system need not save them when it switches threads.
    pub fn release(self) {
        // SAFETY: no tile is in use between products.
        unsafe { asm!("tilerelease", options(nostack, nomem)) }
    }

    /// One tile of a product: 16 or 32 rows, 32 columns.
    ///
    /// # Safety
    /// As the fields of the arguments say, and this thread has its tiles.
    pub unsafe fn tile(self, arguments: TileArguments<bf16, u16>) {
        let bytes = size_of::<bf16>();
        // SAFETY: the caller vouches for all rows, runs and whole steps, for the panel and for the sums.
        unsafe {
            if arguments.rows > 16 {
                walk_bf16!(arguments, bytes, "");
            } else {
                walk_bf16!(arguments, bytes, "#");
            }
        }
    }

    /// One tile of a product of numbers in thirds, as [`super::thirds`] lays them out. Strides and lengths count numbers,
    /// of three thirds each. `has_low` says whether the panel's low thirds are to be looked at.
    ///
    /// # Safety
    /// As the fields of the arguments say, and this thread has its tiles.
    pub unsafe fn tile_of_thirds(self, arguments: TileArguments<Thirds, u16>, has_low: bool) {
        let bytes = size_of::<Thirds>();
        // SAFETY: the caller vouches for all rows, runs and whole steps, for the panel and for the sums.
        unsafe {
            match (arguments.rows > 16, has_low) {
                (true, true) => walk_thirds!(arguments, bytes, "", ""),
                (true, false) => walk_thirds!(arguments, bytes, "", "#"),
                (false, true) => walk_thirds!(arguments, bytes, "#", ""),
                (false, false) => walk_thirds!(arguments, bytes, "#", "#"),
            }
        }
    }
}

/// What one tile needs a few times only; the offsets stand in the assembly.
#[repr(C)]
struct Rare {
    steps: usize,
    run_bytes: usize,
    lower_rows: usize,
    lower_sums: *mut f32,
    is_continued: usize,
}

/// # Safety
/// The CPU has XSAVE.
#[target_feature(enable = "xsave")]
unsafe fn xcr0() -> u64 {
    // SAFETY: as the function's own.
    unsafe { _xgetbv(0) }
}

/// Asks Linux for the tiles' data; it refuses where its own limits or a sandbox forbid them.
fn granted_by_linux() -> bool {
    const ARCH_PRCTL: i64 = 158;
    const REQUEST_PERMISSION: i64 = 0x1023;
    const TILE_DATA: i64 = 18;
    let result: i64;
    // SAFETY: a system call that takes two numbers and touches no memory of ours.
    unsafe {
        asm!(
            "syscall",
            inout("rax") ARCH_PRCTL => result,
            in("rdi") REQUEST_PERMISSION,
            in("rsi") TILE_DATA,
            out("rcx") _,
            out("r11") _,
            options(nostack),
        );
    }
    result == 0
}
