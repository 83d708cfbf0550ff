//! Work that is done is not done again: photos that come later run alone, and those that cannot be read wait aside.

use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use fathom::inference::Prediction;
use fathom::input::ViewId;
use fathom::worker::{Blame, Command, Event, RunId, Stage};

use crate::harness::{Desk, problem};
use crate::views::prediction;

/// What the network gives of one photo.
fn of_photo(view: u64) -> Arc<Prediction> {
    let view = Arc::new(prediction(view));
    Arc::new(Prediction { model: "DA2-Small".into(), views: vec![view], ..Prediction::default() })
}

/// Two photos with results, and then a third one, whose run has begun.
fn with_a_third() -> (Desk, RunId) {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(3);
    desk.drop_files(&photos[..2]);
    let (run, _) = desk.run_command();
    desk.finish(run, 2);
    desk.drop_files(&photos[2..]);
    let (run, photos) = desk.run_command();
    assert_eq!(photos.iter().map(|photo| photo.id).collect::<Vec<_>>(), [ViewId(2)], "the others have their results");
    (desk, run)
}

#[test]
fn photos_that_come_later_run_alone_and_all_become_one_scene() {
    let (mut desk, run) = with_a_third();
    assert_eq!(desk.results(), [0, 1], "in sight while the third is looked at");
    desk.view_ready(run, 2);
    assert_eq!(desk.results(), [0, 1, 2]);
    let scene = |desk: &Desk, view: usize| desk.window.state().state().results.views()[view].scene;
    assert!(scene(&desk, 2) > scene(&desk, 1), "a scene of its own, until photos are matched");
    desk.send(Event::Finished { run, prediction: of_photo(2) });
    let Command::Join { prediction, .. } = desk.command() else { panic!("photos are matched") };
    assert_eq!(prediction.views.iter().map(|view| view.view.0).collect::<Vec<_>>(), [0, 1, 2]);
    desk.send(Event::Joined { run, prediction });
    desk.window.get_by_label_contains("1 photo run in");
    desk.window.get_by_label_contains(", 3 views in all");
    assert_eq!(desk.results(), [0, 1, 2]);
    // Nothing is new: a run is one over all.
    desk.window.get_by_label("Run 3 photos again");
    desk.key(Modifiers::NONE, Key::F5);
    assert_eq!(desk.run_command().1.len(), 3);
}

#[test]
fn a_run_over_new_photos_that_is_cancelled_loses_nothing() {
    let (mut desk, run) = with_a_third();
    desk.send(Event::Progress { run, stage: Stage::Decode, view: 0, views: 1, done: 0.1, remaining_secs: None });
    desk.key(Modifiers::NONE, Key::Escape);
    desk.send(Event::Cancelled { run });
    assert_eq!(desk.results(), [0, 1]);
    desk.click("Run 1 new photo");
    let (run, photos) = desk.run_command();
    assert_eq!(photos.len(), 1);
    desk.view_ready(run, 2);
    desk.key(Modifiers::NONE, Key::Escape);
    desk.send(Event::Cancelled { run });
    assert_eq!(desk.results(), [0, 1, 2], "what came in time stays");
    let shown = desk.window.state().state().results.shown().expect("complete");
    assert_eq!(shown.prediction.views.len(), 3, "and is exported");
    desk.window.get_by_label("Run 3 photos again");
}

#[test]
fn all_photos_can_be_run_again() {
    let (mut desk, run) = with_a_third();
    desk.key(Modifiers::NONE, Key::Escape);
    desk.send(Event::Cancelled { run });
    desk.click("Run all 3 again");
    assert_eq!(desk.run_command().1.len(), 3);
}

#[test]
fn a_run_that_gives_the_same_once_more_says_so() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish(run, 3);
    desk.window.get_by_label("Run 3 photos again");
    desk.click("Photos");
    desk.click("Independent");
    desk.window.get_by_label("Run 3 photos");
    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    desk.finish(run, 3);
    desk.window.get_by_label("Run 3 photos again");
}

#[test]
fn other_settings_are_for_all_photos() {
    let (mut desk, run) = with_a_third();
    desk.key(Modifiers::NONE, Key::Escape);
    desk.send(Event::Cancelled { run });
    desk.click("Photos");
    desk.click("Independent");
    desk.click("Run 3 photos");
    assert_eq!(desk.run_command().1.len(), 3);
}

#[test]
fn photos_that_cannot_be_read_are_no_photos_to_run() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    for view in [0, 2] {
        desk.send(Event::ViewFailed { run, view: ViewId(view), problem: problem(Blame::File, "broken") });
    }
    let views = vec![Arc::new(prediction(1))];
    let given = Arc::new(Prediction { views, ..Prediction::default() });
    desk.send(Event::Finished { run, prediction: given });
    desk.window.get_by_label("2 failed");
    desk.window.get_by_label("Run 1 photo again");
    desk.click("Retry");
    let (run, photos) = desk.run_command();
    assert_eq!(photos.iter().map(|photo| photo.id.0).collect::<Vec<_>>(), [0, 2]);
    desk.send(Event::ViewFailed { run, view: ViewId(2), problem: problem(Blame::File, "still broken") });
    desk.send(Event::Finished { run, prediction: of_photo(0) });
    desk.send(Event::Apart { run, problem: problem(Blame::File, "they share nothing") });
    assert_eq!(desk.results(), [0, 1]);
    desk.window.get_by_label("1 failed");
    desk.click("Remove");
    assert_eq!(desk.order(), [0, 1]);
    assert!(desk.window.query_by_label("Retry").is_none());
}

#[test]
fn a_run_whose_every_photo_fails_says_what_is_wrong_with_them_and_no_more() {
    let (mut desk, run) = with_a_third();
    desk.send(Event::ViewFailed { run, view: ViewId(2), problem: problem(Blame::File, "it is cut off") });
    desk.send(Event::Failed { run: Some(run), problem: problem(Blame::File, "No photo could be used") });
    desk.window.get_by_label_contains("1 photo could not be used");
    assert!(desk.window.query_by_label_contains("No photo could be used").is_none(), "two have results");
    assert_eq!(desk.results(), [0, 1]);
    // Where it is not the photos, that is said.
    desk.click("Retry");
    let (run, _) = desk.run_command();
    desk.send(Event::Failed { run: Some(run), problem: problem(Blame::Machine, "The card is gone") });
    desk.window.get_by_label_contains("The card is gone");
}

#[test]
fn a_photo_that_cannot_be_read_shows_no_other_ones_cloud() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.view_ready(run, 0);
    desk.send(Event::ViewFailed { run, view: ViewId(1), problem: problem(Blame::File, "broken") });
    let has_cloud = |desk: &Desk| desk.window.query_by_label_contains(" points · ").is_some();
    assert!(has_cloud(&desk));
    desk.key(Modifiers::NONE, Key::ArrowDown);
    assert!(!has_cloud(&desk));
}
