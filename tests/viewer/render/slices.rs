//! Pictures in slices, pictures that need not be drawn again, and what is sent to the adapter.

use fathom::render::{Progress, RenderError};
use fathom::scene::{ColourBy, Filters, Shape, Sizing};

use crate::render::studio::{SIZE, Studio, two_views};

#[test]
fn an_unchanged_frame_is_not_drawn_again() {
    let mut studio = Studio::new(&two_views());
    let mut frame = studio.plain();
    assert_eq!(studio.prepare(&frame, SIZE), Ok(Progress::Complete));
    assert_eq!(studio.prepare(&frame, SIZE), Ok(Progress::Unchanged));
    frame.eye_dome = 0.3;
    assert_eq!(studio.prepare(&frame, SIZE), Ok(Progress::Complete));
    assert_eq!(studio.prepare(&frame, [100, 100]), Ok(Progress::Complete));
    let too_large = studio.prepare(&frame, [100_000, 100]);
    assert!(matches!(too_large, Err(RenderError::TooLarge { width: 100_000, .. })), "{too_large:?}");
}

#[test]
fn slices_make_the_same_picture_and_show_only_the_whole() {
    let mut studio = Studio::new(&two_views());
    let first = studio.plain();
    assert_eq!(studio.prepare(&first, SIZE), Ok(Progress::Complete));
    let known = studio.pick([180, 135]);
    let mut frame = studio.pretty();
    frame.camera.orbit(0.3, 0.1);
    for _ in 0..3 {
        assert_eq!(studio.prepare_slice(&frame, SIZE, 30_000), Ok(Progress::Part));
        assert_eq!(studio.pick([180, 135]), known, "the picture before still shows");
    }
    assert_eq!(studio.prepare_slice(&frame, SIZE, 30_000), Ok(Progress::Complete));
    let sliced: Vec<_> = (0..30).map(|i| studio.pick([i * 12, 130])).collect();
    let mut other = Studio::new(&two_views());
    assert_eq!(other.prepare(&frame, SIZE), Ok(Progress::Complete));
    let whole: Vec<_> = (0..30).map(|i| other.pick([i * 12, 130])).collect();
    assert_eq!(sliced, whole);
    assert!(whole.iter().flatten().count() > 10);
    // Another frame ends what was begun.
    assert_eq!(studio.prepare_slice(&first, SIZE, 30_000), Ok(Progress::Part));
    assert_eq!(studio.prepare(&frame, SIZE), Ok(Progress::Unchanged));
}

#[test]
fn moving_a_slider_uploads_nothing() {
    let views = two_views();
    let mut studio = Studio::new(&views);
    let points: usize = views.iter().map(|view| view.depth.len()).sum();
    let uploaded = studio.renderer.uploaded_bytes();
    assert!(studio.renderer.scene_bytes() <= 12 * points as u64 && uploaded == studio.renderer.scene_bytes());
    let mut pictures = Vec::new();
    for (i, colour_by) in ColourBy::ALL.into_iter().enumerate() {
        let part = i as f32 * 10.0;
        let filters = Filters {
            confidence_percentile: part,
            edge: part / 60.0,
            depth_range: [part / 2.0, 100.0 - part],
            every: i as u32 + 1,
            hide_black: true,
            ..Filters::default()
        };
        let mut frame = studio.pretty();
        frame.limits = studio.scene.limits(&filters);
        frame.points.colour_by = colour_by;
        frame.points.shape = Shape::ALL[i % 2];
        frame.points.sizing = Sizing::ALL[i % 3];
        frame.visible[0] = i % 2 == 0;
        assert_eq!(studio.prepare(&frame, SIZE), Ok(Progress::Complete));
        pictures.push(studio.shoot(&frame));
    }
    pictures.dedup();
    assert_eq!(pictures.len(), ColourBy::ALL.len(), "every setting shows");
    assert_eq!(studio.renderer.uploaded_bytes(), uploaded);
}

#[test]
fn a_scene_that_grows_uploads_only_what_is_new() {
    let views = two_views();
    let mut studio = Studio::new(&views[..1]);
    let first = studio.renderer.uploaded_bytes();
    let scene = std::sync::Arc::new(fathom::scene::CloudScene::new(&views).expect("drawable"));
    studio.renderer.set_scene(&studio.gpu.device, &studio.gpu.queue, Some(scene)).expect("small maps");
    assert_eq!(studio.renderer.uploaded_bytes(), 2 * first);
}
