//! Views of one shape on the graphics adapter, uploaded once, as layers of texture arrays: 12 bytes per point, 8 without
//! confidence.
//!
//! One dispatch draws them all. With a texture per view, fifty views took a hundred dispatches, which on a software adapter
//! cost more than the points of a draft.

use std::sync::Arc;

use super::RenderError;
use super::canvas::texture_entry;
use super::layouts::Layouts;
use super::splat_bound::SplatBound;
use super::uniforms::ViewUniform;
use crate::inference::ViewPrediction;
use crate::scene::{CloudScene, usable_confidence, usable_depth, view_colour};

/// Views per batch at most. Keep in sync with `LAYERS` in shaders/pixel.wgsl.
const LAYERS: usize = 16;

/// Bytes of one texture at most, as long as it holds more than one view: large ones may not find room in one piece.
const MOST_BYTES: u64 = 128 << 20;

/// What views of one batch have in common.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BatchShape {
    /// Width and height in pixels.
    pub size: [u32; 2],
    has_confidence: bool,
}

impl BatchShape {
    pub fn of(view: &ViewPrediction) -> Self {
        Self { size: [view.width, view.height], has_confidence: view.confidence.is_some() }
    }

    /// How many views of this shape a batch holds at most.
    pub fn capacity(self) -> usize {
        let bytes = 4 * u64::from(self.size[0]) * u64::from(self.size[1]);
        ((MOST_BYTES / bytes.max(1)) as usize).clamp(1, LAYERS)
    }

    /// A map that views do not have is one texel: loads outside of it give zero.
    fn confidence_size(self) -> [u32; 2] {
        if self.has_confidence { self.size } else { [1, 1] }
    }

    /// Of all maps of one view.
    fn bytes(self) -> u64 {
        let texels = |[width, height]: [u32; 2]| u64::from(width) * u64::from(height);
        4 * (2 * texels(self.size) + texels(self.confidence_size()))
    }
}

/// One view of a batch.
pub struct Member {
    /// In the scene.
    pub index: usize,
    view: Arc<ViewPrediction>,
    pub bound: SplatBound,
}

/// What the shaders read of up to sixteen views.
pub struct ViewBatch {
    pub shape: BatchShape,
    pub members: Vec<Member>,
    bind_group: wgpu::BindGroup,
    /// Depth, photo, confidence.
    maps: [wgpu::Texture; 3],
}

impl ViewBatch {
    /// Brings views of one shape, given by their indices in the scene, to the adapter; maps that are on `before` in the same
    /// place are copied there. `uploaded`: counts the bytes of the others.
    ///
    /// Errors: [`RenderError::TooLarge`] when the adapter cannot hold such a map.
    pub fn new(
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        layouts: &Layouts,
        scene: &CloudScene,
        (shape, indices): (BatchShape, &[usize]),
        before: Option<&Self>,
        uploaded: &mut u64,
    ) -> Result<Self, RenderError> {
        let [width, height] = shape.size;
        let limit = device.limits().max_texture_dimension_2d;
        if width.max(height) > limit {
            return Err(RenderError::TooLarge { what: "a depth map", width, height, limit });
        }
        let backend = device.adapter_info().backend;
        let layered =
            |label, format, size| texture(device, label, format, size, layers(backend, size, indices.len() as u32));
        let r32 = wgpu::TextureFormat::R32Float;
        let maps = [
            layered("depth maps", r32, shape.size),
            layered("photos", wgpu::TextureFormat::Rgba8Unorm, shape.size),
            layered("confidence maps", r32, shape.confidence_size()),
        ];
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("grow batch") });
        for (layer, &index) in (0u32..).zip(indices) {
            let view = &scene.views()[index];
            match before.filter(|before| before.holds(layer as usize, index, view)) {
                Some(before) => {
                    for (from, to) in before.maps.iter().zip(&maps) {
                        let size = wgpu::Extent3d { depth_or_array_layers: 1, ..to.size() };
                        encoder.copy_texture_to_texture(at_layer(from, layer), at_layer(to, layer), size);
                    }
                }
                None => {
                    upload(queue, &maps, layer, view);
                    *uploaded += shape.bytes();
                }
            }
        }
        queue.submit([encoder.finish()]);
        let views = maps.each_ref().map(|map| {
            let dimension = Some(wgpu::TextureViewDimension::D2Array);
            map.create_view(&wgpu::TextureViewDescriptor { dimension, ..Default::default() })
        });
        let uniforms = uniform_buffer(device, scene, indices);
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("views"),
            layout: &layouts.views,
            entries: &[
                wgpu::BindGroupEntry {
                    binding: 0,
                    resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                        buffer: &uniforms,
                        offset: 0,
                        size: wgpu::BufferSize::new((LAYERS * UNIFORM_BYTES) as u64),
                    }),
                },
                texture_entry(1, &views[0]),
                texture_entry(2, &views[1]),
                texture_entry(3, &views[2]),
            ],
        });
        let members = indices.iter().map(|&index| {
            let view = Arc::clone(&scene.views()[index]);
            Member { index, bound: SplatBound::of(&view), view }
        });
        Ok(Self { shape, members: members.collect(), bind_group, maps })
    }

    /// Whether these views of the scene, and no others, are on the adapter already.
    pub fn is_of(&self, scene: &CloudScene, indices: &[usize]) -> bool {
        self.members.len() == indices.len()
            && (0..).zip(indices).all(|(layer, &index)| self.holds(layer, index, &scene.views()[index]))
    }

    fn holds(&self, layer: usize, index: usize, view: &Arc<ViewPrediction>) -> bool {
        // Colours and numbers go by the index.
        self.members.get(layer).is_some_and(|member| member.index == index && Arc::ptr_eq(&member.view, view))
    }

    /// Of its textures.
    pub fn bytes(&self) -> u64 {
        let texels = |map: &wgpu::Texture| {
            let wgpu::Extent3d { width, height, depth_or_array_layers } = map.size();
            u64::from(width) * u64::from(height) * u64::from(depth_or_array_layers)
        };
        4 * self.maps.iter().map(texels).sum::<u64>()
    }

    /// Number of points that one of its views offers when every `stride`-th row and column is drawn.
    pub fn points_per_view(&self, stride: u32) -> u64 {
        self.shape.size.iter().map(|side| u64::from(side.div_ceil(stride))).product()
    }

    /// Binds the views from `layer` on as group 1 of a compute pass.
    pub fn bind_compute(&self, pass: &mut wgpu::ComputePass<'_>, layer: usize) {
        pass.set_bind_group(1, &self.bind_group, &[(layer * UNIFORM_BYTES) as u32]);
    }

    /// Binds the view at `layer` as group 1 of a render pass.
    pub fn bind(&self, pass: &mut wgpu::RenderPass<'_>, layer: usize) {
        pass.set_bind_group(1, &self.bind_group, &[(layer * UNIFORM_BYTES) as u32]);
    }
}

/// Layers of a texture that holds maps of so many views. OpenGL says of no texture whether it is an array; wgpu tells by its
/// size, takes one layer for none and six square ones for a cube, and then nothing can be read from it. One more layer, which
/// stays empty, makes it an array again.
fn layers(backend: wgpu::Backend, [width, height]: [u32; 2], views: u32) -> u32 {
    let is_mistaken = views == 1 || width == height && views.is_multiple_of(6);
    views + u32::from(backend == wgpu::Backend::Gl && is_mistaken)
}

fn texture(
    device: &wgpu::Device,
    label: &str,
    format: wgpu::TextureFormat,
    [width, height]: [u32; 2],
    layers: u32,
) -> wgpu::Texture {
    let usage = wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST | wgpu::TextureUsages::COPY_SRC;
    device.create_texture(&wgpu::TextureDescriptor {
        label: Some(label),
        size: wgpu::Extent3d { width, height, depth_or_array_layers: layers },
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    })
}

fn at_layer(texture: &wgpu::Texture, layer: u32) -> wgpu::TexelCopyTextureInfo<'_> {
    wgpu::TexelCopyTextureInfo { origin: wgpu::Origin3d { x: 0, y: 0, z: layer }, ..texture.as_image_copy() }
}

fn upload(queue: &wgpu::Queue, [depths, photos, confidences]: &[wgpu::Texture; 3], layer: u32, view: &ViewPrediction) {
    let write = |texture: &wgpu::Texture, bytes: &[u8]| {
        let size = wgpu::Extent3d { depth_or_array_layers: 1, ..texture.size() };
        let layout =
            wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(4 * size.width), rows_per_image: None };
        queue.write_texture(at_layer(texture, layer), bytes, layout, size);
    };
    // What shows no surface is told by a sign, not by a texture of its own.
    let is_surface = |i: usize| view.background.as_ref().is_none_or(|mask| !mask[i]);
    let signed = |(i, &depth): (usize, &f32)| usable_depth(depth) * if is_surface(i) { 1.0 } else { -1.0 };
    let depth: Vec<f32> = view.depth.iter().enumerate().map(signed).collect();
    let rgba: Vec<u8> = view.image.pixels().flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    let confidence: Vec<f32> =
        view.confidence.as_ref().map_or(vec![0.0], |map| map.iter().map(|&c| usable_confidence(c)).collect());
    write(depths, bytemuck::cast_slice(&depth));
    write(photos, &rgba);
    write(confidences, bytemuck::cast_slice(&confidence));
}

const UNIFORM_BYTES: usize = size_of::<ViewUniform>();

/// One uniform per view, and room so that sixteen can be bound from any of them on.
fn uniform_buffer(device: &wgpu::Device, scene: &CloudScene, indices: &[usize]) -> wgpu::Buffer {
    let mut uniforms: Vec<ViewUniform> =
        (0..).zip(indices).map(|(layer, &index)| view_uniform(scene, index, layer)).collect();
    uniforms.resize(indices.len() + LAYERS, bytemuck::Zeroable::zeroed());
    super::uniforms::uniform_buffer(device, "views", &uniforms)
}

fn view_uniform(scene: &CloudScene, index: usize, layer: u32) -> ViewUniform {
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
        layer,
        padding: [0; 36],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opengl_sees_an_array_in_every_batch() {
        for views in 1..=LAYERS as u32 {
            for size in [[1, 1], [336, 336], [504, 336]] {
                let layers = layers(wgpu::Backend::Gl, size, views);
                assert!((views..=views + 1).contains(&layers), "{layers} layers for {views} views");
                assert!(layers > 1, "one layer is no array");
                assert!(size[0] != size[1] || !layers.is_multiple_of(6), "{layers} layers of {size:?} are a cube");
            }
            assert_eq!(super::layers(wgpu::Backend::Vulkan, [336, 336], views), views);
        }
    }
}
