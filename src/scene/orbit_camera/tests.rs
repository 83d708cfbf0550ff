use super::*;
use crate::scene::synthetic::flat_view;

const ASPECT: f32 = 1.5;

fn bounds() -> Bounds {
    Bounds { min: Vec3::new(-1.0, -0.5, 3.0), max: Vec3::new(1.0, 0.5, 5.0) }
}

fn camera() -> OrbitCamera {
    OrbitCamera::new(&Rigid::IDENTITY, &bounds(), ASPECT)
}

fn on_screen(camera: &OrbitCamera, point: Vec3) -> Vec2 {
    camera.project(point, ASPECT).expect("in front").0
}

#[test]
fn y_up_in_the_world_is_up_on_the_screen() {
    let camera = camera();
    assert_eq!(camera.up(), Vec3::NEG_Y);
    assert!(on_screen(&camera, Vec3::new(0.0, -0.5, 4.0)).y < on_screen(&camera, Vec3::new(0.0, 0.5, 4.0)).y);
    assert!(camera.right().dot(camera.up()).abs() < 1e-6, "no roll");
    assert!(camera.eye.y < bounds().centre().y, "home looks down on the scene");
}

#[test]
fn project_agrees_with_the_matrices_and_the_ray() {
    let camera = camera();
    let point = Vec3::new(0.4, 0.3, 3.7);
    let (screen, depth) = camera.project(point, ASPECT).expect("in front");
    let clip = camera.clip_from_camera(ASPECT) * camera.camera_from_world() * point.extend(1.0);
    assert!((clip.x / clip.w - screen.x).abs() < 1e-5 && (clip.y / clip.w + screen.y).abs() < 1e-5);
    assert!((clip.w - depth).abs() < 1e-5 && clip.z > 0.0 && clip.z < clip.w);
    assert!((camera.ray(screen, ASPECT).at(depth) - point).length() < 1e-4);
}

#[test]
fn parallel_rays_agree_with_their_matrices_and_keep_the_pivot() {
    let mut camera = camera();
    let (pivot, beside) = (on_screen(&camera, camera.pivot), camera.pivot + camera.right() * 0.2);
    let size = on_screen(&camera, beside).x - pivot.x;
    camera.is_orthographic = true;
    assert!((on_screen(&camera, camera.pivot) - pivot).length() < 1e-5);
    assert!((on_screen(&camera, beside).x - pivot.x - size).abs() < 1e-4, "as large as before");
    for point in [Vec3::new(0.4, 0.3, 3.7), Vec3::new(-0.2, 0.1, 9.0), camera.eye - camera.forward() * 2.0] {
        let (screen, depth) = camera.project(point, ASPECT).expect("in front, also behind the eye");
        let clip = camera.clip_from_camera(ASPECT) * camera.camera_from_world() * point.extend(1.0);
        assert!((clip.x / clip.w - screen.x).abs() < 1e-4 && (clip.y / clip.w + screen.y).abs() < 1e-4);
        assert!(clip.z > 0.0 && clip.z < clip.w);
        assert!((camera.ray(screen, ASPECT).at(depth) - point).length() < 1e-3);
    }
    // Whatever the depth, a metre is a metre.
    let per_unit = camera.focal_pixels(600.0);
    assert!((size / 2.0 * 600.0 * ASPECT - 0.2 * per_unit).abs() < 0.1);
}

#[test]
fn zooming_with_parallel_rays_keeps_what_is_under_the_cursor() {
    let mut camera = camera();
    camera.is_orthographic = true;
    let point = Vec3::new(0.3, 0.1, 3.5);
    let (before, scale) = (on_screen(&camera, point), camera.focal_pixels(1.0));
    let anchor = camera.dolly_anchor(Some(point), before, ASPECT);
    camera.dolly(anchor, 3.0);
    assert!((on_screen(&camera, point) - before).length() < 1e-3);
    assert!((camera.focal_pixels(1.0) / scale - NOTCH.powi(-3)).abs() < 1e-2);
    camera.fit(&bounds(), ASPECT);
    assert!(on_screen(&camera, bounds().max).abs().max_element() < 1.001);
}

#[test]
fn every_side_can_be_looked_from_and_every_way_can_be_up() {
    for up in [Vec3::X, Vec3::NEG_X, Vec3::Y, Vec3::NEG_Y, Vec3::Z, Vec3::NEG_Z] {
        let mut camera = camera();
        camera.set_up(up);
        assert!(camera.up().distance(up) < 1e-5, "{up}");
        assert!(camera.right().dot(up).abs() < 1e-4, "level with {up}");
        let before = camera;
        camera.set_up(up);
        assert_eq!(camera, before, "a second time changes nothing");
        for side in [Vec3::X, Vec3::NEG_X, Vec3::Y, Vec3::NEG_Y, Vec3::Z, Vec3::NEG_Z] {
            camera.look_against(side);
            assert!(camera.forward().dot(-side) > 0.999, "{up} {side}: {}", camera.forward());
            assert!(camera.right().dot(up).abs() < 1e-3 && camera.eye.is_finite());
            assert!(on_screen(&camera, camera.pivot).length() < 1e-4);
        }
    }
}

#[test]
fn a_scaled_world_looks_the_same() {
    let camera = camera();
    let point = Vec3::new(0.4, 0.3, 3.7);
    let scaled = camera.scaled(3.5);
    assert!((on_screen(&scaled, point * 3.5) - on_screen(&camera, point)).length() < 1e-5);
}

#[test]
fn every_standard_view_fits_the_bounds() {
    for view in [
        StandardView::Front,
        StandardView::Back,
        StandardView::Right,
        StandardView::Left,
        StandardView::Top,
        StandardView::Bottom,
        StandardView::Home,
    ] {
        let mut camera = camera();
        camera.look_from(view, &bounds(), ASPECT);
        let (min, max) = (bounds().min, bounds().max);
        let mut widest = 0.0f32;
        for corner in [min, max, Vec3::new(min.x, max.y, max.z), Vec3::new(max.x, min.y, min.z)] {
            let screen = on_screen(&camera, corner);
            assert!(screen.abs().max_element() < 1.001, "{view:?}: {corner} at {screen}");
            widest = widest.max(screen.abs().max_element());
        }
        assert!(widest > 0.5, "{view:?} wastes the screen: {widest}");
    }
}

#[test]
fn what_is_before_the_pivot_follows_a_drag() {
    let near = Vec3::new(0.0, 0.0, 3.0);
    let before = on_screen(&camera(), near);
    let turned = |yaw, pitch| {
        let mut camera = camera();
        camera.orbit(yaw, pitch);
        on_screen(&camera, near)
    };
    assert!(turned(0.1, 0.0).x > before.x);
    assert!(turned(0.0, 0.1).y < before.y);
}

#[test]
fn orbit_keeps_the_pivot_on_its_pixel_and_stops_at_the_poles() {
    let mut camera = camera();
    camera.pivot = Vec3::new(0.7, 0.2, 3.4);
    let before = on_screen(&camera, camera.pivot);
    camera.orbit(0.4, 0.2);
    assert!((on_screen(&camera, camera.pivot) - before).length() < 1e-4);
    assert!(camera.right().dot(camera.up()).abs() < 1e-5, "no roll creeps in");
    for _ in 0..100 {
        camera.orbit(0.3, 0.5);
    }
    assert!(camera.forward().angle_between(camera.up()) > POLE_MARGIN / 2.0 && camera.eye.is_finite());
    for _ in 0..100 {
        camera.orbit(0.3, -0.5);
    }
    assert!(camera.forward().angle_between(camera.up()) < PI - POLE_MARGIN / 2.0);
}

#[test]
fn pan_moves_the_grabbed_point_with_the_cursor() {
    let mut camera = camera();
    let point = Vec3::new(0.1, 0.0, 3.2);
    let (before, depth) = camera.project(point, ASPECT).expect("in front");
    camera.pan(Vec2::new(0.2, -0.1), depth, ASPECT);
    assert!((on_screen(&camera, point) - before - Vec2::new(0.2, -0.1)).length() < 1e-4);
}

#[test]
fn dolly_keeps_the_anchor_under_the_cursor() {
    let mut camera = camera();
    let anchor = Vec3::new(0.3, 0.1, 3.5);
    let (before, start) = (on_screen(&camera, anchor), camera.eye);
    camera.dolly(anchor, 2.0);
    assert!((on_screen(&camera, anchor) - before).length() < 1e-3);
    camera.dolly(anchor, -2.0);
    assert!((camera.eye - start).length() < 1e-3, "out is the way back");
}

#[test]
fn dolly_comes_ever_nearer_to_a_surface_and_never_passes_through() {
    let mut camera = camera();
    let point = Vec3::new(0.3, 0.1, 3.5);
    let screen = on_screen(&camera, point);
    let mut distance = (point - camera.eye).dot(camera.forward());
    for notch in 0..60 {
        let anchor = camera.dolly_anchor(Some(point), screen, ASPECT);
        camera.dolly(anchor, 1.0);
        let left = (point - camera.eye).dot(camera.forward());
        assert!(
            left > 0.0 && (left < 0.91 * distance || left < 2e-5 * camera.reach()),
            "notch {notch}: {distance} {left}"
        );
        assert!(camera.near() < left, "the near plane leaves the surface whole: {} {left}", camera.near());
        distance = left;
    }
    camera.dolly(point, -30.0);
    assert!((point - camera.eye).dot(camera.forward()) > 1e-4, "and out again");
}

#[test]
fn dolly_never_sticks_in_empty_space() {
    let mut camera = camera();
    for _ in 0..60 {
        let before = camera.eye;
        let anchor = camera.dolly_anchor(None, Vec2::new(0.3, 0.2), ASPECT);
        camera.dolly(anchor, 1.0);
        assert!((camera.eye - before).length() > 0.02 * camera.reach(), "stuck at {before}");
        assert!(camera.pivot_depth() > 0.0);
    }
}

#[test]
fn looking_through_a_view_shows_its_whole_photo() {
    let mut view = flat_view(40, 20, 2.0);
    view.camera.camera_from_world = Rigid::looking_at(Vec3::new(2.0, -1.0, -1.0), Vec3::ZERO, Vec3::NEG_Y);
    for aspect in [0.7, 1.5, 3.0] {
        let mut camera = camera();
        camera.look_through(&view, 2.0, aspect);
        let corner = view.camera.camera_from_world.inverse().apply(view.camera.intrinsics.unproject(0.0, 0.0, 2.0));
        let (screen, _) = camera.project(corner, aspect).expect("in front");
        assert!((screen.abs().max_element() - 1.0).abs() < 1e-3, "{aspect}: {screen}");
    }
}

#[test]
fn focus_centres_and_fly_moves_forward() {
    let mut camera = camera();
    camera.focus(Vec3::new(0.5, 0.2, 4.5));
    assert!(on_screen(&camera, Vec3::new(0.5, 0.2, 4.5)).length() < 1e-4);
    let (eye, forward) = (camera.eye, camera.forward());
    camera.fly(Vec3::Z * 0.5);
    assert!((camera.eye - eye - forward * 0.5 * camera.reach()).length() < 1e-4);
}

#[test]
fn a_hostile_reference_pose_gives_a_usable_camera() {
    let broken = Rigid::new(Mat3::from_cols(Vec3::NAN, Vec3::ZERO, Vec3::ZERO), Vec3::NAN);
    let camera = OrbitCamera::new(&broken, &bounds(), ASPECT);
    assert!(camera.eye.is_finite() && camera.camera_from_world().is_finite());
}

#[test]
fn two_eyes_agree_on_the_pivot_and_differ_by_depth() {
    let camera = camera();
    let (depth, offset) = (camera.pivot_depth(), 0.1);
    let seen = |point: Vec3, offset: f32| {
        let (screen, z) = camera.beside(offset).project(point, ASPECT).expect("in front");
        (screen + Vec2::X * camera.lens_shift(offset, ASPECT), z)
    };
    let near = camera.eye + camera.forward() * depth / 2.0;
    for eye in [-offset, offset] {
        let (screen, z) = seen(camera.pivot, eye);
        assert!(screen.length() < 1e-5 && (z - depth).abs() < 1e-4, "{screen}");
    }
    let [left, right] = [-offset, offset].map(|eye| seen(near, eye).0.x);
    assert!(left > 0.0 && right < 0.0, "before the screen: {left}, {right}");
    // b · f · (1/Z − 1/Z₀), in halves of the width.
    let expected = 2.0 * offset * camera.lens_shift(1.0, ASPECT);
    assert!((left - right - expected).abs() < 1e-4, "{} for {expected}", left - right);
}
