//! Copied files and pictures are pasted on the window, and a display that passes on no drops says what works instead.

use std::sync::Arc;

use egui::{ColorImage, Event};
use egui_kittest::kittest::Queryable;

use super::harness::Desk;

const DESKTOP: [f32; 2] = [1280.0, 800.0];

#[test]
fn copied_files_are_pasted() {
    let mut desk = Desk::new(DESKTOP);
    let photos = desk.photos(2);
    let text = photos.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join("\n");
    desk.add_and_wait(|desk| desk.window.event(Event::Paste(text)));
    let rows: Vec<_> = desk.window.state().state().views.rows().iter().map(|row| row.path.clone()).collect();
    assert_eq!(rows, photos);
}

#[test]
fn copied_files_are_pasted_without_their_paths_in_words() {
    let mut desk = Desk::new(DESKTOP);
    let photos = desk.photos(2);
    let copied = photos.clone();
    desk.window.state_mut().set_copied_files(move || copied.clone());
    // A Mac: the bare name is the text.
    desk.add_and_wait(|desk| desk.window.event(Event::Paste("photo.jpg".into())));
    assert_eq!(desk.window.state().state().views.rows().len(), 2);

    // Windows, or a clipboard of text/uri-list alone: egui tells no more than that the key comes up again.
    let mut desk = Desk::new(DESKTOP);
    let copied = photos.clone();
    desk.window.state_mut().set_copied_files(move || copied.clone());
    desk.add_and_wait(|desk| {
        let (key, modifiers) = (egui::Key::V, egui::Modifiers::COMMAND);
        desk.window.event(Event::Key { key, physical_key: None, pressed: false, repeat: false, modifiers });
    });
    let rows: Vec<_> = desk.window.state().state().views.rows().iter().map(|row| row.path.clone()).collect();
    assert_eq!(rows, photos);
}

#[test]
fn words_are_no_files_and_say_so() {
    let mut desk = Desk::new(DESKTOP);
    desk.add_and_wait(|desk| desk.window.event(Event::Paste("a shopping list".into())));
    assert!(desk.window.state().state().views.is_empty());
    let notice = desk.window.state().state().notices.all().last().expect("a notice").problem.to_string();
    assert!(notice.starts_with("What was pasted names no files"), "{notice}");
}

#[test]
fn a_display_without_drops_asks_for_something_else() {
    let mut desk = Desk::new(DESKTOP);
    assert!(desk.window.query_by_label("Drop photos, a folder or a session here").is_some());
    desk.window.state_mut().set_takes_drops(false);
    desk.settle();
    assert!(desk.window.query_by_label("Drop photos, a folder or a session here").is_none());
    assert!(desk.window.query_by_label("Open or paste photos, a folder or a session").is_some());
    // A picture is pasted as well: nothing happens without one.
    let empty = ColorImage::new([0, 0], Vec::new());
    desk.add_and_wait(|desk| desk.window.event(Event::PasteImage(Arc::new(empty))));
    let notice = desk.window.state().state().notices.all().last().expect("a notice").problem.to_string();
    assert!(notice.contains("pasted picture cannot be kept"), "{notice}");
}
