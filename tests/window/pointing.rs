//! One cursor for 2D and 3D, the scale of a scene, and Escape while a run goes on.

use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2};
use egui_kittest::kittest::Queryable;
use fathom::inference::DepthUnit;

use crate::harness::Desk;

const IN_2D: &str = "Point under the cursor in 2D";
const IN_3D: &str = "Point under the cursor in 3D";

fn with_result() -> Desk {
    let mut desk = Desk::new([1400.0, 800.0]);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish(run, 2);
    desk.wait_for_pictures();
    desk
}

fn depth_picture(desk: &Desk) -> egui::Rect {
    desk.window.get_by_role_and_label(Role::Image, "Depth").rect()
}

#[test]
fn a_pixel_in_2d_is_marked_in_3d_until_the_cursor_leaves() {
    let mut desk = with_result();
    let at = depth_picture(&desk).center();
    desk.window.hover_at(at);
    desk.settle();
    let space = desk.window.get_by_role_and_label(Role::Canvas, "3D view").rect();
    assert!(space.contains(desk.window.get_by_label(IN_2D).rect().center()));
    assert!(desk.window.query_by_label(IN_3D).is_none());
    desk.window.remove_cursor();
    desk.settle();
    assert!(desk.window.query_by_label(IN_2D).is_none());
}

#[test]
fn a_point_in_3d_is_marked_in_2d_and_the_way_back_is_the_same() {
    let mut desk = with_result();
    let picture = depth_picture(&desk);
    let pixel = picture.min + picture.size() * egui::vec2(0.4, 0.8);
    desk.window.hover_at(pixel);
    desk.settle();
    let in_space = desk.window.get_by_label(IN_2D).rect().center();
    desk.rest();
    desk.window.render().expect("a picture to pick from");
    rest_at(&mut desk, in_space);
    let marks: Vec<Pos2> = desk.window.query_all_by_label(IN_3D).map(|node| node.rect().center()).collect();
    assert_eq!(marks.len(), 2, "in the photo and in the depth picture");
    // From the side several pixels of the floor share one of the picture.
    assert!(marks.iter().any(|mark| (*mark - pixel).length() < 20.0), "{marks:?} {pixel:?}");
    desk.window.remove_cursor();
    desk.settle();
    desk.settle();
    assert!(desk.window.query_all_by_label(IN_3D).next().is_none());
}

/// Rests on a point until it is known what is there.
fn rest_at(desk: &mut Desk, at: Pos2) {
    desk.window.hover_at(at);
    desk.rest();
    desk.settle();
}

#[test]
fn escape_while_measuring_does_not_cancel_the_run() {
    let mut desk = with_result();
    desk.key(Modifiers::NONE, Key::F5);
    desk.run_command();
    desk.click("Measure");
    desk.key(Modifiers::NONE, Key::Escape);
    assert_eq!(desk.cancels(), 0);
    desk.key(Modifiers::NONE, Key::Escape);
    assert_eq!(desk.cancels(), 1);
}

#[test]
fn no_number_keeps_an_old_unit_when_the_scale_is_set() {
    let mut desk = relative();
    assert!(desk.window.query_by_label_contains("relative depth").is_some());
    measure(&mut desk);
    desk.window.get_by_role(Role::TextInput).focus();
    desk.settle();
    desk.window.get_by_role(Role::TextInput).type_text("2.5");
    desk.settle();
    desk.click("Set scale");
    desk.settle();
    let results = &desk.window.state().state().results;
    let factor = results.set_scale_of(None).expect("set");
    assert_eq!(results.unit_of(None), DepthUnit::Metres);
    let given = crate::views::prediction(0).depth[77];
    assert_eq!(results.views()[0].depth[77], given * factor);
    assert!(desk.window.query_by_label_contains("relative").is_none(), "a number has lost its unit");
    desk.window.get_by_label_contains("scale was set by hand");
    let picture = depth_picture(&desk).center();
    desk.window.hover_at(picture);
    desk.settle();
    let readout = desk.window.query_all_by_label_contains(" m · confidence").count();
    assert_eq!(readout, 1, "the number under the cursor in 2D");
    desk.click("Reset scale");
    let results = &desk.window.state().state().results;
    assert_eq!((results.unit_of(None), results.views()[0].depth[77]), (DepthUnit::Relative, given));
    desk.window.get_by_label_contains("relative depth");
}

pub fn relative() -> Desk {
    let mut desk = Desk::new([1400.0, 800.0]);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish_in(run, 2, DepthUnit::Relative);
    desk.wait_for_pictures();
    desk
}

/// A line between two points of the cloud: where 3D shows two pixels of the floor.
pub fn measure(desk: &mut Desk) {
    let picture = depth_picture(desk);
    let ends = [0.3, 0.8].map(|x| {
        desk.window.hover_at(picture.min + picture.size() * egui::vec2(x, 0.85));
        desk.settle();
        desk.window.get_by_label(IN_2D).rect().center()
    });
    desk.rest();
    desk.window.render().expect("a picture to pick from");
    desk.click("Measure");
    for at in ends {
        desk.window.hover_at(at);
        desk.window.drag_at(at);
        desk.window.drop_at(at);
        desk.settle();
        desk.rest();
        desk.window.render().expect("a picture to pick from");
    }
}
