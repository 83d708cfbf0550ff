//! Every mode of the 3D view as a stored picture: of the synthetic scene, and of a real photo whose depth was computed once
//! (tests/viewer/render/cat, `fathom depth assets/examples/cat.jpg --resolution 168`).
//!
//! `UPDATE_SNAPSHOTS=1 cargo nextest run --release --test viewer pictures` draws the sheets anew; look at them before keeping them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fathom::examples::synthetic;
use fathom::inference::ViewPrediction;
use fathom::input::ViewId;
use fathom::render::{Frame, Overlay, Shown};
use fathom::reopen::reopen;
use fathom::scene::{ColourBy, ColourMap, Filters, Look, OrbitCamera, Shape, Sizing, UpAxis};
use image::{Rgb, RgbImage, Rgba, RgbaImage, imageops};

use crate::render::studio::{BACKGROUND, Studio};

const TILE: [u32; 2] = [240, 180];
const ASPECT: f32 = 240.0 / 180.0;
const COLUMNS: u32 = 5;

/// Bytes by which a channel may differ: drivers round differently.
const SAME: u8 = 16;
/// Part of a tile's pixels that may differ more: where two samples are equally near either may win.
const MAY_DIFFER: f64 = 0.01;

/// What a mode changes of how things look at first.
type Change = fn(&mut Look, &mut Shown);

const MODES: [(&str, Change); 26] = [
    ("as it opens", |_, _| {}),
    ("points by distance", |look, _| (look.sizing, look.point_size) = (Sizing::Attenuated, 3.0)),
    ("points of one pixel", |look, _| look.sizing = Sizing::Pixels),
    ("points of six pixels", |look, _| (look.sizing, look.point_size) = (Sizing::Pixels, 6.0)),
    ("surface", |look, _| look.shape = Shape::Surface),
    ("no lighting", |look, _| look.eye_dome = false),
    ("strong lighting", |look, _| look.eye_dome_strength = 1.0),
    ("by depth", |look, _| look.colour_by = ColourBy::Depth),
    ("by confidence", |look, _| look.colour_by = ColourBy::Confidence),
    ("by view", |look, _| look.colour_by = ColourBy::View),
    ("by height", |look, _| look.colour_by = ColourBy::Height),
    ("by normal", |look, _| look.colour_by = ColourBy::Normal),
    ("surface by normal", |look, _| (look.shape, look.colour_by) = (Shape::Surface, ColourBy::Normal)),
    ("another map, inverted", |look, _| {
        (look.colour_by, look.colour_map, look.inverse_colours) = (ColourBy::Depth, ColourMap::Turbo, true);
    }),
    ("orthographic", |_, shown| shown.camera.is_orthographic = true),
    ("orthographic surface", |look, shown| {
        look.shape = Shape::Surface;
        shown.camera.is_orthographic = true;
    }),
    ("no filters", |look, _| look.filters = Filters::NONE),
    ("every ninth point", |look, _| look.filters.every = 9),
    ("near half of the depth", |look, _| look.filters.depth_range = [0.0, 50.0]),
    ("without white", |look, _| look.filters.hide_white = true),
    ("without black", |look, _| look.filters.hide_black = true),
    ("grid and axes", |look, _| (look.grid, look.axes) = (true, true)),
    ("cameras and their path", |look, shown| {
        (look.path, shown.selected) = (true, Some(0));
        shown.camera.orbit(0.6, 0.3);
    }),
    ("photos in their frusta", |look, shown| {
        look.photos = true;
        shown.camera.orbit(0.6, 0.3);
    }),
    ("photo over the scene", |_, shown| shown.overlay = Some(Overlay { view: 0, opacity: 0.5 })),
    ("another up, nothing behind", |look, shown| {
        look.up = UpAxis::ALL[1];
        shown.camera.set_up(glam::Vec3::X);
        shown.background = [0; 4];
    }),
];

fn sheet(views: &[Arc<ViewPrediction>]) -> RgbaImage {
    let mut studio = Studio::new(views);
    let rows = (MODES.len() as u32).div_ceil(COLUMNS);
    let mut sheet = RgbaImage::from_pixel(TILE[0] * COLUMNS, TILE[1] * rows, Rgba([0; 4]));
    let bounds = studio.scene.bounds(|_| true, &Filters::default()).expect("points");
    for (i, (_, change)) in (0u32..).zip(MODES) {
        let mut camera = OrbitCamera::new(&studio.scene.views()[0].camera.camera_from_world, &bounds, ASPECT);
        camera.orbit(0.25, 0.1);
        let mut look = Look::default();
        let mut shown = Shown {
            camera,
            bounds: Some(bounds),
            visible: vec![true; views.len()],
            selected: None,
            hovered: None,
            overlay: None,
            background: BACKGROUND,
            line_colour: [200; 3],
            scale: 1.0,
        };
        change(&mut look, &mut shown);
        if let Some(overlay) = shown.overlay {
            // As in the window, from where the photo was taken; a little aside, so that the two can be told apart.
            shown.camera.look_through(&studio.scene.views()[overlay.view], studio.scene.median_depth(), ASPECT);
            shown.camera.orbit(0.02, 0.0);
        }
        let frame = Frame::new(&studio.scene, &look, shown);
        let picture =
            studio.renderer.screenshot(&studio.gpu.device, &studio.gpu.queue, &frame, TILE).expect("a picture");
        let [left, top] = place(i);
        imageops::replace(&mut sheet, &picture, left.into(), top.into());
    }
    sheet
}

/// Of this folder.
fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/viewer/render").join(name)
}

fn stored(name: &str) -> RgbaImage {
    image::open(file(&format!("pictures/{name}.png"))).expect("a stored sheet").to_rgba8()
}

/// Left and top of the tile of mode `i`.
fn place(i: u32) -> [u32; 2] {
    [i % COLUMNS * TILE[0], i / COLUMNS * TILE[1]]
}

fn tile(sheet: &RgbaImage, i: u32) -> RgbaImage {
    let [left, top] = place(i);
    imageops::crop_imm(sheet, left, top, TILE[0], TILE[1]).to_image()
}

fn compare(name: &str, views: &[Arc<ViewPrediction>]) {
    let new = sheet(views);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        new.save(file(&format!("pictures/{name}.png"))).expect("written");
        return;
    }
    let old = stored(name);
    assert_eq!(old.dimensions(), new.dimensions(), "{name}: draw the sheet anew");
    let mut wrong = Vec::new();
    for (i, (mode, _)) in (0u32..).zip(MODES) {
        let (old, new) = (tile(&old, i), tile(&new, i));
        let differs = |(a, b): &(&Rgba<u8>, &Rgba<u8>)| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > SAME);
        let part = old.pixels().zip(new.pixels()).filter(differs).count() as f64 / f64::from(TILE[0] * TILE[1]);
        if part > MAY_DIFFER {
            wrong.push(format!("{mode} ({:.1} %)", part * 100.0));
        }
    }
    if !wrong.is_empty() {
        new.save(file(&format!("pictures/{name}.new.png"))).expect("written");
    }
    assert!(wrong.is_empty(), "{name}.png differs from {name}.new.png: {}", wrong.join(", "));
}

#[test]
fn the_synthetic_scene_looks_as_it_did() {
    let view = |index| {
        let photo = format!("{index}.jpg");
        let mut view = synthetic::render(index, 240, 180).into_prediction(ViewId(index as u64), photo.into());
        // On the walls, for the filters of black and white.
        for (left, grey) in [(20, 0), (60, 255)] {
            let patch = RgbImage::from_pixel(30, 30, Rgb([grey; 3]));
            imageops::replace(&mut view.image, &patch, left, 20);
        }
        Arc::new(view)
    };
    compare("synthetic", &[view(0), view(2), view(4)]);
}

#[test]
fn a_real_photo_looks_as_it_did() {
    let stored = reopen(&file("cat"), || ViewId(0)).expect("stored results");
    compare("cat", &stored.prediction.views);
}

#[test]
fn no_two_modes_look_alike() {
    let sheet = stored("synthetic");
    for (a, (mode, _)) in (0u32..).zip(MODES) {
        for (b, (other, _)) in (0..a).zip(MODES) {
            assert!(tile(&sheet, a) != tile(&sheet, b), "{mode} is {other}");
        }
    }
}
