//! The depth cloud: one draw per view, un-projected in the vertex shader (shaders/points.wgsl).

use super::frame::Frame;
use super::layouts::Layouts;
use super::pipeline::{PipelineShape, opaque};
use super::shader::Shader;
use super::targets::{COLOUR_FORMAT, GEOMETRY_FORMAT};
use super::view_textures::ViewTextures;

/// The pipelines: one pixel per point, or a splat.
pub struct Points {
    pixels: wgpu::RenderPipeline,
    splats: wgpu::RenderPipeline,
}

impl Points {
    pub fn new(device: &wgpu::Device, layouts: &Layouts) -> Self {
        let pipeline = |vertex, fragment, topology| {
            PipelineShape {
                shader: Shader::Points,
                layouts: &[&layouts.scene, &layouts.view],
                vertex,
                fragment,
                buffers: &[],
                topology,
                targets: &[opaque(COLOUR_FORMAT), opaque(GEOMETRY_FORMAT)],
                depth: Some((wgpu::CompareFunction::Greater, true)),
            }
            .build(device)
        };
        Self {
            pixels: pipeline("vs_pixel", "fs_pixel", wgpu::PrimitiveTopology::PointList),
            splats: pipeline("vs_splat", "fs_splat", wgpu::PrimitiveTopology::TriangleStrip),
        }
    }

    /// Draws the visible views; the scene's bind group is set.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>, views: &[ViewTextures], frame: &Frame) {
        let as_pixels = frame.points_are_pixels();
        pass.set_pipeline(if as_pixels { &self.pixels } else { &self.splats });
        for (view, _) in views.iter().zip(&frame.visible).filter(|&(_, &visible)| visible) {
            pass.set_bind_group(1, &view.bind_group, &[]);
            let count = view.points(frame.stride);
            if as_pixels {
                pass.draw(0..count, 0..1);
            } else {
                pass.draw(0..4, 0..count);
            }
        }
    }
}
