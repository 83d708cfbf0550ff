//! Fast arithmetic for CPUs, and the only room with `unsafe`, each block with its reason.
//!
//! Kernels are written once, generic over an instruction set ([`simd`]), and the best set is picked at run time; the
//! scalar set is the twin with which tests compare the others. Everything here works on slices: maps are [height,
//! width, channels], tokens [tokens, channels].
#![allow(unsafe_code)]

mod allocator;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod amx;
mod attention;
#[cfg(target_arch = "x86_64")]
mod avx512_bf16;
mod bf16_unit;
mod choices;
mod conv;
mod element;
mod image;
mod library;
mod linear;
mod lines;
mod log_sums;
mod map;
mod math;
mod matrix;
#[cfg(target_arch = "aarch64")]
mod neon;
mod product;
mod scalar;
mod share;
mod simd;
mod sinks;
#[cfg(test)]
mod testing;
mod thirds;
mod winograd;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(target_os = "linux")]
pub use allocator::Recycling;
pub use allocator::{give_back, heap_bytes, hold_reserve, release_reserve, take_ran_short, use_one_arena};
pub use attention::{Heads, PANEL_BYTES, attention};
pub use bf16_unit::Bf16Unit;
pub use choices::Choices;
pub use conv::{conv3x3, patches};
pub use element::Element;
pub use image::{Map, Plain, PositionTables, Resized, Source, write};
pub use library::LIBRARY_SCRATCH_BYTES;
pub use linear::{Inputs, Norm, features, gate, linear, normalise};
pub use lines::Lines;
pub use log_sums::log_sums;
pub use map::{Window, page_out};
pub use matrix::{Compute, Format, INT8_BLOCK, Matrix, PANEL, Runs};
pub use simd::Level;
pub use sinks::{Activation, Logits, PerOutput, Rows, Shuffle};
#[cfg(test)]
pub use testing::with_library;
pub use winograd::transformed;
