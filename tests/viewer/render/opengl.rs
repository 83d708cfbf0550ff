//! OpenGL draws what Vulkan draws, and knows what lies where: lone photos, scenes, and numbers of views that make cubes of
//! square textures.

use std::sync::Arc;

use fathom::inference::ViewPrediction;
use fathom::render::{Frame, Overlay, Progress};
use fathom::scene::{CloudScene, ColourBy, Filters, Frustum, Shape, Sizing};
use glam::Vec3;
use image::RgbaImage;

use crate::render::gpu::Gpu;
use crate::render::studio::{SIZE, Studio, drawn, two_views};
use crate::room::photograph;

/// A byte of a colour that differs by more was not only rounded.
const ROUNDING: u8 = 12;

fn studios(views: &[Arc<ViewPrediction>]) -> [Studio; 2] {
    [wgpu::Backends::VULKAN, wgpu::Backends::GL].map(|backends| Studio::on(Gpu::on(backends), views))
}

/// Part of the pixels that differ by more than rounding.
fn difference([a, b]: &[RgbaImage; 2]) -> f64 {
    let differ = a.pixels().zip(b.pixels()).filter(|(a, b)| (0..4).any(|c| a[c].abs_diff(b[c]) > ROUNDING));
    differ.count() as f64 / f64::from(SIZE[0] * SIZE[1])
}

fn compare(studios: &mut [Studio; 2], frame: &Frame, what: &str) {
    let pictures = studios.each_mut().map(|studio| studio.shoot(frame));
    assert!(drawn(&pictures[0]) > 5_000, "{what}: the test sees {} pixels", drawn(&pictures[0]));
    let share = difference(&pictures);
    assert!(share < 0.01, "{what}: {share} of the pixels differ");
}

/// Square photos of the room from places side by side.
fn row_of(views: u64, has_confidence: bool) -> Vec<Arc<ViewPrediction>> {
    let photo = |i| {
        let across = i as f32 / views as f32 - 0.5;
        let eye = Vec3::new(2.0 * across, -0.3, -1.4);
        let mut view = Arc::unwrap_or_clone(photograph(i + 1, eye, Vec3::new(-across, 0.3, 2.0), 96, 96));
        view.confidence = view.confidence.filter(|_| has_confidence);
        Arc::new(view)
    };
    (0..views).map(photo).collect()
}

#[test]
fn every_number_of_views_is_drawn() {
    // Sixteen views are a batch; six and twelve square layers are taken for cubes.
    for (views, has_confidence) in [(1, true), (2, true), (5, false), (6, true), (6, false), (12, false), (18, true)] {
        let views = row_of(views, has_confidence);
        let mut studios = studios(&views);
        let mut frame = studios[0].pretty();
        frame.camera.orbit(0.15, 0.1);
        let what = format!("{} views, confidence {has_confidence}", views.len());
        compare(&mut studios, &frame, &what);
        // Each one alone as well: one of many could hide behind the others.
        for shown in 0..views.len() {
            frame.visible = (0..views.len()).map(|index| index == shown).collect();
            compare(&mut studios, &frame, &format!("the {shown}th of {what}"));
        }
    }
}

#[test]
fn every_way_of_drawing_is_the_same() {
    let views = two_views();
    let mut studios = studios(&views);
    let mut frame = studios[0].pretty();
    frame.camera.orbit(0.2, 0.1);
    for shape in Shape::ALL {
        for (sizing, size) in
            [(Sizing::Pixels, 1.0), (Sizing::Pixels, 8.0), (Sizing::Adaptive, 1.0), (Sizing::Attenuated, 2.0)]
        {
            (frame.points.shape, frame.points.sizing, frame.points.size) = (shape, sizing, size);
            compare(&mut studios, &frame, &format!("{shape:?} {sizing:?} {size}"));
        }
    }
    for colour_by in ColourBy::ALL {
        frame.points.colour_by = colour_by;
        compare(&mut studios, &frame, &format!("{colour_by:?}"));
    }
    frame.limits = studios[0].scene.limits(&Filters { confidence_percentile: 20.0, edge: 0.6, ..Filters::NONE });
    compare(&mut studios, &frame, "filtered");
    frame.photos = vec![0, 1];
    for (index, view) in views.iter().enumerate() {
        frame.segments.extend(Frustum::new(view, 0.4).segments([255, 90, index as u8], 2.0));
    }
    frame.eye_dome = 1.0;
    compare(&mut studios, &frame, "photos and lines");
    frame.overlay = Some(Overlay { view: 1, opacity: 0.5 });
    frame.background = [0, 0, 0, 0];
    compare(&mut studios, &frame, "an overlay and no background");
    frame.camera.is_orthographic = true;
    compare(&mut studios, &frame, "parallel rays");
}

#[test]
fn the_same_samples_lie_under_the_cursor() {
    let views = two_views();
    let mut studios = studios(&views);
    let mut frame = studios[0].pretty();
    frame.camera.orbit(0.2, 0.1);
    let cursors: Vec<[u32; 2]> = (0..12).flat_map(|i| (0..9).map(move |j| [i * 30 + 3, j * 30 + 4])).collect();
    let picks = studios.each_mut().map(|studio| {
        assert_eq!(studio.prepare(&frame, SIZE), Ok(Progress::Complete));
        cursors.iter().map(|&cursor| studio.pick(cursor)).collect::<Vec<_>>()
    });
    let known = picks[0].iter().flatten().count();
    assert!(known > 60 && picks[0].iter().flatten().any(|pick| pick.view == 1), "{known} cursors hit something");
    let other = picks[0].iter().zip(&picks[1]).filter(|(vulkan, opengl)| {
        vulkan.map(|pick| (pick.view, pick.pixel)) != opengl.map(|pick| (pick.view, pick.pixel))
    });
    assert!(other.count() <= cursors.len() / 50, "a sample at a border may round to either side");
}

#[test]
fn a_scene_that_grows_keeps_what_it_had() {
    let views = row_of(7, true);
    let mut grown = Studio::on(Gpu::on(wgpu::Backends::GL), &views[..1]);
    for count in 2..=views.len() {
        let scene = Arc::new(CloudScene::new(&views[..count]).expect("drawable"));
        grown.renderer.set_scene(&grown.gpu.device, &grown.gpu.queue, Some(Arc::clone(&scene))).expect("small maps");
        grown.scene = scene;
    }
    let mut whole = Studio::on(Gpu::on(wgpu::Backends::GL), &views);
    for shown in 0..views.len() {
        let mut frame = whole.pretty();
        frame.visible = (0..views.len()).map(|index| index == shown).collect();
        assert!(drawn(&whole.shoot(&frame)) > 10_000 && whole.shoot(&frame) == grown.shoot(&frame), "view {shown}");
    }
}
