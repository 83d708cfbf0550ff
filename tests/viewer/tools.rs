//! What is in sight at first, the wheel, keys and the toolbar of the 3D view.

use egui::accesskit::Role;
use egui::{Key, Modifiers, MouseWheelUnit, PointerButton, Rect, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use egui_kittest::{Harness, Node};
use fathom::app::cloud_view::CloudAction;
use fathom::input::ViewId;
use fathom::scene::{Filters, Thinning, points};
use glam::Vec3;

use crate::desk::{
    CONTROLS, WINDOW, Window, camera, centre, drag, draw, hovered, on_screen, two_views, view_rect, window,
};

const ALL: [&str; 7] = [
    "Fit the scene",
    "Reset view",
    "Look through the camera",
    "Save this view",
    "Measure",
    "Save picture…",
    "Save film…",
];

/// A place that shows the back wall from where the room is first seen.
pub fn on_wall() -> egui::Pos2 {
    centre() + vec2(-60.0, -140.0)
}

#[test]
fn what_is_seen_first_is_all_of_the_scene_in_a_view_of_any_shape() {
    for number in [1, 2] {
        let mut harness = window(two_views()[..number].to_vec());
        for size in [WINDOW, vec2(CONTROLS + 250.0, 620.0), vec2(1300.0, 420.0)] {
            harness.set_size(size);
            harness.run();
            let (camera, rect) = (camera(&harness), view_rect(&harness));
            let all = points(&harness.state().views, &Filters::default(), &Thinning::NONE);
            let is_inside = |point: Vec3| {
                let at = camera.project(point, rect.aspect_ratio());
                at.is_some_and(|(at, _)| at.abs().max_element() <= 1.0)
            };
            let inside = all.iter().filter(|point| is_inside(point.position)).count();
            assert!(inside as f32 >= 0.99 * all.len() as f32, "{inside} of {} points at {size}", all.len());
            let centres = harness.state().views.iter().map(|view| view.camera.camera_from_world.camera_centre());
            assert!(number == 1 || centres.into_iter().all(is_inside), "a camera is out of sight at {size}");
        }
    }
}

/// One notch, up to a picture to pick from.
fn notch(harness: &mut Harness<'_, Window>, lines: f32) {
    harness.event(egui::Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: vec2(0.0, lines),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    harness.run_steps(12);
    draw(harness);
}

#[test]
fn every_notch_of_the_wheel_is_a_tenth_of_the_way_also_the_first() {
    let mut harness = window(two_views());
    harness.hover_at(on_wall());
    harness.run_steps(6);
    let point = hovered(&harness).expect("the wall").position;
    let distance = |harness: &Harness<'_, Window>| camera(harness).eye.distance(point);
    let mut before = distance(&harness);
    for (step, lines) in [1.0, 1.0, 1.0, 1.0, -1.0, -1.0].into_iter().enumerate() {
        notch(&mut harness, lines);
        let after = distance(&harness);
        let nearer = if lines > 0.0 { after / before } else { before / after };
        assert!((0.88..0.92).contains(&nearer), "step {step} of {lines} lines leaves {nearer} of the distance");
        before = after;
    }
}

#[test]
fn keys_act_wherever_the_pointer_is() {
    let mut harness = window(two_views());
    harness.hover_at(egui::pos2(WINDOW.x - CONTROLS / 2.0, 40.0));
    harness.run();
    let before = camera(&harness);
    harness.key_press(Key::Num7);
    harness.run();
    assert!(camera(&harness).forward().dot(camera(&harness).up()) < -0.99, "from the top");
    harness.key_down(Key::W);
    harness.run_steps(4);
    harness.key_up(Key::W);
    harness.run();
    assert!(camera(&harness).eye.distance(before.eye) > 0.1);
    harness.remove_cursor();
    harness.key_press(Key::R);
    harness.run();
    assert!(camera(&harness).forward().angle_between(before.forward()) < 1e-3);
    // A control that takes no text is no reason to be deaf.
    harness.get_by_label("Show cameras").focus();
    harness.run();
    harness.key_press(Key::P);
    harness.run();
    assert!(harness.state().view.is_measuring());
}

#[test]
fn keys_are_letters_where_somebody_types_and_nothing_in_a_menu() {
    let mut harness = window(two_views());
    harness.state_mut().view.save_view();
    harness.run();
    harness.get_by_label("Rename View 1").click_accesskit();
    harness.run();
    let before = camera(&harness);
    for key in [Key::Num7, Key::P, Key::V, Key::Num5] {
        harness.key_press(key);
        harness.run();
    }
    harness.key_down(Key::W);
    harness.run_steps(4);
    harness.key_up(Key::W);
    assert_eq!(camera(&harness), before);
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_label("Colour by").click();
    harness.run();
    harness.key_press(Key::Num7);
    harness.run();
    assert_eq!(camera(&harness), before);
    assert!(!harness.state().view.is_measuring());
}

fn is_disabled(harness: &Harness<'_, Window>, label: &str) -> bool {
    harness.get_by_label(label).accesskit_node().is_disabled()
}

#[test]
fn the_toolbar_moves_the_camera_as_its_keys_do() {
    let mut harness = window(two_views());
    let first = camera(&harness);
    drag(&mut harness, centre(), vec2(80.0, 30.0), PointerButton::Primary);
    let turned = camera(&harness);
    harness.get_by_label("Fit the scene").click();
    harness.run();
    let fitted = camera(&harness);
    assert_eq!(fitted.world_from_camera, turned.world_from_camera);
    assert!(fitted.eye.distance(turned.eye) > 0.01);
    harness.get_by_label("Reset view").click();
    harness.run();
    assert!(camera(&harness).eye.distance(first.eye) < 1e-3);
    assert!(is_disabled(&harness, "Look through the camera"), "no photo is selected");
    harness.state_mut().selected = Some(ViewId(2));
    harness.run();
    let before = camera(&harness);
    harness.get_by_label("Look through the camera").click();
    harness.run();
    let apex = harness.state().views[1].camera.camera_from_world.camera_centre();
    assert!(camera(&harness).eye.distance(apex) < 1e-3);
    assert_eq!(harness.state().view.settings.overlay_opacity, 0.5, "photo and points are compared at once");
    harness.get_by_label("Look through the camera").click();
    harness.run();
    assert_eq!(camera(&harness), before, "a second time leads back");
    assert!(harness.query_by_label("Photo over scene").is_none());
    in_bar(&harness, "Save this view").click();
    harness.run();
    assert!(harness.state().actions.contains(&CloudAction::SaveView));
}

/// The tool of that name: a button of the panel may have it, too.
fn in_bar<'a>(harness: &'a Harness<'_, Window>, label: &'a str) -> Node<'a> {
    let view = view_rect(harness);
    let all = harness.query_all_by_label(label);
    all.into_iter().find(|node| view.contains(node.rect().center())).expect("in the bar")
}

/// What of the tools is in the bar, and where.
fn shown(harness: &Harness<'_, Window>) -> Vec<(&'static str, Rect)> {
    let view = view_rect(harness);
    let found = |label: &'static str| {
        let nodes = harness.query_all_by_role_and_label(Role::Button, label);
        let mut rects = nodes.map(|node| node.rect()).filter(|rect| rect.width() < 40.0 && view.intersects(*rect));
        rects.next().map(|rect| (label, rect))
    };
    ALL.into_iter().chain(["More tools"]).filter_map(found).collect()
}

#[test]
fn no_tool_is_cut_off_and_none_is_lost_in_a_narrow_view() {
    let mut harness = window(two_views());
    assert_eq!(shown(&harness).len(), ALL.len(), "there is room for all");
    for width in [400.0, 240.0, 180.0, 120.0, 60.0] {
        harness.set_size(vec2(CONTROLS + width, 300.0));
        harness.run();
        let (view, shown) = (view_rect(&harness), shown(&harness));
        for (label, rect) in &shown {
            assert!(view.contains_rect(*rect), "{label} is cut off at {width}: {rect:?} in {view:?}");
        }
        for (label, rect) in &shown {
            let gizmo = harness.query_by_label("Look from +Y").map(|node| node.rect());
            assert!(gizmo.is_none_or(|gizmo| !gizmo.intersects(*rect)), "{label} lies under the axes at {width}");
        }
        let missing = ALL.into_iter().filter(|label| !shown.iter().any(|(other, _)| other == label));
        let missing: Vec<&str> = missing.collect();
        assert_eq!(shown.iter().any(|(label, _)| *label == "More tools"), !missing.is_empty(), "at {width}");
        if missing.is_empty() {
            continue;
        }
        harness.get_by_label("More tools").click();
        harness.run();
        for label in missing {
            assert!(harness.query_all_by_label_contains(label).count() > 0, "{label} is nowhere at {width}");
        }
        harness.key_press(Key::Escape);
        harness.run();
    }
}

#[test]
fn folded_tools_work_and_one_that_is_on_shows() {
    let mut harness = window(two_views());
    harness.set_size(vec2(CONTROLS + 110.0, 420.0));
    harness.run();
    harness.get_by_label("More tools").click();
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Measure P").click();
    harness.run();
    assert!(harness.state().view.is_measuring());
    harness.key_press(Key::Escape);
    harness.run();
    assert!(!harness.state().view.is_measuring());
}

#[test]
fn a_film_is_looked_at_before_it_is_made() {
    let mut harness = window(two_views()[..1].to_vec());
    let home = camera(&harness);
    harness.get_by_label("Save film…").click();
    harness.run();
    let way = harness.get_by_label("Camera").accesskit_node().value();
    assert_eq!(way.as_deref(), Some("Sway"), "the film for one photo");
    let middle = home.eye + home.forward() * home.pivot_depth();
    let still = on_screen(&harness, middle);
    let shot = |harness: &mut Harness<'_, Window>| {
        harness.run_steps(12);
        harness.render().expect("a picture")
    };
    let rest = shot(&mut harness);
    harness.get_by_label("Preview").click();
    let pictures = [shot(&mut harness), shot(&mut harness), shot(&mut harness)];
    assert!(pictures.iter().all(|picture| differs(picture, &rest)), "the camera sways");
    assert!(differs(&pictures[0], &pictures[1]) && differs(&pictures[1], &pictures[2]));
    assert_eq!((camera(&harness), on_screen(&harness, middle)), (home, still), "a person stays where they were");
    harness.get_by_label("Preview").click();
    harness.run();
    assert!(!differs(&shot(&mut harness), &rest), "and is there again");
    harness.get_by_label("Preview").click();
    harness.run_steps(4);
    harness.key_press(Key::Num7);
    harness.run();
    assert!(camera(&harness).forward().dot(camera(&harness).up()) < -0.99, "who moves sees what they do");
}

fn differs(a: &image::RgbaImage, b: &image::RgbaImage) -> bool {
    let [width, height] = [WINDOW.x - CONTROLS, WINDOW.y].map(|side| side as u32);
    // The lower part of the view, below the card's buttons and beside its text.
    let part = |picture: &image::RgbaImage| {
        image::imageops::crop_imm(picture, width / 2 + 40, height / 3, width / 2 - 60, height / 3).to_image()
    };
    let (a, b) = (part(a), part(b));
    a.pixels().zip(b.pixels()).filter(|(a, b)| (0..3).any(|c| a[c].abs_diff(b[c]) > 16)).count() > 300
}
