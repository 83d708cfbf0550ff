//! Snapshot pictures of the window; `UPDATE_SNAPSHOTS=1` draws them anew.

use egui::{Key, Modifiers, Theme};
use egui_kittest::SnapshotOptions;
use egui_kittest::kittest::Queryable;
use fathom::inference::{Change, DepthUnit, Precision, Remedy};
use fathom::memory::Sample;
use fathom::worker::{Blame, Event, Problem, Stage};

use crate::harness::Desk;

const DESKTOP: [f32; 2] = [1280.0, 720.0];
const SMALL: [f32; 2] = [900.0, 600.0];

/// Drivers round differently along edges of text; a moved control changes thousands of pixels.
fn tolerance() -> SnapshotOptions {
    SnapshotOptions::new().threshold(1.5).max_failed_pixels(16)
}

pub fn check(desk: &mut Desk, name: &str) {
    desk.window.remove_cursor();
    desk.wait_for_pictures();
    desk.window.snapshot_options(name, &tolerance());
}

/// The same of what never comes to rest.
pub fn check_going_on(desk: &mut Desk, name: &str) {
    desk.window.remove_cursor();
    desk.step_some();
    desk.window.snapshot_options(name, &tolerance());
}

fn memory(desk: &mut Desk) {
    for second in 0..90 {
        let wave = (f64::from(second) / 9.0).sin() * 0.2 + 1.0;
        desk.send(Event::Memory(Sample { resident_bytes: (wave * 1e9) as u64, ..sample(second) }));
    }
}

fn sample(second: u32) -> Sample {
    Sample {
        at_secs: f64::from(second),
        resident_bytes: 1_000_000_000,
        peak_bytes: 1_400_000_000,
        free_bytes: 5_100_000_000,
        total_bytes: 8_300_000_000,
        model_bytes: 422_000_000,
        held_bytes: 640_000_000,
        ..Sample::default()
    }
}

fn with_result(size: [f32; 2], theme: Theme) -> Desk {
    let mut desk = Desk::with_theme(size, theme);
    let photos = desk.photos(3);
    desk.model_ready();
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    memory(&mut desk);
    desk.finish(run, 3);
    desk
}

#[test]
fn empty_dark() {
    check(&mut Desk::new(DESKTOP), "empty_dark");
}

#[test]
fn empty_light_small() {
    check(&mut Desk::with_theme(SMALL, Theme::Light), "empty_light_small");
}

#[test]
fn running() {
    let mut desk = Desk::new(DESKTOP);
    let photos = desk.photos(4);
    desk.model_ready();
    desk.drop_files(&photos);
    let (run, sent) = desk.run_command();
    memory(&mut desk);
    desk.send(Event::RunStarted { run, views: 4, unit: DepthUnit::Metres });
    desk.view_ready(run, 0);
    let problem = Problem::new(Blame::File, "view 4.png: the file ends too early", "Copy it again from the camera.");
    desk.send(Event::ViewFailed { run, view: sent[3].id, problem });
    let stage = Stage::Backbone;
    desk.send(Event::Progress { run, stage, view: 1, views: 4, done: 0.4, remaining_secs: Some(42.0) });
    desk.key(Modifiers::NONE, Key::ArrowDown);
    check(&mut desk, "running");
}

#[test]
fn result_dark() {
    let mut desk = with_result(DESKTOP, Theme::Dark);
    desk.key(Modifiers::COMMAND, Key::Num1);
    check(&mut desk, "result_dark");
}

#[test]
fn result_light() {
    let mut desk = with_result(DESKTOP, Theme::Light);
    desk.key(Modifiers::COMMAND, Key::Num1);
    desk.key(Modifiers::NONE, Key::L);
    check(&mut desk, "result_light_swipe");
}

#[test]
fn result_small() {
    let mut desk = with_result(SMALL, Theme::Dark);
    desk.key(Modifiers::COMMAND, Key::Num1);
    check(&mut desk, "result_small");
}

fn row_menu(theme: Theme, name: &str) {
    let mut desk = with_result(DESKTOP, theme);
    desk.key(Modifiers::COMMAND, Key::Num1);
    desk.window.get_by_label_contains("view 2.png, done").click_secondary();
    desk.settle();
    check(&mut desk, name);
}

#[test]
fn row_menu_dark() {
    row_menu(Theme::Dark, "row_menu_dark");
}

#[test]
fn row_menu_light() {
    row_menu(Theme::Light, "row_menu_light");
}

fn not_taken(theme: Theme, name: &str) {
    let mut desk = Desk::with_theme(DESKTOP, theme);
    let folder = desk.folder_for("mixed");
    let mut files = desk.photos(2);
    files.extend(["notes.txt", "lost.jpg"].map(|name| folder.join(name)));
    std::fs::write(&files[2], b"Buy milk").expect("written");
    desk.drop_files(&files);
    let (run, _) = desk.run_command();
    desk.finish(run, 2);
    desk.key(Modifiers::COMMAND, Key::Num1);
    check(&mut desk, name);
}

#[test]
fn not_taken_dark() {
    not_taken(Theme::Dark, "not_taken_dark");
}

#[test]
fn not_taken_light() {
    not_taken(Theme::Light, "not_taken_light");
}

#[test]
fn error() {
    let mut desk = with_result(SMALL, Theme::Light);
    desk.key(Modifiers::COMMAND, Key::Num1);
    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    let what = "Not enough memory: this run needs about 6.1 GB, 3.9 GB are free";
    let mut problem = Problem::new(Blame::Machine, what, "Close other programs, or choose one of these");
    let remedy = |change, need_bytes| Remedy { change, need_bytes };
    problem.remedies = vec![
        remedy(Change::ViewsPerPass(4), 3_100_000_000),
        remedy(Change::Resolution(392), 3_400_000_000),
        remedy(Change::Precision(Precision::Bf16), 2_900_000_000),
    ];
    desk.send(Event::Failed { run: Some(run), problem });
    desk.key(Modifiers::NONE, Key::N);
    check(&mut desk, "error_light_small");
}

#[test]
fn memory_window() {
    let mut desk = with_result(DESKTOP, Theme::Dark);
    desk.key(Modifiers::COMMAND, Key::Num1);
    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    for (second, stage) in [(91, Stage::Decode), (95, Stage::Backbone), (104, Stage::Head)] {
        desk.send(Event::Memory(Sample { resident_bytes: 900_000_000, ..sample(second) }));
        desk.send(Event::Progress { run, stage, view: 0, views: 3, done: 0.5, remaining_secs: None });
    }
    desk.send(Event::Memory(sample(112)));
    desk.key(Modifiers::NONE, Key::M);
    check(&mut desk, "memory_dark");
}

#[test]
fn a_run_that_does_not_fit() {
    let mut desk = Desk::with_theme(SMALL, Theme::Light);
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    desk.run_command();
    desk.send(Event::Cancelled { run: fathom::worker::RunId(1) });
    desk.send(Event::Memory(Sample { free_bytes: 130_000_000, model_bytes: 0, ..sample(91) }));
    check(&mut desk, "too_large_light_small");
}

#[test]
fn model_menu() {
    let mut desk = Desk::with_theme(DESKTOP, Theme::Light);
    desk.click("Model");
    check(&mut desk, "model_menu_light");
}

#[test]
fn keys_and_drop() {
    let mut desk = Desk::new(DESKTOP);
    desk.key(Modifiers::NONE, Key::F1);
    check(&mut desk, "keys_dark");
    desk.key(Modifiers::NONE, Key::F1);
    desk.window.input_mut().hovered_files.push(egui::HoveredFile::default());
    desk.window.run_steps(3);
    desk.window.snapshot_options("drop_dark", &tolerance());
}

#[test]
fn every_control() {
    let mut desk = with_result([1000.0, 1180.0], Theme::Light);
    desk.key(Modifiers::COMMAND, Key::Num1);
    desk.click("Advanced");
    desk.click("Model");
    let entries = fathom::catalog::entries();
    let absent = entries.iter().find(|entry| fathom::catalog::locate(entry).is_none()).expect("one is not installed");
    desk.click_containing(absent.name);
    check(&mut desk, "controls_light");
}
