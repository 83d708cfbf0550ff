//! `fathom render` from outside: pictures and films of known scenes on the software adapter, without a display.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use crate::program::fathom;
use fathom::examples::synthetic;
use fathom::export::{Options, RunNotes, export_all};
use fathom::inference::{Prediction, ViewPrediction};
use fathom::input::ViewId;
use image::{AnimationDecoder, RgbImage, RgbaImage};

fn code(output: &Output) -> i32 {
    output.status.code().expect("no signal")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("temporary folders have text names")
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("temporary folder")
}

/// `fathom render` on the software adapter; `options` are words with spaces between them.
fn render(scene: &str, out: &Path, options: &str) -> Output {
    let fixed = ["render", scene, "--adapter", "software", "--out", text(out)];
    fathom(&fixed.into_iter().chain(options.split_whitespace()).collect::<Vec<_>>())
}

/// The picture that a call which has to succeed wrote.
fn picture(scene: &str, options: &str) -> RgbaImage {
    let dir = folder();
    let out = dir.path().join("picture.png");
    let output = render(scene, &out, options);
    assert_eq!(code(&output), 0, "{options}: {}", stderr(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), text(&out));
    assert_eq!(fs::read_dir(dir.path()).expect("listing").count(), 1, "no temporary file is left");
    image::open(&out).expect("a PNG").into_rgba8()
}

/// Mean difference of a colour value, 0..255.
fn difference(picture: &RgbaImage, photo: &RgbImage) -> f64 {
    assert_eq!(picture.dimensions(), photo.dimensions());
    let pairs = picture.pixels().zip(photo.pixels());
    let sum: u64 = pairs.map(|(a, b)| (0..3).map(|c| u64::from(a[c].abs_diff(b[c]))).sum::<u64>()).sum();
    sum as f64 / (photo.len() as f64)
}

fn view(index: usize, scene: usize) -> ViewPrediction {
    let view = synthetic::render(index, 160, 120);
    ViewPrediction { scene, ..view.into_prediction(ViewId(index as u64), format!("{index}.jpg").into()) }
}

/// A folder of results with these views.
fn results(views: Vec<ViewPrediction>) -> tempfile::TempDir {
    let dir = folder();
    let prediction = Prediction { views: views.into_iter().map(Arc::new).collect(), ..Prediction::default() };
    export_all(&prediction, dir.path(), &RunNotes::default(), &Options::default()).expect("exported");
    dir
}

/// Five small views: films and refusals need no more.
fn small_results() -> tempfile::TempDir {
    let small = |index| synthetic::render(index, 40, 30).into_prediction(ViewId(index as u64), "a.jpg".into());
    results((0..5).map(small).collect())
}

#[test]
fn through_the_camera_of_a_photo_the_example_looks_like_the_photo() {
    let shot = picture("example", "--size 640x480 --view camera:3 --views 3 --edge 0 --eye-dome 0");
    let off = difference(&shot, &synthetic::render(2, 640, 480).image);
    assert!(off < 4.0, "{off}");
    assert!(difference(&shot, &synthetic::render(3, 640, 480).image) > 3.0 * off);
}

#[test]
fn pictures_have_the_size_and_the_background_that_were_asked_for() {
    let dir = results(vec![view(0, 0), view(1, 0)]);
    let opaque = picture(text(dir.path()), "--size 320x200 --background #102030 --zoom 0.5");
    assert_eq!(opaque.dimensions(), (320, 200));
    assert_eq!(opaque.get_pixel(0, 0).0, [0x10, 0x20, 0x30, 255]);
    let drawn = opaque.pixels().filter(|pixel| pixel.0 != [0x10, 0x20, 0x30, 255]).count();
    assert!((2_000..60_000).contains(&drawn), "{drawn} pixels are drawn");
    let clear = picture(text(dir.path()), "--size 320x200 --background transparent --zoom 0.5");
    assert_eq!(clear.get_pixel(0, 0).0, [0; 4]);
    let there = clear.pixels().filter(|pixel| pixel[3] == 255).count();
    assert!(there.abs_diff(drawn) < 200, "{there} pixels are there, {drawn} are drawn");
}

#[test]
fn two_eyes_see_the_scene_from_two_places() {
    let (dir, options) = (results(vec![view(0, 0)]), "--size 320x240 --view camera:1 --background #102030");
    let scene = text(dir.path());
    let middle = picture(scene, options);
    let pair = picture(scene, &format!("{options} --stereo side-by-side --eye-distance 8%"));
    assert_eq!(pair.dimensions(), (640, 240));
    let half = |x| image::imageops::crop_imm(&pair, x, 0, 320, 240).to_image();
    let (left, right) = (half(0), half(320));
    let swapped = picture(scene, &format!("{options} --stereo side-by-side --eye-distance 8% --swap-eyes"));
    assert_eq!(image::imageops::crop_imm(&swapped, 0, 0, 320, 240).to_image(), right);
    // Each eye is as far from the other as twice from the middle, so the middle is nearer to both.
    let off = |a: &RgbaImage, b: &RgbaImage| {
        let pairs = a.pixels().zip(b.pixels());
        pairs.filter(|(a, b)| (0..3).any(|c| a[c].abs_diff(b[c]) > 24)).count()
    };
    assert!(off(&left, &right) > off(&left, &middle) && off(&left, &right) > off(&right, &middle));
    let none = picture(scene, &format!("{options} --stereo over-under --eye-distance 0%"));
    assert_eq!(image::imageops::crop_imm(&none, 0, 240, 320, 240).to_image(), middle);
    assert_eq!(picture(scene, &format!("{options} --stereo anaglyph")).dimensions(), (320, 240));
}

#[test]
fn a_folder_of_results_is_drawn_like_what_it_was_made_of() {
    let dir = results(vec![view(0, 0), view(1, 0)]);
    let off = difference(
        &picture(text(dir.path()), "--size 160x120 --view camera:2 --views 2 --edge 0 --eye-dome 0"),
        &synthetic::render(1, 160, 120).image,
    );
    assert!(off < 7.5, "{off}");
}

#[test]
fn every_option_changes_the_picture() {
    let dir = results(vec![view(0, 0), view(1, 0)]);
    let plain = picture(text(dir.path()), "--size 160x120");
    for options in [
        "--view front",
        "--view right",
        "--view top",
        "--view back",
        "--view left",
        "--view bottom",
        "--orbit -30,10",
        "--zoom 2",
        "--views 1",
        "--colour-by depth",
        "--colour-by depth --colour-map viridis",
        "--colour-by view",
        "--colour-by height",
        "--colour-by normal",
        "--colour-by depth --inverse-colours",
        "--draw surface",
        "--point-width pixels",
        "--point-width attenuated",
        "--orthographic",
        "--up +z",
        "--every 4",
        "--hide-white --hide-black --every 2",
        "--camera-path",
        "--point-size 4",
        "--edge 0",
        "--depth-range 0,50",
        "--eye-dome 1",
        "--cameras",
        "--photos",
        "--grid",
        "--axes",
        "--background #ffffff",
    ] {
        let other = picture(text(dir.path()), &format!("--size 160x120 {options}"));
        assert!(other != plain, "{options} changes nothing");
    }
    let through_a_camera = |options| picture(text(dir.path()), &format!("--size 160x120 --view camera:1{options}"));
    assert!(through_a_camera(" --orthographic") != through_a_camera(""), "rays are parallel there, too");
    for options in ["--confidence 50", "--keep-background", "--views 1-2", "--scene 1"] {
        let other = picture(text(dir.path()), &format!("--size 160x120 {options}"));
        assert!(other == plain, "{options} changes something");
    }
}

#[test]
fn scenes_are_chosen_by_their_number() {
    let dir = results(vec![view(0, 2), view(1, 5)]);
    let out = dir.path().join("picture.png");
    let output = render(text(dir.path()), &out, "--size 80x60");
    assert_eq!(code(&output), 0);
    assert!(stderr(&output).contains("Scene 1 of 2"), "{}", stderr(&output));
    let photo = synthetic::render(1, 160, 120).image;
    let second = picture(text(dir.path()), "--size 160x120 --scene 2 --view camera:1 --edge 0 --eye-dome 0");
    assert!(difference(&second, &photo) < 7.5);
    let output = render(text(dir.path()), &out, "--scene 3");
    assert_eq!((code(&output), stderr(&output).contains("there are 2")), (2, true), "{}", stderr(&output));
}

#[test]
fn photos_that_are_scenes_of_their_own_are_named_with_their_scenes() {
    let named = |index: usize| {
        let view = view(index, index);
        ViewPrediction { path: ["a.jpg", "b.jpg", "c.jpg"][index].into(), ..view }
    };
    let dir = results((0..3).map(named).collect());
    let out = dir.path().join("picture.png");
    let output = render(text(dir.path()), &out, "--view camera:2");
    let said = stderr(&output);
    assert_eq!(code(&output), 2, "{said}");
    for part in ["1 (a.jpg), 2 (b.jpg), 3 (c.jpg)", "b.jpg, is --scene 2 --view camera:1"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    // What it says is what does it.
    let output = render(text(dir.path()), &out, "--scene 2 --view camera:1 --size 16x12");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let said = stderr(&render(text(dir.path()), &out, "--views 3"));
    assert!(said.contains("c.jpg, is --scene 3 --views 1"), "{said}");
    let said = stderr(&render(text(dir.path()), &out, "--scene 9"));
    assert!(said.contains("are 3: 1 (a.jpg)"), "{said}");
}

#[test]
fn a_turntable_becomes_a_gif_or_a_folder() {
    let (dir, scene) = (folder(), small_results());
    let scene = text(scene.path());
    let out = dir.path().join("round.gif");
    let output = render(scene, &out, "--size 96x64 --turntable --frames 6 --fps 20");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let file = std::io::BufReader::new(fs::File::open(&out).expect("there"));
    let decoder = image::codecs::gif::GifDecoder::new(file).expect("a GIF");
    let frames = decoder.into_frames().collect_frames().expect("frames");
    assert_eq!(frames.len(), 6);
    assert!(frames.iter().all(|f| f.buffer().dimensions() == (96, 64) && f.delay().numer_denom_ms() == (50, 1)));
    assert!(frames.windows(2).all(|pair| pair[0].buffer() != pair[1].buffer()), "it moves");

    let out = dir.path().join("frames");
    let output = render(scene, &out, "--size 96x64 --path --seconds 0.5 --fps 10 --cameras");
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(fs::read_dir(&out).expect("listing").count(), 5);
    assert_eq!(image::image_dimensions(out.join("0004.png")).expect("a PNG"), (96, 64));
    let again = render(scene, &out, "--size 96x64 --turntable --frames 1");
    assert_eq!((code(&again), stderr(&again).contains("not empty")), (1, true));
    assert_eq!(fs::read_dir(dir.path()).expect("listing").count(), 2);
}

/// `fathom render … --out film.mp4` where programs are looked for in one folder alone.
#[cfg(unix)]
fn film(scene: &Path, out: &Path, programs: &Path) -> Output {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_fathom"));
    command.arg("render").arg(scene).args(["--adapter", "software", "--turntable", "--frames", "3"]);
    command.args(["--size", "31x20", "--out"]);
    command.arg(out).env("PATH", programs).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.output().expect("the program starts")
}

#[cfg(unix)]
#[test]
fn films_go_through_the_ffmpeg_that_is_found() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, programs, scene) = (folder(), folder(), small_results());
    let out = dir.path().join("film.mp4");
    let missing = film(scene.path(), &out, programs.path());
    assert_eq!(code(&missing), 1);
    for part in ["ffmpeg", "GIF", "folder of PNG"] {
        assert!(stderr(&missing).contains(part), "{}", stderr(&missing));
    }
    let ffmpeg = programs.path().join("ffmpeg");
    let script = |body: &str| {
        fs::write(&ffmpeg, format!("#!/bin/sh\nPATH=/bin:/usr/bin\nfor out; do :; done\n{body}\n")).expect("written");
        fs::set_permissions(&ffmpeg, fs::Permissions::from_mode(0o755)).expect("allowed");
    };
    script("cat > /dev/null; echo \"Unknown encoder 'libx264'\" >&2; exit 1");
    let failed = film(scene.path(), &out, programs.path());
    assert_eq!((code(&failed), stderr(&failed).contains("Unknown encoder")), (1, true), "{}", stderr(&failed));
    assert_eq!(fs::read_dir(dir.path()).expect("listing").count(), 0);
    script("cat > \"$out\"");
    let done = film(scene.path(), &out, programs.path());
    assert_eq!(code(&done), 0, "{}", stderr(&done));
    assert_eq!(fs::metadata(&out).expect("there").len(), 31 * 20 * 4 * 3);
}

#[test]
fn command_lines_that_do_not_fit_are_2_and_draw_nothing() {
    let (dir, scene) = (folder(), small_results());
    let cases = [
        ("p.jpg", "", ".png"),
        ("frames", "", "--turntable"),
        ("f.gif", "", "--turntable"),
        ("p.png", "--turntable", ".gif"),
        ("f.gif", "--turntable --path", "--path"),
        ("f.gif", "--path --view top", "--view"),
        ("f.gif", "--turntable --fps 60", "50 pictures"),
        ("f.mp4", "--turntable --background transparent", "transparency"),
        ("f.gif", "--path --views 2", "two views"),
        ("p.png", "--view camera:6", "5 views"),
        ("p.png", "--views 2-9", "5 views"),
        ("p.png", "--view behind", "camera:N"),
        ("p.png", "--size 0x9", "1920x1080"),
        ("p.png", "--scene 2", "only one"),
        ("p.png", "--swap-eyes", "--stereo"),
        ("p.png", "--stereo anaglyph --orthographic", "--orthographic"),
        ("p.png", "--stereo anaglyph --background transparent", "background colour"),
        ("p.png", "--stereo side-by-side --eye-distance 63mm", "not in metres"),
    ];
    for (name, options, part) in cases {
        let output = render(text(scene.path()), &dir.path().join(name), options);
        assert_eq!(code(&output), 2, "{name} {options}: {}", stderr(&output));
        assert!(output.stdout.is_empty() && stderr(&output).contains(part), "{options}: {}", stderr(&output));
    }
    assert_eq!(fs::read_dir(dir.path()).expect("listing").count(), 0);
}

#[test]
fn what_cannot_be_drawn_is_1_and_says_why() {
    let dir = folder();
    let nowhere: PathBuf = dir.path().join("nowhere");
    let output = render(text(&nowhere), &dir.path().join("p.png"), "");
    assert_eq!((code(&output), stderr(&output).contains("fathom depth")), (1, true), "{}", stderr(&output));
    let scene = small_results();
    let output = render(text(scene.path()), &nowhere.join("p.png"), "--size 16x16");
    assert_eq!((code(&output), stderr(&output).contains("p.png cannot be written")), (1, true), "{}", stderr(&output));
    assert_eq!(fs::read_dir(dir.path()).expect("listing").count(), 0);
}

#[test]
fn help_has_examples_for_every_kind_of_output() {
    let output = fathom(&["render", "--help"]);
    assert_eq!(code(&output), 0);
    let help = String::from_utf8_lossy(&output.stdout).into_owned();
    for part in ["Examples:", "picture.png", "film.gif", "film.mp4", "--turntable", "camera:N", "[default: #2b2f36]"] {
        assert!(help.contains(part), "{part} in {help}");
    }
}
