//! The window, driven by its labels, over a worker that the test plays.
#![allow(clippy::expect_used)] // a test fails by panicking

mod choosing_models;
mod dialogs;
mod downloads;
mod export_page;
mod exporting;
mod faults;
mod fitting;
mod graphics;
mod harness;
mod known_cameras;
mod known_depths;
mod looking;
mod looking_3d;
mod matches;
mod models;
mod new_photos;
mod not_taken;
mod pasting;
mod pictures;
mod pointing;
mod ranges;
mod recent;
mod replaced;
mod run_settings;
mod selecting;
#[path = "../hub/server.rs"]
#[allow(dead_code, clippy::unwrap_used, reason = "the tests of the hub need more of it")]
mod server;
mod session;
mod side_panels;
#[path = "../support/stand_in.rs"]
mod stand_in;
mod taking_away;
mod undo;
mod views;

use std::sync::Arc;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable;
use fathom::inference::{DepthUnit, Matched, Prediction};
use fathom::input::ViewId;
use fathom::memory::Sample;
use fathom::worker::{Blame, Command, Event, Problem, RunId, Stage};

use harness::{Desk, problem};

#[test]
fn load_run_result_cancel_error() {
    let mut desk = Desk::new([1280.0, 720.0]);
    desk.click("Load");
    assert!(matches!(desk.command(), Command::Load(_)), "the model is loaded when asked for");
    desk.send(Event::ModelLoading { model: "DA2".into(), done: 50_000_000, total: 99_000_000 });
    desk.window.get_by_label("Loading 50 MB of 99 MB");
    desk.model_ready();
    desk.window.get_by_label("Unload");

    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, sent) = desk.run_command();
    assert_eq!(sent.iter().map(|photo| &photo.path).collect::<Vec<_>>(), photos.iter().collect::<Vec<_>>());
    desk.window.get_by_label("view 1.png, waiting");
    desk.send(Event::RunStarted { run, views: 3, unit: DepthUnit::Metres });
    desk.send(Event::Progress { run, stage: Stage::Head, view: 1, views: 3, done: 0.5, remaining_secs: Some(61.0) });
    desk.window.get_by_label("view 2.png, running");
    desk.window.get_by_label_contains("about 1:01 left");
    for view in 0..3 {
        desk.view_ready(run, view);
    }
    desk.window.get_by_label("view 3.png, done");
    desk.finish(run, 3);
    desk.window.get_by_label_contains("Finished 3 views");
    desk.window.get_by_label("Depth");

    desk.click("Run 3 photos again");
    let (run, _) = desk.run_command();
    desk.click("Cancel");
    assert_eq!(desk.cancels(), 1);
    assert!(desk.window.query_by_label("Run 3 photos again").is_none(), "still running until the worker says so");
    desk.send(Event::Cancelled { run });
    desk.window.get_by_label("Cancelled");
    desk.window.get_by_label("view 1.png, done");

    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    desk.send(Event::Failed { run: Some(run), problem: problem(Blame::Machine, "Not enough memory") });
    desk.window.get_by_label("Error: Not enough memory");
    desk.click("Use 392 px");
    match desk.command() {
        Command::Run { settings, .. } => assert_eq!(settings.resolution, Some(392)),
        other => panic!("{other:?}"),
    }
    assert!(desk.window.query_by_label("Error: Not enough memory").is_none(), "a new run takes the banner down");
}

#[test]
fn photos_become_one_scene_after_their_run_or_stay_apart() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    let views: Vec<_> = (0..2).map(|view| Arc::new(views::prediction(view))).collect();
    let alone = Arc::new(Prediction { views: views.clone(), ..Prediction::default() });
    (0..2).for_each(|view| desk.view_ready(run, view));
    desk.send(Event::Finished { run, prediction: alone.clone() });
    assert!(matches!(desk.command(), Command::Join { run: of, .. } if of == run), "the scene is asked for");
    desk.window.get_by_label("view 2.png, done");
    assert!(desk.window.state().state().run.is_some(), "the run goes on");
    desk.send(Event::Progress { run, stage: Stage::Match, view: 0, views: 2, done: 0.3, remaining_secs: None });
    desk.window.get_by_label_contains("Matching photos");
    let matched = Matched { placed: 2, photos: 2, shared: 321, ..Matched::default() };
    let joined = Prediction { views, matched: Some(matched), ..Prediction::default() };
    desk.send(Event::Joined { run, prediction: Arc::new(joined) });
    desk.window.get_by_label_contains("one scene by matching");
    assert!(desk.window.state().state().run.is_none());

    // What cannot be a scene stays as it is, and is said.
    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    desk.send(Event::Finished { run, prediction: alone.clone() });
    assert!(matches!(desk.command(), Command::Join { .. }));
    desk.send(Event::Apart { run, problem: problem(Blame::File, "The photos stay scenes of their own") });
    desk.window.get_by_label_contains("Finished 2 views");
    desk.key(Modifiers::NONE, Key::N);
    desk.wait_for_containing("stay scenes of their own");
    desk.key(Modifiers::NONE, Key::N);

    // A scene that is given up costs no depth.
    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    desk.send(Event::Finished { run, prediction: alone });
    assert!(matches!(desk.command(), Command::Join { .. }));
    desk.click("Cancel");
    desk.send(Event::Cancelled { run });
    desk.window.get_by_label("Cancelled the scene; depth stays");
    assert!(desk.window.state().state().results.can_be_exported());
}

#[test]
fn late_events_of_an_earlier_run_change_nothing() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (first, _) = desk.run_command();
    desk.send(Event::Cancelled { run: first });
    desk.key(Modifiers::COMMAND, Key::R);
    let (second, _) = desk.run_command();
    assert_ne!(first, second);
    desk.view_ready(first, 0);
    desk.finish(first, 2);
    desk.send(Event::Failed { run: Some(first), problem: problem(Blame::Program, "Late") });
    desk.window.get_by_label("view 1.png, waiting");
    assert!(desk.window.query_by_label_contains("Late").is_none());
    assert!(desk.window.state().state().run.is_some());
}

#[test]
fn photos_dropped_during_a_run_wait_for_the_next() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(3);
    desk.drop_files(&photos[..2]);
    let (run, _) = desk.run_command();
    desk.drop_files(&photos[2..]);
    desk.window.get_by_label("Views · 3");
    assert!(desk.no_command());
    desk.finish(run, 2);
    let (run, sent) = desk.run_command();
    assert_eq!(sent.len(), 1, "the others have their results");
    assert_eq!(desk.window.state().state().results.views().len(), 2);
    desk.view_ready(run, 2);
    assert_eq!(desk.window.state().state().results.views().len(), 3);
}

#[test]
fn a_folder_of_two_thousand_photos_neither_runs_nor_slows_the_window() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let folder = desk.folder_of(2000);
    desk.drop_files(&[folder]);
    desk.wait_for("Views · 2000");
    assert!(desk.no_command(), "so many photos wait for a click");
    let start = std::time::Instant::now();
    let frames = 20;
    desk.window.run_steps(frames);
    let each = start.elapsed() / frames as u32;
    assert!(each < std::time::Duration::from_millis(33), "{each:?} per frame");
    desk.key(Modifiers::NONE, Key::N);
    desk.window.get_by_label("2000 photos added");
    desk.click("Run 2000 photos");
    assert_eq!(desk.run_command().1.len(), 2000);
}

#[test]
fn bad_files_among_good_ones_are_named_and_the_good_ones_stay() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let mut photos = desk.photos(2);
    photos.push(std::path::PathBuf::from("/nowhere/lost.jpg"));
    desk.drop_files(&photos);
    let (run, sent) = desk.run_command();
    assert_eq!(sent.len(), 2);
    desk.send(Event::ViewFailed { run, view: sent[0].id, problem: problem(Blame::File, "view 1.png is damaged") });
    desk.window.get_by_label("view 1.png, failed");
    desk.view_ready(run, 1);
    desk.window.get_by_label("view 2.png, done");
    desk.click("2 problems");
    desk.window.get_by_label("1 file was not taken: lost.jpg: there is no such file or folder");
    desk.window.get_by_label("1 photo could not be used: view 1.png is damaged");
    desk.click("Remove from the list");
    assert_eq!(desk.order(), [1]);
    assert!(
        desk.window.query_by_label_contains("view 1.png is damaged").is_none(),
        "what was settled is not told any more"
    );
    desk.click("Dismiss all");
    desk.window.get_by_label("Nothing to tell");
}

#[test]
fn order_selection_and_removal_by_key() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish(run, 3);
    desk.key(Modifiers::NONE, Key::ArrowDown);
    assert_eq!(desk.window.state().state().views.selected(), Some(ViewId(1)));
    desk.key(Modifiers::ALT, Key::ArrowUp);
    assert_eq!(desk.order(), [1, 0, 2]);
    let shown: Vec<u64> = desk.window.state().state().results.views().iter().map(|view| view.view.0).collect();
    assert_eq!(shown, [1, 0, 2], "results follow the list");
    desk.key(Modifiers::NONE, Key::Delete);
    assert_eq!(desk.order(), [0, 2]);
    desk.click("Show view 1.png in 3D");
    assert!(desk.window.state().state().results.hidden().contains(&ViewId(0)));
}

#[test]
fn arrows_go_to_the_list_even_from_the_3d_view() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish(run, 3);
    desk.window.get_by_role_and_label(egui::accesskit::Role::Canvas, "3D view").click();
    desk.settle();
    desk.key(Modifiers::NONE, Key::ArrowDown);
    desk.key(Modifiers::NONE, Key::ArrowDown);
    assert_eq!(desk.window.state().state().views.selected(), Some(ViewId(2)));
}

#[test]
fn escape_closes_windows_before_it_cancels() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(1);
    desk.drop_files(&photos);
    desk.run_command();
    desk.key(Modifiers::NONE, Key::F1);
    desk.window.get_by_label("Ctrl+R or F5");
    desk.key(Modifiers::NONE, Key::Escape);
    assert!(desk.window.query_by_label("Ctrl+R or F5").is_none());
    assert_eq!(desk.cancels(), 0);
    desk.key(Modifiers::NONE, Key::Escape);
    assert_eq!(desk.cancels(), 1);
}

#[test]
fn a_model_that_is_not_here_says_what_to_do() {
    let mut desk = Desk::new([1280.0, 720.0]);
    desk.click("Model");
    let entries = fathom::catalog::entries();
    let absent = entries.iter().find(|entry| fathom::catalog::locate(entry).is_none()).expect("one is not installed");
    desk.click_containing(absent.name);
    desk.wait_for("Not installed");
    desk.window.get_by_label("Choose model file…");
    let photos = desk.photos(1);
    desk.drop_files(&photos);
    desk.wait_for_containing("is not on this machine");
    assert!(desk.no_command(), "a run that cannot succeed is not started");
    desk.click("Use the built-in model");
    desk.run_command();
}

#[test]
fn looking_does_not_rebuild_pictures_and_an_idle_window_rests() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish(run, 2);
    desk.settle();
    let built = desk.window.state().textures_built();
    let centre = desk.window.get_by_label("Depth").rect().center();
    desk.window.hover_at(centre);
    desk.window.run_steps(5);
    desk.window.get_by_label_contains("· confidence");
    assert_eq!(desk.window.state().textures_built(), built);
    desk.key(Modifiers::NONE, Key::C);
    assert_eq!(desk.window.state().textures_built(), built + 1, "another colour map redraws depth only");
    desk.settle();
    desk.rest();
    let delay = desk.window.output().viewport_output[&egui::ViewportId::ROOT].repaint_delay;
    assert!(delay > std::time::Duration::from_secs(60), "an idle window asks for a frame in {delay:?}");
}

#[test]
fn memory_is_shown_in_words() {
    let mut desk = Desk::new([1280.0, 720.0]);
    desk.send(Event::Memory(Sample {
        at_secs: 1.0,
        resident_bytes: 1_200_000_000,
        peak_bytes: 2_500_000_000,
        free_bytes: 4_000_000_000,
        total_bytes: 8_000_000_000,
        ..Sample::default()
    }));
    desk.window.get_by_label("1.2 GB now · 2.5 GB peak · 8.0 GB limit");
}

#[test]
fn help_lists_keys_and_copies_diagnostics_without_names() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(1);
    desk.drop_files(&photos);
    desk.run_command();
    desk.key(Modifiers::NONE, Key::F1);
    desk.window.get_by_label("Copy diagnostics");
    desk.window.get_by_label("Ctrl+R or F5");
    let copied = desk.copied_by(Modifiers::COMMAND | Modifiers::SHIFT, Key::D);
    assert!(copied.contains("Fathom: ") && copied.contains("Graphics: "), "{copied}");
    assert!(!copied.contains("view 1"), "{copied}");
}

#[test]
fn a_refused_command_is_told() {
    let mut desk = Desk::new([1280.0, 720.0]);
    desk.refuse_commands();
    let photos = desk.photos(1);
    desk.drop_files(&photos);
    desk.wait_for_containing("still busy");
    assert!(desk.window.state().state().run.is_none());
}

#[test]
fn an_example_opens_with_one_click() {
    let mut desk = Desk::new([1280.0, 720.0]);
    desk.click("Open example Cat");
    let (run, sent) = desk.run_command();
    assert_eq!((run, sent.len()), (RunId(1), 1));
}

#[test]
fn a_problem_is_copied_as_text() {
    let mut desk = Desk::new([1280.0, 720.0]);
    desk.send(Event::Failed { run: None, problem: Problem::new(Blame::Setting, "No such device", "Choose another") });
    desk.click("Copy error");
    assert_eq!(desk.last_copied().as_deref(), Some("Error: No such device. Choose another"));
}

#[test]
fn a_drawn_example_shows_its_exact_scene_and_says_so() {
    let mut desk = Desk::new([1280.0, 720.0]);
    desk.click("Open example Table top");
    desk.wait_for_containing("exact, not predicted");
    assert!(desk.no_command(), "nothing is run by itself");
    assert!(!desk.shows(" photos again"), "no model has looked at them");
    let state = desk.window.state().state();
    let views = state.results.views();
    assert!(views.len() >= 3 && views.iter().all(|view| view.scene == views[0].scene));
    assert_eq!(state.results.unit_of(None), DepthUnit::Metres);
    // Photos that somebody brings are what the window is for: the example makes room.
    let photos = desk.photos(2);
    desk.drop_without_waiting(&photos[0]);
    desk.drop_without_waiting(&photos[1]);
    let (_, sent) = desk.run_command();
    assert_eq!(sent.len(), 2);
    assert_eq!(desk.window.state().state().views.rows().len(), 2);
    assert!(!desk.shows("exact, not predicted"));
}
