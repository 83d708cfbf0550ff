//! Exports from the window: formats chosen, what is seen in 3D, and the files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use fathom::app::Open;
use fathom::inference::DepthUnit;

use crate::harness::Desk;

fn desk(size: [f32; 2], theme: Theme) -> Desk {
    let mut desk = Desk::with_theme(size, theme);
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.finish_in(run, 3, DepthUnit::Metres);
    desk.wait_for_pictures();
    desk.key(Modifiers::COMMAND, Key::E);
    // Until the page stands where its size puts it.
    desk.step_some();
    desk
}

/// Until the page says how large the export will be.
pub fn wait_for_size(desk: &mut Desk) {
    let start = std::time::Instant::now();
    desk.step_some();
    while desk.window.query_by_label_contains("Reckoning how large").is_some() {
        assert!(start.elapsed().as_secs() < 60, "it is never known");
        std::thread::sleep(std::time::Duration::from_millis(5));
        desk.step_some();
    }
}

/// Exports into a new folder; `name` is the one that the export makes in it.
fn export(desk: &mut Desk, parent: &Path, name: &str) -> PathBuf {
    let answer = parent.to_owned();
    let ask = Arc::new(move |what| (what == Open::ExportFolder).then(|| answer.clone()));
    desk.window.state_mut().set_open_dialog(ask);
    desk.click("Export into…");
    let dir = parent.join(name);
    desk.wait_for_containing(&format!("to {}", dir.display()));
    assert!(desk.window.query_by_label("Export into…").is_none(), "the page has done its work");
    dir
}

fn names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry"));
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn points(ply: &Path) -> usize {
    let bytes = std::fs::read(ply).expect("a file");
    let header = String::from_utf8_lossy(&bytes[..400]).into_owned();
    let line = header.lines().find_map(|line| line.strip_prefix("element vertex ")).expect("a header");
    line.trim().parse().expect("a number")
}

#[test]
fn chosen_formats_are_written_and_remembered() {
    // High enough for all of the page.
    let mut desk = desk([1280.0, 1000.0], Theme::Dark);
    for format in ["Depth, 16-bit PNG", "Depth in colours, PNG", "NPZ, everything", "GLB", "Cameras, JSON"] {
        desk.click(format);
    }
    desk.click("Normals (PLY)");
    let parent = desk.folder_for("exports");
    let dir = export(&mut desk, &parent, "fathom");
    assert_eq!(names(&dir), ["cameras.json", "scene.glb", "scene.ply", "summary.json"]);
    let ply = String::from_utf8_lossy(&std::fs::read(dir.join("scene.ply")).expect("a file")[..1000]).into_owned();
    assert!(ply.contains("property float nx"));

    desk.key(Modifiers::COMMAND, Key::E);
    desk.click("PLY");
    let again = export(&mut desk, &parent, "fathom 2");
    assert_eq!(names(&again), ["cameras.json", "scene.glb", "summary.json"], "the choice was kept");
}

#[test]
fn files_can_be_called_by_their_photos_alone() {
    let mut desk = desk([1280.0, 1000.0], Theme::Dark);
    for format in ["Depth in colours, PNG", "NPZ, everything", "PLY"] {
        desk.click(format);
    }
    desk.click("File names");
    desk.click("Photo's name");
    let parent = desk.folder_for("exports");
    let dir = export(&mut desk, &parent, "fathom");
    assert_eq!(names(&dir), ["summary.json", "view 1_depth.png", "view 2_depth.png", "view 3_depth.png"]);
}

#[test]
fn what_is_seen_in_3d_is_what_is_exported() {
    let mut desk = desk([1280.0, 720.0], Theme::Dark);
    let parent = desk.folder_for("exports");
    let whole = export(&mut desk, &parent, "fathom");
    desk.click("Show view 1.png in 3D");
    desk.key(Modifiers::COMMAND, Key::E);
    desk.window.get_by_label_contains("Left out: 1 of 3 views, the least sure 10 %");
    let seen = export(&mut desk, &parent, "fathom 2");
    let [all, some] = [&whole, &seen].map(|dir| points(&dir.join("scene.ply")));
    assert!(some < all && some > all / 2, "{some} of {all}");
    assert_eq!(names(&whole), names(&seen), "pictures are of all photos");
    let summary = std::fs::read_to_string(seen.join("summary.json")).expect("text");
    assert!(summary.contains("1 of 3 views are hidden in 3D"), "{summary}");

    desk.key(Modifiers::COMMAND, Key::E);
    desk.click("Which points");
    desk.click("All that have depth");
    desk.window.get_by_label("Nothing is left out");
    let all_pixels = export(&mut desk, &parent, "fathom 3");
    assert_eq!(points(&all_pixels.join("scene.ply")), 3 * 252 * 189);
}

#[test]
fn nothing_chosen_is_nothing_to_export() {
    let mut desk = desk([1280.0, 720.0], Theme::Dark);
    for format in ["Depth, 16-bit PNG", "Depth in colours, PNG", "NPZ, everything", "PLY"] {
        desk.click(format);
    }
    desk.window.get_by_label("Choose at least one format");
    assert!(desk.window.get_by_label("Export into…").accesskit_node().is_disabled());
    desk.click("Usual formats");
    desk.window.get_by_label("4 formats of 3 photos in 1 scene, and a summary");
}

#[test]
fn stereo_is_seen_before_it_is_written() {
    let mut desk = desk([1280.0, 1500.0], Theme::Dark);
    assert!(desk.window.query_by_label("Stereo preview of view 1.png").is_none(), "nothing for two eyes is chosen");
    for format in ["Depth, 16-bit PNG", "Depth in colours, PNG", "NPZ, everything", "PLY", "Stereo pictures, PNG"] {
        desk.click(format);
    }
    desk.step_some();
    let size = |desk: &Desk| {
        let node = desk.window.get_by_label("Stereo preview of view 1.png");
        node.rect().size()
    };
    let anaglyph = size(&desk);
    desk.click("Pair");
    desk.step_some();
    let pair = size(&desk);
    assert!((pair.x / pair.y - 2.0 * anaglyph.x / anaglyph.y).abs() < 0.05, "{pair} beside {anaglyph}");
    for control in ["Eye distance", "Convergence"] {
        // The slider and the number behind it.
        assert!(desk.window.query_all_by_label(control).count() >= 2, "{control}");
    }
    // The results are in metres.
    desk.click("In millimetres");
    desk.window.get_by_label("Stereo preview of view 1.png");
    desk.click("Layout");
    desk.click("One above the other");
    let parent = desk.folder_for("exports");
    let dir = export(&mut desk, &parent, "fathom");
    assert_eq!(names(&dir), ["0000_view 1_ou.png", "0001_view 2_ou.png", "0002_view 3_ou.png", "summary.json"]);
    let picture = image::open(dir.join("0000_view 1_ou.png")).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (252, 2 * 189));
}

fn with_stereo(theme: Theme, name: &str) {
    let mut desk = desk([1280.0, 900.0], theme);
    desk.click("Stereo pictures, JPEG");
    desk.step_some();
    desk.click("Eyes and preview");
    desk.step_some();
    wait_for_size(&mut desk);
    crate::pictures::check(&mut desk, name);
}

#[test]
fn the_page_with_stereo_dark() {
    with_stereo(Theme::Dark, "export_stereo_dark");
}

#[test]
fn the_page_with_stereo_light() {
    with_stereo(Theme::Light, "export_stereo_light");
}

#[test]
fn the_page_dark() {
    let mut desk = desk([1280.0, 720.0], Theme::Dark);
    desk.click("GLB");
    desk.click("As large as the photos");
    desk.click("One point per cube");
    wait_for_size(&mut desk);
    crate::pictures::check(&mut desk, "export_dark");
}

#[test]
fn the_page_light_small() {
    let mut desk = desk([800.0, 520.0], Theme::Light);
    wait_for_size(&mut desk);
    crate::pictures::check(&mut desk, "export_light_small");
}

#[test]
fn what_was_written_can_be_opened() {
    let mut desk = desk([1280.0, 1000.0], Theme::Light);
    let (sender, opened) = crossbeam_channel::bounded::<PathBuf>(1);
    desk.window.state_mut().set_opener(Arc::new(move |path| match sender.try_send(path.to_owned()) {
        Ok(()) => Ok(()),
        Err(_) => Err("nobody answers".into()),
    }));
    let parent = desk.folder_for("exports");
    let dir = export(&mut desk, &parent, "fathom");
    desk.click("Open folder");
    desk.click("Copy path");
    assert_eq!(desk.last_copied().as_deref(), dir.to_str());
    let patience = std::time::Duration::from_secs(20);
    assert_eq!(opened.recv_timeout(patience).as_ref(), Ok(&dir));
    // Nobody takes the second one out, and there is no room for a third. The same is not asked twice at a time.
    let start = std::time::Instant::now();
    while desk.window.query_by_label_contains("could not be opened: nobody answers").is_none() {
        assert!(start.elapsed() < patience, "that it failed is told");
        if desk.window.query_by_label("Open folder").is_some() {
            desk.click("Open folder");
        }
        desk.step_some();
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
