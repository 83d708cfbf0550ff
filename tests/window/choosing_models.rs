//! The page of models helps to choose: by what they are for, and by the photos that are open.

use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use fathom::memory::Sample;
use fathom::worker::Event;

use crate::harness::Desk;

/// A window with so many photos and so much free memory, and the page of models.
fn desk(size: [f32; 2], theme: Theme, photos: usize, free_bytes: u64) -> Desk {
    let mut desk = Desk::with_theme(size, theme);
    let ctx = desk.window.ctx.clone();
    desk.window.state_mut().set_model_source(crate::models::nowhere(), &ctx);
    if photos > 0 {
        let photos = desk.photos(photos);
        desk.drop_files(&photos);
        let (run, _) = desk.run_command();
        desk.send(Event::Cancelled { run });
    }
    desk.send(Event::Memory(Sample { free_bytes, total_bytes: 2 * free_bytes, ..Sample::default() }));
    open(&mut desk);
    desk
}

fn open(desk: &mut Desk) {
    desk.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::M);
    desk.wait_for("In use, Depth Anything V2 Small");
}

/// Models whose card is on the page.
fn cards(desk: &Desk) -> usize {
    let labels = desk.window.query_all_by_label_contains("Local file or folder, ");
    labels.filter_map(|node| node.accesskit_node().label()).count()
}

const LARGE: [f32; 2] = [1280.0, 800.0];

#[test]
fn what_a_model_is_for_leaves_out_the_others() {
    let mut desk = desk(LARGE, Theme::Dark, 0, 3_100_000_000);
    assert_eq!(cards(&desk), 16);
    assert!(desk.shows("Metres from any model: measure one known length"));
    desk.click("Many photos together");
    assert_eq!(cards(&desk), 5);
    desk.click("Fits this machine");
    assert_eq!(cards(&desk), 3, "the giants have no room");
    desk.click("Commercial use");
    assert_eq!(cards(&desk), 2);
    desk.click("Metres");
    assert_eq!(cards(&desk), 0);
    assert!(desk.shows("No model does all of that"));
    desk.click("Many photos together");
    assert_eq!(cards(&desk), 3);
}

#[test]
fn one_model_is_recommended_for_what_is_open() {
    let empty = desk(LARGE, Theme::Dark, 0, 9_000_000_000);
    assert!(!empty.shows("Recommended") && empty.shows("of memory for a photo"));
    let mut one = desk(LARGE, Theme::Dark, 1, 9_000_000_000);
    one.window.get_by_label("Recommended for this photo");
    assert!(one.shows("For single photos · the best that has room here and is free for commercial use"));
    assert!(one.shows("of memory for this photo"));
    assert_eq!(cards(&one), 16, "it is there once");
    one.click("Metres");
    one.window.get_by_label("Recommended for this photo");
    let many = desk(LARGE, Theme::Dark, 5, 9_000_000_000);
    many.window.get_by_label("Recommended for these 5 photos");
    assert!(many.shows("Looks at the photos together"));
    assert!(many.shows("of memory for these 5 photos"));
}

#[test]
fn the_page_opens_at_the_chosen_model() {
    let mut desk = desk(LARGE, Theme::Dark, 0, 9_000_000_000);
    let is_in_sight = |desk: &Desk, label: &str| {
        let place = desk.window.get_by_label(label).rect();
        place.top() > 180.0 && place.bottom() < 780.0
    };
    assert!(is_in_sight(&desk, "In use, Depth Anything V2 Small"), "a card of the last family");
    assert!(!is_in_sight(&desk, "Local file or folder, DA3-Small"));
    // It can be left, and is come back to.
    desk.window.get_by_label("Local file or folder, DA3-Small").scroll_to_me();
    desk.settle();
    assert!(!is_in_sight(&desk, "In use, Depth Anything V2 Small"));
    desk.key(Modifiers::NONE, Key::Escape);
    open(&mut desk);
    assert!(is_in_sight(&desk, "In use, Depth Anything V2 Small"));
}

#[test]
fn the_page_for_some_photos_dark() {
    let mut desk = desk(LARGE, Theme::Dark, 3, 3_100_000_000);
    desk.click("Commercial use");
    desk.window.get_by_label("Recommended for these 3 photos").scroll_to_me();
    desk.settle();
    crate::pictures::check(&mut desk, "models_recommended_dark");
}

#[test]
fn the_page_for_some_photos_light_small() {
    let mut desk = desk([900.0, 600.0], Theme::Light, 3, 3_100_000_000);
    desk.click("Many photos together");
    desk.window.get_by_label("Recommended for these 3 photos").scroll_to_me();
    desk.settle();
    crate::pictures::check(&mut desk, "models_recommended_light_small");
}
