//! The depth cloud or surface: two compute passes over the pixels of the views (shaders/points.wgsl, surface.wgsl), and one over
//! the pixels of the picture (fill.wgsl).

use std::collections::HashMap;

use super::canvas::Canvas;
use super::frame::Frame;
use super::layouts::Layouts;
use super::shader::Shader;
use super::views::Views;
use crate::scene::{ColourBy, Shape};

/// Pixels of a depth map per workgroup, across and down.
const GROUP: u32 = 8;

/// What a shader is compiled for: software drivers compute every branch, so that what a frame does not need has to be gone.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Variant {
    shape: Shape,
    colour_by: ColourBy,
    hides_backdrops: bool,
    has_large: bool,
}

impl Variant {
    /// `height`: of the whole picture, pixels.
    fn of(frame: &Frame, views: &Views, height: u32) -> Self {
        Self {
            has_large: frame.points.shape == Shape::Points && views.may_be_large(frame, height as f32),
            shape: frame.points.shape,
            colour_by: frame.points.colour_by,
            hides_backdrops: frame.limits.hide_black || frame.limits.hide_white,
        }
    }
}

/// The pipelines: those for samples are compiled when a frame first needs them.
pub struct Cloud {
    samples: HashMap<Variant, [wgpu::ComputePipeline; 2]>,
    /// Of the frame that was prepared last.
    current: Option<Variant>,
    fill: wgpu::ComputePipeline,
}

impl Cloud {
    pub fn new(device: &wgpu::Device, layouts: &Layouts) -> Self {
        let [fill] = pipelines(device, &[&layouts.scene, &layouts.fill], Shader::Fill, ["fill"], &[]);
        Self { samples: HashMap::new(), current: None, fill }
    }

    /// Compiles what [`Self::draw`] needs for `frame`, where it is not there yet.
    pub fn prepare(&mut self, device: &wgpu::Device, layouts: &Layouts, views: &Views, frame: &Frame, height: u32) {
        let variant = Variant::of(frame, views, height);
        self.current = Some(variant);
        self.samples.entry(variant).or_insert_with(|| {
            let (shader, entries) = match variant.shape {
                Shape::Points => (Shader::Points, ["near_points", "paint_points"]),
                Shape::Surface => (Shader::Surface, ["near_surface", "paint_surface"]),
            };
            let colour_by = ColourBy::ALL.iter().position(|&by| by == variant.colour_by).unwrap_or(0);
            let flag = |is_on: bool| f64::from(u8::from(is_on));
            let mut constants =
                vec![("colour_by", colour_by as f64), ("hides_backdrops", flag(variant.hides_backdrops))];
            if variant.shape == Shape::Points {
                constants.push(("has_large", flag(variant.has_large)));
            }
            pipelines(device, &[&layouts.scene, &layouts.views, &layouts.canvas], shader, entries, &constants)
        });
    }

    /// Draws as many of the frame's tasks from the `first` on as offer `budget` points, but at least one; returns how many
    /// were drawn. The scene's and the canvas's bind groups are set, and the frame was prepared.
    pub fn draw(
        &self,
        pass: &mut wgpu::ComputePass<'_>,
        views: &Views,
        frame: &Frame,
        first: usize,
        budget: u64,
    ) -> usize {
        let Some(pipelines) = self.current.and_then(|variant| self.samples.get(&variant)) else { return 0 };
        let stride = frame.stride.max(1);
        let runs = views.runs(frame, first, budget);
        for run in &runs {
            let Some(batch) = views.batch(run.batch) else { continue };
            let [columns, rows] = batch.shape.size.map(|side| side.div_ceil(stride).div_ceil(GROUP));
            pass.set_pipeline(&pipelines[run.phase]);
            batch.bind_compute(pass, run.layer);
            pass.dispatch_workgroups(columns, rows, run.count as u32);
        }
        runs.iter().map(|run| run.count).sum()
    }

    /// Lets small splats grow once all tasks are done; the scene's bind group is set.
    pub fn fill(&self, pass: &mut wgpu::ComputePass<'_>, canvas: &Canvas) {
        pass.set_pipeline(&self.fill);
        pass.set_bind_group(1, &canvas.filling, &[]);
        let [columns, rows] = canvas.size.map(|side| side.div_ceil(GROUP));
        pass.dispatch_workgroups(columns, rows, 1);
    }
}

fn pipelines<const N: usize>(
    device: &wgpu::Device,
    layouts: &[&wgpu::BindGroupLayout],
    shader: Shader,
    entries: [&str; N],
    constants: &[(&str, f64)],
) -> [wgpu::ComputePipeline; N] {
    let layouts: Vec<_> = layouts.iter().map(|layout| Some(*layout)).collect();
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some(shader.label()),
        bind_group_layouts: &layouts,
        immediate_size: 0,
    });
    let module = shader.module(device);
    entries.map(|entry| {
        device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(entry),
            layout: Some(&layout),
            module: &module,
            entry_point: Some(entry),
            compilation_options: wgpu::PipelineCompilationOptions { constants, ..Default::default() },
            cache: None,
        })
    })
}
