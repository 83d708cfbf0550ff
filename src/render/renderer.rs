//! Draws a scene off screen: in slices, so that a window stays alive, and again only when something changed.

use std::sync::Arc;

use image::{RgbaImage, imageops};

use super::RenderError;
use super::canvas::Canvas;
use super::cloud::Cloud;
use super::exposure::Exposure;
use super::eye_dome::EyeDome;
use super::frame::Frame;
use super::layouts::Layouts;
use super::lines::Lines;
use super::photo::Photos;
use super::pick::{Pick, pick};
use super::read_back::read_texels;
use super::scene_binding::SceneBinding;
use super::tile::Tile;
use super::views::Views;
use crate::scene::CloudScene;

/// What a call of [`CloudRenderer::prepare`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The last picture is this one already.
    Unchanged,
    /// A slice was drawn; the last picture still shows. Call again with the same frame.
    Part,
    /// [`CloudRenderer::picture`] shows the frame once what was recorded has run.
    Complete,
}

/// The 3D view's pipelines, the textures of one scene and the last picture.
pub struct CloudRenderer {
    layouts: Layouts,
    binding: SceneBinding,
    cloud: Cloud,
    eye_dome: EyeDome,
    photos: Photos,
    lines: Lines,
    scene: Option<Arc<CloudScene>>,
    views: Views,
    uploaded_bytes: u64,
    shown: Option<Picture>,
    drawing: Option<Drawing>,
    /// The one before, for the next picture that takes several slices.
    spare: Option<Canvas>,
}

struct Picture {
    canvas: Canvas,
    frame: Frame,
}

struct Drawing {
    canvas: Canvas,
    frame: Frame,
    /// Tasks of the cloud that are done.
    done: usize,
}

/// Whether an adapter with these limits has the compute shaders that points are drawn with.
pub(super) fn draws_points(limits: &wgpu::Limits) -> bool {
    limits.max_compute_invocations_per_workgroup >= 64 && limits.max_storage_buffers_per_shader_stage >= 4
}

impl CloudRenderer {
    /// One that nobody has seen draw yet; see [`super::proof`].
    pub(super) fn unproven(device: &wgpu::Device) -> Self {
        let layouts = Layouts::new(device);
        Self {
            binding: SceneBinding::new(device, &layouts.scene),
            cloud: Cloud::new(device, &layouts),
            eye_dome: EyeDome::new(device, &layouts),
            photos: Photos::new(device, &layouts),
            lines: Lines::new(device, &layouts),
            layouts,
            scene: None,
            views: Views::default(),
            uploaded_bytes: 0,
            shown: None,
            drawing: None,
            spare: None,
        }
    }

    /// Uploads a scene; views that the last scene had too stay where they are. On an error nothing is shown.
    ///
    /// Errors: [`RenderError::TooLarge`] for a depth map beyond the adapter's limit.
    pub fn set_scene(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        scene: Option<Arc<CloudScene>>,
    ) -> Result<(), RenderError> {
        let before = std::mem::take(&mut self.views);
        (self.scene, self.shown, self.drawing, self.spare) = (None, None, None, None);
        let Some(scene) = scene else {
            return Ok(());
        };
        self.views = Views::new(device, queue, &self.layouts, &scene, before, &mut self.uploaded_bytes)?;
        self.scene = Some(scene);
        Ok(())
    }

    /// What was sent so far does not count.
    pub(super) fn count_anew(&mut self) {
        self.uploaded_bytes = 0;
    }

    /// Bytes of maps that were ever sent to the adapter: what only [`Self::set_scene`] adds to.
    pub fn uploaded_bytes(&self) -> u64 {
        self.uploaded_bytes
    }

    /// Bytes that the scene's maps take on the adapter.
    pub fn scene_bytes(&self) -> u64 {
        self.views.bytes()
    }

    /// Records the picture of `frame` into `encoder`, or a slice of it that offers about `budget` points; nothing if the last
    /// picture is the same. Submit before the next call.
    ///
    /// Errors: [`RenderError::TooLarge`] for a size beyond the adapter's limit.
    pub fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        frame: &Frame,
        size: [u32; 2],
        budget: u64,
    ) -> Result<Progress, RenderError> {
        let tile = Tile::whole(size);
        if self.shown.as_ref().is_some_and(|shown| shown.canvas.size == tile.size && shown.frame == *frame) {
            return Ok(Progress::Unchanged);
        }
        let mut drawing = match self.drawing.take() {
            Some(drawing) if drawing.canvas.size == tile.size && drawing.frame == *frame => drawing,
            old => self.begin(device, encoder, old, frame, &tile, budget)?,
        };
        self.cloud.prepare(device, &self.layouts, &self.views, frame, tile.picture[1]);
        self.binding.update(queue, self.scene.as_deref(), frame, &tile);
        drawing.done += self.draw_cloud(encoder, &drawing.canvas, frame, drawing.done, budget);
        if drawing.done < self.views.task_count(frame) {
            self.drawing = Some(drawing);
            return Ok(Progress::Part);
        }
        self.lines.set(device, queue, &frame.segments);
        self.finish(encoder, &drawing.canvas, frame);
        let Drawing { canvas, frame, .. } = drawing;
        let before = self.shown.replace(Picture { canvas, frame });
        self.spare = before.map(|picture| picture.canvas).or(self.spare.take());
        Ok(Progress::Complete)
    }

    /// A canvas for a new picture: the one that shows if the picture takes one slice, else another one.
    fn begin(
        &mut self,
        device: &wgpu::Device,
        encoder: &mut wgpu::CommandEncoder,
        old: Option<Drawing>,
        frame: &Frame,
        tile: &Tile,
        budget: u64,
    ) -> Result<Drawing, RenderError> {
        let spare = old.map(|drawing| drawing.canvas).or(self.spare.take());
        let spare = if self.views.points(frame) <= budget {
            self.spare = spare;
            self.shown.take().map(|picture| picture.canvas)
        } else {
            spare
        };
        let canvas = match spare {
            Some(canvas) if canvas.size == tile.size => canvas,
            _ => Canvas::new(device, &self.layouts, tile.size)?,
        };
        canvas.clear(encoder);
        Ok(Drawing { canvas, frame: frame.clone(), done: 0 })
    }

    /// The last picture.
    pub fn picture(&self) -> Option<&wgpu::TextureView> {
        self.shown.as_ref().map(|shown| &shown.canvas.picture_view)
    }

    /// The sample under a pixel of the last picture. Blocks until that picture is drawn.
    ///
    /// Errors: [`RenderError::ReadBack`] when the driver fails.
    pub fn pick(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        pixel: [u32; 2],
    ) -> Result<Option<Pick>, RenderError> {
        match (&self.shown, &self.scene) {
            (Some(shown), Some(scene)) => pick(device, queue, &shown.canvas, scene, &shown.frame.camera, pixel),
            _ => Ok(None),
        }
    }

    /// A picture of any size as an image with straight alpha. Blocks until it is drawn.
    ///
    /// Errors: [`RenderError::ReadBack`] when the driver fails.
    pub fn screenshot(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        frame: &Frame,
        size: [u32; 2],
    ) -> Result<RgbaImage, RenderError> {
        let mut exposure = self.begin_exposure(device, frame, size, u32::MAX);
        while !self.expose(device, queue, &mut exposure, u64::MAX)? {}
        Ok(exposure.picture)
    }

    /// The same, to be drawn bit by bit with [`Self::expose`], in tiles with sides up to `longest` pixels.
    pub fn begin_exposure(&self, device: &wgpu::Device, frame: &Frame, size: [u32; 2], longest: u32) -> Exposure {
        Exposure::new(frame.clone(), size, device.limits().max_texture_dimension_2d.min(longest))
    }

    /// Draws a slice of a picture that offers about `budget` points; returns whether it is done. Blocks where a tile is complete.
    ///
    /// Errors: [`RenderError::ReadBack`] when the driver fails.
    pub fn expose(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        exposure: &mut Exposure,
        budget: u64,
    ) -> Result<bool, RenderError> {
        let Some(&(tile, own)) = exposure.tiles.last() else { return Ok(true) };
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("screenshot") });
        let canvas = match exposure.canvas.take() {
            Some(canvas) if canvas.size == tile.size => canvas,
            _ => Canvas::new(device, &self.layouts, tile.size)?,
        };
        if exposure.done == 0 {
            canvas.clear(&mut encoder);
        }
        let frame = &exposure.frame;
        self.cloud.prepare(device, &self.layouts, &self.views, frame, tile.picture[1]);
        self.binding.update(queue, self.scene.as_deref(), frame, &tile);
        let drawn = self.draw_cloud(&mut encoder, &canvas, frame, exposure.done, budget);
        exposure.done += drawn;
        if drawn == 0 || exposure.done >= self.views.task_count(frame) {
            self.lines.set(device, queue, &frame.segments);
            self.finish(&mut encoder, &canvas, frame);
            queue.submit([encoder.finish()]);
            let mut bytes = read_texels(device, queue, &canvas.picture)?;
            bytes.as_chunks_mut().0.iter_mut().for_each(super::straight_alpha::unmultiply);
            let image = RgbaImage::from_raw(tile.size[0], tile.size[1], bytes)
                .ok_or_else(|| RenderError::ReadBack { reason: "it returned too few bytes".to_owned() })?;
            let inner = [0, 1].map(|axis: usize| own.origin[axis] - tile.origin[axis]);
            let part = imageops::crop_imm(&image, inner[0], inner[1], own.size[0], own.size[1]);
            imageops::replace(&mut exposure.picture, &part.to_image(), own.origin[0].into(), own.origin[1].into());
            exposure.tiles.pop();
            exposure.done = 0;
        } else {
            queue.submit([encoder.finish()]);
        }
        exposure.canvas = Some(canvas);
        Ok(exposure.tiles.is_empty())
    }

    /// Some of the cloud's tasks; returns how many.
    fn draw_cloud(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        canvas: &Canvas,
        frame: &Frame,
        first: usize,
        budget: u64,
    ) -> usize {
        let mut pass =
            encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label: Some("cloud"), timestamp_writes: None });
        self.binding.set_compute(&mut pass);
        pass.set_bind_group(2, &canvas.written, &[]);
        self.cloud.draw(&mut pass, &self.views, frame, first, budget)
    }

    /// Small splats grow; lighting over the background, then photos and lines.
    fn finish(&self, encoder: &mut wgpu::CommandEncoder, canvas: &Canvas, frame: &Frame) {
        let clear =
            wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT), store: wgpu::StoreOp::Store };
        let mut pass =
            encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label: Some("fill"), timestamp_writes: None });
        self.binding.set_compute(&mut pass);
        self.cloud.fill(&mut pass, canvas);
        drop(pass);
        let mut pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
            label: Some("picture"),
            color_attachments: &[Some(wgpu::RenderPassColorAttachment {
                view: &canvas.picture_view,
                depth_slice: None,
                resolve_target: None,
                ops: clear,
            })],
            depth_stencil_attachment: Some(wgpu::RenderPassDepthStencilAttachment {
                view: &canvas.depth_view,
                // Depth is reversed, so the far end is 0.
                depth_ops: Some(wgpu::Operations { load: wgpu::LoadOp::Clear(0.0), store: wgpu::StoreOp::Discard }),
                stencil_ops: None,
            }),
            ..Default::default()
        });
        self.binding.set(&mut pass);
        self.eye_dome.draw(&mut pass, canvas, frame.eye_dome > 0.0);
        self.photos.draw(&mut pass, &self.views, frame);
        self.photos.draw_overlay(&mut pass, &self.views, frame);
        self.lines.draw(&mut pass);
    }
}
