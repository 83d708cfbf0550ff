//! Pictures and films of the window's 3D view, up to the files.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use fathom::app::SaveAs;
use fathom::export::AnimationFormat;

use crate::harness::Desk;

/// A window with a finished scene whose questions for places are answered with `name` in `folder`, where they are for this and are
/// offered a name.
fn desk(folder: &tempfile::TempDir, what: fn(PathBuf) -> SaveAs, name: &str) -> Desk {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish(run, 2);
    let path = folder.path().join(name);
    let photos = photos[0].parent().expect("a folder").to_owned();
    let expected = [what(photos.join("view 1 3D")), what(photos.join("view 1 film"))];
    desk.window.state_mut().set_save_dialog(Arc::new(move |asked| expected.contains(&asked).then(|| path.clone())));
    desk
}

#[test]
fn a_picture_becomes_a_file_and_a_notice_says_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = desk(&folder, SaveAs::Picture, "scene.png");
    desk.key(Modifiers::NONE, Key::K);
    desk.click("Transparent background");
    desk.window.render().expect("a picture");
    desk.click("Save…");
    desk.wait_for_containing("Saved the picture to");
    let picture = image::open(folder.path().join("scene.png")).expect("a PNG");
    assert!(picture.color().has_alpha() && picture.width() > 200);
    let notices = desk.window.state().state().notices.all();
    assert!(notices.iter().any(|notice| notice.problem.to_string().contains("scene.png")));
    desk.key(Modifiers::NONE, Key::K);
    assert!(desk.window.query_by_label("Transparent background").is_none(), "K closes what it opens");
}

#[test]
fn a_picture_without_a_place_is_an_error_with_its_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = desk(&folder, SaveAs::Picture, "missing/scene.png");
    desk.key(Modifiers::NONE, Key::K);
    desk.window.render().expect("a picture");
    desk.click("Save…");
    desk.wait_for_containing("The picture could not be saved");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a listing").count(), 0);
}

#[test]
fn a_film_shows_how_far_it_is_and_can_be_cancelled() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = desk(&folder, |offered| SaveAs::Film(AnimationFormat::Gif, offered), "film.gif");
    desk.key(Modifiers::SHIFT, Key::K);
    desk.window.render().expect("a picture");
    desk.click("Format");
    desk.click("GIF");
    desk.window.get_by_label("Save…").click();
    desk.step_until("Film: frame");
    desk.window.get_by_label("Cancel film").click();
    desk.step_until("Film cancelled");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a listing").count(), 0);
}

#[test]
fn views_are_saved_with_a_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = desk(&folder, SaveAs::Picture, "scene.png");
    desk.key(Modifiers::NONE, Key::B);
    desk.window.get_by_label("Saved as View 1");
    desk.window.get_by_label("View 1");
}
