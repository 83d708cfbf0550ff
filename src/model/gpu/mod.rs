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
mod kernels;
mod matrix;
mod memory;
mod norm;
mod picture;
mod product;
mod rearrange;
mod runner;
mod shader;
mod submit;
#[cfg(test)]
mod testing;

pub use arena::{Arena, BLOCK, Span};
pub use array::{Numbers, Rows};
pub use attention::{Attend, Turned, attend, prepare_keys};
pub use card::{Card, Described};
pub use conv::{Convolution, convolve, resize};
pub use cost::{Cost, Reckoned};
pub use each::{Function, apply};
pub use error::GpuError;
pub use fault::Fault;
pub use kernels::Checks;
pub use matrix::{Matrix, matrix_bytes};
pub use norm::{Norm, moments, normalise};
pub use picture::Picture;
pub use product::{Ends, Logits, Normed, Part, Shuffle, multiply, multiply_normed, multiply_patches};
pub use rearrange::copy_rows;
pub use runner::{Gpu, Weights};
