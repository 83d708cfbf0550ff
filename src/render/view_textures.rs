//! One view's maps on the graphics adapter, uploaded once: 12 bytes per point, 8 without confidence.

use wgpu::util::{DeviceExt, TextureDataOrder};

use super::RenderError;
use super::canvas::texture_entry;
use super::layouts::Layouts;
use super::splat_bound::SplatBound;
use super::uniforms::{ViewUniform, uniform_buffer};
use crate::scene::{CloudScene, usable_confidence, usable_depth, view_colour};

/// What the shaders read of one view.
pub struct ViewTextures {
    pub bind_group: wgpu::BindGroup,
    /// Width and height in pixels.
    pub size: [u32; 2],
    /// Of its textures.
    pub bytes: u64,
    pub bound: SplatBound,
}

impl ViewTextures {
    /// Uploads view `index` of the scene.
    ///
    /// Errors: [`RenderError::TooLarge`] when the adapter cannot hold such a map.
    pub fn upload(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        layouts: &Layouts,
        scene: &CloudScene,
        index: usize,
    ) -> Result<Self, RenderError> {
        let view = &scene.views()[index];
        let (width, height) = (view.width, view.height);
        let limit = device.limits().max_texture_dimension_2d;
        if width.max(height) > limit {
            return Err(RenderError::TooLarge { what: "a depth map", width, height, limit });
        }
        let texture = |label, format, [width, height]: [u32; 2], bytes: &[u8]| {
            let descriptor = wgpu::TextureDescriptor {
                label: Some(label),
                size: wgpu::Extent3d { width, height, depth_or_array_layers: 1 },
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format,
                usage: wgpu::TextureUsages::TEXTURE_BINDING,
                view_formats: &[],
            };
            let texture = device.create_texture_with_data(queue, &descriptor, TextureDataOrder::LayerMajor, bytes);
            texture.create_view(&wgpu::TextureViewDescriptor::default())
        };
        let size = [width, height];
        // What shows no surface is told by a sign, not by a texture of its own.
        let is_surface = |i: usize| view.background.as_ref().is_none_or(|mask| !mask[i]);
        let signed = |(i, &depth): (usize, &f32)| usable_depth(depth) * if is_surface(i) { 1.0 } else { -1.0 };
        let depth: Vec<f32> = view.depth.iter().enumerate().map(signed).collect();
        let rgba: Vec<u8> = view.image.pixels().flat_map(|p| [p[0], p[1], p[2], 255]).collect();
        // A map that a view does not have is one texel: loads outside of it give zero.
        let confidence = view
            .confidence
            .as_ref()
            .map_or((vec![0.0], [1, 1]), |map| (map.iter().map(|&c| usable_confidence(c)).collect::<Vec<f32>>(), size));
        let bytes = 4 * (depth.len() + view.image.pixels().len() + confidence.0.len()) as u64;
        let r32 = wgpu::TextureFormat::R32Float;
        let depth = texture("depth map", r32, size, bytemuck::cast_slice(&depth));
        let photo = texture("photo", wgpu::TextureFormat::Rgba8Unorm, size, &rgba);
        let confidence = texture("confidence map", r32, confidence.1, bytemuck::cast_slice(&confidence.0));
        let uniform = uniform_buffer(device, "view", &view_uniform(scene, index));
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("view"),
            layout: &layouts.view,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: uniform.as_entire_binding() },
                texture_entry(1, &depth),
                texture_entry(2, &photo),
                texture_entry(3, &confidence),
            ],
        });
        Ok(Self { bind_group, size, bytes, bound: SplatBound::of(view) })
    }

    /// Number of points offered when every `stride`-th row and column is drawn.
    pub fn points(&self, stride: u32) -> u32 {
        self.size[0].div_ceil(stride) * self.size[1].div_ceil(stride)
    }
}

fn view_uniform(scene: &CloudScene, index: usize) -> ViewUniform {
    let view = &scene.views()[index];
    let k = view.camera.intrinsics;
    ViewUniform {
        world_from_camera: view.camera.camera_from_world.inverse().matrix().to_cols_array(),
        colour: view_colour(index).map(|byte| f32::from(byte) / 255.0),
        first_point: scene.first_point(index) as u32,
        focal: [k.fx, k.fy],
        centre: [k.cx, k.cy],
        size: [view.width, view.height],
        has_confidence: u32::from(view.confidence.is_some()),
        padding: 0,
    }
}
