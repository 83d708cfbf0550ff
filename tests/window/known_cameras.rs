//! Known cameras in the window: chosen, matched with the photos, and forgotten with them.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use fathom::app::Open;
use fathom::export::{Format, Options, RunNotes, export_all};
use fathom::geometry::Reading;
use fathom::inference::{Notice, Prediction};
use fathom::worker::{Event, Problem};

use crate::harness::Desk;
use crate::pictures::check;
use crate::views::prediction;

/// A window with three photos and an any-view model, and `cameras.json` of the first two.
fn desk() -> (Desk, PathBuf) {
    let mut desk = Desk::new([1280.0, 1180.0]);
    desk.click("Model");
    desk.click_containing("DA3-Small");
    desk.click("Advanced");
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let folder = desk.folder_for("exported");
    let views = (0..2).map(|view| Arc::new(prediction(view))).collect();
    let options = Options { formats: [Format::Cameras].into(), ..Options::default() };
    export_all(&Prediction { views, ..Prediction::default() }, &folder, &RunNotes::default(), &options).expect("space");
    (desk, folder.join("cameras.json"))
}

fn choose(desk: &mut Desk, path: &std::path::Path) {
    let answer = path.to_owned();
    let ask = Arc::new(move |what| (what == Open::Cameras).then(|| answer.clone()));
    desk.window.state_mut().set_open_dialog(ask);
    desk.click("Known cameras");
    desk.click("A cameras.json or transforms.json…");
}

#[test]
fn cameras_are_chosen_counted_and_forgotten_with_the_photos() {
    let (mut desk, cameras) = desk();
    choose(&mut desk, &cameras);
    desk.wait_for("2 of 3 photos have a camera; the others will give no result");
    assert_eq!(desk.window.state().state().settings.known_cameras, Some(cameras.clone()));
    desk.key(Modifiers::NONE, Key::ArrowDown);
    desk.key(Modifiers::NONE, Key::ArrowDown);
    desk.key(Modifiers::NONE, Key::Delete);
    desk.window.get_by_label("All 2 photos have a camera");
    desk.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Delete);
    desk.window.get_by_label("The known cameras are forgotten with their photos");
    assert_eq!(desk.window.state().state().settings.known_cameras, None);

    choose(&mut desk, &cameras);
    desk.wait_for("Photos find their camera by file name");
    desk.click("Known cameras");
    desk.click("None");
    assert_eq!(desk.window.state().state().settings.known_cameras, None);
}

#[test]
fn cameras_are_dropped_and_files_that_are_none_say_so() {
    let (mut desk, cameras) = desk();
    desk.drop_without_waiting(&cameras);
    desk.wait_for_containing("2 of 3 photos have a camera in");
    let broken = cameras.with_file_name("broken.json");
    std::fs::write(&broken, "{").expect("written");
    choose(&mut desk, &broken);
    desk.wait_for_containing("the file is damaged");
    assert_eq!(desk.window.state().state().settings.known_cameras, Some(cameras), "what was chosen before stays");
}

#[test]
fn a_reading_that_fits_better_is_one_click_away() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(3);
    desk.model_ready();
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    let notice = Notice::CamerasReadBetter { reading: Reading::OpenGlInverse, degrees: 1.4, before: 92.0 };
    desk.send(Event::Warning { run: Some(run), problem: Problem::from(&notice) });
    desk.finish(run, 3);
    check(&mut desk, "reading_dark");
    desk.click_containing("Read them as");
    assert_eq!(desk.window.state().state().settings.cameras_as, Reading::OpenGlInverse);
    let (_, photos) = desk.run_command();
    assert_eq!(photos.len(), 3, "they run again, read so");
}
