//! The one way in which this room makes a render pipeline.

use super::canvas::DEPTH_FORMAT;
use super::shader::Shader;

/// What differs between pipelines.
pub struct PipelineShape<'a> {
    pub shader: Shader,
    pub layouts: &'a [&'a wgpu::BindGroupLayout],
    pub vertex: &'a str,
    pub fragment: &'a str,
    pub buffers: &'a [Option<wgpu::VertexBufferLayout<'a>>],
    pub topology: wgpu::PrimitiveTopology,
    pub targets: &'a [Option<wgpu::ColorTargetState>],
    /// How depth is compared and whether it is written; `None` in passes without a depth target.
    pub depth: Option<(wgpu::CompareFunction, bool)>,
    /// Values of the fragment shader's overrides.
    pub constants: &'a [(&'a str, f64)],
}

impl PipelineShape<'_> {
    /// Compiles it.
    pub fn build(&self, device: &wgpu::Device) -> wgpu::RenderPipeline {
        let label = Some(self.shader.label());
        let module = self.shader.module(device);
        let layouts: Vec<_> = self.layouts.iter().map(|layout| Some(*layout)).collect();
        let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label,
            bind_group_layouts: &layouts,
            immediate_size: 0,
        });
        device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label,
            layout: Some(&layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some(self.vertex),
                buffers: self.buffers,
                compilation_options: wgpu::PipelineCompilationOptions::default(),
            },
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some(self.fragment),
                targets: self.targets,
                compilation_options: wgpu::PipelineCompilationOptions {
                    constants: self.constants,
                    ..Default::default()
                },
            }),
            primitive: wgpu::PrimitiveState { topology: self.topology, ..Default::default() },
            depth_stencil: self.depth.map(|(compare, write)| wgpu::DepthStencilState {
                format: DEPTH_FORMAT,
                depth_write_enabled: Some(write),
                depth_compare: Some(compare),
                stencil: wgpu::StencilState::default(),
                bias: wgpu::DepthBiasState::default(),
            }),
            multisample: wgpu::MultisampleState::default(),
            multiview_mask: None,
            cache: None,
        })
    }
}

/// A colour target that is overwritten.
pub fn opaque(format: wgpu::TextureFormat) -> Option<wgpu::ColorTargetState> {
    Some(format.into())
}

/// A colour target onto which premultiplied colours are laid.
pub fn blended(format: wgpu::TextureFormat) -> Option<wgpu::ColorTargetState> {
    let blend = Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING);
    Some(wgpu::ColorTargetState { format, blend, write_mask: wgpu::ColorWrites::ALL })
}
