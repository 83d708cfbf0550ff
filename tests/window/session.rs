//! Sessions in the window: saved, opened again, with photos that are gone, and what is asked before work is lost.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Key, Modifiers, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::kittest::{NodeT, Queryable};
use fathom::app::SaveAs;
use fathom::export::{Options, RunNotes, export_all};
use fathom::inference::{DepthUnit, Prediction, StageSeconds};
use fathom::worker::Event;
use serde_json::json;

use crate::harness::Desk;
use crate::views::prediction;

/// A window with three finished views whose sessions go to `path`.
fn desk(path: &Path) -> Desk {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish_in(run, 3, DepthUnit::Relative);
    answer_with(&mut desk, path);
    desk
}

fn answer_with(desk: &mut Desk, path: &Path) {
    let path = path.to_owned();
    let answer = move |asked| matches!(asked, SaveAs::Session(_)).then(|| path.clone());
    desk.window.state_mut().set_save_dialog(Arc::new(answer));
}

fn save(desk: &mut Desk) {
    desk.key(Modifiers::COMMAND, Key::S);
    desk.wait_for_containing(&format!("Saved {}", std::env::temp_dir().display()));
}

/// Another window that opens the file.
fn opened(path: &Path) -> Desk {
    let mut desk = Desk::new([1280.0, 720.0]);
    open(&mut desk, path);
    desk
}

fn open(desk: &mut Desk, path: &Path) {
    desk.window.state_mut().add(vec![path.to_owned()]);
    desk.wait_for_containing("Opened ");
}

fn title(desk: &Desk) -> &str {
    desk.window.state().title()
}

/// What the window answers to its close button.
fn close(desk: &mut Desk) -> Vec<ViewportCommand> {
    let viewports = &mut desk.window.input_mut().viewports;
    viewports.get_mut(&ViewportId::ROOT).expect("the window").events.push(ViewportEvent::Close);
    desk.window.step();
    let commands = commands(desk);
    desk.settle();
    commands
}

fn commands(desk: &Desk) -> Vec<ViewportCommand> {
    desk.window.output().viewport_output[&ViewportId::ROOT].commands.clone()
}

fn asks(desk: &mut Desk) -> bool {
    close(desk).contains(&ViewportCommand::CancelClose)
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("holiday.fathom")
}

#[test]
fn a_session_comes_back_as_it_was_without_a_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut before = desk(&file(&folder));
    assert_eq!(title(&before), "Fathom");
    before.key(Modifiers::NONE, Key::H);
    before.key(Modifiers::NONE, Key::ArrowDown);
    before.key(Modifiers::ALT, Key::ArrowDown);
    before.key(Modifiers::NONE, Key::C);
    before.key(Modifiers::COMMAND, Key::Num2);
    before.key(Modifiers::NONE, Key::B);
    before.window.get_by_label("View 1");
    save(&mut before);
    assert_eq!(title(&before), "holiday – Fathom");
    before.key(Modifiers::NONE, Key::B);
    assert_eq!(title(&before), "• holiday – Fathom", "a saved view is work");

    let mut after = opened(&file(&folder));
    assert!(after.no_command(), "nothing is run");
    assert_eq!(title(&after), "holiday – Fathom");
    after.window.get_by_label("view 1.png, done");
    after.window.get_by_label("View 1");
    assert!(after.window.query_by_label("View 2").is_none(), "saved later");
    let (a, b) = (after.window.state().state(), before.window.state().state());
    let names =
        |state: &fathom::app::AppState| state.views.rows().iter().map(|row| row.path.clone()).collect::<Vec<_>>();
    assert_eq!(names(a), names(b));
    assert_eq!(a.views.selected_row().map(|row| &row.name), b.views.selected_row().map(|row| &row.name));
    assert_eq!(a.results.hidden().len(), 1);
    assert_eq!(a.settings, b.settings);
    for (a, b) in a.results.views().iter().zip(b.results.views()) {
        assert_eq!((&a.depth, &a.confidence, &a.sky, &a.image), (&b.depth, &b.confidence, &b.sky, &b.image));
    }
    assert!(a.results.finished().is_some(), "it can be exported");
    save(&mut after);
    assert_eq!(title(&after), "holiday – Fathom");
}

#[test]
fn a_scale_set_by_hand_comes_back_and_can_be_taken_back_exactly() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(&folder);
    let mut session = fathom::session::Session::default();
    session.photos = vec![fathom::session::SavedPhoto::new(fathom::input::ViewId(0), folder.path().join("gone.png"))];
    let given = Prediction { views: vec![Arc::new(prediction(0))], ..Prediction::default() };
    session.results = Some(fathom::session::SavedResults {
        prediction: given,
        set_scales: [(0, 3.0)].into(),
        is_finished: true,
        ..Default::default()
    });
    fathom::session::save(&path, &session).expect("saved");
    let desk = opened(&path);
    let results = &desk.window.state().state().results;
    assert_eq!(results.unit_of(None), DepthUnit::Metres);
    assert_eq!(results.views()[0].depth, prediction(0).scaled(3.0).depth);
    assert_eq!(results.given().prediction.views[0].depth, prediction(0).depth);
}

#[test]
fn a_range_that_an_older_session_has_for_all_scenes_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = file(&folder);
    save(&mut desk(&path));
    let mut old = fathom::session::open(&path).expect("opened");
    old.window["flat"]["range"] = json!({"is_by_hand": true, "percentiles": [2.0, 98.0], "limits": [0.5, 8.25]});
    fathom::session::save(&path, &old).expect("written");
    let mut after = Desk::new([1280.0, 1000.0]);
    open(&mut after, &path);
    after.key(Modifiers::COMMAND, Key::Num1);
    for _ in 0..3 {
        assert!(after.window.query_by_label("Near").is_some(), "by hand, for each photo");
        after.key(Modifiers::NONE, Key::ArrowDown);
    }
}

#[test]
fn photos_that_are_gone_are_marked_and_their_results_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut before = desk(&file(&folder));
    save(&mut before);
    let photos: Vec<_> = before.window.state().state().views.rows().iter().map(|row| row.path.clone()).collect();
    std::fs::remove_file(&photos[0]).expect("gone");
    std::fs::write(&photos[1], b"something else").expect("changed");

    let mut after = opened(&file(&folder));
    after.window.get_by_label("view 1.png, done, file missing");
    after.window.get_by_label("view 2.png, done, file changed");
    after.window.get_by_label("view 3.png, done");
    after.window.get_by_label_contains("1 photo missing, 1 changed since");
    after.window.get_by_label("Depth");
    assert_eq!(title(&after), "holiday – Fathom", "this is no change of the session");
    // Nobody takes the pixels of another file for those that the depth is of.
    after.click("view 2.png, done, file changed");
    after.key(Modifiers::COMMAND, Key::Num1);
    after.window.get_by_label("Photo, as the network saw it: the file is another one by now");
    // A run that reads a photo takes its mark away.
    after.key(Modifiers::NONE, Key::F5);
    let (run, photos) = after.run_command();
    after.send(Event::ViewReady { run, view: Arc::new(prediction(photos[1].id.0)) });
    after.window.get_by_label("view 2.png, done");
}

#[test]
fn what_cannot_be_opened_is_told_and_nothing_is_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = desk(&file(&folder));
    save(&mut desk);
    let whole = std::fs::read(file(&folder)).expect("there");
    let broken = folder.path().join("broken.fathom");
    for (content, words) in [(&whole[..whole.len() / 2], "is damaged"), (b"hello", "is no session of Fathom's")] {
        std::fs::write(&broken, content).expect("written");
        desk.drop_files(std::slice::from_ref(&broken));
        desk.wait_for_containing(words);
    }
    assert_eq!(desk.window.state().state().results.views().len(), 3);
    assert_eq!(title(&desk), "holiday – Fathom");
}

#[test]
fn a_session_that_cannot_be_saved_stays_unsaved() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = desk(&folder.path().join("nowhere/holiday.fathom"));
    desk.key(Modifiers::COMMAND, Key::S);
    desk.wait_for_containing("The session could not be saved");
    assert_eq!(title(&desk), "Fathom");
    answer_with(&mut desk, &file(&folder));
    save(&mut desk);
    assert!(desk.window.query_by_label_contains("could not be saved").is_none(), "that is settled");
}

#[test]
fn a_run_of_seconds_is_let_go_and_a_long_one_is_not() {
    for (seconds, expected) in [(5.0, false), (600.0, true)] {
        let mut desk = Desk::new([1280.0, 720.0]);
        assert!(!asks(&mut desk), "there is nothing");
        let mut desk = Desk::new([1280.0, 720.0]);
        let photos = desk.photos(1);
        desk.drop_files(&photos);
        let (run, _) = desk.run_command();
        let finished = Prediction {
            views: vec![Arc::new(prediction(0))],
            seconds: StageSeconds { total: seconds, ..StageSeconds::default() },
            ..Prediction::default()
        };
        desk.send(Event::Finished { run, prediction: Arc::new(finished) });
        assert_eq!(asks(&mut desk), expected, "{seconds} s");
    }
}

#[test]
fn runs_that_took_long_together_are_not_let_go_either() {
    for (runs, expected) in [(1, false), (2, true)] {
        let mut desk = Desk::new([1280.0, 720.0]);
        let photos = desk.photos(1);
        desk.drop_files(&photos);
        for number in 1..=runs {
            let (run, _) = desk.run_command();
            desk.window.input_mut().time = Some(12.0 * f64::from(number));
            desk.settle();
            desk.window.input_mut().time = None;
            desk.finish(run, 1);
            desk.key(Modifiers::NONE, Key::F5);
        }
        assert_eq!(asks(&mut desk), expected, "{runs} runs");
    }
}

#[test]
fn a_key_closes_the_window() {
    let mut desk = Desk::new([1280.0, 720.0]);
    // Straight into the input: queued events get a frame each, and only the last frame's output is kept.
    let press = egui::Event::Key {
        key: Key::Q,
        pressed: true,
        modifiers: Modifiers::COMMAND,
        repeat: false,
        physical_key: None,
    };
    desk.window.input_mut().events.extend([egui::Event::ModifiersChanged(Modifiers::COMMAND), press]);
    desk.window.step();
    assert!(commands(&desk).contains(&ViewportCommand::Close), "{:?}", commands(&desk));
}

#[test]
fn what_was_saved_once_is_asked_about_when_it_has_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = desk(&file(&folder));
    save(&mut desk);
    desk.key(Modifiers::NONE, Key::H);
    assert!(asks(&mut desk));
    desk.window.get_by_label("Save the changes to “holiday”?");
    desk.key(Modifiers::NONE, Key::Escape);
    assert!(desk.window.query_by_label_contains("Save the changes").is_none());
    assert!(asks(&mut desk));
    desk.click("Cancel");
    assert!(asks(&mut desk));
    desk.window.get_by_label("Save").click();
    let start = std::time::Instant::now();
    while !commands(&desk).contains(&ViewportCommand::Close) {
        assert!(start.elapsed().as_secs() < 60, "the window never closed");
        desk.window.step();
    }
    assert!(!asks(&mut desk), "saved");
    assert_eq!(opened(&file(&folder)).window.state().state().results.hidden().len(), 1);
}

#[test]
fn a_closed_dialog_means_staying() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = desk(&file(&folder));
    desk.key(Modifiers::NONE, Key::B);
    desk.window.state_mut().set_save_dialog(Arc::new(|_| None));
    assert!(asks(&mut desk), "a saved view was made by hand");
    desk.window.get_by_label("Save").click();
    desk.wait_for_pictures();
    answer_with(&mut desk, &file(&folder));
    save(&mut desk);
    assert!(!commands(&desk).contains(&ViewportCommand::Close), "that was another question");
    desk.window.get_by_label("view 1.png, done");
}

#[test]
fn another_session_takes_the_place_of_this_one_only_after_a_word() {
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("other.fathom");
    save(&mut desk(&other));
    let mut desk = desk(&file(&folder));
    save(&mut desk);
    desk.key(Modifiers::NONE, Key::Delete);
    desk.window.state_mut().add(vec![other.clone()]);
    desk.wait_for_containing("Save the changes to “holiday”?");
    desk.window.get_by_label_contains("Opening something else loses");
    desk.click("Don't save");
    desk.wait_for_containing("Opened other.fathom");
    assert_eq!(title(&desk), "other – Fathom");
    assert_eq!(opened(&file(&folder)).window.state().state().views.rows().len(), 3, "the file is as it was");

    // An empty list is something else than the session it was.
    desk.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Delete);
    assert_eq!(title(&desk), "Fathom");
}

#[test]
fn photos_that_come_to_opened_results_wait_for_a_click() {
    let folder = tempfile::tempdir().expect("a folder");
    save(&mut desk(&file(&folder)));
    let mut desk = opened(&file(&folder));
    let photos = desk.photos(1);
    desk.drop_files(&photos);
    desk.window.get_by_label("Views · 4");
    assert!(desk.no_command(), "the opened results may have taken hours");
    desk.key(Modifiers::NONE, Key::F5);
    assert_eq!(desk.run_command().1.len(), 4);
}

#[test]
fn a_folder_of_results_is_shown_and_says_what_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut view = prediction(0);
    view.path = "photo.png".into();
    let exported = Prediction { views: vec![Arc::new(view)], unit: DepthUnit::Metres, ..Prediction::default() };
    let results = folder.path().join("results");
    export_all(&exported, &results, &RunNotes::default(), &Options::default()).expect("exported");
    // The photo lies beside the folder, as where Export was told to write among the photos.
    image::RgbImage::new(320, 240).save(folder.path().join("photo.png")).expect("written");

    let mut desk = opened(&results);
    desk.window.get_by_label("photo.png, done");
    desk.window.get_by_label_contains("rounded as exported");
    assert!(desk.no_command() && !asks(&mut desk), "nothing of it is unsaved");
    assert_eq!(title(&desk), "Fathom");
    let export = desk.window.state().state().results.finished().expect("whole").notes.warnings.clone();
    assert!(export[0].contains("rounded"), "a second export says so, too: {export:?}");

    std::fs::remove_file(results.join("results.npz")).expect("gone");
    desk.drop_files(&[results]);
    desk.wait_for_containing("The session could not be opened");
    desk.window.get_by_label("photo.png, done");
}

#[test]
fn a_folder_of_photos_with_a_foreign_summary_is_a_folder_of_photos() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let folder = desk.folder_of(2);
    std::fs::write(folder.join("summary.json"), "{\"program\": \"other\"}").expect("written");
    desk.drop_files(&[folder]);
    assert_eq!(desk.run_command().1.len(), 2);
}

#[test]
fn there_is_nothing_to_save_without_photos() {
    let mut desk = Desk::new([1280.0, 720.0]);
    desk.click("File");
    for label in ["Save session Ctrl+S", "Save session as…"] {
        assert!(desk.window.get_by_label_contains(label).accesskit_node().is_disabled(), "{label}");
    }
}

#[test]
fn an_example_that_was_saved_does_not_make_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = Desk::new([1280.0, 720.0]);
    desk.click("Open example Table top");
    desk.wait_for_containing("exact, not predicted");
    answer_with(&mut desk, &file(&folder));
    save(&mut desk);
    let before = desk.window.state().state().views.rows().len();
    let photos = desk.photos(1);
    desk.drop_files(&photos);
    assert_eq!(desk.window.state().state().views.rows().len(), before + 1, "the file is of these");
}
