//! Several views are selected at once, and what is done with them is done with all.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use fathom::inference::Prediction;
use fathom::worker::{Command, Event};

use crate::harness::Desk;
use crate::views::prediction;

const NONE: Modifiers = Modifiers::NONE;
const SHIFT: Modifiers = Modifiers::SHIFT;
const COMMAND: Modifiers = Modifiers::COMMAND;

/// Five photos with results.
fn desk() -> Desk {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(5);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish(run, 5);
    desk
}

fn click_with(desk: &mut Desk, view: u64, modifiers: Modifiers) {
    desk.window.get_by_label_contains(&row(view)).click_modifiers(modifiers);
    desk.settle();
    // Without this the keys count as held down.
    desk.window.event(egui::Event::ModifiersChanged(NONE));
    desk.settle();
}

fn open_menu(desk: &mut Desk, view: u64) {
    desk.window.get_by_label_contains(&row(view)).click_secondary();
    desk.settle();
}

/// How the label of a row begins.
fn row(view: u64) -> String {
    format!("view {}.png, done", view + 1)
}

fn selected(desk: &Desk) -> Vec<u64> {
    desk.window.state().state().views.selection().iter().map(|id| id.0).collect()
}

fn shown(desk: &Desk) -> Option<u64> {
    desk.window.state().state().views.selected().map(|id| id.0)
}

fn hidden(desk: &Desk) -> Vec<u64> {
    let mut hidden: Vec<u64> = desk.window.state().state().results.hidden().iter().map(|id| id.0).collect();
    hidden.sort_unstable();
    hidden
}

fn exported(desk: &Desk) -> Vec<u64> {
    let finished = desk.window.state().state().results.to_export().expect("complete");
    finished.prediction.views.iter().map(|view| view.view.0).collect()
}

#[test]
fn clicks_select_one_a_stretch_or_one_more() {
    let mut desk = desk();
    click_with(&mut desk, 1, NONE);
    click_with(&mut desk, 3, SHIFT);
    assert_eq!((selected(&desk), shown(&desk)), (vec![1, 2, 3], Some(3)));
    click_with(&mut desk, 2, COMMAND);
    assert_eq!((selected(&desk), shown(&desk)), (vec![1, 3], Some(3)));
    click_with(&mut desk, 0, COMMAND);
    assert_eq!((selected(&desk), shown(&desk)), (vec![0, 1, 3], Some(0)));
    desk.window.get_by_label("3 of 5");
    click_with(&mut desk, 3, NONE);
    assert_eq!(selected(&desk), [3]);
    desk.window.get_by_label("Views · 5");
}

#[test]
fn keys_select_as_well_and_escape_goes_back_to_one() {
    let mut desk = desk();
    desk.key(NONE, Key::ArrowDown);
    desk.key(SHIFT, Key::ArrowDown);
    desk.key(SHIFT, Key::ArrowDown);
    assert_eq!((selected(&desk), shown(&desk)), (vec![1, 2, 3], Some(3)));
    desk.key(SHIFT, Key::ArrowUp);
    assert_eq!(selected(&desk), [1, 2]);
    desk.key(COMMAND, Key::A);
    assert_eq!((selected(&desk).len(), shown(&desk)), (5, Some(2)));
    desk.key(NONE, Key::F5);
    desk.run_command();
    desk.key(NONE, Key::Escape);
    assert_eq!((selected(&desk), desk.cancels()), (vec![2], 0), "the run goes on");
    desk.key(NONE, Key::Escape);
    assert_eq!(desk.cancels(), 1);
}

#[test]
fn all_selected_are_removed_at_once_and_come_back_at_once() {
    let mut desk = desk();
    click_with(&mut desk, 1, NONE);
    click_with(&mut desk, 3, SHIFT);
    open_menu(&mut desk, 2);
    desk.click_containing("Remove 3 views");
    assert_eq!((desk.order(), selected(&desk)), (vec![0, 4], vec![4]));
    desk.window.get_by_label("3 views removed");
    desk.click("Undo");
    assert_eq!(desk.order(), [0, 1, 2, 3, 4]);
    desk.key(COMMAND, Key::A);
    desk.key(NONE, Key::Delete);
    assert!(desk.window.state().state().views.is_empty());
}

#[test]
fn the_menu_of_another_row_is_about_that_row() {
    let mut desk = desk();
    click_with(&mut desk, 1, SHIFT);
    assert_eq!(selected(&desk), [0, 1]);
    open_menu(&mut desk, 3);
    assert_eq!(selected(&desk), [3]);
    desk.window.get_by_label_contains("Leave out of exports").click();
    desk.settle();
    assert_eq!(exported(&desk), [0, 1, 2, 4]);
}

#[test]
fn selected_views_are_hidden_or_shown_alone() {
    let mut desk = desk();
    click_with(&mut desk, 1, SHIFT);
    desk.key(NONE, Key::H);
    assert_eq!(hidden(&desk), [0, 1]);
    desk.key(NONE, Key::H);
    assert!(hidden(&desk).is_empty());
    desk.key(SHIFT, Key::H);
    assert_eq!(hidden(&desk), [2, 3, 4]);
    desk.key(COMMAND, Key::Z);
    assert!(hidden(&desk).is_empty(), "one step takes it back");
}

#[test]
fn what_is_left_out_is_marked_counted_and_not_exported() {
    let mut desk = desk();
    click_with(&mut desk, 1, SHIFT);
    desk.key(NONE, Key::X);
    assert_eq!(exported(&desk), [2, 3, 4]);
    desk.window.get_by_label("view 1.png, done, not exported");
    desk.key(COMMAND, Key::E);
    desk.window.get_by_label_contains("of 3 photos in 1 scene, and a summary · 2 photos left out in the list");
    desk.key(COMMAND, Key::E);
    desk.key(COMMAND, Key::Z);
    desk.window.get_by_label("Undone: 2 views left out of exports");
    assert_eq!(exported(&desk).len(), 5);
    desk.key(COMMAND, Key::A);
    desk.key(NONE, Key::X);
    desk.key(COMMAND, Key::E);
    desk.window.get_by_label_contains("Every photo is left out");
}

#[test]
fn selected_photos_run_again_and_the_others_keep_their_results() {
    let mut desk = desk();
    let before: Vec<_> = desk.window.state().state().results.views().to_vec();
    click_with(&mut desk, 1, NONE);
    click_with(&mut desk, 2, COMMAND);
    open_menu(&mut desk, 2);
    desk.click_containing("Run 2 views again");
    let (run, photos) = desk.run_command();
    assert_eq!(photos.iter().map(|photo| photo.id.0).collect::<Vec<_>>(), [1, 2]);
    desk.view_ready(run, 1);
    let now = desk.window.state().state().results.views();
    assert!(Arc::ptr_eq(&now[0], &before[0]) && !Arc::ptr_eq(&now[1], &before[1]));
    let views = [1, 2].map(|view| Arc::new(prediction(view))).to_vec();
    desk.send(Event::Finished { run, prediction: Arc::new(Prediction { views, ..Prediction::default() }) });
    let Command::Join { prediction, .. } = desk.command() else { panic!("photos are matched") };
    assert_eq!(prediction.views.len(), 5, "each once");
    desk.send(Event::Joined { run, prediction });
    desk.window.get_by_label_contains("2 photos run in");
    desk.window.get_by_label_contains(", 5 views in all");
}

#[test]
fn what_was_run_again_in_time_counts_when_the_rest_is_cancelled() {
    let mut desk = desk();
    click_with(&mut desk, 1, SHIFT);
    desk.key(COMMAND | SHIFT, Key::R);
    let (run, photos) = desk.run_command();
    assert_eq!(photos.len(), 2);
    desk.view_ready(run, 0);
    desk.send(Event::Cancelled { run });
    let results = &desk.window.state().state().results;
    let shown = results.shown().expect("complete").prediction;
    assert_eq!(shown.views.len(), 5);
    let given = results.given().prediction;
    let first = given.views.iter().find(|view| view.view.0 == 0).expect("there");
    assert!(Arc::ptr_eq(first, &results.views()[0]), "what is exported is what is seen");
    assert!(desk.window.state().state().views.rows().iter().all(|row| row.state.label() == "Done"));
}

#[test]
fn what_the_network_gave_stays_where_running_again_is_cancelled() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    let all = || (0..3).map(|view| Arc::new(prediction(view))).collect();
    let of = |views| Arc::new(Prediction { views, ..Prediction::default() });
    let (network, joined) = (of(all()), of(all()));
    desk.send(Event::Finished { run, prediction: network.clone() });
    assert!(matches!(desk.command(), Command::Join { .. }));
    desk.send(Event::Joined { run, prediction: joined });
    click_with(&mut desk, 0, NONE);
    click_with(&mut desk, 1, SHIFT);
    desk.key(COMMAND | SHIFT, Key::R);
    let (run, _) = desk.run_command();
    desk.view_ready(run, 0);
    desk.send(Event::Cancelled { run });
    click_with(&mut desk, 2, NONE);
    desk.key(COMMAND | SHIFT, Key::R);
    let (run, _) = desk.run_command();
    desk.send(Event::Finished { run, prediction: of(vec![Arc::new(prediction(2))]) });
    let Command::Join { prediction, .. } = desk.command() else { panic!("photos are matched") };
    let second = prediction.views.iter().find(|view| view.view.0 == 1).expect("there");
    assert!(Arc::ptr_eq(second, &network.views[1]), "and not as it was brought to one scene");
}

#[test]
fn folders_of_selected_photos_are_opened_once_each() {
    let mut desk = desk();
    let opened: Arc<Mutex<Vec<PathBuf>>> = Arc::default();
    let sink = Arc::clone(&opened);
    desk.window.state_mut().set_opener(Arc::new(move |path| {
        sink.lock().expect("free").push(path.to_owned());
        Ok(())
    }));
    desk.key(COMMAND, Key::A);
    desk.key(COMMAND | SHIFT, Key::E);
    desk.wait_for_pictures();
    let folder = desk.window.state().state().views.rows()[0].path.parent().expect("a folder").to_owned();
    assert_eq!(*opened.lock().expect("free"), [folder]);
}

#[test]
fn a_session_remembers_what_is_left_out() {
    let mut desk = desk();
    desk.key(NONE, Key::X);
    let session = desk.window.state().state().session();
    assert_eq!(
        session.photos.iter().map(|photo| photo.is_left_out).collect::<Vec<_>>(),
        [true, false, false, false, false]
    );
    let mut state = fathom::app::AppState::default();
    state.show_session(session);
    assert_eq!(state.results.to_export().expect("complete").prediction.views.len(), 4);
}
