//! Copies the finished picture into a render pass of the window (shaders/blit.wgsl).

use super::canvas::texture_entry;
use super::layouts::texture;
use super::pipeline::{PipelineShape, blended};
use super::shader::Shader;

/// The pipeline and what it binds.
pub struct Blit {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    sampler: wgpu::Sampler,
}

impl Blit {
    /// For a window whose surface has `format`.
    pub fn new(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let entry = |binding, ty| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty,
            count: None,
        };
        let sampler_type = wgpu::BindingType::Sampler(wgpu::SamplerBindingType::Filtering);
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("blit"),
            entries: &[entry(0, texture(true)), entry(1, sampler_type)],
        });
        let pipeline = PipelineShape {
            shader: Shader::Blit,
            layouts: &[&layout],
            vertex: "vs_blit",
            fragment: if format.is_srgb() { "fs_linear_target" } else { "fs_gamma_target" },
            buffers: &[],
            topology: wgpu::PrimitiveTopology::TriangleList,
            targets: &[blended(format)],
            depth: None,
            constants: &[],
        }
        .build(device);
        let sampler = device
            .create_sampler(&wgpu::SamplerDescriptor { label: Some("blit"), ..wgpu::SamplerDescriptor::default() });
        Self { pipeline, layout, sampler }
    }

    /// What [`Self::draw`] needs of a picture.
    pub fn bind(&self, device: &wgpu::Device, picture: &wgpu::TextureView) -> wgpu::BindGroup {
        device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("blit"),
            layout: &self.layout,
            entries: &[
                texture_entry(0, picture),
                wgpu::BindGroupEntry { binding: 1, resource: wgpu::BindingResource::Sampler(&self.sampler) },
            ],
        })
    }

    /// Fills the pass's viewport.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, picture: &wgpu::BindGroup) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, picture, &[]);
        pass.draw(0..3, 0..1);
    }
}
