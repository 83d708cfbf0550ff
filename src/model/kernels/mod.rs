//! The only room with `unsafe`: what safe Rust cannot say, each block with its reason.

mod map;

pub use map::map_file;
