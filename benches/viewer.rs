//! How long pictures of the 3D view take, on the adapter that the environment names (software Vulkan: see README).
//!
//! `moving` draws what the window's budget has come down to on such an adapter; `whole` leaves nothing out.
#![allow(clippy::expect_used, reason = "a bench fails by panicking")]

#[path = "../tests/viewer/render/gpu.rs"]
mod gpu;

use std::path::PathBuf;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fathom::geometry::{Intrinsics, Rigid};
use fathom::inference::{Camera, Extras, LensSource, PhotoPart, PoseSource, ViewPrediction};
use fathom::input::ViewId;
use fathom::render::{CloudRenderer, Frame, Progress, Shown};
use fathom::scene::{CloudScene, Filters, Look, OrbitCamera, Sizing};
use glam::Vec3;
use gpu::Gpu;
use image::RgbImage;

const SIZE: [u32; 2] = [1280, 800];
const VIEW: [u32; 2] = [504, 396];
const BUDGET: f64 = 2.5e5;

/// A hilly landscape, seen from places on an arc.
fn view(index: usize, count: usize) -> Arc<ViewPrediction> {
    let [width, height] = VIEW;
    let angle = index as f32 / count as f32 - 0.5;
    let eye = Vec3::new(angle.sin(), 0.0, -angle.cos()) * 3.0;
    let depth: Vec<f32> = (0..width * height)
        .map(|i| {
            let (x, y) = ((i % width) as f32, (i / width) as f32);
            3.0 + 0.3 * (x * 0.05 + angle * 9.0).sin() + 0.2 * (y * 0.04).cos()
        })
        .collect();
    Arc::new(ViewPrediction {
        view: ViewId(index as u64),
        path: PathBuf::from("bench.png"),
        scene: 0,
        photo_size: VIEW,
        photo_part: PhotoPart::whole(VIEW),
        photo_turn: Default::default(),
        bent: None,
        width,
        height,
        image: RgbImage::from_fn(width, height, |x, y| image::Rgb([(x / 2) as u8, (y / 2) as u8, index as u8])),
        confidence: Some(vec![2.0; depth.len()]),
        depth,
        sky: None,
        disparity: None,
        background: None,
        extras: Extras::default(),
        camera: Camera {
            intrinsics: Intrinsics::from_horizontal_fov(1.0, width, height),
            camera_from_world: Rigid::looking_at(eye, Vec3::ZERO, Vec3::NEG_Y),
            lens: LensSource::Predicted,
            pose: PoseSource::Predicted,
        },
    })
}

struct Stage {
    gpu: Gpu,
    renderer: CloudRenderer,
    scene: Arc<CloudScene>,
    camera: OrbitCamera,
}

impl Stage {
    fn new(views: usize) -> Self {
        let gpu = Gpu::software();
        let mut renderer = CloudRenderer::new(&gpu.device, &gpu.queue).expect("compute shaders");
        let views: Vec<_> = (0..views).map(|index| view(index, views)).collect();
        let scene = Arc::new(CloudScene::new(&views).expect("drawable"));
        renderer.set_scene(&gpu.device, &gpu.queue, Some(Arc::clone(&scene))).expect("small maps");
        let bounds = scene.bounds(|_| true, &Filters::NONE).expect("points");
        let camera = OrbitCamera::new(&views[views.len() / 2].camera.camera_from_world, &bounds, 1.6);
        Self { gpu, renderer, scene, camera }
    }

    /// The next picture of a turn, with every `stride`-th row and column.
    fn draw(&mut self, stride: u32, sizing: Sizing, point_size: f32) {
        self.camera.orbit(0.01, 0.0);
        let look = Look { sizing, point_size, frusta: false, ..Look::default() };
        let shown = Shown {
            camera: self.camera,
            bounds: None,
            visible: vec![true; self.scene.views().len()],
            selected: None,
            hovered: None,
            overlay: None,
            background: [20, 20, 20, 255],
            line_colour: [128; 3],
            scale: 1.0,
        };
        let frame = Frame { stride, ..Frame::new(&self.scene, &look, shown) };
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let drawn = self.renderer.prepare(&self.gpu.device, &self.gpu.queue, &mut encoder, &frame, SIZE, u64::MAX);
        assert_eq!(drawn, Ok(Progress::Complete));
        self.gpu.queue.submit([encoder.finish()]);
        self.gpu.device.poll(wgpu::PollType::wait_indefinitely()).expect("drawn");
    }
}

fn pictures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("viewer");
    group.sample_size(10);
    for views in [5, 50] {
        let mut stage = Stage::new(views);
        let points = views as f64 * f64::from(VIEW[0] * VIEW[1]);
        let millions = format!("{:.0} M points", points / 1e6);
        group.throughput(Throughput::Elements(points as u64));
        // A million are drawn whole.
        let draft = if points < 2e6 { 1 } else { (points / BUDGET).sqrt().ceil() as u32 };
        group.bench_function(BenchmarkId::new("moving", &millions), |b| {
            b.iter(|| stage.draw(draft, Sizing::Adaptive, 1.0));
        });
        group.bench_function(BenchmarkId::new("whole", &millions), |b| {
            b.iter(|| stage.draw(1, Sizing::Adaptive, 1.0));
        });
        group.bench_function(BenchmarkId::new("whole, one pixel wide", &millions), |b| {
            b.iter(|| stage.draw(1, Sizing::Pixels, 1.0));
        });
        group.bench_function(BenchmarkId::new("whole, three pixels wide", &millions), |b| {
            b.iter(|| stage.draw(1, Sizing::Pixels, 3.0));
        });
    }
    group.finish();
}

criterion_group!(benches, pictures);
criterion_main!(benches);
