//! What was opened before is a click away, over restarts, and goes when it is gone.

use std::sync::Arc;

use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use fathom::app::SaveAs;

use crate::harness::Desk;

const DESKTOP: [f32; 2] = [1280.0, 720.0];

/// A window in which a session, a folder and photos were opened, in this order.
fn used() -> Desk {
    let mut desk = Desk::new(DESKTOP);
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish(run, 3);
    let session = desk.folder_for("sessions").join("holiday.fathom");
    desk.window
        .state_mut()
        .set_save_dialog(Arc::new(move |what| matches!(what, SaveAs::Session(_)).then(|| session.clone())));
    desk.key(Modifiers::COMMAND, Key::S);
    desk.wait_for_containing("holiday.fathom");
    let folder = desk.folder_of(2);
    desk.drop_files(&[folder]);
    desk.run_command();
    desk.drop_files(&photos);
    desk
}

#[test]
fn what_was_opened_is_opened_again_after_a_restart() {
    let mut before = used();
    let mut desk = before.started_again(DESKTOP, Theme::Dark);
    for name in ["view 1.png and 2 more", "many", "holiday.fathom"] {
        desk.window.get_by_label(&format!("Open {name} again"));
    }
    desk.click("Open view 1.png and 2 more again");
    assert_eq!(desk.run_command().1.len(), 3);

    let mut desk = before.started_again(DESKTOP, Theme::Dark);
    desk.click("Open holiday.fathom again");
    desk.wait_for_containing("Opened holiday.fathom");
    desk.window.get_by_label("view 3.png, done");

    let mut desk = before.started_again(DESKTOP, Theme::Dark);
    desk.click("File");
    desk.click_containing("Open recent");
    desk.click_containing("many Folder");
    assert_eq!(desk.run_command().1.len(), 2);
}

#[test]
fn the_list_can_be_cleared() {
    let mut desk = used().started_again(DESKTOP, Theme::Dark);
    desk.click("File");
    desk.click_containing("Open recent");
    desk.click("Clear recent");
    assert!(desk.window.query_by_label_contains("holiday").is_none());
    desk.click("File");
    assert!(desk.window.get_by_label_contains("Open recent").accesskit_node().is_disabled(), "there is nothing");
}

#[test]
fn what_is_gone_says_so_and_leaves_the_list() {
    let mut before = used();
    let photos = before.photos(3);
    let mut desk = before.started_again(DESKTOP, Theme::Dark);
    photos.iter().for_each(|photo| std::fs::remove_file(photo).expect("gone"));
    desk.click("Open view 1.png and 2 more again");
    desk.wait_for_containing("iew 1.png and 2 photos opened with it are not there any more");
    assert!(desk.window.query_by_label("Open view 1.png and 2 more again").is_none());
    assert!(desk.no_command());
    let folder = photos[0].parent().and_then(std::path::Path::parent).expect("a folder").join("many");
    std::fs::remove_dir_all(folder).expect("gone");
    desk.click("Open many again");
    desk.wait_for_containing("many is not there any more");
    desk.window.get_by_label("Open holiday.fathom again");
}

#[test]
fn examples_are_no_files_of_a_person() {
    let mut desk = Desk::new(DESKTOP);
    desk.click("Open example Cat");
    desk.run_command();
    let desk = desk.started_again(DESKTOP, Theme::Dark);
    assert!(desk.window.query_by_label_contains("again").is_none());
}

#[test]
fn the_first_page_dark() {
    let mut before = used();
    crate::pictures::check(&mut before.started_again(DESKTOP, Theme::Dark), "recent_dark");
}

#[test]
fn the_first_page_light_small() {
    let mut before = used();
    crate::pictures::check(&mut before.started_again([900.0, 600.0], Theme::Light), "recent_light_small");
}
