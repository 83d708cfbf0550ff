//! Bind group 0: the numbers of a picture and the colour map.

use glam::{Mat4, Vec3};

use super::canvas::texture_entry;
use super::frame::Frame;
use super::tile::Tile;
use super::uniforms::{SceneUniform, uniform_buffer};
use crate::scene::{CloudScene, ColourBy, ColourMap, Sizing, linear_from_srgb};

/// The buffer, the texture and the bind group of both.
pub struct SceneBinding {
    uniform: wgpu::Buffer,
    colour_map: wgpu::Texture,
    uploaded_map: Option<(ColourMap, bool)>,
    bind_group: wgpu::BindGroup,
}

impl SceneBinding {
    pub fn new(device: &wgpu::Device, layout: &wgpu::BindGroupLayout) -> Self {
        let uniform = uniform_buffer::<SceneUniform>(device, "scene", &[bytemuck::Zeroable::zeroed()]);
        let colour_map = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("colour map"),
            size: MAP_SIZE,
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba8Unorm,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let map_view = colour_map.create_view(&wgpu::TextureViewDescriptor::default());
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("scene"),
            layout,
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: uniform.as_entire_binding() },
                texture_entry(1, &map_view),
            ],
        });
        Self { uniform, colour_map, uploaded_map: None, bind_group }
    }

    /// Writes what the next submission reads.
    pub fn update(&mut self, queue: &wgpu::Queue, scene: Option<&CloudScene>, frame: &Frame, tile: &Tile) {
        queue.write_buffer(&self.uniform, 0, bytemuck::bytes_of(&uniform(scene, frame, tile)));
        let map = (frame.points.colour_map, frame.points.inverse_colours);
        if self.uploaded_map != Some(map) {
            let table: Vec<u8> = map.0.table(map.1).iter().flat_map(|&[r, g, b]| [r, g, b, 255]).collect();
            let layout = wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(256 * 4), rows_per_image: None };
            queue.write_texture(self.colour_map.as_image_copy(), &table, layout, MAP_SIZE);
            self.uploaded_map = Some(map);
        }
    }

    /// Binds it for the dispatches that follow.
    pub fn set_compute(&self, pass: &mut wgpu::ComputePass<'_>) {
        pass.set_bind_group(0, &self.bind_group, &[]);
    }

    /// Binds it for the draws that follow.
    pub fn set(&self, pass: &mut wgpu::RenderPass<'_>) {
        pass.set_bind_group(0, &self.bind_group, &[]);
    }
}

const MAP_SIZE: wgpu::Extent3d = wgpu::Extent3d { width: 256, height: 1, depth_or_array_layers: 1 };

fn uniform(scene: Option<&CloudScene>, frame: &Frame, tile: &Tile) -> SceneUniform {
    let [width, height] = tile.picture.map(|side| side as f32);
    let camera = &frame.camera;
    let shift = Mat4::from_translation(Vec3::X * frame.lens_shift);
    let depth_colours = scene.map_or([0.0, 1.0], |scene| {
        let range = scene.depth_colours();
        [range.far, range.near]
    });
    let [r, g, b, a] = frame.background;
    let alpha = f32::from(a) / 255.0;
    let [r, g, b] = [r, g, b].map(|byte| linear_from_srgb(byte) * alpha);
    SceneUniform {
        clip_from_camera: (tile.clip_from_picture() * shift * camera.clip_from_camera(width / height)).to_cols_array(),
        camera_from_world: camera.camera_from_world().to_cols_array(),
        background: [r, g, b, alpha],
        up: camera.up().into(),
        point_size: frame.points.size,
        right: camera.reference_right().into(),
        eye_dome: frame.eye_dome,
        viewport: tile.size.map(|side| side as f32),
        depth_colours,
        confidence_colours: scene.and_then(CloudScene::confidence_colours).unwrap_or([0.0, 1.0]),
        height_colours: match frame.points.colour_by {
            ColourBy::Height => scene.map_or([0.0, 1.0], |scene| scene.height_colours(camera.up())),
            _ => [0.0, 1.0],
        },
        depth_limits: frame.limits.depth,
        focal: camera.focal_pixels(height),
        near: camera.near(),
        confidence_limit: frame.limits.confidence,
        edge_limit: frame.limits.edge,
        scale: frame.scale,
        photo_depth: frame.photo_depth,
        sizing: Sizing::ALL.iter().position(|&sizing| sizing == frame.points.sizing).unwrap_or(0) as u32,
        hide_background: u32::from(frame.limits.hide_background),
        stride: frame.stride.max(1),
        fill: frame.fill_window(),
        lattice: frame.limits.lattice,
        hide_black: u32::from(frame.limits.hide_black),
        hide_white: u32::from(frame.limits.hide_white),
        is_orthographic: u32::from(camera.is_orthographic),
        overlay_opacity: frame.overlay.map_or(0.0, |overlay| overlay.opacity.clamp(0.0, 1.0)),
        pivot_depth: camera.pivot_depth(),
        padding: 0.0,
    }
}
