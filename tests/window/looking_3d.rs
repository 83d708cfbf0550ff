//! The 3D view within the window: keys from anywhere, its toolbar in every size, and work that shows where it was clicked.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Theme};
use egui_kittest::SnapshotOptions;
use egui_kittest::kittest::{NodeT, Queryable};
use fathom::app::SaveAs;
use image::imageops::crop_imm;

use crate::harness::Desk;

const MEASURES: &str = "Click points of the cloud";

fn with_scene(size: [f32; 2], theme: Theme) -> Desk {
    let mut desk = Desk::with_theme(size, theme);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish(run, 2);
    desk.key(Modifiers::COMMAND, Key::Num2);
    desk
}

fn rect_of(desk: &Desk, label: &str) -> Option<Rect> {
    let nodes = desk.window.query_all_by_role_and_label(Role::Button, label);
    nodes.map(|node| node.rect()).find(|rect| rect.width() < 40.0)
}

#[test]
fn keys_of_3d_act_with_the_pointer_over_the_list_and_not_under_a_question() {
    let mut desk = with_scene([1280.0, 720.0], Theme::Dark);
    desk.window.hover_at(egui::pos2(60.0, 200.0));
    desk.settle();
    desk.key(Modifiers::NONE, Key::P);
    assert!(desk.window.query_by_label_contains(MEASURES).is_some());
    desk.key(Modifiers::NONE, Key::P);
    assert!(desk.window.query_by_label_contains(MEASURES).is_none());
    // Nor is it looked at behind a window.
    desk.key(Modifiers::COMMAND, Key::E);
    desk.key(Modifiers::NONE, Key::P);
    desk.key(Modifiers::COMMAND, Key::E);
    assert!(desk.window.query_by_label_contains(MEASURES).is_none());
    // In 2D nothing of it is shown.
    desk.key(Modifiers::COMMAND, Key::Num1);
    desk.key(Modifiers::NONE, Key::P);
    desk.key(Modifiers::COMMAND, Key::Num2);
    assert!(desk.window.query_by_label_contains(MEASURES).is_none());
    // What was made by hand is not thrown away without a question.
    desk.key(Modifiers::NONE, Key::B);
    desk.key(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Delete);
    desk.window.get_by_label_contains("Save this session?");
    desk.key(Modifiers::NONE, Key::P);
    desk.click("Cancel");
    assert!(desk.window.query_by_label_contains(MEASURES).is_none());
}

#[test]
fn a_view_is_saved_with_the_toolbar() {
    let mut desk = with_scene([1280.0, 720.0], Theme::Dark);
    let at = rect_of(&desk, "Save this view").expect("in the toolbar").center();
    desk.window.hover_at(at);
    desk.window.drag_at(at);
    desk.window.drop_at(at);
    desk.settle();
    desk.window.get_by_label("Saved as View 1");
}

#[test]
fn a_picture_says_in_its_button_that_it_is_being_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("large.png");
    let mut desk = with_scene([1280.0, 720.0], Theme::Dark);
    desk.window
        .state_mut()
        .set_save_dialog(Arc::new(move |asked| matches!(asked, SaveAs::Picture(_)).then(|| path.clone())));
    desk.key(Modifiers::NONE, Key::K);
    desk.click("Size");
    desk.click("3840 × 2160");
    desk.window.render().expect("a picture");
    desk.window.get_by_label("Save…").click();
    desk.step_until("Drawing…");
    let button = desk.window.get_by_label("Drawing…");
    assert!(button.accesskit_node().is_disabled(), "a second click would be impatience");
    desk.step_until("Saved the picture to");
    let picture = image::open(folder.path().join("large.png")).expect("a PNG").into_rgba8();
    assert_eq!(picture.dimensions(), (3840, 2160));
    assert!(desk.window.query_by_label("Drawing…").is_none());
}

#[test]
fn an_example_that_is_drawn_says_so_on_its_card() {
    let mut desk = Desk::new([1280.0, 720.0]);
    desk.click("Open example Table top");
    desk.step_until("Open example Table top: Drawing…");
    desk.wait_for_containing("exact, not predicted");
    assert!(desk.window.query_by_label_contains("Drawing…").is_none());
}

/// A part of the window, so that the picture holds what it is about and nothing of the cloud.
fn check(desk: &mut Desk, part: Rect, name: &str) {
    let picture = desk.window.render().expect("a picture");
    let [left, top, width, height] = [part.left(), part.top(), part.width(), part.height()].map(|side| side as u32);
    let part = crop_imm(&picture, left, top, width, height).to_image();
    let options = SnapshotOptions::new().threshold(1.5).max_failed_pixels(16);
    egui_kittest::image_snapshot_options(&part, name, &options);
}

#[test]
fn the_toolbar_in_both_themes() {
    for (theme, name) in [(Theme::Dark, "toolbar_dark"), (Theme::Light, "toolbar_light")] {
        let mut desk = with_scene([900.0, 600.0], theme);
        desk.key(Modifiers::NONE, Key::P);
        desk.key(Modifiers::NONE, Key::P);
        desk.window.remove_cursor();
        desk.wait_for_pictures();
        let [first, last] = ["Fit the scene", "Save film…"].map(|label| rect_of(&desk, label).expect("in the bar"));
        check(&mut desk, first.union(last), name);
    }
}

#[test]
fn what_finds_no_room_in_the_toolbar_in_both_themes() {
    for (theme, name) in [(Theme::Dark, "toolbar_more_dark"), (Theme::Light, "toolbar_more_light")] {
        let mut desk = with_scene([500.0, 400.0], theme);
        let view = desk.window.get_by_role_and_label(Role::Canvas, "3D view").rect();
        desk.click("More tools");
        desk.window.remove_cursor();
        desk.wait_for_pictures();
        let window = Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(500.0, 400.0));
        let entries = ["Measure", "Save picture…", "Save film…"].map(|label| {
            let mut nodes = desk.window.query_all_by_label_contains(label);
            nodes.next().expect("behind the last button").rect()
        });
        let list = entries.into_iter().reduce(|a, b| a.union(b)).expect("entries");
        assert!(window.contains_rect(list), "{list:?}");
        let more = rect_of(&desk, "More tools").expect("in the bar");
        assert!(view.contains_rect(more), "{more:?} in {view:?}");
        check(&mut desk, list, name);
    }
}
