//! Photos that hang at the base of their frusta, and the one laid over what its camera sees (shaders/photo.wgsl).

use super::canvas::COLOUR_FORMAT;
use super::frame::Frame;
use super::layouts::Layouts;
use super::pipeline::{PipelineShape, blended, opaque};
use super::shader::Shader;
use super::views::Views;

/// The pipelines and their sampler.
pub struct Photos {
    hanging: wgpu::RenderPipeline,
    overlay: wgpu::RenderPipeline,
    sampler: wgpu::BindGroup,
}

impl Photos {
    pub fn new(device: &wgpu::Device, layouts: &Layouts) -> Self {
        let pipeline = |fragment, target, depth| {
            PipelineShape {
                shader: Shader::Photo,
                layouts: &[&layouts.scene, &layouts.views, &layouts.sampler],
                vertex: "vs_photo",
                fragment,
                buffers: &[],
                topology: wgpu::PrimitiveTopology::TriangleStrip,
                targets: &[target],
                depth: Some(depth),
                constants: &[],
            }
            .build(device)
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
        Self {
            hanging: pipeline("fs_photo", opaque(COLOUR_FORMAT), (wgpu::CompareFunction::Greater, true)),
            overlay: pipeline("fs_overlay", blended(COLOUR_FORMAT), (wgpu::CompareFunction::Always, false)),
            sampler,
        }
    }

    /// Lays the frame's overlay over the picture; the scene's bind group is set.
    pub fn draw_overlay(&self, pass: &mut wgpu::RenderPass<'_>, views: &Views, frame: &Frame) {
        if let Some((batch, layer)) = frame.overlay.and_then(|overlay| views.find(overlay.view)) {
            pass.set_pipeline(&self.overlay);
            pass.set_bind_group(2, &self.sampler, &[]);
            batch.bind(pass, layer);
            pass.draw(0..4, 0..1);
        }
    }

    /// Draws the frame's hanging photos; the scene's bind group is set.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, views: &Views, frame: &Frame) {
        pass.set_pipeline(&self.hanging);
        pass.set_bind_group(2, &self.sampler, &[]);
        for (batch, layer) in frame.photos.iter().filter_map(|&index| views.find(index)) {
            batch.bind(pass, layer);
            pass.draw(0..4, 0..1);
        }
    }
}
