//! The renderer behind the widget: shared with egui's paint callback, which draws off screen and copies the picture.

use std::sync::Arc;

use egui::mutex::Mutex;
use egui::{PaintCallbackInfo, Rect, Ui};
use egui_wgpu::{Callback, CallbackResources, CallbackTrait, ScreenDescriptor};
use image::RgbaImage;

use crate::render::{Blit, CloudRenderer, Frame, Pick, RenderError};
use crate::scene::CloudScene;

/// Points drawn while something moves, on a graphics card and on a software adapter.
const DRAFT_POINTS: usize = 4_000_000;
const SOFTWARE_DRAFT_POINTS: usize = 45_000;

struct Stage {
    renderer: CloudRenderer,
    blit: Blit,
    picture: Option<wgpu::BindGroup>,
    size: [u32; 2],
    error: Option<RenderError>,
}

/// The widget's end of the stage.
pub struct StageHandle {
    stage: Arc<Mutex<Stage>>,
    device: wgpu::Device,
    queue: wgpu::Queue,
    draft_points: usize,
}

impl StageHandle {
    pub fn new(render_state: &egui_wgpu::RenderState) -> Self {
        let device = render_state.device.clone();
        let stage = Stage {
            renderer: CloudRenderer::new(&device),
            blit: Blit::new(&device, render_state.target_format),
            picture: None,
            size: [0, 0],
            error: None,
        };
        let is_software = render_state.adapter.get_info().device_type == wgpu::DeviceType::Cpu;
        Self {
            stage: Arc::new(Mutex::new(stage)),
            device,
            queue: render_state.queue.clone(),
            draft_points: if is_software { SOFTWARE_DRAFT_POINTS } else { DRAFT_POINTS },
        }
    }

    /// Uploads a scene; an error is kept for [`Self::error`].
    pub fn set_scene(&self, scene: Option<Arc<CloudScene>>) {
        let mut stage = self.stage.lock();
        stage.error = stage.renderer.set_scene(&self.device, &self.queue, scene).err();
    }

    /// Every how many rows and columns to draw of `pixels` while something moves.
    pub fn draft_stride(&self, pixels: usize) -> u32 {
        (pixels as f64 / self.draft_points as f64).sqrt().ceil().max(1.0) as u32
    }

    /// Puts the picture of `frame` into `rect`.
    pub fn show(&self, ui: &Ui, rect: Rect, frame: Frame) {
        let scale = ui.ctx().pixels_per_point();
        // As egui rounds a callback's viewport, so that one texel is one pixel.
        let side = |min: f32, max: f32| ((max * scale).round() - (min * scale).round()).max(1.0) as u32;
        let size = [side(rect.min.x, rect.max.x), side(rect.min.y, rect.max.y)];
        let callback = StageCallback { stage: Arc::clone(&self.stage), frame, size };
        ui.painter().add(Callback::new_paint_callback(rect, callback));
    }

    /// The point at `at` (0..1 across and down the view) in the last picture.
    pub fn pick(&self, at: [f32; 2]) -> Option<Pick> {
        let mut stage = self.stage.lock();
        let pixel = [0, 1].map(|axis: usize| (at[axis].max(0.0) * stage.size[axis] as f32) as u32);
        match stage.renderer.pick(&self.device, &self.queue, pixel) {
            Ok(pick) => pick,
            Err(error) => {
                stage.error = Some(error);
                None
            }
        }
    }

    /// A picture with straight alpha.
    pub fn screenshot(&self, frame: &Frame, size: [u32; 2]) -> Result<RgbaImage, RenderError> {
        self.stage.lock().renderer.screenshot(&self.device, &self.queue, frame, size)
    }

    /// Height of the last picture, pixels.
    pub fn height(&self) -> u32 {
        self.stage.lock().size[1]
    }

    /// What went wrong last.
    pub fn error(&self) -> Option<RenderError> {
        self.stage.lock().error.clone()
    }
}

struct StageCallback {
    stage: Arc<Mutex<Stage>>,
    frame: Frame,
    size: [u32; 2],
}

impl CallbackTrait for StageCallback {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        _screen: &ScreenDescriptor,
        encoder: &mut wgpu::CommandEncoder,
        _resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        let stage = &mut *self.stage.lock();
        match stage.renderer.prepare(device, queue, encoder, &self.frame, self.size) {
            Ok(drawn) => {
                if drawn && (stage.picture.is_none() || stage.size != self.size) {
                    stage.picture = stage.renderer.picture().map(|picture| stage.blit.bind(device, picture));
                    stage.size = self.size;
                }
            }
            Err(error) => {
                stage.picture = None;
                stage.error = Some(error);
            }
        }
        Vec::new()
    }

    fn paint(&self, _info: PaintCallbackInfo, pass: &mut wgpu::RenderPass<'static>, _resources: &CallbackResources) {
        let stage = self.stage.lock();
        if let Some(picture) = &stage.picture {
            stage.blit.draw(pass, picture);
        }
    }
}
