//! What the tests of this folder share: a scene, an adapter, frames to start from.

use std::sync::Arc;

use fathom::inference::ViewPrediction;
use fathom::render::{CloudRenderer, Frame, Pick, PointStyle, Progress, RenderError};
use fathom::scene::{CloudScene, ColourBy, ColourMap, Filters, OrbitCamera, Shape, Sizing};
use glam::{Vec2, Vec3};
use image::{Rgba, RgbaImage};

use crate::render::gpu::Gpu;
use crate::room::photograph;

pub const SIZE: [u32; 2] = [360, 270];
pub const ASPECT: f32 = 360.0 / 270.0;
pub const BACKGROUND: [u8; 4] = [24, 26, 30, 255];

/// A scene on the software adapter.
pub struct Studio {
    pub gpu: Gpu,
    pub renderer: CloudRenderer,
    pub scene: Arc<CloudScene>,
}

impl Studio {
    pub fn new(views: &[Arc<ViewPrediction>]) -> Self {
        Self::on(Gpu::software(), views)
    }

    pub fn on(gpu: Gpu, views: &[Arc<ViewPrediction>]) -> Self {
        let mut renderer = CloudRenderer::new(&gpu.device, &gpu.queue).expect("compute shaders");
        let scene = Arc::new(CloudScene::new(views).expect("drawable views"));
        renderer.set_scene(&gpu.device, &gpu.queue, Some(Arc::clone(&scene))).expect("small maps");
        Self { gpu, renderer, scene }
    }

    pub fn shoot(&mut self, frame: &Frame) -> RgbaImage {
        self.renderer.screenshot(&self.gpu.device, &self.gpu.queue, frame, SIZE).expect("a picture")
    }

    pub fn prepare(&mut self, frame: &Frame, size: [u32; 2]) -> Result<Progress, RenderError> {
        self.prepare_slice(frame, size, u64::MAX)
    }

    pub fn prepare_slice(&mut self, frame: &Frame, size: [u32; 2], points: u64) -> Result<Progress, RenderError> {
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let drawn = self.renderer.prepare(&self.gpu.device, &self.gpu.queue, &mut encoder, frame, size, points);
        self.gpu.queue.submit([encoder.finish()]);
        drawn
    }

    pub fn pick(&self, pixel: [u32; 2]) -> Option<Pick> {
        self.renderer.pick(&self.gpu.device, &self.gpu.queue, pixel).expect("a read-back")
    }

    /// All of the scene as one-pixel points without lighting, through the first view's camera.
    pub fn plain(&self) -> Frame {
        let views = self.scene.views();
        let bounds = self.scene.bounds(|_| true, &Filters::NONE).expect("points");
        let mut camera = OrbitCamera::new(&views[0].camera.camera_from_world, &bounds, ASPECT);
        camera.look_through(&views[0], 2.0, ASPECT);
        Frame {
            camera,
            lens_shift: 0.0,
            visible: vec![true; views.len()],
            limits: self.scene.limits(&Filters::NONE),
            points: PointStyle {
                shape: Shape::Points,
                sizing: Sizing::Pixels,
                size: 1.0,
                colour_by: ColourBy::Photo,
                colour_map: ColourMap::Spectral,
                inverse_colours: false,
            },
            eye_dome: 0.0,
            segments: Vec::new(),
            photos: Vec::new(),
            photo_depth: 0.3,
            overlay: None,
            background: BACKGROUND,
            stride: 1,
            scale: 1.0,
        }
    }

    /// As a person sees it: footprints, lighting.
    pub fn pretty(&self) -> Frame {
        let plain = self.plain();
        let limits = self.scene.limits(&Filters { confidence_percentile: 0.0, ..Filters::default() });
        Frame {
            points: PointStyle { sizing: Sizing::Adaptive, size: 1.0, ..plain.points },
            limits,
            eye_dome: 0.5,
            ..plain
        }
    }
}

pub fn two_views() -> Vec<Arc<ViewPrediction>> {
    vec![
        photograph(1, Vec3::new(0.0, 0.0, -1.6), Vec3::new(0.0, 0.3, 2.0), 200, 150),
        photograph(2, Vec3::new(1.5, -0.5, -1.2), Vec3::new(-0.2, 0.4, 2.0), 200, 150),
    ]
}

pub fn pixel_of(camera: &OrbitCamera, point: Vec3) -> Option<[u32; 2]> {
    let (screen, _) = camera.project(point, ASPECT)?;
    let at = (screen + 1.0) / 2.0 * Vec2::new(SIZE[0] as f32, SIZE[1] as f32);
    let inside = at.cmpge(Vec2::ZERO).all() && at.x < SIZE[0] as f32 && at.y < SIZE[1] as f32;
    inside.then_some([at.x as u32, at.y as u32])
}

pub fn is_background(pixel: &Rgba<u8>) -> bool {
    pixel.0 == BACKGROUND
}

pub fn drawn(image: &RgbaImage) -> usize {
    image.pixels().filter(|pixel| !is_background(pixel)).count()
}
