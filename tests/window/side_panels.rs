//! Panels that make room, and small screens on which nothing is cut.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Rect, Theme, Vec2};
use egui_kittest::kittest::Queryable;

use crate::harness::Desk;
use crate::pictures::check;

const NONE: Modifiers = Modifiers::NONE;
const SMALL: [f32; 2] = [900.0, 600.0];
/// 1280 by 800 pixels at 200 %, in points.
const LARGE_TYPE: [f32; 2] = [640.0, 400.0];

fn with_result(size: [f32; 2], theme: Theme) -> Desk {
    let mut desk = Desk::with_theme(size, theme);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish(run, 2);
    desk.key(Modifiers::COMMAND, Key::Num1);
    desk
}

fn at_200_percent(theme: Theme) -> Desk {
    let mut desk = with_result(LARGE_TYPE.map(|side| 2.0 * side), theme);
    desk.window.set_pixels_per_point(2.0);
    desk.settle();
    desk
}

fn width_of_pictures(desk: &Desk) -> f32 {
    let rects = ["Photo", "Depth"].map(|name| desk.window.get_by_role_and_label(Role::Image, name).rect());
    rects[0].union(rects[1]).width()
}

#[test]
fn both_panels_make_room_for_the_pictures_by_button_by_key_and_by_menu() {
    let mut desk = with_result([1280.0, 720.0], Theme::Dark);
    let with_both = width_of_pictures(&desk);
    desk.click("Hide the list of views");
    assert!(desk.window.query_by_label("Views · 2").is_none());
    desk.click("Hide the settings");
    assert!(desk.window.query_by_label("Run settings").is_none());
    assert!(width_of_pictures(&desk) > with_both + 300.0);
    desk.window.get_by_label("view 1.png");
    desk.key(Modifiers::COMMAND, Key::B);
    desk.window.get_by_label("Views · 2");
    desk.key(Modifiers::COMMAND | Modifiers::ALT, Key::B);
    desk.window.get_by_label("Run settings");
    desk.click("View");
    desk.click_containing("List of views");
    assert!(desk.window.query_by_label("Views · 2").is_none());
    desk.click("Show the list of views");
    desk.window.get_by_label("Views · 2");
}

#[test]
fn without_photos_the_settings_are_always_there() {
    let mut desk = with_result([1280.0, 720.0], Theme::Dark);
    desk.click("Hide the settings");
    desk.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Delete);
    desk.window.get_by_label("Run settings");
}

#[test]
fn sections_of_the_settings_fold_away_each_by_itself() {
    let mut desk = with_result([1280.0, 900.0], Theme::Dark);
    desk.window.get_by_label("Device");
    desk.click("Run settings");
    assert!(desk.window.query_by_label("Device").is_none());
    desk.window.get_by_label("Run 2 photos again");
    desk.window.get_by_label("Colour map");
    desk.click("2D view");
    assert!(desk.window.query_by_label("Colour map").is_none());
    desk.click("2D view");
    desk.window.get_by_label("Colour map");
}

/// What is drawn of a window lies on the screen, in whole.
fn lies_within(desk: &Desk, title: &str, size: [f32; 2]) {
    let screen = Rect::from_min_size(egui::Pos2::ZERO, Vec2::from(size)).expand(1.0);
    let window = desk.window.get_by_role_and_label(Role::Window, title).rect();
    assert!(screen.contains_rect(window), "{title}: {window} on {screen}");
}

fn keys(desk: &mut Desk, size: [f32; 2], name: &str) {
    desk.key(NONE, Key::F1);
    lies_within(desk, "Keys", size);
    check(desk, name);
}

#[test]
fn the_keys_on_a_small_screen() {
    keys(&mut with_result(SMALL, Theme::Light), SMALL, "keys_light_small");
}

#[test]
fn the_keys_at_200_percent() {
    keys(&mut at_200_percent(Theme::Dark), LARGE_TYPE, "keys_dark_200");
}

#[test]
fn at_200_percent_one_panel_at_a_time_stands_beside_the_pictures() {
    let mut desk = at_200_percent(Theme::Light);
    assert!(desk.window.query_by_label("Views · 2").is_none());
    desk.window.get_by_label("Run settings");
    check(&mut desk, "result_light_200");
    desk.click("Show the list of views");
    desk.window.get_by_label("Views · 2");
    assert!(desk.window.query_by_label("Run settings").is_none());
    desk.click("Show the settings");
    assert!(desk.window.query_by_label("Views · 2").is_none());
}

fn export(desk: &mut Desk, size: [f32; 2], name: &str) {
    desk.key(Modifiers::COMMAND, Key::E);
    lies_within(desk, "Export", size);
    check(desk, name);
}

#[test]
fn the_export_page_on_a_small_screen() {
    export(&mut with_result(SMALL, Theme::Dark), SMALL, "export_dark_small");
}

#[test]
fn the_export_page_at_200_percent() {
    export(&mut at_200_percent(Theme::Light), LARGE_TYPE, "export_light_200");
}
