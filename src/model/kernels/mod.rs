//! Fast arithmetic for CPUs, and the only room with `unsafe`, each block with its reason.
//!
//! Kernels are written once, generic over an instruction set ([`simd`]), and the best set is picked at run time ([`dispatch`]); the
//! scalar set is the twin with which tests compare the others. Everything here works on slices: maps are [height,
//! width, channels], tokens [tokens, channels].
#![allow(unsafe_code)]

mod allocator;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod amx;
mod apart;
mod attention;
#[cfg(target_arch = "x86_64")]
mod avx512_bf16;
mod bf16_unit;
mod by_library;
mod choices;
mod conv;
mod dispatch;
mod element;
mod fastest;
mod image;
mod laid_out;
mod library;
mod library_pace;
mod linear;
mod lines;
mod log_sums;
mod map;
mod math;
mod matrix;
mod measure;
#[cfg(target_arch = "aarch64")]
mod neon;
mod operands;
mod panel;
mod pieces;
mod product;
mod scalar;
mod share;
mod simd;
mod sinks;
mod strip;
#[cfg(test)]
mod testing;
mod thirds;
mod tile;
mod two_greatest;
mod vector_tile;
mod winograd;
#[cfg(target_arch = "x86_64")]
mod x86;

#[cfg(target_os = "linux")]
pub use allocator::Recycling;
pub use allocator::{give_back, heap_bytes, hold_reserve, release_reserve, take_ran_short, use_one_arena};
pub use attention::{Heads, PANEL_BYTES, attention};
pub use bf16_unit::Bf16Unit;
pub use by_library::LIBRARY_SCRATCH_BYTES;
pub use choices::Choices;
pub use conv::{conv3x3, patches};
pub use dispatch::Level;
pub use element::Element;
pub use image::{Map, Plain, PositionTables, Resized, Source, write};
pub use linear::{Inputs, Norm, features, gate, linear, normalise};
pub use lines::Lines;
pub use log_sums::log_sums;
pub use map::{Window, page_out};
pub use matrix::{Compute, Format, INT8_BLOCK, Matrix};
pub use panel::{PANEL, Runs};
pub use sinks::{Activation, Logits, PerOutput, Rows, Shuffle};
#[cfg(test)]
pub use testing::with_library;
pub use two_greatest::OfColumns;
pub use winograd::transformed;
