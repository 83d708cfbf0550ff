//! Photos that hang at the base of their frusta (shaders/photo.wgsl).

use super::frame::Frame;
use super::layouts::Layouts;
use super::pipeline::{PipelineShape, opaque};
use super::shader::Shader;
use super::targets::COLOUR_FORMAT;
use super::view_textures::ViewTextures;

/// The pipeline and its sampler.
pub struct Photos {
    pipeline: wgpu::RenderPipeline,
    sampler: wgpu::BindGroup,
}

impl Photos {
    pub fn new(device: &wgpu::Device, layouts: &Layouts) -> Self {
        let pipeline = PipelineShape {
            shader: Shader::Photo,
            layouts: &[&layouts.scene, &layouts.view, &layouts.sampler],
            vertex: "vs_photo",
            fragment: "fs_photo",
            buffers: &[],
            topology: wgpu::PrimitiveTopology::TriangleStrip,
            targets: &[opaque(COLOUR_FORMAT)],
            depth: Some((wgpu::CompareFunction::Greater, true)),
        };
        let sampler = device.create_sampler(&wgpu::SamplerDescriptor {
            label: Some("photo"),
            mag_filter: wgpu::FilterMode::Linear,
            min_filter: wgpu::FilterMode::Linear,
            ..Default::default()
        });
        let sampler = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("photo sampler"),
            layout: &layouts.sampler,
            entries: &[wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Sampler(&sampler) }],
        });
        Self { pipeline: pipeline.build(device), sampler }
    }

    /// Draws the frame's photos; the scene's bind group is set.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, views: &[ViewTextures], frame: &Frame) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(2, &self.sampler, &[]);
        for view in frame.photos.iter().filter_map(|&index| views.get(index)) {
            pass.set_bind_group(1, &view.bind_group, &[]);
            pass.draw(0..4, 0..1);
        }
    }
}
