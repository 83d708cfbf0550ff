//! A run takes the place of another: what does not come to its end gives it back, and what does takes along what somebody made.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use fathom::inference::{DepthUnit, Prediction};
use fathom::worker::{Blame, Command, Event};

use crate::harness::{Desk, problem};
use crate::views::prediction;

/// Two photos of a scene in which a line was measured, and is 2.5 m long.
fn measured() -> Desk {
    let mut desk = crate::pointing::relative();
    crate::pointing::measure(&mut desk);
    desk.window.get_by_role(Role::TextInput).focus();
    desk.settle();
    desk.window.get_by_role(Role::TextInput).type_text("2.5");
    desk.settle();
    desk.click("Set scale");
    assert!(lengths(&desk) > 0 && scale(&desk).is_some());
    desk
}

/// How often the measured length stands somewhere.
fn lengths(desk: &Desk) -> usize {
    desk.window.query_all_by_label_contains("2.500 m").count()
}

fn scale(desk: &Desk) -> Option<f32> {
    desk.window.state().state().results.set_scale_of(None)
}

fn states(desk: &Desk) -> Vec<&'static str> {
    desk.window.state().state().views.rows().iter().map(|row| row.state.label()).collect()
}

/// Another shape of the same settings: photos apart.
fn choose_other_settings(desk: &mut Desk) {
    desk.click("Photos");
    desk.click("Independent");
}

#[test]
fn a_run_over_all_that_is_cancelled_gives_back_what_was_there() {
    let mut desk = measured();
    let before = (scale(&desk), desk.window.state().state().results.views()[0].clone());
    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    desk.view_ready(run, 0);
    assert_eq!((desk.results(), scale(&desk)), (vec![0], None), "what comes is shown meanwhile");
    desk.key(Modifiers::NONE, Key::Escape);
    desk.send(Event::Cancelled { run });
    desk.window.get_by_label_contains("Cancelled; what was there before is back");
    assert_eq!((desk.results(), states(&desk)), (vec![0, 1], vec!["Done"; 2]));
    assert_eq!((scale(&desk), &desk.window.state().state().results.views()[0].depth), (before.0, &before.1.depth));
    assert!(lengths(&desk) > 0, "and what was measured in it");
    assert_eq!(desk.window.state().state().results.shown().expect("complete").prediction.views.len(), 2);
    // What was done in it can be undone as before.
    desk.key(Modifiers::COMMAND, Key::Z);
    assert_eq!(scale(&desk), None);
    desk.window.get_by_label("Run 2 photos again");
}

#[test]
fn a_run_that_fails_gives_back_what_was_there() {
    let mut desk = measured();
    choose_other_settings(&mut desk);
    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    desk.view_ready(run, 0);
    desk.send(Event::Failed { run: Some(run), problem: problem(Blame::Machine, "The card is gone") });
    desk.window.get_by_label_contains("Failed; what was there before is back");
    assert!(desk.results() == [0, 1] && scale(&desk).is_some() && lengths(&desk) > 0);
}

#[test]
fn what_a_cancelled_run_gave_of_more_photos_stays() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(4);
    desk.drop_files(&photos[..1]);
    let (run, _) = desk.run_command();
    desk.finish(run, 1);
    choose_other_settings(&mut desk);
    desk.drop_files(&photos[1..]);
    let (run, photos) = desk.run_command();
    assert_eq!(photos.len(), 4);
    (0..3).for_each(|view| desk.view_ready(run, view));
    desk.send(Event::Cancelled { run });
    assert_eq!((desk.results(), states(&desk)), (vec![0, 1, 2], vec!["Done", "Done", "Done", "Waiting"]));
}

/// A third photo comes, and the scene with it is twice as large.
fn add_a_third(desk: &mut Desk) {
    let photos = desk.photos(3);
    desk.drop_files(&photos[2..]);
    let (run, photos) = desk.run_command();
    let of = |views: Vec<u64>, factor: f32| {
        let views = views.into_iter().map(|view| Arc::new(prediction(view).scaled(factor))).collect();
        Arc::new(Prediction { views, ..Prediction::default() })
    };
    desk.send(Event::Finished { run, prediction: of(photos.iter().map(|photo| photo.id.0).collect(), 1.0) });
    if let Some(Command::Join { .. }) = desk.next_command() {
        desk.send(Event::Joined { run, prediction: of(vec![0, 1, 2], 2.0) });
    }
}

#[test]
fn a_scene_that_grows_keeps_its_metres_and_its_lines() {
    let mut desk = measured();
    let before = scale(&desk).expect("set");
    add_a_third(&mut desk);
    assert_eq!(desk.results(), [0, 1, 2]);
    assert!((scale(&desk).expect("it came along") / before - 0.5).abs() < 1e-3, "{before} {:?}", scale(&desk));
    assert!(lengths(&desk) > 0, "the line is as long as before");
    assert!(!desk.shows("that was set by hand was"));
}

#[test]
fn running_again_keeps_metres_lines_and_the_place_from_which_they_are_seen() {
    let mut desk = measured();
    let before = scale(&desk).expect("set");
    let camera = |desk: &Desk| desk.window.state().state().results.views()[0].camera.camera_from_world;
    let seen = camera(&desk);
    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    desk.view_ready(run, 0);
    desk.rest();
    desk.finish_in(run, 2, DepthUnit::Relative);
    assert!((scale(&desk).expect("it came along") / before - 1.0).abs() < 1e-3);
    assert!(lengths(&desk) > 0 && camera(&desk) == seen);
    desk.key(Modifiers::COMMAND, Key::Z);
    assert!(scale(&desk).is_some(), "that it came along was nobody's doing");
}

#[test]
fn a_removed_photo_comes_back_with_its_depth_after_a_run_that_was_cancelled() {
    let mut desk = measured();
    desk.key(Modifiers::NONE, Key::Delete);
    assert_eq!(desk.results(), [1]);
    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    desk.view_ready(run, 1);
    desk.send(Event::Cancelled { run });
    desk.key(Modifiers::COMMAND, Key::Z);
    assert_eq!((desk.results(), states(&desk)), (vec![0, 1], vec!["Done"; 2]));
}

#[test]
fn nothing_comes_back_into_a_list_that_was_emptied() {
    let mut desk = measured();
    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    desk.view_ready(run, 0);
    desk.key(Modifiers::COMMAND, Key::A);
    desk.key(Modifiers::NONE, Key::Delete);
    desk.send(Event::Cancelled { run });
    assert!(desk.results().is_empty() && !desk.shows("is back"));
}

#[test]
fn what_was_made_under_other_settings_is_told_to_be_gone_and_undo_does_not_pretend() {
    let mut desk = measured();
    choose_other_settings(&mut desk);
    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    desk.finish(run, 2);
    assert_eq!((scale(&desk), lengths(&desk)), (None, 0));
    desk.key(Modifiers::NONE, Key::N);
    desk.window.get_by_label("The scale that was set by hand was that of the scene before");
    desk.window.get_by_label("Measured lines and saved views were of the scene before");
    desk.key(Modifiers::COMMAND, Key::Z);
    assert!(!desk.shows("Undone: Scale"), "there is no such scene any more");
}
