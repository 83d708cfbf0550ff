//! Dialogs: closing one says nothing, and each begins where the last one of its kind has ended.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable;
use fathom::app::SaveAs;

use crate::harness::Desk;

const COMMAND: Modifiers = Modifiers::COMMAND;

/// Until no dialog is open any more.
fn wait_for_dialog(desk: &mut Desk) {
    let start = std::time::Instant::now();
    while desk.window.query_by_label("Waiting for the file dialog").is_some() {
        assert!(start.elapsed().as_secs() < 20, "the dialog stays");
        desk.step_some();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    desk.settle();
}

#[test]
fn a_dialog_that_is_closed_says_nothing() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(1);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish(run, 1);
    let app = desk.window.state_mut();
    app.set_photos_dialog(Arc::new(Vec::new));
    app.set_open_dialog(Arc::new(|_| None));
    app.set_save_dialog(Arc::new(|_| None));
    let (notices, outcome) = {
        let state = desk.window.state().state();
        (state.notices.all().len(), state.outcome.clone())
    };
    let keys = [(COMMAND, Key::O), (COMMAND | Modifiers::SHIFT, Key::O), (COMMAND | Modifiers::ALT, Key::O)];
    for (modifiers, key) in keys.into_iter().chain([(COMMAND, Key::S)]) {
        desk.key(modifiers, key);
        wait_for_dialog(&mut desk);
    }
    desk.key(COMMAND, Key::E);
    desk.step_some();
    desk.click("Export into…");
    wait_for_dialog(&mut desk);
    let state = desk.window.state().state();
    assert_eq!((state.notices.all().len(), state.outcome.clone()), (notices, outcome));
    assert_eq!(desk.order(), [0]);
    desk.window.get_by_label("Export into…");
}

#[test]
fn photos_and_folders_come_by_dialog() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(2);
    let answer = photos.clone();
    desk.window.state_mut().set_photos_dialog(Arc::new(move || answer.clone()));
    desk.key(COMMAND, Key::O);
    assert_eq!(desk.run_command().1.len(), 2);
    let folder = desk.folder_of(3);
    desk.window.state_mut().set_open_dialog(Arc::new(move |_| Some(folder.clone())));
    desk.key(COMMAND | Modifiers::SHIFT, Key::O);
    desk.wait_for("Views · 5");
}

#[test]
fn where_dialogs_ended_is_remembered_by_purpose_over_restarts() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let [photos, exports] = ["photos", "exports"].map(|name| desk.folder_for(name));
    let photo = photos.join("a.png");
    std::fs::copy(&desk.photos(1)[0], &photo).expect("copied");
    let answer = photo.clone();
    desk.window.state_mut().set_photos_dialog(Arc::new(move || vec![answer.clone()]));
    desk.key(COMMAND, Key::O);
    let (run, _) = desk.run_command();
    desk.finish(run, 1);
    let answer = exports.clone();
    desk.window.state_mut().set_open_dialog(Arc::new(move |_| Some(answer.clone())));
    desk.key(COMMAND, Key::E);
    desk.step_some();
    desk.click("Export into…");
    desk.wait_for_containing("Exported ");
    let again = desk.started_again([1280.0, 720.0], Theme::Dark);
    let of = |purpose| again.window.state().place_of(purpose).map(PathBuf::from);
    use fathom::app::Purpose::{Exports, Photos, Sessions};
    assert_eq!((of(Photos), of(Exports), of(Sessions)), (Some(photos), Some(exports), None));
}

#[test]
fn files_are_offered_with_the_name_of_their_photo_or_session() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish(run, 2);
    let folder = desk.folder_for("sessions");
    let asked: Arc<Mutex<Vec<SaveAs>>> = Arc::default();
    let (told, session) = (Arc::clone(&asked), folder.join("holiday.fathom"));
    desk.window.state_mut().set_save_dialog(Arc::new(move |what| {
        let answer = matches!(what, SaveAs::Session(_)).then(|| session.clone());
        told.lock().expect("nobody fails").push(what);
        answer
    }));
    let name = |asked: &Mutex<Vec<SaveAs>>| match asked.lock().expect("nobody fails").pop() {
        Some(SaveAs::Picture(offered) | SaveAs::Session(offered)) => {
            offered.file_name().expect("a name").to_string_lossy().into_owned()
        }
        other => panic!("{other:?}"),
    };
    let picture = |desk: &mut Desk| {
        desk.key(Modifiers::NONE, Key::K);
        desk.window.render().expect("a picture");
        desk.click("Save…");
        wait_for_dialog(desk);
        desk.key(Modifiers::NONE, Key::K);
    };
    desk.key(Modifiers::NONE, Key::ArrowDown);
    picture(&mut desk);
    assert_eq!(name(&asked), "view 2 3D", "the photo that is selected");
    desk.key(COMMAND, Key::S);
    desk.wait_for_containing("holiday.fathom");
    let photos =
        photos[0].parent().and_then(|folder| folder.file_name()).expect("a name").to_string_lossy().into_owned();
    assert_eq!(name(&asked), photos, "the folder of several photos");
    picture(&mut desk);
    assert_eq!(name(&asked), "holiday 3D");
}
