//! Every way of drawing: surfaces, sizes, colours, overlays, parallel rays, pictures larger than a tile.

use std::sync::Arc;

use fathom::render::Overlay;
use fathom::scene::{ColourBy, Filters, Shape, Sizing};
use glam::Vec3;
use image::Rgba;

use crate::render::studio::{BACKGROUND, SIZE, Studio, drawn, is_background, two_views};

#[test]
fn surfaces_and_adaptive_points_close_where_pixels_leave_gaps() {
    let mut studio = Studio::new(&two_views()[..1]);
    let mut frame = studio.pretty();
    frame.limits = studio.scene.limits(&Filters::NONE);
    // Near the floor, seen at a slant: samples lie several pixels apart.
    frame.camera.dolly(Vec3::new(0.4, 0.6, 3.0), 2.5);
    frame.camera.orbit(0.1, 0.0);
    let mut shown = |shape, sizing| {
        (frame.points.shape, frame.points.sizing) = (shape, sizing);
        drawn(&studio.shoot(&frame)) as f32 / (SIZE[0] * SIZE[1]) as f32
    };
    let pixels = shown(Shape::Points, Sizing::Pixels);
    let adaptive = shown(Shape::Points, Sizing::Adaptive);
    let surface = shown(Shape::Surface, Sizing::Adaptive);
    assert!(pixels < 0.5, "{pixels}");
    assert!(adaptive > 0.93 && surface > 0.93, "{adaptive} {surface}");
}

#[test]
fn surfaces_are_cut_at_steps() {
    let mut view = Arc::unwrap_or_clone(two_views().remove(0));
    let width = view.width as usize;
    view.depth = (0..view.depth.len()).map(|i| if i % width < width / 2 { 1.0 } else { 3.0 }).collect();
    let mut studio = Studio::new(&[Arc::new(view)]);
    let mut frame = studio.pretty();
    frame.points.shape = Shape::Surface;
    frame.limits = studio.scene.limits(&Filters::NONE);
    frame.camera.orbit(-0.5, 0.0);
    let uncut = drawn(&studio.shoot(&frame));
    frame.limits = studio.scene.limits(&Filters { edge: 0.2, ..Filters::NONE });
    let cut = drawn(&studio.shoot(&frame));
    assert!(cut + 2_000 < uncut, "{cut} {uncut}");
}

#[test]
fn colours_by_normal_tell_the_walls_apart() {
    let mut studio = Studio::new(&two_views()[..1]);
    let mut frame = studio.pretty();
    frame.points.colour_by = ColourBy::Normal;
    (frame.eye_dome, frame.limits) = (0.0, studio.scene.limits(&Filters::NONE));
    let picture = studio.shoot(&frame);
    // The camera looks down a little at the floor before it and the wall behind: up is green, towards the viewer is blue.
    let (floor, wall) = (picture.get_pixel(180, 250), picture.get_pixel(180, 40));
    assert!(floor[1] > 215 && floor[2] < 190, "{floor:?}");
    assert!(wall[2] > 215 && wall[1].abs_diff(128) < 60, "{wall:?}");
}

#[test]
fn a_photo_fades_over_what_its_camera_sees() {
    let views = two_views();
    let mut studio = Studio::new(&views);
    let mut frame = studio.plain();
    frame.visible = vec![false, false];
    let at = |picture: &image::RgbaImage| *picture.get_pixel(180, 135);
    let photo = views[0].image.get_pixel(100, 75).0;
    for (opacity, part) in [(0.0, 0.0f32), (1.0, 1.0), (0.5, 0.5)] {
        frame.overlay = Some(Overlay { view: 0, opacity });
        let Rgba(got) = at(&studio.shoot(&frame));
        for c in 0..3 {
            // Light mixes, not its code; a half of both lies between them.
            let (a, b) = (f32::from(BACKGROUND[c]), f32::from(photo[c]));
            let linear = |v: f32| (v / 255.0).powf(2.2);
            let expected = (linear(a) * (1.0 - part) + linear(b) * part).powf(1.0 / 2.2) * 255.0;
            assert!((f32::from(got[c]) - expected).abs() < 14.0, "{opacity}: {got:?} of {photo:?}");
        }
    }
}

#[test]
fn parallel_rays_show_equal_lengths_equally() {
    let mut studio = Studio::new(&two_views());
    let mut frame = studio.pretty();
    frame.camera.is_orthographic = true;
    let picture = studio.shoot(&frame);
    assert!(drawn(&picture) > 20_000);
    let lit = picture;
    frame.eye_dome = 0.0;
    let changed =
        lit.pixels().zip(studio.shoot(&frame).pixels()).filter(|(a, b)| (0..3).any(|c| a[c] + 12 < b[c])).count();
    let share = changed as f32 / drawn(&lit) as f32;
    assert!((0.003..0.3).contains(&share), "lighting changes edges only: {share}");
}

#[test]
fn a_picture_wider_than_a_tile_has_no_seam() {
    let mut view = Arc::unwrap_or_clone(two_views().remove(0));
    view.depth.fill(2.0);
    view.image.pixels_mut().for_each(|pixel| pixel.0 = [180, 90, 40]);
    let mut studio = Studio::new(&[Arc::new(view)]);
    let mut frame = studio.pretty();
    frame.limits = studio.scene.limits(&Filters::NONE);
    frame.points.shape = Shape::Surface;
    frame.camera.vertical_fov = 0.006;
    let size = [5_000, 30];
    let picture = studio.renderer.screenshot(&studio.gpu.device, &studio.gpu.queue, &frame, size).expect("a picture");
    assert_eq!(picture.dimensions(), (5_000, 30));
    let inside: Vec<_> = (1_000..4_900).map(|x| picture.get_pixel(x, 15)).collect();
    let flat =
        inside.iter().filter(|p| !is_background(p) && (0..3).all(|c| p[c].abs_diff([180, 90, 40][c]) <= 3)).count();
    assert!(flat == inside.len(), "{flat} of {} pixels are the wall's colour", inside.len());
}
