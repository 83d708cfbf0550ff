//! Pictures of known scenes, pixel by pixel, on the software adapter.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "render/gpu.rs"]
mod gpu;
#[path = "render/room.rs"]
mod room;

use std::sync::Arc;

use fathom::inference::ViewPrediction;
use fathom::render::{CloudRenderer, Frame, Pick, PointStyle, RenderError};
use fathom::scene::{
    CloudScene, ColourBy, ColourMap, Filters, Frustum, OrbitCamera, StandardView, points, view_colour,
};
use glam::{Vec2, Vec3};
use gpu::Gpu;
use image::{Rgba, RgbaImage};
use room::photograph;

const SIZE: [u32; 2] = [360, 270];
const ASPECT: f32 = 360.0 / 270.0;
const BACKGROUND: [u8; 4] = [24, 26, 30, 255];

struct Studio {
    gpu: Gpu,
    renderer: CloudRenderer,
    scene: Arc<CloudScene>,
}

impl Studio {
    fn new(views: &[Arc<ViewPrediction>]) -> Self {
        let gpu = Gpu::software();
        let mut renderer = CloudRenderer::new(&gpu.device);
        let scene = Arc::new(CloudScene::new(views).expect("drawable views"));
        renderer.set_scene(&gpu.device, &gpu.queue, Some(Arc::clone(&scene))).expect("small maps");
        Self { gpu, renderer, scene }
    }

    fn shoot(&mut self, frame: &Frame) -> RgbaImage {
        self.renderer.screenshot(&self.gpu.device, &self.gpu.queue, frame, SIZE).expect("a picture")
    }

    fn prepare(&mut self, frame: &Frame, size: [u32; 2]) -> Result<bool, RenderError> {
        let mut encoder = self.gpu.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let drawn = self.renderer.prepare(&self.gpu.device, &self.gpu.queue, &mut encoder, frame, size);
        self.gpu.queue.submit([encoder.finish()]);
        drawn
    }

    fn pick(&self, pixel: [u32; 2]) -> Option<Pick> {
        self.renderer.pick(&self.gpu.device, &self.gpu.queue, pixel).expect("a read-back")
    }

    /// All of the scene as one-pixel points without lighting, through the first view's camera.
    fn plain(&self) -> Frame {
        let views = self.scene.views();
        let bounds = self.scene.bounds(|_| true, &Filters::NONE).expect("points");
        let mut camera = OrbitCamera::new(&views[0].camera.camera_from_world, &bounds, ASPECT);
        camera.look_through(&views[0], 2.0, ASPECT);
        Frame {
            camera,
            visible: vec![true; views.len()],
            limits: self.scene.limits(&Filters::NONE),
            points: PointStyle {
                size: 1.0,
                attenuate: false,
                colour_by: ColourBy::Photo,
                colour_map: ColourMap::Spectral,
                inverse_colours: false,
            },
            eye_dome: 0.0,
            segments: Vec::new(),
            photos: Vec::new(),
            photo_depth: 0.3,
            background: BACKGROUND,
            stride: 1,
            scale: 1.0,
        }
    }

    /// As a person sees it: footprints, lighting.
    fn pretty(&self) -> Frame {
        let plain = self.plain();
        let limits = self.scene.limits(&Filters { confidence_percentile: 0.0, ..Filters::default() });
        Frame { points: PointStyle { attenuate: true, size: 1.2, ..plain.points }, limits, eye_dome: 0.5, ..plain }
    }
}

fn two_views() -> Vec<Arc<ViewPrediction>> {
    vec![
        photograph(1, Vec3::new(0.0, 0.0, -1.6), Vec3::new(0.0, 0.3, 2.0), 200, 150),
        photograph(2, Vec3::new(1.5, -0.5, -1.2), Vec3::new(-0.2, 0.4, 2.0), 200, 150),
    ]
}

fn pixel_of(camera: &OrbitCamera, point: Vec3) -> Option<[u32; 2]> {
    let (screen, _) = camera.project(point, ASPECT)?;
    let at = (screen + 1.0) / 2.0 * Vec2::new(SIZE[0] as f32, SIZE[1] as f32);
    let inside = at.cmpge(Vec2::ZERO).all() && at.x < SIZE[0] as f32 && at.y < SIZE[1] as f32;
    inside.then_some([at.x as u32, at.y as u32])
}

fn is_background(pixel: &Rgba<u8>) -> bool {
    pixel.0 == BACKGROUND
}

fn drawn(image: &RgbaImage) -> usize {
    image.pixels().filter(|pixel| !is_background(pixel)).count()
}

#[test]
fn points_land_where_the_processor_projects_them() {
    let views = two_views();
    let mut studio = Studio::new(&views[..1]);
    let mut frame = studio.plain();
    frame.camera.orbit(0.3, 0.15);
    let picture = studio.shoot(&frame);
    let expected = points(&views[..1], &Filters::NONE, usize::MAX);
    let mut covered = vec![false; picture.len() / 4];
    let mut inside = 0;
    for pixel in expected.iter().filter_map(|p| pixel_of(&frame.camera, p.position)) {
        inside += 1;
        // Rounding may differ by one pixel at the border between two.
        for (dx, dy) in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy))) {
            let (x, y) = (pixel[0] as i32 + dx, pixel[1] as i32 + dy);
            if (0..SIZE[0] as i32).contains(&x) && (0..SIZE[1] as i32).contains(&y) {
                covered[(y * SIZE[0] as i32 + x) as usize] = true;
            }
        }
        let around = (pixel[0].saturating_sub(1)..=(pixel[0] + 1).min(SIZE[0] - 1))
            .flat_map(|x| (pixel[1].saturating_sub(1)..=(pixel[1] + 1).min(SIZE[1] - 1)).map(move |y| [x, y]));
        assert!(around.map(|[x, y]| picture.get_pixel(x, y)).any(|p| !is_background(p)), "no point at {pixel:?}");
    }
    assert!(inside > 10_000, "the test sees the cloud: {inside}");
    let stray = picture.pixels().zip(covered).filter(|(pixel, covered)| !is_background(pixel) && !covered).count();
    assert_eq!(stray, 0, "points that the processor does not know");
}

#[test]
fn colours_are_those_of_the_photo() {
    let views = two_views();
    let mut studio = Studio::new(&views[..1]);
    let frame = studio.plain();
    let picture = studio.shoot(&frame);
    let image = &views[0].image;
    let mut compared = 0;
    for point in points(&views[..1], &Filters::NONE, 500) {
        let Some([x, y]) = pixel_of(&frame.camera, point.position) else { continue };
        if let Some(pixel) = [[x, y], [x.saturating_sub(1), y], [x, y.saturating_sub(1)]]
            .iter()
            .map(|&[x, y]| picture.get_pixel(x, y))
            .find(|p| !is_background(p))
        {
            let nearest = image.pixels().any(|p| (0..3).all(|c| p[c].abs_diff(pixel[c]) <= 1));
            assert!(nearest, "{pixel:?} is no colour of the photo");
            compared += 1;
        }
    }
    assert!(compared > 400, "{compared}");
}

#[test]
fn confidence_percentile_removes_the_unsure_half() {
    let mut view = Arc::unwrap_or_clone(two_views().remove(0));
    let width = view.width as usize;
    view.confidence = Some((0..view.depth.len()).map(|i| if i % width < width / 2 { 9.0 } else { 1.0 }).collect());
    let mut studio = Studio::new(&[Arc::new(view)]);
    let mut frame = studio.plain();
    frame.limits = studio.scene.limits(&Filters { confidence_percentile: 60.0, ..Filters::NONE });
    let picture = studio.shoot(&frame);
    let half = |left: bool| {
        let pixels = picture.enumerate_pixels().filter(|(x, _, _)| (*x < SIZE[0] / 2) == left);
        pixels.filter(|(_, _, pixel)| !is_background(pixel)).count()
    };
    assert!(half(true) > 10_000, "{}", half(true));
    // The column on the seam may round to either side.
    assert!(half(false) <= SIZE[1] as usize, "{}", half(false));
}

#[test]
fn every_filter_agrees_with_its_twin_on_the_processor() {
    let mut view = Arc::unwrap_or_clone(two_views().remove(0));
    view.background = Some((0..view.depth.len()).map(|i| i % 7 == 0).collect());
    let views = [Arc::new(view)];
    let mut studio = Studio::new(&views);
    for filters in [
        Filters { hide_background: true, ..Filters::NONE },
        Filters { edge: 0.9, ..Filters::NONE },
        Filters { depth_range: [20.0, 70.0], ..Filters::NONE },
        Filters { confidence_percentile: 35.0, ..Filters::NONE },
        Filters { confidence_percentile: 20.0, edge: 0.5, depth_range: [5.0, 95.0], hide_background: true },
    ] {
        let mut frame = studio.plain();
        frame.limits = studio.scene.limits(&filters);
        let expected = points(&views, &filters, usize::MAX).len();
        let shown = drawn(&studio.shoot(&frame));
        // Looking through the view's own camera on a larger screen, every kept pixel is one pixel of the picture, but
        // for the border row and column.
        assert!(expected.abs_diff(shown) <= 400, "{filters:?}: {expected} expected, {shown} drawn");
        assert!(expected < 29_000 && expected > 5_000, "{filters:?} filters something: {expected}");
    }
}

#[test]
fn hostile_numbers_are_not_drawn() {
    let mut view = Arc::unwrap_or_clone(two_views().remove(0));
    let hostile = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -1.0, 0.0, 1e-42, f32::MAX];
    let pixels = view.depth.len();
    for (i, depth) in view.depth.iter_mut().enumerate().take(pixels - 100) {
        *depth = hostile[i % hostile.len()];
    }
    view.confidence = Some(vec![f32::NAN; pixels]);
    let mut studio = Studio::new(&[Arc::new(view)]);
    for colour_by in ColourBy::ALL {
        let mut frame = studio.pretty();
        frame.points.colour_by = colour_by;
        frame.limits = studio.scene.limits(&Filters::NONE);
        let shown = drawn(&studio.shoot(&frame));
        assert!((50..1500).contains(&shown), "{colour_by:?}: {shown} pixels of 100 points");
    }
}

#[test]
fn eye_dome_lighting_darkens_edges_and_leaves_planes_alone() {
    let mut studio = Studio::new(&two_views()[..1]);
    let mut frame = studio.pretty();
    frame.points.size = 2.0;
    let lit = studio.shoot(&frame);
    frame.eye_dome = 0.0;
    let flat = studio.shoot(&frame);
    let mut changed = 0;
    for (a, b) in lit.pixels().zip(flat.pixels()) {
        assert!((0..3).all(|c| a[c] <= b[c]), "lighting only darkens");
        changed += usize::from((0..3).any(|c| b[c].abs_diff(a[c]) > 12));
    }
    let share = changed as f32 / (SIZE[0] * SIZE[1]) as f32;
    assert!((0.005..0.25).contains(&share), "{share} of the picture changed");
}

#[test]
fn frusta_are_visible_in_their_view_colours() {
    let views = two_views();
    let mut studio = Studio::new(&views);
    let mut frame = studio.plain();
    let bounds = studio.scene.bounds(|_| true, &Filters::NONE).expect("points");
    frame.camera.look_from(StandardView::Home, &bounds, ASPECT);
    frame.camera.dolly(bounds.centre(), -6.0);
    let bare = studio.shoot(&frame);
    for (i, view) in views.iter().enumerate() {
        let [r, g, b] = view_colour(i);
        let frustum = Frustum::new(view, 0.5);
        frame.segments = frustum.segments([r, g, b], 3.0).to_vec();
        let picture = studio.shoot(&frame);
        let coloured = picture.pixels().filter(|p| [r, g, b].iter().zip(p.0).all(|(a, b)| a.abs_diff(b) <= 2)).count();
        assert!(coloured > 60, "view {i}: {coloured} pixels");
        let at = pixel_of(&frame.camera, (frustum.apex + frustum.corners[0]) / 2.0).expect("on screen");
        assert_ne!(picture.get_pixel(at[0], at[1]), bare.get_pixel(at[0], at[1]), "view {i}: the edge is drawn");
    }
}

#[test]
fn the_photo_hangs_in_its_frustum() {
    let views = two_views();
    let mut studio = Studio::new(&views);
    let mut frame = studio.plain();
    frame.visible = vec![false, false];
    frame.photos = vec![0];
    let picture = studio.shoot(&frame);
    // Through its own camera the photo fills the picture as it was taken.
    for (x, y) in [(60, 50), (180, 200), (300, 120)] {
        let expected = views[0].image.get_pixel(x * 200 / SIZE[0], y * 150 / SIZE[1]);
        let got = picture.get_pixel(x, y);
        assert!((0..3).all(|c| expected[c].abs_diff(got[c]) <= 40), "{expected:?} {got:?}");
    }
    assert!(drawn(&picture) > 90_000);
}

#[test]
fn picking_returns_the_world_point_and_its_view() {
    let views = two_views();
    let mut studio = Studio::new(&views);
    let mut frame = studio.pretty();
    frame.limits = studio.scene.limits(&Filters::NONE);
    frame.visible = vec![false, true];
    frame.camera.look_through(&views[1], 2.0, ASPECT);
    assert!(studio.prepare(&frame, SIZE).expect("a picture"));
    for [u, v] in [[100, 75], [40, 110], [150, 60]] {
        let view = &views[1];
        let depth = view.depth[(v * view.width + u) as usize];
        let camera = &view.camera;
        let world = camera.camera_from_world.inverse().apply(camera.intrinsics.unproject(u as f32, v as f32, depth));
        let pick = studio.pick(pixel_of(&frame.camera, world).expect("on screen")).expect("a point");
        assert!((pick.position - world).length() < 0.03 * depth, "{} {world}", pick.position);
        assert!((pick.depth - depth).abs() < 0.03 * depth);
        assert_eq!(pick.view, 1);
    }
    assert_eq!(studio.pick([9999, 0]), None);
    frame.visible = vec![false, false];
    assert!(studio.prepare(&frame, SIZE).expect("a picture"));
    assert_eq!(studio.pick([180, 135]), None, "nothing is drawn");
}

#[test]
fn an_unchanged_frame_is_not_drawn_again() {
    let mut studio = Studio::new(&two_views());
    let mut frame = studio.plain();
    assert_eq!(studio.prepare(&frame, SIZE), Ok(true));
    assert_eq!(studio.prepare(&frame, SIZE), Ok(false));
    frame.eye_dome = 0.3;
    assert_eq!(studio.prepare(&frame, SIZE), Ok(true));
    assert_eq!(studio.prepare(&frame, [100, 100]), Ok(true));
    let too_large = studio.prepare(&frame, [100_000, 100]);
    assert!(matches!(too_large, Err(RenderError::TooLarge { width: 100_000, .. })), "{too_large:?}");
}

#[test]
fn a_screenshot_can_be_transparent() {
    let mut studio = Studio::new(&two_views()[..1]);
    let mut frame = studio.pretty();
    frame.background = [0, 0, 0, 0];
    frame.limits = studio.scene.limits(&Filters { depth_range: [0.0, 40.0], ..Filters::NONE });
    frame.segments = Frustum::new(&studio.scene.views()[0], 1.0).segments([255, 255, 255], 4.0).to_vec();
    frame.camera.dolly(Vec3::new(0.0, 0.0, 2.0), -4.0);
    let picture = studio.shoot(&frame);
    let count = |wanted: fn(u8) -> bool| picture.pixels().filter(|p| wanted(p[3])).count();
    assert!(count(|a| a == 0) > 1000 && count(|a| a == 255) > 1000);
    assert!(picture.pixels().all(|p| p[3] != 0 || p.0 == [0; 4]));
    // The soft edge of a white line is white with less alpha, not grey.
    let soft: Vec<_> = picture.pixels().filter(|p| (20..235).contains(&p[3])).collect();
    assert!(soft.len() > 20 && soft.iter().all(|p| p[0] > 235 && p[1] > 235), "{:?}", soft.first());
}
