//! Pictures, films and saved views of the 3D view, on the software adapter.
#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::time::{Duration, Instant};

use egui::{Key, PointerButton, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use fathom::app::cloud_view::{Card, CloudAction, FilmNews, PictureSize, Places, Preset, TakenAway, Way};
use fathom::export::AnimationFormat;
use fathom::worker::RunId;
use image::{AnimationDecoder, RgbaImage};

use crate::desk::{Window, camera, centre, click, drag, draw, two_views, view_rect, window};

const SMALL: PictureSize = PictureSize { preset: Preset::Own, own: [64, 48] };
const PATIENCE: Duration = Duration::from_secs(60);

fn with_card(card: &str) -> Harness<'static, Window> {
    let mut harness = window(two_views());
    harness.get_by_label(card).click();
    harness.run();
    harness
}

fn last_taken(harness: &Harness<'_, Window>) -> Option<TakenAway> {
    harness.state().actions.iter().rev().find_map(|action| match action {
        CloudAction::TakeAway(taken) => Some(taken.clone()),
        _ => None,
    })
}

fn saved_picture(harness: &mut Harness<'_, Window>) -> RgbaImage {
    harness.state_mut().actions.clear();
    harness.get_by_label("Save…").click();
    harness.run();
    match last_taken(harness) {
        Some(TakenAway::Picture(picture)) => (*picture).clone(),
        other => panic!("no picture: {other:?}"),
    }
}

fn parts(picture: &RgbaImage) -> (usize, usize) {
    let clear = picture.pixels().filter(|pixel| pixel[3] == 0).count();
    let solid = picture.pixels().filter(|pixel| pixel[3] == 255).count();
    (clear, solid)
}

#[test]
fn a_picture_has_its_size_and_its_background() {
    let mut harness = with_card("Save picture…");
    let picture = saved_picture(&mut harness);
    let shown = view_rect(&harness).size();
    assert_eq!((picture.width(), picture.height()), (shown.x as u32, shown.y as u32));
    assert_eq!(parts(&picture), (0, (shown.x * shown.y) as usize));
    harness.state_mut().view.picture.size = PictureSize { preset: Preset::Own, own: [400, 100] };
    harness.run();
    harness.get_by_label("Transparent background").click();
    harness.run();
    let picture = saved_picture(&mut harness);
    assert_eq!(picture.dimensions(), (400, 100));
    let (clear, solid) = parts(&picture);
    assert!(clear > 1000 && solid > 1000, "{clear} and {solid}");
}

#[test]
fn a_picture_shows_nothing_of_the_interface() {
    let mut harness = with_card("Save picture…");
    harness.state_mut().view.picture.transparent = true;
    harness.state_mut().view.settings.look.filters.depth_range = [99.9, 100.0];
    harness.state_mut().view.settings.look.axes = true;
    harness.state_mut().hidden = [fathom::input::ViewId(2)].into();
    harness.run();
    draw(&mut harness);
    let (_, solid) = parts(&saved_picture(&mut harness));
    assert!(solid > 0, "axes and grid belong to the picture");
    harness.get_by_label("Only the points").click();
    harness.run();
    let picture = saved_picture(&mut harness);
    let left = picture.pixels().filter(|pixel| pixel[3] > 0).count();
    let all = (picture.width() * picture.height()) as usize;
    assert!(left < all / 20, "{left} of {all} pixels: only the few points that the filter leaves");
    // Where the toolbar, the card and the status line are.
    let corner = |x0: u32, y0: u32| (0..40).all(|i| picture.get_pixel(x0 + i, y0 + i / 2)[3] == 0);
    assert!(corner(10, 10) && corner(10, 60) && corner(10, picture.height() - 30));
}

#[test]
fn the_selected_camera_is_like_the_others_in_a_picture() {
    let mut harness = with_card("Save picture…");
    let before = saved_picture(&mut harness);
    harness.state_mut().selected = Some(fathom::input::ViewId(2));
    harness.run();
    draw(&mut harness);
    assert_eq!(saved_picture(&mut harness), before);
}

#[test]
fn a_picture_is_copied() {
    let mut harness = with_card("Save picture…");
    harness.state_mut().view.picture.size = SMALL;
    harness.run();
    harness.get_by_label("Copy").click();
    let mut copied = None;
    for _ in 0..4 {
        harness.step();
        for command in &harness.output().platform_output.commands {
            if let egui::OutputCommand::CopyImage(image) = command {
                copied = Some(image.size);
            }
        }
    }
    assert_eq!(copied, Some([64, 48]));
    assert_eq!(last_taken(&harness), Some(TakenAway::Copied([64, 48])));
}

#[test]
fn cards_are_open_one_at_a_time_and_escape_closes_them() {
    let mut harness = with_card("Save picture…");
    harness.get_by_label("Measure").click();
    harness.run();
    assert!(harness.query_by_label("Transparent background").is_none());
    assert!(harness.state().view.is_measuring());
    harness.get_by_label("Save film…").click();
    harness.run();
    assert!(!harness.state().view.is_measuring());
    harness.get_by_label("Length");
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label("Length").is_none());
}

#[test]
fn a_saved_view_is_gone_back_to_exactly() {
    let mut harness = window(two_views());
    drag(&mut harness, centre(), vec2(80.0, 30.0), PointerButton::Primary);
    let place = camera(&harness);
    // The toolbar asks the window to do it, which is not here.
    harness.query_all_by_label("Save this view").for_each(|button| button.click_accesskit());
    harness.run();
    drag(&mut harness, centre(), vec2(-150.0, 10.0), PointerButton::Primary);
    drag(&mut harness, centre(), vec2(40.0, 10.0), PointerButton::Secondary);
    assert_ne!(camera(&harness), place);
    assert_eq!(harness.state_mut().view.save_view().as_deref(), Some("View 2"));
    harness.run();
    harness.get_by_label("View 1").click_accesskit();
    harness.run_steps(20);
    assert_eq!(camera(&harness), place);
    draw(&mut harness);
    let there = harness.state().view.screenshot([90, 60], false).expect("a picture");
    harness.get_by_label("View 2").click_accesskit();
    harness.run_steps(20);
    harness.get_by_label("View 1").click_accesskit();
    harness.run_steps(20);
    draw(&mut harness);
    assert_eq!(harness.state().view.screenshot([90, 60], false).expect("a picture"), there);
}

#[test]
fn what_was_made_in_a_scene_comes_back_in_another_window() {
    let mut before = window(two_views());
    drag(&mut before, centre(), vec2(80.0, 30.0), PointerButton::Primary);
    before.state_mut().view.save_view();
    let saved = camera(&before);
    drag(&mut before, centre(), vec2(-150.0, 10.0), PointerButton::Primary);
    before.get_by_label("Measure").click();
    before.run();
    draw(&mut before);
    for by in [-40.0, 40.0] {
        click(&mut before, centre() + vec2(by, 20.0));
    }
    let places = before.state().view.places(RunId(1));
    assert_eq!(before.state().view.places(RunId(2)), Default::default(), "of another run");
    let text = serde_json::to_string(&places).expect("JSON");
    let read: Places = serde_json::from_str(&text).expect("places");
    assert_eq!((read.clone().sound(), &text), (places.clone(), &serde_json::to_string(&read).expect("JSON")));

    let mut after = window(Vec::new());
    after.state_mut().view.restore(RunId(1), read);
    assert_eq!(after.state().view.places(RunId(1)), places, "before the scene is shown");
    after.state_mut().views = two_views();
    after.run();
    assert_eq!(after.state().view.places(RunId(1)), places);
    assert_eq!(camera(&after), camera(&before));
    assert_eq!(after.state().view.saved_views(), [saved]);
}

#[test]
fn saved_views_are_renamed_and_removed() {
    let mut harness = window(two_views());
    for _ in 0..2 {
        harness.state_mut().view.save_view();
    }
    harness.run();
    harness.get_by_label("Rename View 2").click_accesskit();
    harness.run();
    let field = harness.get_by_label("Name of View 2");
    assert!(field.accesskit_node().is_focused());
    field.type_text(" from the door");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    harness.get_by_label("View 2 from the door");
    harness.get_by_label("Rename View 1").click_accesskit();
    harness.run();
    harness.get_by_label("Name of View 1").type_text("x");
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_label("Remove View 1").click_accesskit();
    harness.run();
    assert_eq!(harness.state().view.saved_views().len(), 1);
    assert!(harness.query_by_label("View 1").is_none());
}

/// Orders a film of 8 small pictures and begins it.
fn filming(harness: &mut Harness<'_, Window>, way: Way, format: AnimationFormat, path: &Path) {
    let view = &mut harness.state_mut().view;
    (view.film.way, view.film.format, view.film.size) = (Some(way), Some(format), SMALL);
    (view.film.seconds, view.film.fps) = (1, 8);
    harness.run();
    harness.get_by_label("Save…").click();
    harness.run();
    assert_eq!(last_taken(harness), Some(TakenAway::Film(format)));
    harness.state_mut().view.begin_film(path.to_owned()).expect("begun");
}

/// Frames of the window until the film is over; how it ended, and how often a picture was drawn.
fn end_of_film(harness: &mut Harness<'_, Window>) -> (FilmNews, usize) {
    let (start, mut drawn) = (Instant::now(), 0);
    while start.elapsed() < PATIENCE {
        harness.step();
        let ctx = harness.ctx.clone();
        match harness.state_mut().view.advance_film(&ctx) {
            Some(FilmNews::Drawn(..)) => drawn += 1,
            Some(news) => return (news, drawn),
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    }
    panic!("the film never ended");
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a listing");
    let mut names: Vec<_> = entries.map(|e| e.expect("entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_film_once_around_has_every_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut harness = with_card("Save film…");
    let frames = folder.path().join("frames");
    filming(&mut harness, Way::Around, AnimationFormat::PngFolder, &frames);
    assert_eq!(end_of_film(&mut harness), (FilmNews::Finished(frames.clone()), 8));
    let files = names(&frames);
    assert_eq!(files.len(), 8);
    let pictures: Vec<_> =
        files.iter().map(|name| image::open(frames.join(name)).expect("a PNG").into_rgba8()).collect();
    assert!(pictures.iter().all(|picture| picture.dimensions() == (64, 48)));
    assert!((1..8).all(|i| pictures[i] != pictures[i - 1]), "the camera moves");

    let gif = folder.path().join("film.gif");
    filming(&mut harness, Way::Photos, AnimationFormat::Gif, &gif);
    assert_eq!(end_of_film(&mut harness).0, FilmNews::Finished(gif.clone()));
    let file = BufReader::new(File::open(&gif).expect("there"));
    let decoder = image::codecs::gif::GifDecoder::new(file).expect("a GIF");
    assert_eq!(decoder.into_frames().collect_frames().expect("whole").len(), 8);
    assert_eq!(names(folder.path()), ["film.gif", "frames"]);
}

#[test]
fn a_film_goes_from_saved_view_to_saved_view() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut harness = with_card("Save film…");
    harness.state_mut().view.film.way = Some(Way::Saved);
    harness.state_mut().view.save_view();
    harness.run();
    assert!(harness.get_by_label("Save…").accesskit_node().is_disabled(), "one place is no way");
    drag(&mut harness, centre() + vec2(120.0, 120.0), vec2(90.0, 20.0), PointerButton::Primary);
    harness.state_mut().view.save_view();
    draw(&mut harness);
    let last = harness.state().view.screenshot([64, 48], false).expect("a picture").expect("something to see");
    let frames = folder.path().join("frames");
    filming(&mut harness, Way::Saved, AnimationFormat::PngFolder, &frames);
    assert_eq!(end_of_film(&mut harness).0, FilmNews::Finished(frames.clone()));
    let end = image::open(frames.join("0007.png")).expect("a PNG").into_rgba8();
    let differs = end.pixels().zip(last.pixels()).filter(|(a, b)| (0..3).any(|c| a[c].abs_diff(b[c]) > 24)).count();
    assert!(differs < 64 * 48 / 20, "{differs} pixels");
}

#[test]
fn a_cancelled_film_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut harness = with_card("Save film…");
    for (format, name) in [(AnimationFormat::PngFolder, "frames"), (AnimationFormat::Gif, "film.gif")] {
        filming(&mut harness, Way::Around, format, &folder.path().join(name));
        let ctx = harness.ctx.clone();
        assert_eq!(harness.state_mut().view.advance_film(&ctx), Some(FilmNews::Drawn(1, 8)));
        harness.run();
        harness.get_by_label("Frame 1 of 8");
        harness.get_by_label("Cancel film").click();
        harness.run();
        assert_eq!(end_of_film(&mut harness).0, FilmNews::Cancelled(None));
        assert!(names(folder.path()).is_empty());
        harness.run();
    }
}

#[test]
fn another_scene_ends_a_film_and_so_does_the_end_of_the_window() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut harness = with_card("Save film…");
    filming(&mut harness, Way::Around, AnimationFormat::Gif, &folder.path().join("film.gif"));
    harness.state_mut().views.truncate(1);
    harness.run();
    let (news, drawn) = end_of_film(&mut harness);
    assert_eq!((news, drawn), (FilmNews::Cancelled(Some("the scene changed".into())), 0));
    assert!(names(folder.path()).is_empty());

    draw(&mut harness);
    filming(&mut harness, Way::Around, AnimationFormat::PngFolder, &folder.path().join("frames"));
    let ctx = harness.ctx.clone();
    harness.state_mut().view.advance_film(&ctx);
    drop(harness);
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_film_that_cannot_be_written_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut harness = with_card("Save film…");
    filming(&mut harness, Way::Around, AnimationFormat::Gif, &folder.path().join("nowhere").join("film.gif"));
    let (news, _) = end_of_film(&mut harness);
    assert!(matches!(&news, FilmNews::Failed(reason) if reason.contains("film.gif")), "{news:?}");
    harness.state_mut().view.toggle_card(Card::Film);
    harness.run();
}
