//! The 3D view in a window: dragged, clicked, zoomed and typed at, on the software adapter.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use egui::{Key, Modifiers, MouseWheelUnit, PointerButton, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fathom::app::cloud_view::CloudAction;
use fathom::inference::LensSource;
use fathom::input::ViewId;
use fathom::scene::AXIS_COLOURS;
use glam::Vec3;
use image::RgbaImage;

use crate::desk::{WINDOW, Window, camera, centre, click, drag, hovered, on_screen, two_views, window};
use crate::room::photograph;
use crate::tools::on_wall;

fn picture(harness: &mut Harness<'_, Window>) -> RgbaImage {
    harness.render().expect("a picture")
}

fn difference(a: &RgbaImage, b: &RgbaImage) -> usize {
    a.pixels().zip(b.pixels()).filter(|(a, b)| (0..3).any(|c| a[c].abs_diff(b[c]) > 10)).count()
}

#[test]
fn a_drag_turns_the_camera_and_the_picture() {
    let mut harness = window(two_views());
    let (before, first) = (camera(&harness), picture(&mut harness));
    assert!(!harness.state().view.settings.hint_seen);
    drag(&mut harness, centre(), vec2(80.0, 30.0), PointerButton::Primary);
    let (after, second) = (camera(&harness), picture(&mut harness));
    assert!(after.forward().angle_between(before.forward()) > 0.2);
    assert!((after.eye - after.pivot).length() > 0.1, "turned around a point of the cloud");
    assert!(difference(&first, &second) > 20_000, "{}", difference(&first, &second));
    assert!(harness.state().view.settings.hint_seen, "the hint goes when the view was moved");
    harness.key_press(Key::R);
    harness.run();
    assert!(camera(&harness).forward().angle_between(before.forward()) < 1e-3);
}

#[test]
fn what_nobody_has_moved_fills_a_view_of_any_shape() {
    let mut harness = window(two_views());
    let wide = camera(&harness);
    harness.set_size(vec2(480.0, 560.0));
    harness.run();
    let narrow = camera(&harness);
    assert!(narrow.pivot_depth() > 1.2 * wide.pivot_depth(), "{} {}", narrow.pivot_depth(), wide.pivot_depth());
    drag(&mut harness, egui::pos2(100.0, 280.0), vec2(20.0, 0.0), PointerButton::Primary);
    let moved = camera(&harness);
    harness.set_size(WINDOW);
    harness.run();
    assert_eq!(camera(&harness), moved, "where a person has been it stays");
}

#[test]
fn a_right_drag_pans_without_turning() {
    let mut harness = window(two_views());
    let before = camera(&harness);
    drag(&mut harness, centre(), vec2(60.0, 0.0), PointerButton::Secondary);
    let after = camera(&harness);
    assert_eq!(after.world_from_camera, before.world_from_camera);
    assert!((after.eye - before.eye).dot(before.right()) < -0.1, "the scene follows the cursor");
}

fn turn_wheel(harness: &mut Harness<'_, Window>) {
    harness.event(egui::Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: vec2(0.0, 3.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    harness.run_steps(5);
    harness.render().expect("a picture");
}

#[test]
fn the_wheel_comes_ever_nearer_to_the_surface_under_the_cursor() {
    let mut harness = window(two_views());
    let before = camera(&harness);
    harness.hover_at(on_wall());
    let mut last = before.eye;
    let mut moved = Vec::new();
    for _ in 0..25 {
        turn_wheel(&mut harness);
        let eye = camera(&harness).eye;
        moved.push((eye - last).length());
        last = eye;
    }
    assert!(moved.iter().all(|&distance| distance > 0.0), "it never sticks: {moved:?}");
    assert!(moved[24] < 0.1 * moved[0], "the nearer, the slower: {moved:?}");
    assert!(last.z < 4.0, "the back wall is not passed: {last}");
}

#[test]
fn two_fingers_orbit_and_with_shift_they_pan() {
    let mut harness = window(two_views());
    harness.hover_at(centre());
    let mut scroll = |modifiers| {
        let before = camera(&harness);
        harness.event(egui::Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(30.0, 0.0),
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Trackpad,
            modifiers,
        });
        harness.run_steps(4);
        (before, camera(&harness))
    };
    let (before, after) = scroll(Modifiers::NONE);
    assert!(after.forward().angle_between(before.forward()) > 0.02, "turned");
    let (before, after) = scroll(Modifiers::SHIFT);
    assert!(after.forward().angle_between(before.forward()) < 1e-4, "not turned");
    assert!((after.eye - before.eye).length() > 1e-3 * before.reach(), "moved");
}

#[test]
fn the_projection_switches_and_the_gizmo_turns() {
    let mut harness = window(two_views());
    harness.hover_at(centre());
    harness.step();
    harness.key_press(Key::Num5);
    harness.run();
    assert!(camera(&harness).is_orthographic);
    harness.get_by_label("Parallel").click();
    harness.run();
    assert!(!camera(&harness).is_orthographic);
    harness.get_by_label("Look from +X").click();
    harness.run();
    assert!(camera(&harness).forward().dot(Vec3::NEG_X) > 0.99, "{}", camera(&harness).forward());
    // It lies over the picture, with the ball of the side that one looks from in the middle.
    let ball = harness.get_by_label("Look from +X").rect();
    let picture = picture(&mut harness);
    let scale = picture.width() as f32 / harness.ctx.content_rect().width();
    let [left, top] = [ball.left(), ball.top()].map(|at| (at * scale) as u32);
    let side = (ball.width() * scale) as u32;
    let ball = image::imageops::crop_imm(&picture, left, top, side, side).to_image();
    let red = ball.pixels().filter(|pixel| (0..3).all(|c| pixel[c].abs_diff(AXIS_COLOURS[0][c]) < 12)).count();
    assert!(red > (side * side / 3) as usize, "{red} of {} pixels", side * side);
}

#[test]
fn the_selected_photo_is_compared_with_its_points() {
    let mut harness = window(two_views());
    harness.state_mut().selected = Some(ViewId(2));
    harness.hover_at(centre());
    harness.step();
    assert_eq!(harness.query_all_by_label("Photo over scene").count(), 0);
    harness.key_press(Key::V);
    harness.run();
    let apex = harness.state().views[1].camera.camera_from_world.camera_centre();
    assert!((camera(&harness).eye - apex).length() < 1e-3);
    assert!(harness.query_all_by_label("Photo over scene").count() > 0);
    harness.state_mut().view.settings.overlay_opacity = 0.0;
    harness.run();
    let bare = picture(&mut harness);
    harness.state_mut().view.settings.overlay_opacity = 1.0;
    harness.run();
    assert!(difference(&bare, &picture(&mut harness)) > 3_000, "the photo is laid over the points");
    drag(&mut harness, centre(), vec2(30.0, 0.0), PointerButton::Primary);
    assert_eq!(harness.query_all_by_label("Photo over scene").count(), 0, "moving on ends it");
}

#[test]
fn keys_fly_and_take_standard_views() {
    let mut harness = window(two_views());
    harness.hover_at(centre());
    harness.step();
    let before = camera(&harness);
    harness.key_down(Key::W);
    harness.run_steps(4);
    harness.key_up(Key::W);
    harness.run();
    assert!((camera(&harness).eye - before.eye).dot(before.forward()) > 0.1);
    harness.key_press(Key::Num7);
    harness.run();
    assert!(camera(&harness).forward().dot(camera(&harness).up()) < -0.99, "from the top");
}

#[test]
fn a_click_on_a_camera_selects_its_view_and_a_double_click_looks_through_it() {
    let mut harness = window(two_views());
    let apex = harness.state().views[1].camera.camera_from_world.camera_centre();
    let zoomed_out = on_screen(&harness, apex);
    assert!(zoomed_out.x > 0.0 && zoomed_out.y < WINDOW.y, "the camera is on the screen: {zoomed_out:?}");
    click(&mut harness, zoomed_out);
    assert!(harness.state().actions.contains(&CloudAction::SelectView(ViewId(2))), "{:?}", harness.state().actions);
    click(&mut harness, zoomed_out);
    harness.run();
    let eye = camera(&harness).eye;
    assert!((eye - apex).length() < 1e-3, "{eye} {apex}");
}

#[test]
fn a_resting_cursor_names_the_point_under_it() {
    let mut harness = window(two_views());
    harness.hover_at(on_wall());
    harness.run_steps(6);
    let point = hovered(&harness).expect("the wall is there");
    let at = on_screen(&harness, point.position);
    assert!((at - on_wall()).length() < 6.0, "{at:?}");
    let view = harness.state().views.iter().find(|v| v.view == point.view).expect("one of the views");
    let depth = view.depth[(point.pixel[1] * view.width + point.pixel[0]) as usize];
    assert!((depth - point.depth).abs() < 0.1 * depth, "{depth} {}", point.depth);
}

#[test]
fn every_control_has_a_label_and_filters_answer() {
    let mut harness = window(two_views());
    for label in [
        "3D view",
        "Colour by",
        "Draw as",
        "Size points",
        "Point size",
        "Shade edges",
        "Edge strength",
        "Hide uncertain",
        "Hide smears",
        "Nearest depth",
        "Farthest depth",
        "Every n-th point",
        "Hide background",
        "Hide black backdrop",
        "Hide white backdrop",
        "Spread of confidence",
        "Spread of depth",
        "Spread of depth steps",
        "Show cameras",
        "Camera size",
        "Photos in cameras",
        "Camera path",
        "Grid",
        "Axes",
        "Up",
        "Two fingers",
        "Inertia",
        "Own background colour",
        "Reset view",
        "Reset 3D settings",
    ] {
        assert!(harness.query_all_by_label(label).count() > 0, "no control is called {label}");
    }
    let first = picture(&mut harness);
    harness.state_mut().view.settings.look.frusta = false;
    harness.run();
    let bare = picture(&mut harness);
    assert!(difference(&first, &bare) > 300, "the cameras are gone");
    harness.state_mut().view.settings.look.filters.confidence_percentile = 70.0;
    harness.run();
    assert!(difference(&bare, &picture(&mut harness)) > 20_000, "most points are gone");
}

#[test]
fn the_status_line_says_unit_and_lens() {
    let mut views = two_views();
    let mut view = Arc::unwrap_or_clone(views.remove(0));
    view.camera.lens = LensSource::Assumed;
    let mut harness = window(vec![Arc::new(view)]);
    harness.get_by_label_contains("relative depth · assumed lens");
    harness.state_mut().view.settings.look.filters.depth_range = [100.0, 100.0];
    harness.run();
    harness.get_by_label_contains("The filters leave no point");
}

#[test]
fn nothing_to_show_is_said_in_words() {
    let mut harness = window(Vec::new());
    harness.get_by_label("No cloud yet");
    harness.state_mut().views = two_views();
    harness.run();
    assert!(harness.query_by_label("No cloud yet").is_none());
    harness.state_mut().hidden = [ViewId(1), ViewId(2)].into();
    harness.run();
    harness.get_by_label("Every view of this scene is hidden");
    // One that cannot be drawn is not hidden.
    harness.state_mut().views.push(photograph(3, Vec3::NAN, Vec3::ZERO, 20, 10));
    harness.run();
    assert!(harness.query_by_label_contains("Every view").is_none());
    harness.get_by_label("What can be drawn of this scene is hidden");
    harness.state_mut().hidden.remove(&ViewId(2));
    harness.run();
    assert!(harness.query_by_label_contains("hidden").is_none());
    harness.state_mut().views.truncate(1);
    harness.run();
    harness.get_by_label("This view is hidden");
    // As many as before would not be another scene.
    harness.state_mut().views = [9, 10].map(|id| photograph(id, Vec3::NAN, Vec3::ZERO, 20, 10)).to_vec();
    harness.run();
    harness.get_by_label("Nothing to draw");
}

#[test]
fn a_screenshot_has_the_size_that_was_asked_for() {
    let harness = window(two_views());
    let picture = harness.state().view.screenshot([320, 200], true).expect("a picture").expect("something was drawn");
    assert_eq!(picture.dimensions(), (320, 200));
    assert!(picture.pixels().any(|p| p[3] == 0) && picture.pixels().any(|p| p[3] == 255));
}
