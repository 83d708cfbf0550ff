//! The renderer behind the widget: shared with egui's paint callback, which draws off screen and copies the picture.

use std::sync::Arc;

use egui::layers::ShapeIdx;
use egui::mutex::Mutex;
use egui::{PaintCallbackInfo, Rect, Ui};
use egui_wgpu::{Callback, CallbackResources, CallbackTrait, ScreenDescriptor};
use image::RgbaImage;

use crate::render::{Blit, CloudRenderer, Exposure, Frame, Pick, Progress, RenderError};
use crate::scene::CloudScene;

/// Longest side in pixels of what is drawn of a picture between two frames of the window.
const TILE: u32 = 1536;

struct Stage {
    renderer: CloudRenderer,
    blit: Blit,
    picture: Option<wgpu::BindGroup>,
    size: [u32; 2],
    is_complete: bool,
    error: Option<RenderError>,
}

/// The widget's end of the stage.
pub struct StageHandle {
    stage: Arc<Mutex<Stage>>,
    device: wgpu::Device,
    queue: wgpu::Queue,
}

impl StageHandle {
    /// Errors: as [`CloudRenderer::new`], on adapters that cannot draw points.
    pub fn new(render_state: &egui_wgpu::RenderState) -> Result<Self, RenderError> {
        let device = render_state.device.clone();
        let stage = Stage {
            renderer: CloudRenderer::new(&device, &render_state.queue)?,
            blit: Blit::new(&device, render_state.target_format),
            picture: None,
            size: [0, 0],
            is_complete: true,
            error: None,
        };
        Ok(Self { stage: Arc::new(Mutex::new(stage)), device, queue: render_state.queue.clone() })
    }

    /// Uploads a scene; an error is kept for [`Self::error`].
    pub fn set_scene(&self, scene: Option<Arc<CloudScene>>) {
        let mut stage = self.stage.lock();
        stage.error = stage.renderer.set_scene(&self.device, &self.queue, scene).err();
    }

    /// Whether the last picture that was asked for is there, and not only slices of it.
    pub fn is_complete(&self) -> bool {
        self.stage.lock().is_complete
    }

    /// Puts the picture of `frame` into `rect`, drawn in slices of about `slice` points, in the place of the shape `slot`: what was
    /// painted since lies over it.
    pub fn show(&self, ui: &Ui, slot: ShapeIdx, rect: Rect, frame: Frame, slice: u64) {
        let scale = ui.ctx().pixels_per_point();
        // As egui rounds a callback's viewport, so that one texel is one pixel.
        let side = |min: f32, max: f32| ((max * scale).round() - (min * scale).round()).max(1.0) as u32;
        let size = [side(rect.min.x, rect.max.x), side(rect.min.y, rect.max.y)];
        let callback = StageCallback { stage: Arc::clone(&self.stage), frame, size, slice };
        ui.painter().set(slot, Callback::new_paint_callback(rect, callback));
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

    /// A picture that [`Self::expose`] draws bit by bit.
    pub fn begin_exposure(&self, frame: &Frame, size: [u32; 2]) -> Exposure {
        self.stage.lock().renderer.begin_exposure(&self.device, frame, size, TILE)
    }

    /// Draws about `slice` points of a picture; returns whether it is done.
    pub fn expose(&self, exposure: &mut Exposure, slice: u64) -> Result<bool, RenderError> {
        self.stage.lock().renderer.expose(&self.device, &self.queue, exposure, slice)
    }

    /// Of the last picture, pixels; 0 before there is one.
    pub fn size(&self) -> [u32; 2] {
        self.stage.lock().size
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
    slice: u64,
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
        match stage.renderer.prepare(device, queue, encoder, &self.frame, self.size, self.slice) {
            Ok(progress) => {
                stage.is_complete = progress != Progress::Part;
                if progress == Progress::Complete {
                    stage.picture = stage.renderer.picture().map(|picture| stage.blit.bind(device, picture));
                    stage.size = self.size;
                }
            }
            Err(error) => {
                stage.is_complete = true;
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
