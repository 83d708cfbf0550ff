//! Pictures of known scenes, pixel by pixel, on software adapters.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

mod gpu;
mod modes;
mod opengl;
mod picking;
mod pictures;
mod slices;
mod studio;

use std::sync::Arc;

use fathom::inference::ViewPrediction;
use fathom::render::Frame;
use fathom::scene::{ColourBy, Filters, Frustum, StandardView, Thinning, points, view_colour};
use glam::Vec3;
use image::{Rgba, RgbaImage};
use studio::{ASPECT, BACKGROUND, SIZE, Studio, drawn, is_background, pixel_of, two_views};

/// What the processor draws: one pixel per point, the nearest wins.
fn drawn_by_the_processor(views: &[Arc<ViewPrediction>], frame: &Frame) -> RgbaImage {
    let mut picture = RgbaImage::from_pixel(SIZE[0], SIZE[1], Rgba(BACKGROUND));
    let mut depths = vec![f32::INFINITY; (SIZE[0] * SIZE[1]) as usize];
    for point in points(views, &Filters::NONE, &Thinning::NONE) {
        let Some((_, depth)) = frame.camera.project(point.position, ASPECT) else { continue };
        let Some([x, y]) = pixel_of(&frame.camera, point.position) else { continue };
        let nearest = &mut depths[(y * SIZE[0] + x) as usize];
        if depth < *nearest {
            *nearest = depth;
            let [r, g, b] = point.colour;
            picture.put_pixel(x, y, Rgba([r, g, b, 255]));
        }
    }
    picture
}

#[test]
fn both_processors_un_project_alike() {
    let mut views = two_views();
    // A lens whose pixels are not square.
    let lens = &mut Arc::make_mut(&mut views[1]).camera.intrinsics;
    (lens.fx, lens.fy) = (lens.fx * 1.2, lens.fy * 0.9);
    let mut studio = Studio::new(&views);
    for (turn, is_orthographic) in [(0.07, false), (0.31, false), (0.13, true)] {
        let mut frame = studio.plain();
        frame.camera.orbit(turn, turn / 2.0);
        frame.camera.is_orthographic = is_orthographic;
        let expected = drawn_by_the_processor(&views, &frame);
        let picture = studio.shoot(&frame);
        assert!(drawn(&expected) > 15_000, "the test sees the cloud: {}", drawn(&expected));
        let other = picture.pixels().zip(expected.pixels()).filter(|(a, b)| (0..3).any(|c| a[c].abs_diff(b[c]) > 2));
        // Rounding may differ by one pixel at the border between two.
        let share = other.count() as f32 / drawn(&expected) as f32;
        assert!(share < 0.004, "turned by {turn}: {share} of the pixels differ");
    }
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
    for (i, pixel) in view.image.pixels_mut().enumerate() {
        pixel.0 = match i % 11 {
            3 => [4, 5, 6],
            5 => [241, 250, 255],
            _ => pixel.0,
        };
    }
    let views = [Arc::new(view)];
    let mut studio = Studio::new(&views);
    for filters in [
        Filters { hide_background: true, ..Filters::NONE },
        Filters { edge: 0.9, ..Filters::NONE },
        Filters { depth_range: [20.0, 70.0], ..Filters::NONE },
        Filters { confidence_percentile: 35.0, ..Filters::NONE },
        Filters { hide_black: true, hide_white: true, ..Filters::NONE },
        Filters { every: 3, ..Filters::NONE },
        Filters {
            confidence_percentile: 20.0,
            edge: 0.5,
            depth_range: [5.0, 95.0],
            hide_background: true,
            ..Filters::NONE
        },
    ] {
        let mut frame = studio.plain();
        frame.limits = studio.scene.limits(&filters);
        let expected = points(&views, &filters, &Thinning::NONE).len();
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
