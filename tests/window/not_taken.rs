//! What could not be taken is named in one banner with the way round, wherever it came from.

use std::path::PathBuf;

use egui_kittest::kittest::Queryable;
use fathom::input::ViewId;
use fathom::worker::{Blame, Event, Problem};

use crate::harness::{Desk, problem};

/// A photo, a text, a film and a file that is not there.
fn files(desk: &Desk) -> Vec<PathBuf> {
    let folder = desk.folder_for("mixed");
    let [photo, text, film, lost] = ["view.png", "notes.txt", "film.mp4", "lost.jpg"].map(|name| folder.join(name));
    std::fs::copy(&desk.photos(1)[0], &photo).expect("copied");
    for path in [&text, &film] {
        std::fs::write(path, b"some words").expect("written");
    }
    vec![photo, text, film, lost]
}

/// Two photos, the first of which a run could not use before it was cancelled.
fn with_a_damaged_photo() -> Desk {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.send(Event::ViewFailed { run, view: ViewId(0), problem: problem(Blame::File, "view 1.png is damaged") });
    desk.send(Event::Cancelled { run });
    desk
}

fn banner(desk: &Desk) -> String {
    desk.window.state().state().notices.banner().expect("a banner").problem.to_string()
}

#[test]
fn all_that_was_not_taken_is_one_banner() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let files = files(&desk);
    desk.drop_files(&files);
    let (_, photos) = desk.run_command();
    assert_eq!(photos.len(), 1, "the photo is run");
    desk.window.get_by_label_contains("Warning: 3 files were not taken: ");
    let told = banner(&desk);
    for words in ["notes.txt is a text file, not a photo", "film.mp4 is a film", "lost.jpg: there is no such file"] {
        assert!(told.contains(words), "{told}");
    }
    assert!(told.contains("ffmpeg -i ") && told.contains("film-%04d.jpg"), "{told}");
    assert_eq!(desk.window.state().state().notices.all().len(), 1, "and nowhere twice");
}

#[test]
fn the_newest_of_several_banners_says_that_there_are_more() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let files = files(&desk);
    desk.drop_files(&files[1..]);
    assert!(!desk.shows("and 1 more"), "it is the only one");
    desk.send(Event::Failed { run: None, problem: problem(Blame::Machine, "The card is gone") });
    desk.window.get_by_label("Error: The card is gone");
    assert!(!desk.shows("notes.txt"));
    desk.click("and 1 more");
    assert!(desk.shows("notes.txt") && desk.shows("Dismiss all"), "in the list of all");
    desk.click("Dismiss error");
    assert!(desk.shows("Error: 3 files were not taken: ") && !desk.shows("and 1 more"));
}

#[test]
fn a_paste_and_a_folder_say_the_same() {
    let mut dropped = Desk::new([1280.0, 720.0]);
    let files = files(&dropped);
    dropped.drop_files(&files[1..3]);
    let words = banner(&dropped);
    dropped.window.get_by_label_contains("Error: 2 files were not taken: ");

    let mut pasted = Desk::new([1280.0, 720.0]);
    let text = files[1..3].iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join("\n");
    pasted.add_and_wait(|desk| desk.window.event(egui::Event::Paste(text)));
    assert_eq!(banner(&pasted), words);

    let mut folder = Desk::new([1280.0, 720.0]);
    folder.drop_files(&[files[0].parent().expect("a folder").to_owned()]);
    folder.run_command();
    assert!(banner(&folder).contains("film.mp4 is a film"), "{}", banner(&folder));
}

#[test]
fn photos_that_a_run_could_not_use_are_one_banner_at_its_end() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    for view in [0, 2] {
        let what = format!("{}: the JPEG file is cut off, its end is missing", photos[view as usize].display());
        let problem = Problem::new(Blame::File, what, "Copy or download the file again");
        desk.send(Event::ViewFailed { run, view: ViewId(view), problem });
    }
    let state = desk.window.state().state();
    assert!(state.notices.banner().is_none(), "not while it goes on");
    assert_eq!(state.notices.all().len(), 1);
    desk.view_ready(run, 1);
    desk.send(Event::Cancelled { run });
    assert_eq!(
        banner(&desk),
        "2 photos could not be used: view 1.png: the JPEG file is cut off, its end is missing · view 3.png: the JPEG file is cut \
         off, its end is missing. Copy or download the file again"
    );
    desk.click("Remove from the list");
    assert_eq!(desk.order(), [1]);
    assert!(desk.window.state().state().notices.all().is_empty());
}

#[test]
fn a_photo_that_is_removed_takes_its_banner_along() {
    let mut desk = with_a_damaged_photo();
    assert!(banner(&desk).starts_with("1 photo could not be used: view 1.png is damaged"), "{}", banner(&desk));
    desk.key(egui::Modifiers::NONE, egui::Key::Delete);
    assert!(desk.window.state().state().notices.all().is_empty());
}

#[test]
fn what_is_told_is_over_when_a_photo_is_tried_again() {
    let mut desk = with_a_damaged_photo();
    desk.click("Retry");
    desk.run_command();
    assert!(desk.window.state().state().notices.all().is_empty());
}
