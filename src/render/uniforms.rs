//! The numbers that shaders read, in the layout in which they read them.

use bytemuck::{Pod, Zeroable};
use wgpu::util::DeviceExt;

/// Keep in sync with `Scene` in shaders/scene.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct SceneUniform {
    pub clip_from_camera: [f32; 16],
    pub camera_from_world: [f32; 16],
    pub background: [f32; 4],
    pub up: [f32; 3],
    pub point_size: f32,
    pub right: [f32; 3],
    pub eye_dome: f32,
    pub viewport: [f32; 2],
    pub depth_colours: [f32; 2],
    pub confidence_colours: [f32; 2],
    pub height_colours: [f32; 2],
    pub depth_limits: [f32; 2],
    pub focal: f32,
    pub near: f32,
    pub confidence_limit: f32,
    pub edge_limit: f32,
    pub scale: f32,
    pub photo_depth: f32,
    pub sizing: u32,
    pub hide_background: u32,
    pub stride: u32,
    pub fill: i32,
    pub lattice: [u32; 2],
    pub hide_black: u32,
    pub hide_white: u32,
    pub is_orthographic: u32,
    pub overlay_opacity: f32,
    pub pivot_depth: f32,
    pub padding: f32,
}

/// Keep in sync with `View` in shaders/pixel.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
pub struct ViewUniform {
    pub world_from_camera: [f32; 16],
    pub colour: [f32; 3],
    pub first_point: u32,
    pub focal: [f32; 2],
    pub centre: [f32; 2],
    pub size: [u32; 2],
    pub has_confidence: u32,
    pub layer: u32,
    /// Up to 256 bytes: bindings may begin at multiples of that on every adapter.
    pub padding: [u32; 36],
}

/// A uniform buffer that holds `values`.
pub fn uniform_buffer<T: Pod>(device: &wgpu::Device, label: &str, values: &[T]) -> wgpu::Buffer {
    device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
        label: Some(label),
        contents: bytemuck::cast_slice(values),
        usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
    })
}
