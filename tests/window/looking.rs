//! The 2D view: the photo's own pixels, the line of a swipe, and the value at the pointer.

use std::path::PathBuf;
use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Key, Modifiers, Pos2, Rect, Vec2, pos2, vec2};
use egui_kittest::kittest::Queryable;
use fathom::inference::{DepthUnit, PhotoPart, Prediction, ViewPrediction};
use fathom::worker::{Command, Event, RunId};
use image::{Rgb, RgbImage, RgbaImage};

use crate::harness::Desk;
use crate::views::prediction;

const NONE: Modifiers = Modifiers::NONE;
const SWIPE: &str = "Swipe between the pictures";
const PHOTO: [u32; 2] = [3000, 2250];

/// A photo whose pixels are black and white by turns: whatever is smaller than it is grey.
fn photo(desk: &Desk, name: &str) -> PathBuf {
    let path = desk.folder_for(name).join("fine.png");
    let tone = |x: u32, y: u32| if (x + y).is_multiple_of(2) { 0 } else { 255 };
    RgbImage::from_fn(PHOTO[0], PHOTO[1], |x, y| Rgb([tone(x, y); 3])).save(&path).expect("written");
    path
}

/// What a run says of such a photo.
fn result(path: PathBuf) -> ViewPrediction {
    let small = prediction(0);
    let image = RgbImage::from_pixel(small.width, small.height, Rgb([128; 3]));
    ViewPrediction { path, photo_size: PHOTO, photo_part: PhotoPart::whole(PHOTO), image, ..small }
}

fn finish(desk: &mut Desk, run: RunId, view: ViewPrediction) {
    let prediction = Prediction { unit: DepthUnit::Metres, views: vec![Arc::new(view)], ..Prediction::default() };
    desk.send(Event::Finished { run, prediction: Arc::new(prediction) });
    if desk.no_command() {
        return;
    }
    match desk.command() {
        Command::Join { .. } => desk.send(Event::Cancelled { run }),
        other => panic!("{other:?}"),
    }
}

/// With one photo that has a result, shown as the photo alone.
fn with_result(path: &dyn Fn(&Desk) -> PathBuf) -> Desk {
    let mut desk = Desk::new([1000.0, 700.0]);
    let path = path(&desk);
    desk.drop_files(std::slice::from_ref(&path));
    let (run, _) = desk.run_command();
    finish(&mut desk, run, result(path));
    desk.key(Modifiers::COMMAND, Key::Num1);
    desk
}

fn zoom(desk: &mut Desk, at: Pos2, factor: f32) {
    desk.window.hover_at(at);
    desk.settle();
    desk.window.event(egui::Event::Zoom(factor));
    desk.settle();
}

fn drag(desk: &mut Desk, from: Pos2, by: Vec2) {
    desk.window.drag_at(from);
    desk.settle();
    desk.window.hover_at(from + by);
    desk.settle();
    desk.window.drop_at(from + by);
    desk.settle();
}

fn layer(desk: &Desk, name: &str) -> Rect {
    desk.window.get_by_role_and_label(Role::Image, name).rect()
}

/// Shares of nearly black and nearly white pixels in what is drawn of an area.
fn extremes(picture: &RgbaImage, area: Rect) -> [f32; 2] {
    let pixels: Vec<u8> = picture
        .enumerate_pixels()
        .filter(|(x, y, _)| area.contains(pos2(*x as f32, *y as f32)))
        .map(|(.., pixel)| pixel.0[1])
        .collect();
    let share = |is: &dyn Fn(u8) -> bool| pixels.iter().filter(|&&tone| is(tone)).count() as f32 / pixels.len() as f32;
    [share(&|tone| tone < 60), share(&|tone| tone > 180)]
}

fn drawn(desk: &mut Desk, area: Rect) -> [f32; 2] {
    desk.window.remove_cursor();
    desk.wait_for_pictures();
    extremes(&desk.window.render().expect("a picture"), area)
}

#[test]
fn the_photos_own_pixels_are_shown_under_zoom_before_and_after_a_run() {
    let mut desk = Desk::new([1000.0, 700.0]);
    let path = photo(&desk, "own");
    desk.drop_files(std::slice::from_ref(&path));
    let (run, _) = desk.run_command();
    desk.key(Modifiers::COMMAND, Key::Num1);
    let middle = pos2(460.0, 330.0);
    let area = Rect::from_center_size(middle, vec2(120.0, 80.0));
    let [black, white] = drawn(&mut desk, area);
    assert!(black < 0.02 && white < 0.02, "{black} {white}: from afar it is grey");
    zoom(&mut desk, middle, 48.0);
    let [black, white] = drawn(&mut desk, area);
    assert!(black > 0.3 && white > 0.3, "{black} {white}: the network has not seen it yet");
    // The place is kept, and the result's picture of 252 pixels is not what is shown.
    finish(&mut desk, run, result(path));
    let area = layer(&desk, "Photo").shrink(60.0);
    let [black, white] = drawn(&mut desk, area);
    assert!(black > 0.3 && white > 0.3, "{black} {white}: whatever size the network saw");
    desk.key(NONE, Key::Num0);
    let [black, white] = drawn(&mut desk, area);
    assert!(black < 0.02 && white < 0.02, "{black} {white}: means of pixels, and no pattern of every other one");
}

#[test]
fn a_photo_that_is_gone_is_shown_as_the_network_saw_it_and_that_is_said() {
    let mut desk = with_result(&|desk| photo(desk, "gone"));
    desk.wait_for_pictures();
    assert!(desk.window.query_by_label_contains("as the network saw it").is_none());
    let path = desk.window.state().state().views.rows()[0].path.clone();
    std::fs::remove_file(&path).expect("removed");
    // Out of sight it is let go of; then it has to be read anew.
    desk.key(Modifiers::COMMAND, Key::Num2);
    desk.key(Modifiers::COMMAND, Key::Num1);
    desk.wait_for_containing("as the network saw it");
    let picture = layer(&desk, "Photo");
    desk.window.hover_at(picture.center());
    desk.settle();
    desk.window.get_by_label_contains("· confidence");
}

#[test]
fn depth_at_full_size_has_values_between_those_of_the_network() {
    let mut desk = with_result(&|desk| photo(desk, "full"));
    desk.wait_for_pictures();
    let picture = layer(&desk, "Depth");
    // The floor, whose depth has no edge.
    zoom(&mut desk, picture.min + vec2(0.7, 0.75) * picture.size(), 24.0);
    let area = layer(&desk, "Depth").shrink(40.0);
    let tones = |desk: &mut Desk| {
        desk.window.remove_cursor();
        desk.wait_for_pictures();
        let picture = desk.window.render().expect("a picture");
        let pixels = picture.enumerate_pixels().filter(|(x, y, _)| area.contains(pos2(*x as f32, *y as f32)));
        pixels.map(|(.., pixel)| pixel.0).collect::<std::collections::HashSet<_>>().len()
    };
    let before = tones(&mut desk);
    desk.click("Run settings");
    desk.click("Depth at full size");
    let after = tones(&mut desk);
    assert!(2 * after > 3 * before, "{before} colours, then {after}");
}

#[test]
fn the_line_of_a_swipe_stays_where_it_is_while_the_pictures_move() {
    let mut desk = with_result(&|desk| photo(desk, "swipe"));
    desk.key(NONE, Key::L);
    let line = |desk: &Desk| desk.window.get_by_label(SWIPE).rect().center();
    let at = line(&desk);
    let photo = layer(&desk, "Photo");
    assert!((photo.right() - at.x).abs() < 1.0, "the photo ends at the line");
    // Pinched over the line itself.
    zoom(&mut desk, at, 4.0);
    assert_eq!(line(&desk), at);
    let zoomed = layer(&desk, "Photo");
    assert!(zoomed.height() > photo.height() + 50.0, "{zoomed}: it has become larger");
    drag(&mut desk, at - vec2(80.0, 0.0), vec2(60.0, 20.0));
    assert_eq!(line(&desk), at, "the pictures have moved, not the line");
    // It is moved by itself.
    drag(&mut desk, at, vec2(70.0, 0.0));
    let moved = line(&desk);
    assert!((moved.x - at.x - 70.0).abs() < 2.0, "{moved}");
    desk.key(NONE, Key::ArrowLeft);
    desk.key(NONE, Key::ArrowLeft);
    let stepped = line(&desk);
    assert!(stepped.x < moved.x - 10.0, "{stepped}");
    desk.key(NONE, Key::ArrowRight);
    assert!(line(&desk).x > stepped.x);
    assert_eq!(desk.window.state().state().views.rows().len(), 1);
}

#[test]
fn the_value_at_the_pointer_stands_beside_it_and_stays_in_the_picture() {
    const VALUE: &str = "At the pointer: ";
    let mut desk = with_result(&|desk| photo(desk, "value"));
    desk.window.get_by_label_contains("point at the picture to read depth");
    let frame = layer(&desk, "Depth");
    for share in [vec2(0.3, 0.6), vec2(0.02, 0.02), vec2(0.98, 0.97), vec2(0.98, 0.03)] {
        let at = frame.min + share * frame.size();
        desk.window.hover_at(at);
        desk.settle();
        let value = desk.window.get_by_label_contains(VALUE).rect();
        assert!(frame.expand(1.0).contains_rect(value), "{share}: {value} in {frame}");
        assert!(!value.expand(4.0).contains(at), "{share}: {value} covers {at}");
        let beside = (value.center() - at).abs() - value.size() / 2.0;
        assert!(beside.max_elem() < 24.0, "{share}: {value} is far from {at}");
    }
    let at = frame.min + vec2(0.35, 0.55) * frame.size();
    desk.window.hover_at(at);
    desk.settle();
    let depth = prediction(0).depth[(0.55 * 189.0) as usize * 252 + (0.35 * 252.0) as usize];
    desk.window.get_by_label_contains(&format!("{VALUE}{depth:.2} m, confidence"));
    desk.window.remove_cursor();
    desk.settle();
    assert!(desk.window.query_by_label_contains(VALUE).is_none());
}
