//! Draws a scene off screen, and again only when something changed.

use std::sync::Arc;

use image::RgbaImage;

use super::RenderError;
use super::eye_dome::EyeDome;
use super::frame::Frame;
use super::layouts::Layouts;
use super::lines::Lines;
use super::photo::Photos;
use super::pick::{Pick, pick};
use super::points::Points;
use super::read_back::read_texels;
use super::scene_binding::SceneBinding;
use super::targets::Targets;
use super::view_textures::ViewTextures;
use crate::scene::CloudScene;

/// The 3D view's pipelines, the textures of one scene and the last picture.
pub struct CloudRenderer {
    layouts: Layouts,
    binding: SceneBinding,
    points: Points,
    eye_dome: EyeDome,
    photos: Photos,
    lines: Lines,
    scene: Option<Arc<CloudScene>>,
    views: Vec<ViewTextures>,
    targets: Option<Targets>,
    drawn: Option<Frame>,
}

impl CloudRenderer {
    pub fn new(device: &wgpu::Device) -> Self {
        let layouts = Layouts::new(device);
        Self {
            binding: SceneBinding::new(device, &layouts.scene),
            points: Points::new(device, &layouts),
            eye_dome: EyeDome::new(device, &layouts),
            photos: Photos::new(device, &layouts),
            lines: Lines::new(device, &layouts),
            layouts,
            scene: None,
            views: Vec::new(),
            targets: None,
            drawn: None,
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
        let old = self.scene.take();
        let mut uploaded = std::mem::take(&mut self.views);
        self.drawn = None;
        let Some(scene) = scene else {
            return Ok(());
        };
        // Colours and numbers go by position, so only a common beginning can stay.
        let kept =
            old.map_or(0, |old| old.views().iter().zip(scene.views()).take_while(|(a, b)| Arc::ptr_eq(a, b)).count());
        uploaded.truncate(kept);
        for index in kept..scene.views().len() {
            uploaded.push(ViewTextures::upload(device, queue, &self.layouts, &scene, index)?);
        }
        self.views = uploaded;
        self.scene = Some(scene);
        Ok(())
    }

    /// Records the picture of `frame` into `encoder` unless the last picture is the same; returns whether it was
    /// recorded. Submit before the next call.
    ///
    /// Errors: [`RenderError::TooLarge`] for a size beyond the adapter's limit.
    pub fn prepare(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        frame: &Frame,
        size: [u32; 2],
    ) -> Result<bool, RenderError> {
        let targets = match self.targets.take() {
            Some(targets) if targets.size == size.map(|side| side.max(1)) => {
                if self.drawn.as_ref() == Some(frame) {
                    self.targets = Some(targets);
                    return Ok(false);
                }
                targets
            }
            _ => Targets::new(device, &self.layouts.lighting, size)?,
        };
        self.record(device, queue, encoder, frame, &targets);
        self.targets = Some(targets);
        self.drawn = Some(frame.clone());
        Ok(true)
    }

    /// The last picture.
    pub fn picture(&self) -> Option<&wgpu::TextureView> {
        self.targets.as_ref().map(|targets| &targets.picture_view)
    }

    /// The point under a pixel of the last picture. Blocks until that picture is drawn.
    ///
    /// Errors: [`RenderError::ReadBack`] when the driver fails.
    pub fn pick(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        pixel: [u32; 2],
    ) -> Result<Option<Pick>, RenderError> {
        match (&self.targets, &self.drawn) {
            (Some(targets), Some(frame)) => pick(device, queue, targets, &frame.camera, pixel),
            _ => Ok(None),
        }
    }

    /// A picture of any size as an image with straight alpha. Blocks until it is drawn.
    ///
    /// Errors: [`RenderError::TooLarge`] beyond the adapter's limit, [`RenderError::ReadBack`] when the driver fails.
    pub fn screenshot(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        frame: &Frame,
        size: [u32; 2],
    ) -> Result<RgbaImage, RenderError> {
        let targets = Targets::new(device, &self.layouts.lighting, size)?;
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("screenshot") });
        self.record(device, queue, &mut encoder, frame, &targets);
        queue.submit([encoder.finish()]);
        let [width, height] = targets.size;
        let mut bytes = read_texels(device, queue, &targets.picture, [0, 0], targets.size)?;
        bytes.as_chunks_mut().0.iter_mut().for_each(super::straight_alpha::unmultiply);
        RgbaImage::from_raw(width, height, bytes)
            .ok_or_else(|| RenderError::ReadBack { reason: "it returned too few bytes".to_owned() })
    }

    fn record(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        encoder: &mut wgpu::CommandEncoder,
        frame: &Frame,
        targets: &Targets,
    ) {
        self.binding.update(queue, self.scene.as_deref(), frame, targets.size);
        self.lines.set(device, queue, &frame.segments);
        let clear =
            wgpu::Operations { load: wgpu::LoadOp::Clear(wgpu::Color::TRANSPARENT), store: wgpu::StoreOp::Store };
        let keep = wgpu::Operations { load: wgpu::LoadOp::Load, store: wgpu::StoreOp::Store };
        // Depth is reversed, so the far end is 0.
        let clear_depth = wgpu::Operations { load: wgpu::LoadOp::Clear(0.0), store: wgpu::StoreOp::Store };
        let keep_depth = wgpu::Operations { load: wgpu::LoadOp::Load, store: wgpu::StoreOp::Store };

        let colours = [colour(&targets.points_view, clear), colour(&targets.geometry_view, clear)];
        let mut pass = begin(encoder, "points", &colours, Some(depth(targets, clear_depth)));
        self.binding.set(&mut pass);
        self.points.draw(&mut pass, &self.views, frame);
        drop(pass);

        let mut pass = begin(encoder, "lighting", &[colour(&targets.picture_view, clear)], None);
        self.binding.set(&mut pass);
        self.eye_dome.draw(&mut pass, targets);
        drop(pass);

        let colours = [colour(&targets.picture_view, keep)];
        let mut pass = begin(encoder, "cameras", &colours, Some(depth(targets, keep_depth)));
        self.binding.set(&mut pass);
        self.photos.draw(&mut pass, &self.views, frame);
        self.lines.draw(&mut pass);
    }
}

fn colour(view: &wgpu::TextureView, ops: wgpu::Operations<wgpu::Color>) -> Option<wgpu::RenderPassColorAttachment<'_>> {
    Some(wgpu::RenderPassColorAttachment { view, depth_slice: None, resolve_target: None, ops })
}

fn depth(targets: &Targets, ops: wgpu::Operations<f32>) -> wgpu::RenderPassDepthStencilAttachment<'_> {
    wgpu::RenderPassDepthStencilAttachment { view: &targets.depth_view, depth_ops: Some(ops), stencil_ops: None }
}

fn begin<'a>(
    encoder: &'a mut wgpu::CommandEncoder,
    label: &str,
    colours: &[Option<wgpu::RenderPassColorAttachment<'_>>],
    depth: Option<wgpu::RenderPassDepthStencilAttachment<'_>>,
) -> wgpu::RenderPass<'a> {
    encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
        label: Some(label),
        color_attachments: colours,
        depth_stencil_attachment: depth,
        ..Default::default()
    })
}
