//! Eye-dome lighting of the points, and the background behind them (shaders/eye_dome.wgsl).

use super::layouts::Layouts;
use super::pipeline::{PipelineShape, opaque};
use super::shader::Shader;
use super::targets::{COLOUR_FORMAT, Targets};

/// The lighting pass.
pub struct EyeDome {
    pipeline: wgpu::RenderPipeline,
}

impl EyeDome {
    pub fn new(device: &wgpu::Device, layouts: &Layouts) -> Self {
        let pipeline = PipelineShape {
            shader: Shader::EyeDome,
            layouts: &[&layouts.scene, &layouts.lighting],
            vertex: "vs_fullscreen",
            fragment: "fs_eye_dome",
            buffers: &[],
            topology: wgpu::PrimitiveTopology::TriangleList,
            targets: &[opaque(COLOUR_FORMAT)],
            depth: None,
        };
        Self { pipeline: pipeline.build(device) }
    }

    /// Fills the picture; the scene's bind group is set.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, targets: &Targets) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(1, &targets.lighting, &[]);
        pass.draw(0..3, 0..1);
    }
}
