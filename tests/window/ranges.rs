//! A range of depth that was set by hand belongs to the scene that it was set for.

use std::sync::Arc;

use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::Queryable;
use fathom::inference::{DepthUnit, Prediction, ViewPrediction};
use fathom::worker::{Command, Event};

use crate::harness::Desk;
use crate::views::prediction;

/// All controls of the 2D view are in sight.
const TALL: [f32; 2] = [1280.0, 1000.0];

/// Two photos, the first in a scene of its own, the second in one that is a hundred times as large.
fn desk() -> Desk {
    let mut desk = Desk::new(TALL);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    let far = ViewPrediction { scene: 1, ..prediction(1).scaled(100.0) };
    let views = vec![Arc::new(prediction(0)), Arc::new(far)];
    let prediction = Arc::new(Prediction { unit: DepthUnit::Relative, views, ..Prediction::default() });
    desk.send(Event::Finished { run, prediction: prediction.clone() });
    assert!(matches!(desk.command(), Command::Join { .. }));
    desk.send(Event::Joined { run, prediction });
    desk.key(Modifiers::COMMAND, Key::Num1);
    desk
}

fn set_by_hand(desk: &mut Desk) {
    desk.click("Range");
    desk.click("By hand");
}

fn is_by_hand(desk: &Desk) -> bool {
    desk.window.query_by_label("Near").is_some()
}

#[test]
fn a_range_by_hand_is_that_of_its_scene() {
    let mut desk = desk();
    set_by_hand(&mut desk);
    assert!(is_by_hand(&desk));
    desk.key(Modifiers::NONE, Key::ArrowDown);
    assert!(!is_by_hand(&desk), "the other scene has its own");
    desk.key(Modifiers::NONE, Key::ArrowUp);
    assert!(is_by_hand(&desk));
    // Another run is another scene.
    desk.key(Modifiers::NONE, Key::F5);
    let (run, _) = desk.run_command();
    desk.view_ready(run, 0);
    assert!(!is_by_hand(&desk));
}

#[test]
fn escape_in_a_number_leaves_the_number_and_nothing_else() {
    let mut desk = desk();
    set_by_hand(&mut desk);
    desk.key(Modifiers::COMMAND, Key::A);
    desk.window.get_by_label("Near").focus();
    desk.settle();
    desk.key(Modifiers::NONE, Key::Escape);
    let selected = |desk: &Desk| desk.window.state().state().views.selected_count();
    assert_eq!((selected(&desk), is_by_hand(&desk)), (2, true));
    desk.key(Modifiers::NONE, Key::Escape);
    assert_eq!(selected(&desk), 1);
}

/// A range by hand for the first of two photos, and the second one in sight, which is a hundred times as far.
fn outside(theme: Theme) -> Desk {
    let mut desk = Desk::with_theme(TALL, theme);
    let photos = desk.photos(2);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    let far = prediction(1).scaled(100.0);
    let views = vec![Arc::new(prediction(0)), Arc::new(far)];
    let prediction = Arc::new(Prediction { unit: DepthUnit::Metres, views, ..Prediction::default() });
    desk.send(Event::Finished { run, prediction: prediction.clone() });
    assert!(matches!(desk.command(), Command::Join { .. }));
    desk.send(Event::Joined { run, prediction });
    desk.key(Modifiers::COMMAND, Key::Num1);
    set_by_hand(&mut desk);
    assert!(desk.window.query_by_label("Fit range").is_none());
    desk.key(Modifiers::NONE, Key::ArrowDown);
    desk
}

#[test]
fn a_range_that_leaves_most_out_says_so_and_is_fitted_with_a_click() {
    let mut desk = outside(Theme::Dark);
    desk.window.get_by_label("100 % of this picture lies outside the range set by hand");
    let (card, picture) = (desk.window.get_by_label("Fit range").rect(), desk.window.get_by_label("Depth").rect());
    assert!(picture.contains_rect(card), "it stands where the picture is");
    crate::pictures::check(&mut desk, "outside_dark");
    desk.click("Fit range");
    assert!(desk.window.query_by_label("Fit range").is_none() && is_by_hand(&desk));
}

#[test]
fn a_picture_outside_of_its_range_light() {
    crate::pictures::check(&mut outside(Theme::Light), "outside_light");
}

#[test]
fn words_about_a_scale_name_their_scene() {
    let mut desk = crate::pointing::relative();
    crate::pointing::measure(&mut desk);
    desk.window.get_by_role(egui::accesskit::Role::TextInput).focus();
    desk.settle();
    desk.window.get_by_role(egui::accesskit::Role::TextInput).type_text("2.5");
    desk.settle();
    desk.click("Set scale");
    desk.window.get_by_label_contains("The scene of view 1.png is in metres");
}
