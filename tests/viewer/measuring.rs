//! Measuring, numbers and marks in the 3D view, with a cursor over a room whose size is known.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use egui::{Key, PointerButton, Rect, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use fathom::app::cloud_view::CloudAction;
use fathom::inference::{Brought, DepthFit, ViewPrediction};
use glam::Vec3;

use crate::desk::{
    Window, camera, centre, click, drag, draw, hovered, on_screen, to_screen, two_views, view_rect, window,
};
use crate::room::photograph;

/// Two corners of what can be seen of the back wall, and one on the floor; the room is 4 deep.
const LEFT: Vec3 = Vec3::new(-1.2, -0.6, 4.0);
const RIGHT: Vec3 = Vec3::new(1.4, -0.6, 4.0);
const FLOOR: Vec3 = Vec3::new(0.2, 1.0, 1.9);

/// So dense that there is a point under every pixel of the window.
fn dense_views() -> Vec<Arc<ViewPrediction>> {
    vec![
        photograph(1, Vec3::new(0.0, 0.0, -1.6), Vec3::new(0.0, 0.3, 2.0), 640, 480),
        photograph(2, Vec3::new(1.5, -0.5, -1.2), Vec3::new(-0.2, 0.4, 2.0), 640, 480),
    ]
}

fn measuring() -> Harness<'static, Window> {
    let mut harness = window(dense_views());
    harness.hover_at(centre());
    harness.step();
    harness.key_press(Key::P);
    harness.run();
    assert!(harness.state().view.is_measuring());
    draw(&mut harness);
    harness
}

/// Clicks on a point of the world, slowly: two clicks in a row are no double-click.
fn click_on(harness: &mut Harness<'_, Window>, point: Vec3) {
    let at = on_screen(harness, point);
    click(harness, at);
    harness.run_steps(12);
    draw(harness);
}

fn labels(harness: &Harness<'_, Window>, containing: &str) -> Vec<(String, Rect)> {
    let nodes = harness.query_all_by_label_contains(containing);
    let text = |node: &egui_kittest::Node<'_>| node.accesskit_node().label().or(node.value()).unwrap_or_default();
    // What holds a row of controls bears its tooltip as its name, and has no place of its own.
    let placed = nodes.filter(|node| node.accesskit_node().bounding_box().is_some());
    placed.map(|node| (text(&node), node.rect())).collect()
}

/// Lengths on plates in the picture (the panel says one, too).
fn lengths(harness: &Harness<'_, Window>, unit: &str) -> Vec<f32> {
    let number = |text: &str| text.trim_start_matches("Total ").split(' ').next().and_then(|word| word.parse().ok());
    let all = labels(harness, unit).into_iter().filter(|(text, _)| text.ends_with(unit));
    all.filter_map(|(text, _)| number(&text)).collect()
}

fn copied(harness: &mut Harness<'_, Window>) -> Option<String> {
    let mut found = None;
    for _ in 0..4 {
        harness.step();
        for command in &harness.output().platform_output.commands {
            if let egui::OutputCommand::CopyText(text) = command {
                found = Some(text.clone());
            }
        }
    }
    found
}

fn near(measured: f32, truth: f32) -> bool {
    (measured - truth).abs() < 0.01 * truth
}

#[test]
fn two_clicks_give_the_distance_between_two_points_of_the_room() {
    let mut harness = measuring();
    click_on(&mut harness, LEFT);
    assert!(lengths(&harness, "(relative)").is_empty(), "one point has no length");
    click_on(&mut harness, RIGHT);
    let truth = LEFT.distance(RIGHT);
    let found = lengths(&harness, "(relative)");
    assert!(found.len() == 2 && found.iter().all(|length| near(*length, truth)), "{found:?}, not {truth}");
    click_on(&mut harness, FLOOR);
    let (step, all) = (RIGHT.distance(FLOOR), truth + RIGHT.distance(FLOOR));
    let found = lengths(&harness, "(relative)");
    assert_eq!(found.len(), 4, "panel, total and two steps: {found:?}");
    for wanted in [truth, step, all] {
        assert!(found.iter().any(|length| near(*length, wanted)), "{found:?} without {wanted}");
    }
    assert!(!harness.state().actions.iter().any(|action| matches!(action, CloudAction::SelectView(_))));
}

#[test]
fn a_drag_orbits_and_the_lines_stay_on_their_points() {
    let mut harness = measuring();
    click_on(&mut harness, LEFT);
    click_on(&mut harness, RIGHT);
    let (before, found) = (camera(&harness), lengths(&harness, "(relative)"));
    drag(&mut harness, centre(), vec2(60.0, 20.0), PointerButton::Primary);
    assert!(camera(&harness).forward().angle_between(before.forward()) > 0.1);
    assert_eq!(lengths(&harness, "(relative)"), found, "no point was added");
}

#[test]
fn backspace_enter_and_double_clicks() {
    let mut harness = measuring();
    for point in [LEFT, RIGHT, FLOOR] {
        click_on(&mut harness, point);
    }
    harness.key_press(Key::Backspace);
    harness.run();
    assert_eq!(lengths(&harness, "(relative)").len(), 3, "the line to the cursor has a length, too");
    harness.remove_cursor();
    harness.run();
    assert_eq!(lengths(&harness, "(relative)").len(), 2, "the floor is off the line again");
    harness.key_press(Key::Enter);
    harness.run();
    click_on(&mut harness, FLOOR);
    assert_eq!(lengths(&harness, "(relative)").len(), 2, "a new line has begun");
    let at = on_screen(&harness, LEFT);
    click(&mut harness, at);
    click(&mut harness, at);
    harness.run();
    harness.get_by_label_contains("Escape ends measuring");
    assert_eq!(lengths(&harness, "(relative)").len(), 3, "the panel and two lines of one step each");
    let eye = camera(&harness).eye;
    harness.run_steps(10);
    assert_eq!(camera(&harness).eye, eye, "a double-click does not fly anywhere");
}

#[test]
fn escape_ends_measuring_and_what_was_measured_stays() {
    let mut harness = measuring();
    click_on(&mut harness, LEFT);
    click_on(&mut harness, RIGHT);
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!harness.state().view.is_measuring());
    assert_eq!(lengths(&harness, "(relative)").len(), 1, "the line stays, the panel does not");
    click_on(&mut harness, FLOOR);
    assert_eq!(lengths(&harness, "(relative)").len(), 1, "clicks measure no more");
    harness.get_by_label("Measure").click();
    harness.run();
    harness.get_by_label("Clear measurements").click();
    harness.run();
    assert!(lengths(&harness, "(relative)").is_empty());
}

#[test]
fn labels_stay_inside_and_off_each_other() {
    let mut harness = measuring();
    for point in [LEFT, RIGHT, FLOOR, Vec3::new(0.0, 1.0, 1.7), Vec3::new(0.1, 1.0, 1.8), Vec3::new(-0.1, 1.0, 1.5)] {
        click_on(&mut harness, point);
    }
    for turn in [Vec2::ZERO, vec2(150.0, 0.0), vec2(200.0, 60.0), vec2(-500.0, -80.0)] {
        if turn != Vec2::ZERO {
            drag(&mut harness, centre(), turn, PointerButton::Primary);
        }
        let placed: Vec<_> = labels(&harness, "(relative)").into_iter().map(|(_, rect)| rect).collect();
        assert!(placed.len() > 2, "{turn:?}");
        for (i, rect) in placed.iter().enumerate() {
            assert!(view_rect(&harness).contains_rect(*rect), "{rect:?}");
            assert!(placed[..i].iter().all(|other| !other.intersects(*rect)), "{rect:?} in {placed:?}");
        }
    }
}

#[test]
fn a_scale_that_is_typed_makes_the_line_as_long_and_keeps_the_picture() {
    let mut harness = measuring();
    click_on(&mut harness, LEFT);
    click_on(&mut harness, RIGHT);
    let before = camera(&harness);
    assert!(harness.get_by_label("Set scale").accesskit_node().is_disabled());
    harness.get_by_label("is really").click();
    let field = harness.get_by_role(egui::accesskit::Role::TextInput);
    field.focus();
    harness.run();
    harness.get_by_role(egui::accesskit::Role::TextInput).type_text("-3");
    harness.run();
    assert!(harness.get_by_label("Set scale").accesskit_node().is_disabled(), "no length");
    for _ in 0..2 {
        harness.key_press(Key::Backspace);
    }
    harness.get_by_role(egui::accesskit::Role::TextInput).type_text("6,5");
    harness.run();
    harness.get_by_label("Set scale").click();
    harness.run();
    let asked = harness.state().actions.iter().find_map(|action| match action {
        CloudAction::SetScale(factor) => Some(*factor),
        _ => None,
    });
    let factor = asked.expect("a scale was asked for");
    assert!(near(factor, 6.5 / LEFT.distance(RIGHT)), "{factor}");
    harness.state_mut().set_scale = Some(factor);
    harness.run();
    draw(&mut harness);
    assert_eq!(lengths(&harness, " m"), [6.5, 6.5]);
    harness.get_by_label_contains("depth in metres (scale set by hand)");
    let after = camera(&harness);
    assert!((after.eye - before.eye * factor).length() < 1e-4 && after.world_from_camera == before.world_from_camera);
    assert!((on_screen(&harness, LEFT * factor) - to_screen(&before, view_rect(&harness), LEFT)).length() < 0.1);
    harness.get_by_label("Reset scale").click();
    harness.run();
    assert!(harness.state().actions.contains(&CloudAction::ResetScale));
    harness.state_mut().set_scale = None;
    harness.run();
    assert!((camera(&harness).eye - before.eye).length() < 1e-4);
    assert!(near(lengths(&harness, "(relative)")[0], LEFT.distance(RIGHT)));
}

#[test]
fn a_second_length_adds_to_the_first_and_either_can_be_removed() {
    let mut harness = measuring();
    let say = |harness: &mut Harness<'static, Window>, metres: &str| {
        harness.get_by_role(egui::accesskit::Role::TextInput).focus();
        harness.run();
        harness.get_by_role(egui::accesskit::Role::TextInput).type_text(metres);
        harness.run();
        harness.get_by_label("Set scale").click();
        harness.run();
        took(harness)
    };
    let (wide, deep) = (LEFT.distance(RIGHT), LEFT.distance(FLOOR));
    click_on(&mut harness, LEFT);
    click_on(&mut harness, RIGHT);
    let first = say(&mut harness, &format!("{:.3}", 2.0 * wide)).expect("a scale");
    assert!(near(first, 2.0), "{first}");
    assert!(labels(&harness, "comes out").is_empty(), "a single length is true");
    // The line is ended; the scene has grown.
    harness.key_press(Key::Enter);
    harness.run();
    click_on(&mut harness, LEFT * first);
    click_on(&mut harness, FLOOR * first);
    let both = first * say(&mut harness, &format!("{:.3}", 2.1 * deep)).expect("a scale");
    assert!((2.03..2.07).contains(&both), "{both}");
    let told: Vec<String> = labels(&harness, "comes out").into_iter().map(|(text, _)| text).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("1: 5.2") && told[0].contains("(+2.") && told[1].contains("(-2."), "{told:?}");
    harness.get_by_label("Remove length 1").click();
    harness.run();
    let second = both * took(&mut harness).expect("a scale");
    assert!(near(second, 2.1), "{second}");
    harness.get_by_label("Reset scale").click();
    harness.run();
    assert!(harness.state().actions.contains(&CloudAction::ResetScale));
}

/// What was asked of the scale last; the scene follows.
fn took(harness: &mut Harness<'static, Window>) -> Option<f32> {
    let actions = std::mem::take(&mut harness.state_mut().actions);
    let factor = actions.into_iter().rev().find_map(|action| match action {
        CloudAction::SetScale(factor) => Some(factor),
        _ => None,
    })?;
    let before = harness.state().set_scale.unwrap_or(1.0);
    harness.state_mut().set_scale = Some(before * factor);
    harness.run();
    draw(harness);
    Some(factor)
}

#[test]
fn what_known_depths_did_stands_with_the_scale() {
    let mut harness = measuring();
    let by = Brought::Disparity { scale: 0.25, shift: 0.03 };
    harness.state_mut().fit = Some(DepthFit { by, values: 100, agreeing: 40, median_error: 0.25, p90_error: 0.5 });
    harness.run();
    harness.get_by_label_contains("Known depths: 1 ÷ depth = 0.2500 × disparity + 0.0300; off by 25.0 % in the middle");
}

#[test]
fn escape_in_the_field_leaves_the_field_only() {
    let mut harness = measuring();
    click_on(&mut harness, LEFT);
    click_on(&mut harness, RIGHT);
    harness.get_by_role(egui::accesskit::Role::TextInput).focus();
    harness.run();
    harness.get_by_role(egui::accesskit::Role::TextInput).type_text("1p2");
    harness.run();
    assert!(harness.state().view.is_measuring(), "what is typed is no key of the view");
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.state().view.is_measuring());
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!harness.state().view.is_measuring());
}

#[test]
fn measurements_are_copied_as_a_table() {
    let mut harness = measuring();
    click_on(&mut harness, LEFT);
    click_on(&mut harness, RIGHT);
    harness.get_by_label("Copy measurements").click();
    let text = copied(&mut harness).expect("copied");
    assert!(text.starts_with("line\tpoint\tx\ty\tz\tlength (relative)\n1\t1\t-1."), "{text}");
    assert_eq!(text.lines().count(), 4);
}

#[test]
fn a_resting_cursor_shows_numbers_that_can_be_copied() {
    let mut harness = window(dense_views());
    harness.hover_at(on_screen(&harness, LEFT));
    harness.run_steps(8);
    let point = hovered(&harness).expect("the wall");
    assert!((point.position - LEFT).length() < 0.05 && (point.depth - 5.5).abs() < 0.3, "{point:?}");
    let truth = 1.0 + 4.0 / point.depth;
    assert!(point.confidence.is_some_and(|confidence| near(confidence, truth)), "{point:?}");
    let (text, plate) = labels(&harness, "confidence ").remove(0);
    for words in ["x -1.", "z  ", " relative", "depth 5.", &format!("room-{}.png", point.view.0), "u ", "v "] {
        assert!(text.contains(words), "{words:?} is not in {text:?}");
    }
    assert!(view_rect(&harness).contains_rect(plate) && plate.bottom() < labels(&harness, "About")[0].1.top());
    harness.event(egui::Event::Copy);
    let words = copied(&mut harness).expect("copied");
    assert!(words.contains("depth 5.") && !words.contains('\n'), "{words}");
    harness.remove_cursor();
    harness.run_steps(4);
    assert!(labels(&harness, "confidence ").is_empty(), "the cursor has left");
}

#[test]
fn what_2d_points_at_is_marked_where_it_is() {
    let mut harness = window(two_views());
    harness.state_mut().marked = Some(FLOOR);
    harness.run();
    let mark = harness.get_by_label("Point under the cursor in 2D").rect();
    assert!((mark.center() - on_screen(&harness, FLOOR)).length() < 1.0);
    let eye = camera(&harness);
    harness.state_mut().marked = Some(eye.eye - eye.forward());
    harness.run();
    assert!(harness.query_by_label("Point under the cursor in 2D").is_none(), "behind the camera");
}

#[test]
fn a_click_into_nothing_is_said() {
    let mut harness = window(vec![photograph(1, Vec3::new(0.0, 0.0, -1.6), Vec3::new(0.0, 0.3, 2.0), 200, 150)]);
    harness.state_mut().view.settings.look.filters.depth_range = [99.0, 100.0];
    harness.get_by_label("Measure").click();
    harness.run();
    draw(&mut harness);
    let corner = view_rect(&harness).max;
    click(&mut harness, corner - vec2(30.0, 60.0));
    harness.run();
    harness.get_by_label("No point of the cloud there");
    assert!(lengths(&harness, "(relative)").is_empty());
}
