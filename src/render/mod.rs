//! wgpu only: depth clouds, eye-dome lighting, frusta, picking, screenshots.
//!
//! A picture is made off screen ([`CloudRenderer`]): compute shaders find the nearest sample for every pixel and write what it
//! looks like, then one pass lights it over the background and draws photos and lines. [`Blit`] copies it onto the window.

mod adapter;
mod blit;
mod canvas;
mod cloud;
mod error;
mod exposure;
mod eye_dome;
mod frame;
mod layouts;
mod lines;
mod offscreen;
mod photo;
mod pick;
mod pipeline;
mod proof;
mod read_back;
mod ready;
mod renderer;
mod scene_binding;
mod shader;
mod splat_bound;
mod straight_alpha;
mod tile;
mod uniforms;
mod view_batch;
mod views;

pub use adapter::{AdapterChoice, Candidate, UnknownAdapter, allowed_backends, label, none_found, order};
pub use blit::Blit;
pub use error::RenderError;
pub use exposure::Exposure;
pub use frame::{Frame, Overlay, PointStyle, Shown};
pub use offscreen::{Offscreen, OffscreenError};
pub use pick::Pick;
pub use renderer::{CloudRenderer, Progress};
pub use shader::Shader;
