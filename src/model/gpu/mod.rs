//! The networks' operations on any graphics card: compute shaders through wgpu, on memory that is planned and not pooled.
//!
//! [`Card`] is an adapter of its own, so that the window's queue never waits for a network; [`Gpu`] is a card with its memory
//! and the work that is on its way there. What runs are the kernels of `shaders/model`, whose texts are made from templates
//! ([`shader`]).

mod arena;
mod array;
mod attention;
mod card;
mod conv;
mod cost;
mod each;
mod error;
mod fault;
#[allow(clippy::module_inception, reason = "a card with its work is what the folder is about")]
mod gpu;
mod kernels;
mod matrix;
mod memory;
mod norm;
mod product;
mod rearrange;
mod shader;
mod submit;
#[cfg(test)]
mod testing;

pub use arena::{Arena, BLOCK, Span};
pub use array::Numbers;
pub use attention::{Attend, Turned, attend, prepare_heads};
pub use card::{Card, Described};
pub use conv::{Convolution, Picture, convolve, convolve_some, resize};
pub use cost::{Cost, Reckoned};
pub use each::{Function, apply};
pub use error::GpuError;
pub use fault::Fault;
pub use gpu::{Gpu, Weights};
pub use kernels::Checks;
pub use matrix::{Matrix, matrix_bytes};
pub use norm::{Norm, normalise};
pub use product::{Ends, Part, Placed, Rows, Shuffle, multiply, multiply_part, multiply_patches};
pub use rearrange::copy_rows;
