//! What photos share: the window of pairs, and the points over the cloud.

use std::sync::Arc;

use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable;
use fathom::inference::{Match, Matched, MatchedPair, MatchedPoint, Moved, Prediction};
use fathom::input::ViewId;
use fathom::worker::{Blame, Command, Event, Problem, Stage};

use crate::harness::Desk;
use crate::pictures::check;
use crate::views::prediction;

/// Matches in rows and columns, the last third of which do not fit.
fn pair(photos: [u64; 2], matched: usize, fitting: usize) -> MatchedPair {
    let shown = |i: usize| {
        let [x, y] = [0.08 + 0.06 * (i % 15) as f32, 0.55 + 0.08 * (i / 15) as f32];
        let off = if i < 30 { -0.06 } else { -0.3 };
        Match { places: [[x, y], [(x + off).max(0.02), y]], fits: i < 30 }
    };
    let shown = (0..45).map(shown).filter(|one| if fitting == 0 { !one.fits } else { true });
    MatchedPair { photos: photos.map(ViewId), matched, fitting, shown: shown.collect() }
}

/// Three photos of which the last has no place.
fn matched() -> Matched {
    let point = |i: usize| MatchedPoint {
        position: [(i % 10) as f32 * 0.3 - 1.5, 0.4, 2.0 + (i / 10) as f32 * 0.4],
        colour: [240, 180, 40],
        seen: 2,
    };
    Matched {
        placed: 2,
        photos: 3,
        shared: 80,
        pairs: 1,
        by: "SIFT points".into(),
        points: (0..80).map(point).collect(),
        matches: vec![pair([0, 1], 450, 412), pair([0, 2], 21, 0), pair([1, 2], 1, 0)],
        ..Matched::default()
    }
}

fn with_scene(size: [f32; 2], theme: Theme) -> Desk {
    let mut desk = Desk::with_theme(size, theme);
    let photos = desk.photos(3);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    let views: Vec<_> = (0..3).map(|view| Arc::new(prediction(view))).collect();
    let alone = Arc::new(Prediction { views: views.clone(), ..Prediction::default() });
    desk.send(Event::Finished { run, prediction: alone });
    assert!(matches!(desk.command(), Command::Join { .. }));
    desk.send(Event::Progress { run, stage: Stage::Place, view: 0, views: 3, done: 0.9, remaining_secs: None });
    let left_out = Problem::new(Blame::File, "1 of 3 photos have no place in the scene: view 3.png", "Add photos");
    desk.send(Event::Warning { run: Some(run), problem: left_out });
    let joined = Prediction { views, matched: Some(matched()), ..Prediction::default() };
    desk.send(Event::Joined { run, prediction: Arc::new(joined) });
    desk
}

#[test]
fn why_a_photo_was_left_out_can_be_seen() {
    let mut desk = with_scene([1280.0, 720.0], Theme::Dark);
    desk.click("Show matches");
    assert!(desk.no_command(), "to look is no reason to run");
    let said = |desk: &Desk, text: &str| desk.window.query_all_by_label_contains(text).count();
    assert_eq!(said(&desk, "412 of 450 matches used"), 2, "in the list, and beside the two photos");
    desk.window.get_by_label_contains("3 pairs");
    desk.click_containing("view 1.png – view 3.png");
    assert_eq!(said(&desk, "21 matches, not used"), 2);
    desk.window.get_by_label_contains("1 match, not used");
    desk.key(Modifiers::NONE, Key::Escape);
    assert!(desk.window.query_by_label("Matches between photos").is_none());
    desk.key(Modifiers::NONE, Key::J);
    desk.window.get_by_label("Matches between photos");
}

#[test]
fn points_that_photos_share_lie_over_the_cloud_where_there_are_some() {
    let mut desk = with_scene([1280.0, 720.0], Theme::Dark);
    desk.key(Modifiers::COMMAND, Key::Num2);
    desk.window.get_by_label("Shared points").scroll_to_me();
    desk.rest();
    let before = desk.window.render().expect("a picture");
    desk.click("Shared points");
    desk.rest();
    let after = desk.window.render().expect("a picture");
    let differ = before.pixels().zip(after.pixels()).filter(|(before, after)| before != after).count();
    assert!(differ > 400, "{differ} pixels differ");
    desk.click("Matches…");
    desk.window.get_by_label("Matches between photos");
}

#[test]
fn adjusted_cameras_are_told() {
    let mut desk = Desk::new([1280.0, 720.0]);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    let views: Vec<_> = (0..2).map(|view| Arc::new(prediction(view))).collect();
    let predicted = Prediction { views, ..Prediction::default() };
    desk.send(Event::Finished { run, prediction: Arc::new(predicted.clone()) });
    assert!(matches!(desk.command(), Command::Join { .. }));
    let moved = Some(Moved { before: 5.0, after: 0.4, degrees: 2.0, way: 0.1, focal: 0.03 });
    let matched = Some(Matched { moved, placed: 2, photos: 2, ..Matched::default() });
    desk.send(Event::Joined { run, prediction: Arc::new(Prediction { matched, ..predicted }) });
    desk.window.get_by_label_contains("cameras adjusted");
    desk.key(Modifiers::NONE, Key::N);
    desk.wait_for_containing("matches are off by 0.40 pixels (5.00 before)");
}

#[test]
fn matches_dark() {
    let mut desk = with_scene([1280.0, 720.0], Theme::Dark);
    desk.key(Modifiers::NONE, Key::J);
    check(&mut desk, "matches_dark");
}

#[test]
fn matches_light_small() {
    let mut desk = with_scene([900.0, 600.0], Theme::Light);
    desk.key(Modifiers::NONE, Key::J);
    desk.click_containing("view 1.png – view 3.png");
    check(&mut desk, "matches_light_small");
}
