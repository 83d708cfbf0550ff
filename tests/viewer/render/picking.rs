//! Which sample lies under the cursor.

use glam::{Vec2, Vec3};

use crate::render::studio::{ASPECT, SIZE, Studio, pixel_of, two_views};
use fathom::render::Progress;
use fathom::scene::{Filters, Shape, Sizing};

/// Pixels between the middle of the picked sample on the screen and the middle of the cursor's pixel.
fn miss(studio: &Studio, frame: &fathom::render::Frame, cursor: [u32; 2]) -> Option<f32> {
    let pick = studio.pick(cursor)?;
    let (screen, _) = frame.camera.project(pick.position, ASPECT)?;
    let at = (screen + 1.0) / 2.0 * Vec2::new(SIZE[0] as f32, SIZE[1] as f32);
    Some(at.distance(Vec2::new(cursor[0] as f32, cursor[1] as f32) + 0.5))
}

#[test]
fn the_sample_under_the_cursor_is_hit_exactly() {
    let views = two_views();
    let mut studio = Studio::new(&views);
    for (sizing, size) in
        [(Sizing::Pixels, 1.0), (Sizing::Pixels, 4.0), (Sizing::Adaptive, 1.0), (Sizing::Attenuated, 2.0)]
    {
        let mut frame = studio.pretty();
        (frame.points.sizing, frame.points.size) = (sizing, size);
        frame.limits = studio.scene.limits(&Filters::NONE);
        frame.visible = vec![false, true];
        frame.camera.look_through(&views[1], 2.0, ASPECT);
        frame.camera.orbit(0.04, 0.03);
        assert_eq!(studio.prepare(&frame, SIZE), Ok(Progress::Complete));
        for [u, v] in [[100, 75], [40, 110], [150, 60], [31, 140], [99, 99]] {
            let view = &views[1];
            let depth = view.depth[(v * view.width + u) as usize];
            let camera = &view.camera;
            let world =
                camera.camera_from_world.inverse().apply(camera.intrinsics.unproject(u as f32, v as f32, depth));
            let cursor = pixel_of(&frame.camera, world).expect("on screen");
            let pick = studio.pick(cursor).expect("a point");
            assert_eq!((pick.view, pick.pixel), (1, [u, v]), "{sizing:?} {size}");
            assert!((pick.position - world).length() < 1e-5 * depth);
            let seen = (world - frame.camera.eye).dot(frame.camera.forward());
            assert!((pick.depth - seen).abs() < 1e-4);
        }
    }
}

#[test]
fn every_hit_is_within_half_a_pixel() {
    let mut studio = Studio::new(&two_views());
    let mut frame = studio.pretty();
    (frame.points.sizing, frame.points.size) = (Sizing::Pixels, 1.0);
    frame.limits = studio.scene.limits(&Filters::NONE);
    frame.camera.orbit(0.2, 0.1);
    assert_eq!(studio.prepare(&frame, SIZE), Ok(Progress::Complete));
    let mut hits = 0;
    for cursor in (0..12).flat_map(|i| (0..9).map(move |j| [i * 30 + 3, j * 30 + 4])) {
        // The nearest sample may lie some pixels off where the cloud has gaps.
        if let Some(miss) = miss(&studio, &frame, cursor).filter(|&miss| miss < 2.0) {
            hits += usize::from(miss <= 0.5f32.hypot(0.5) + 1e-3);
        }
    }
    assert!(hits > 50, "{hits}");
}

#[test]
fn a_surface_gives_the_nearest_sample() {
    let views = two_views();
    let mut studio = Studio::new(&views);
    let mut frame = studio.pretty();
    frame.points.shape = Shape::Surface;
    frame.visible = vec![true, false];
    frame.camera.dolly(Vec3::new(0.0, 0.3, 4.0), 3.0);
    assert_eq!(studio.prepare(&frame, SIZE), Ok(Progress::Complete));
    // Of a pixel of the photo on the screen, where the surface does not lean.
    let footprint = frame.camera.focal_pixels(SIZE[1] as f32) / views[0].camera.intrinsics.fx;
    for cursor in [[180, 135], [90, 60], [300, 200]] {
        let miss = miss(&studio, &frame, cursor).expect("a surface in front");
        assert!(miss < 2.0 * footprint, "{cursor:?}: {miss} pixels from the sample");
    }
}

#[test]
fn nothing_is_hit_where_nothing_is() {
    let mut studio = Studio::new(&two_views());
    let mut frame = studio.pretty();
    assert_eq!(studio.pick([3, 3]), None, "no picture yet");
    assert_eq!(studio.prepare(&frame, SIZE), Ok(Progress::Complete));
    assert_eq!(studio.pick([9999, 0]), None);
    frame.visible = vec![false, false];
    assert_eq!(studio.prepare(&frame, SIZE), Ok(Progress::Complete));
    assert_eq!(studio.pick([180, 135]), None, "nothing is drawn");
}
