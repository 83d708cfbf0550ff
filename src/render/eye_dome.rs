//! Eye-dome lighting of the points, and the background behind them (shaders/eye_dome.wgsl); their depth for what follows.

use super::canvas::{COLOUR_FORMAT, Canvas};
use super::layouts::Layouts;
use super::pipeline::{PipelineShape, opaque};
use super::shader::Shader;

/// The lighting pass.
pub struct EyeDome {
    lit: wgpu::RenderPipeline,
    unlit: wgpu::RenderPipeline,
}

impl EyeDome {
    pub fn new(device: &wgpu::Device, layouts: &Layouts) -> Self {
        let pipeline = |lights: bool| {
            PipelineShape {
                shader: Shader::EyeDome,
                layouts: &[&layouts.scene, &layouts.lighting],
                vertex: "vs_fullscreen",
                fragment: "fs_eye_dome",
                buffers: &[],
                topology: wgpu::PrimitiveTopology::TriangleList,
                targets: &[opaque(COLOUR_FORMAT)],
                depth: Some((wgpu::CompareFunction::Always, true)),
                constants: &[("lights", f64::from(u8::from(lights)))],
            }
            .build(device)
        };
        Self { lit: pipeline(true), unlit: pipeline(false) }
    }

    /// Fills the picture; the scene's bind group is set. `lights`: whether there is any strength to it.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, canvas: &Canvas, lights: bool) {
        pass.set_pipeline(if lights { &self.lit } else { &self.unlit });
        pass.set_bind_group(1, &canvas.lighting, &[]);
        pass.draw(0..3, 0..1);
    }
}
