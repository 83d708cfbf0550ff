//! Lines in the world: frusta, grid, axes (shaders/lines.wgsl).

use bytemuck::{Pod, Zeroable};
use wgpu::CompareFunction;

use super::canvas::COLOUR_FORMAT;
use super::layouts::Layouts;
use super::pipeline::{PipelineShape, blended};
use super::shader::Shader;
use crate::scene::Segment;

/// Keep in sync with `Line` in shaders/lines.wgsl.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
struct LineInstance {
    a: [f32; 3],
    b: [f32; 3],
    colour: [u8; 4],
    width: f32,
}

/// The pipelines, and the lines of the next picture.
pub struct Lines {
    visible: wgpu::RenderPipeline,
    hidden: wgpu::RenderPipeline,
    instances: wgpu::Buffer,
    count: u32,
}

impl Lines {
    pub fn new(device: &wgpu::Device, layouts: &Layouts) -> Self {
        let attributes = wgpu::vertex_attr_array![0 => Float32x3, 1 => Float32x3, 2 => Unorm8x4, 3 => Float32];
        let instance = wgpu::VertexBufferLayout {
            array_stride: size_of::<LineInstance>() as u64,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes: &attributes,
        };
        let pipeline = |fragment, compare| {
            PipelineShape {
                shader: Shader::Lines,
                layouts: &[&layouts.scene],
                vertex: "vs_line",
                fragment,
                buffers: &[Some(instance.clone())],
                topology: wgpu::PrimitiveTopology::TriangleStrip,
                targets: &[blended(COLOUR_FORMAT)],
                depth: Some((compare, false)),
                constants: &[],
            }
            .build(device)
        };
        // Depth is reversed: greater is nearer.
        Self {
            visible: pipeline("fs_line", CompareFunction::GreaterEqual),
            hidden: pipeline("fs_hidden_line", CompareFunction::Less),
            instances: buffer(device, 256),
            count: 0,
        }
    }

    /// Takes the lines of the next picture.
    pub fn set(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, segments: &[Segment]) {
        let instances: Vec<_> = segments
            .iter()
            .filter(|s| s.a.is_finite() && s.b.is_finite())
            .map(|s| LineInstance { a: s.a.into(), b: s.b.into(), colour: s.colour, width: s.width })
            .collect();
        let bytes: &[u8] = bytemuck::cast_slice(&instances);
        if bytes.len() as u64 > self.instances.size() {
            self.instances = buffer(device, instances.len().next_power_of_two());
        }
        queue.write_buffer(&self.instances, 0, bytes);
        self.count = instances.len() as u32;
    }

    /// Draws them over the picture, faintly where points are in front; the scene's bind group is set.
    pub fn draw(&self, pass: &mut wgpu::RenderPass<'_>) {
        if self.count == 0 {
            return;
        }
        pass.set_vertex_buffer(0, self.instances.slice(..));
        for pipeline in [&self.hidden, &self.visible] {
            pass.set_pipeline(pipeline);
            pass.draw(0..4, 0..self.count);
        }
    }
}

fn buffer(device: &wgpu::Device, lines: usize) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("lines"),
        size: (lines * size_of::<LineInstance>()) as u64,
        usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}
