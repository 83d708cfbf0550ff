//! The page of exports keeps still under the pointer, says how large it will be and how far it is, and lets go at a word.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use fathom::app::Open;
use fathom::inference::{DepthUnit, Prediction};
use fathom::worker::{Command, Event};

use crate::exporting::wait_for_size;
use crate::harness::Desk;
use crate::views::prediction;

/// So many photos with results, and the page over them.
fn desk(size: [f32; 2], photos: u64) -> Desk {
    desk_in(size, Theme::Dark, photos)
}

fn desk_in(size: [f32; 2], theme: Theme, photos: u64) -> Desk {
    let mut desk = Desk::with_theme(size, theme);
    let files = desk.photos(photos as usize);
    desk.drop_files(&files);
    let (run, _) = desk.run_command();
    desk.finish_in(run, photos, DepthUnit::Metres);
    desk.wait_for_pictures();
    desk.key(Modifiers::COMMAND, Key::E);
    desk.step_some();
    desk
}

fn answer_with(desk: &mut Desk, parent: &Path) {
    let answer = parent.to_owned();
    let ask = Arc::new(move |what| (what == Open::ExportFolder).then(|| answer.clone()));
    desk.window.state_mut().set_open_dialog(ask);
}

/// Where the boxes are that can be ticked, and which of them cannot be now.
fn boxes(desk: &Desk) -> BTreeMap<String, (Pos2, bool)> {
    let all = desk.window.query_all_by(|node| node.role() == Role::CheckBox);
    let told = |node: egui_kittest::Node<'_>| {
        let about = node.accesskit_node();
        (about.label().unwrap_or_default(), (node.rect().min, about.is_disabled()))
    };
    all.map(told).collect()
}

fn tick(desk: &mut Desk, label: &str) {
    desk.window.get_by_role_and_label(Role::CheckBox, label).click_accesskit();
    desk.step_some();
}

fn no_box_moves(desk: &mut Desk) {
    // Beside the page there are others, which it hides.
    desk.key(Modifiers::COMMAND, Key::E);
    let others = boxes(desk);
    desk.key(Modifiers::COMMAND, Key::E);
    desk.step_some();
    keep_still(desk, &others);
}

fn keep_still(desk: &mut Desk, others: &BTreeMap<String, (Pos2, bool)>) {
    let labels: Vec<String> = boxes(desk).into_keys().filter(|label| !others.contains_key(label)).collect();
    assert!(labels.len() > 30, "the whole page: {labels:?}");
    for label in &labels {
        // To and fro, because what a box brings also goes with it.
        for _ in 0..2 {
            let before = boxes(desk);
            if before[label].1 {
                break;
            }
            tick(desk, label);
            let after = boxes(desk);
            for (other, (place, _)) in before.iter().filter(|(other, _)| labels.contains(other)) {
                let Some((now, _)) = after.get(other) else { continue };
                assert!((*now - *place).length() < 0.5, "{other} moved from {place} to {now} with {label}");
            }
            assert!(
                before
                    .keys()
                    .all(|other| after.contains_key(other) || other.contains("eyes") || other.contains("millimetres"))
            );
        }
    }
}

#[test]
fn no_box_moves_when_another_is_ticked() {
    for size in [[1280.0, 720.0], [900.0, 600.0], [1280.0, 1400.0]] {
        no_box_moves(&mut desk(size, 1));
    }
}

#[test]
fn nor_does_it_where_the_page_is_scrolled_to_its_end() {
    let mut desk = desk([900.0, 600.0], 1);
    desk.key(Modifiers::COMMAND, Key::E);
    let others = boxes(&desk);
    desk.key(Modifiers::COMMAND, Key::E);
    desk.step_some();
    tick(&mut desk, "Stereo pictures, PNG");
    desk.window.hover_at(egui::pos2(450.0, 300.0));
    desk.step_some();
    let before = boxes(&desk);
    desk.window.event(egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: egui::vec2(0.0, -2000.0),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    // Until it has come to rest.
    let mut last = None;
    while last != Some(boxes(&desk)) {
        last = Some(boxes(&desk));
        desk.rest();
    }
    let label = "Depth, 16-bit PNG";
    assert!(boxes(&desk)[label].0.y < before[label].0.y - 50.0, "it was scrolled");
    keep_still(&mut desk, &others);
}

/// Megabytes that the page says.
fn said(desk: &Desk) -> f64 {
    let nodes = desk.window.query_all_by_label_contains("About ");
    let words: Vec<String> =
        nodes.filter_map(|node| node.accesskit_node().label().or(node.accesskit_node().value())).collect();
    let number = |words: &String| words.strip_prefix("About ")?.strip_suffix(" MB")?.parse().ok();
    words.iter().find_map(number).unwrap_or_else(|| panic!("no size: {words:?}"))
}

fn bytes_in(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.map(|path| if path.is_dir() { bytes_in(&path) } else { path.metadata().expect("a file").len() }).sum()
}

#[test]
fn an_export_is_about_as_large_as_the_page_says() {
    let mut desk = desk([1280.0, 720.0], 12);
    let parent = desk.folder_for("exports");
    answer_with(&mut desk, &parent);
    wait_for_size(&mut desk);
    let usual = said(&desk);
    for format in ["PFM", "XYZ", "GLB"] {
        tick(&mut desk, format);
    }
    wait_for_size(&mut desk);
    let size = said(&desk);
    assert!(size > 1.5 * usual, "{usual} MB became {size} MB");
    desk.click("Export into…");
    desk.wait_for_containing("Exported ");
    let written = bytes_in(&parent.join("fathom")) as f64 / 1e6;
    assert!(size < written * 1.5 && written < size * 1.5, "{size} MB said, {written} MB written");
}

#[test]
fn a_cancelled_export_leaves_nothing_and_the_page_stays() {
    let mut desk = desk([1280.0, 720.0], 40);
    let parent = desk.folder_for("exports");
    answer_with(&mut desk, &parent);
    desk.click("All formats");
    desk.window.get_by_label("Export into…").click();
    desk.step_until("Cancel export");
    desk.step_until("Exporting · ");
    desk.window.get_by_label("Cancel export").click();
    desk.step_until("The export was cancelled; nothing of it is left");
    assert_eq!(std::fs::read_dir(&parent).expect("a folder").count(), 0);
    desk.window.get_by_label("Export into…");
    assert!(desk.window.state().state().notices.all().iter().all(|notice| !notice.problem.what.contains("cancelled")));
    // By the key, with the page closed, too.
    desk.window.get_by_label("Export into…").click();
    desk.step_until("Cancel export");
    desk.key(Modifiers::NONE, Key::Escape);
    desk.step_until("Cancel the export");
    assert!(desk.window.query_by_label("Cancel export").is_none(), "Escape has closed the page");
    desk.key(Modifiers::NONE, Key::Escape);
    desk.step_until("The export was cancelled; nothing of it is left");
    assert_eq!(std::fs::read_dir(&parent).expect("a folder").count(), 0);
}

/// The page in the midst of an export, which waits for a photo that nobody writes.
#[cfg(unix)]
fn while_it_runs(theme: Theme, name: &str) {
    let mut desk = desk_in([1280.0, 720.0], theme, 3);
    for choice in ["COLMAP", "Photos beside cameras"] {
        tick(&mut desk, choice);
    }
    wait_for_size(&mut desk);
    desk.wait_for_pictures();
    let photo = desk.window.state().state().views.rows()[0].path.clone();
    std::fs::remove_file(&photo).expect("removed");
    assert!(std::process::Command::new("mkfifo").arg(&photo).status().expect("mkfifo is there").success());
    let parent = desk.folder_for("exports");
    answer_with(&mut desk, &parent);
    desk.window.get_by_label("Export into…").click();
    // All that is written before the photos.
    let start = std::time::Instant::now();
    let model = ["cameras", "images", "points3D", "rigs", "frames"].map(|file| format!("fathom/sparse/0/{file}.bin"));
    while !model.iter().all(|file| parent.join(file).is_file()) {
        assert!(start.elapsed().as_secs() < 60, "the model is never there");
        std::thread::sleep(std::time::Duration::from_millis(5));
        desk.step_some();
    }
    crate::pictures::check_going_on(&mut desk, name);
    desk.window.get_by_label("Cancel export").click();
    desk.step_some();
    drop(std::fs::OpenOptions::new().write(true).open(&photo).expect("the export waits for it"));
    desk.step_until("The export was cancelled");
}

#[cfg(unix)]
#[test]
fn the_page_while_it_exports_dark() {
    while_it_runs(Theme::Dark, "exporting_dark");
}

#[cfg(unix)]
#[test]
fn the_page_while_it_exports_light() {
    while_it_runs(Theme::Light, "exporting_light");
}

#[test]
fn files_are_numbered_in_the_order_of_the_list() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    // Three scenes of one photo each.
    let view = |index: usize| {
        let mut view = prediction(index as u64);
        view.scene = index;
        Arc::new(view)
    };
    let finished = Arc::new(Prediction { views: (0..3).map(view).collect(), ..Prediction::default() });
    desk.send(Event::Finished { run, prediction: Arc::clone(&finished) });
    if !desk.no_command() {
        assert!(matches!(desk.command(), Command::Join { .. }));
        desk.send(Event::Joined { run, prediction: finished });
    }
    desk.key(Modifiers::ALT, Key::ArrowDown);
    assert_eq!(desk.order(), [1, 0, 2]);
    let parent = desk.folder_for("exports");
    answer_with(&mut desk, &parent);
    desk.key(Modifiers::COMMAND, Key::E);
    desk.step_some();
    desk.click("Export into…");
    desk.wait_for_containing("Exported ");
    let dir: PathBuf = parent.join("fathom");
    for name in ["0000_view 2_depth.png", "0001_view 1_depth.png", "0002_view 3_depth.png", "scene_0002.ply"] {
        assert!(dir.join(name).is_file(), "{name}");
    }
    let text = std::fs::read_to_string(dir.join("summary.json")).expect("a summary");
    let summary: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let numbers: Vec<_> = (0..3).map(|at| (&summary["views"][at]["photo"], &summary["views"][at]["scene"])).collect();
    assert_eq!(
        format!("{numbers:?}"),
        r#"[(String("view 2.png"), Number(0)), (String("view 1.png"), Number(1)), (String("view 3.png"), Number(2))]"#
    );
}
