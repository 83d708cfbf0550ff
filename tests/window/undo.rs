//! What a person has changed can be undone, and done again.

use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;

use fathom::inference::Prediction;
use fathom::worker::{Blame, Command, Event};

use crate::harness::{Desk, problem};
use crate::views::prediction;

const COMMAND: Modifiers = Modifiers::COMMAND;
const AGAIN: Modifiers = Modifiers::COMMAND.plus(Modifiers::SHIFT);

/// Three photos with results.
fn desk() -> Desk {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(4);
    desk.drop_files(&photos[..3]);
    let (run, _) = desk.run_command();
    desk.finish(run, 3);
    desk
}

fn hidden(desk: &Desk) -> usize {
    desk.window.state().state().results.hidden().len()
}

#[test]
fn a_removed_view_comes_back_with_its_result() {
    let mut desk = desk();
    desk.key(Modifiers::NONE, Key::ArrowDown);
    desk.key(Modifiers::NONE, Key::Delete);
    assert_eq!((desk.order(), desk.results()), (vec![0, 2], vec![0, 2]));
    desk.window.get_by_label("1 view removed");
    desk.click("Undo");
    assert_eq!((desk.order(), desk.results()), (vec![0, 1, 2], vec![0, 1, 2]));
    desk.window.get_by_label("Undone: 1 view removed");
    let shown = desk.window.state().state().results.shown().expect("complete");
    assert_eq!(shown.prediction.views.len(), 3, "and is exported again");
    desk.key(AGAIN, Key::Z);
    assert_eq!((desk.order(), desk.results()), (vec![0, 2], vec![0, 2]));
    assert!(desk.no_command(), "nothing is run for that");
}

#[test]
fn each_kind_of_change_is_undone_in_turn() {
    let mut desk = desk();
    desk.key(Modifiers::NONE, Key::H);
    desk.key(Modifiers::ALT, Key::ArrowDown);
    assert_eq!((desk.order(), hidden(&desk)), (vec![1, 0, 2], 1));
    desk.key(COMMAND, Key::Z);
    assert_eq!((desk.order(), hidden(&desk)), (vec![0, 1, 2], 1));
    desk.key(COMMAND, Key::Z);
    assert_eq!(hidden(&desk), 0);
    desk.key(COMMAND, Key::Z);
    assert_eq!((desk.order(), hidden(&desk)), (vec![0, 1, 2], 0), "photos that were added stay");
    desk.key(AGAIN, Key::Z);
    desk.key(COMMAND, Key::Y);
    assert_eq!((desk.order(), hidden(&desk)), (vec![1, 0, 2], 1));
    // A new change ends what could be done again.
    desk.key(COMMAND, Key::Z);
    desk.key(Modifiers::NONE, Key::H);
    desk.key(AGAIN, Key::Z);
    assert_eq!(desk.order(), [0, 1, 2]);
}

#[test]
fn photos_that_came_later_stay_when_a_removal_is_undone() {
    let mut desk = desk();
    desk.key(Modifiers::NONE, Key::Delete);
    let photos = desk.photos(4);
    desk.drop_files(&photos[3..]);
    let (run, photos) = desk.run_command();
    assert_eq!(photos.len(), 1, "of the others there are results");
    desk.send(Event::Cancelled { run });
    desk.key(COMMAND, Key::Z);
    assert_eq!((desk.order(), desk.results()), (vec![0, 1, 2, 3], vec![0, 1, 2]));
}

#[test]
fn what_comes_back_after_another_run_is_exported_with_the_rest() {
    let mut desk = desk();
    desk.key(Modifiers::NONE, Key::Delete);
    let photos = desk.photos(4);
    desk.drop_files(&photos[3..]);
    let (run, _) = desk.run_command();
    let views = vec![Arc::new(prediction(3))];
    desk.send(Event::Finished { run, prediction: Arc::new(Prediction { views, ..Prediction::default() }) });
    assert!(matches!(desk.command(), Command::Join { .. }));
    desk.send(Event::Apart { run, problem: problem(Blame::File, "they share nothing") });
    assert_eq!(desk.results(), [1, 2, 3]);
    desk.key(COMMAND, Key::Z);
    assert_eq!(desk.results(), [0, 1, 2, 3]);
    let shown = desk.window.state().state().results.shown().expect("complete");
    assert_eq!(shown.prediction.views.len(), 4);
    desk.window.get_by_label("Run 4 photos again");
}

#[test]
fn the_menu_says_what_would_be_undone() {
    let mut desk = desk();
    desk.click("Edit");
    assert!(desk.window.query_by_label_contains("Undo:").is_none(), "nothing to undo yet");
    desk.click("Edit");
    desk.key(Modifiers::NONE, Key::H);
    desk.click("Edit");
    desk.click_containing("Undo: 1 view hidden");
    assert_eq!(hidden(&desk), 0);
    desk.click("Edit");
    desk.click_containing("Redo: 1 view hidden");
    assert_eq!(hidden(&desk), 1);
}
