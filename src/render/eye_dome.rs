//! Eye-dome lighting of the points, and the background behind them (shaders/eye_dome.wgsl); their depth for what follows.

use super::canvas::{COLOUR_FORMAT, Canvas};
use super::layouts::Layouts;
use super::pipeline::{PipelineShape, opaque};
use super::shader::Shader;

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
            depth: Some((wgpu::CompareFunction::Always, true)),
        };
        Self { pipeline: pipeline.build(device) }
    }

    /// Fills the picture; the scene's bind group is set.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, canvas: &Canvas) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(1, &canvas.lighting, &[]);
        pass.draw(0..3, 0..1);
    }
}
