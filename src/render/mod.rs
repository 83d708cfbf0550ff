//! wgpu only: depth clouds, eye-dome lighting, frusta, picking, screenshots.
//!
//! A picture is made in three passes into off-screen textures ([`CloudRenderer`]): points with their geometry, lighting
//! over the background, then photos and lines. [`Blit`] copies it onto the window.

mod blit;
mod error;
mod eye_dome;
mod frame;
mod layouts;
mod lines;
mod photo;
mod pick;
mod pipeline;
mod points;
mod read_back;
mod renderer;
mod scene_binding;
mod shader;
mod straight_alpha;
mod targets;
mod uniforms;
mod view_textures;

pub use blit::Blit;
pub use error::RenderError;
pub use frame::{Frame, PointStyle};
pub use pick::Pick;
pub use renderer::CloudRenderer;
pub use shader::Shader;
