//! Stereo pictures and films as files: sizes, names, full size, and what is said where something is missing.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use fathom::examples::synthetic;
use fathom::export::{AnimationFormat, Format, Options, RunNotes, StereoOptions, Written, export_all, remarks};
use fathom::inference::{DepthUnit, PhotoPart, Prediction, ViewPrediction};
use fathom::input::ViewId;
use fathom::scene::{EyeDistance, Eyes, Nearness, StereoLayout};
use image::{AnimationDecoder, RgbImage};

/// Views of the synthetic scene, each of its size, with photos of twice that in `photos`.
fn prediction(sizes: &[[u32; 2]], photos: &Path) -> Prediction {
    let views = sizes.iter().enumerate().map(|(index, &[width, height])| {
        let path = photos.join(format!("{index}.png"));
        synthetic::render(index, 2 * width, 2 * height).image.save(&path).expect("saved");
        let view = synthetic::render(index, width, height).into_prediction(ViewId(index as u64), path);
        let photo_size = [2 * width, 2 * height];
        Arc::new(ViewPrediction { photo_size, photo_part: PhotoPart::whole(photo_size), ..view })
    });
    Prediction { unit: DepthUnit::Metres, views: views.collect(), ..Prediction::default() }
}

fn export(prediction: &Prediction, dir: &Path, formats: &[Format], stereo: StereoOptions, full_size: bool) -> Written {
    let formats = formats.iter().copied().collect();
    let options = Options { formats, stereo, full_size, overwrite: true, ..Options::default() };
    export_all(prediction, dir, &RunNotes::default(), &options).expect("exported")
}

fn picture(path: &Path) -> RgbImage {
    image::open(path).expect("a picture").into_rgb8()
}

/// Where in a row a pattern of columns fits another one best, as a shift to the right.
fn shift(from: &RgbImage, to: &RgbImage, columns: std::ops::Range<u32>, row: u32) -> i32 {
    let off = |by: i32| -> u64 {
        let pairs = columns.clone().map(|x| (from.get_pixel(x, row), to.get_pixel(x.saturating_add_signed(by), row)));
        pairs.map(|(a, b)| (0..3).map(|c| u64::from(a[c].abs_diff(b[c]))).sum::<u64>()).sum()
    };
    (-20..=20).min_by_key(|&by| (off(by), by.abs())).expect("some")
}

#[test]
fn layouts_have_their_names_and_sizes() {
    let photos = tempfile::tempdir().expect("a folder");
    let prediction = prediction(&[[80, 60]], photos.path());
    let cases = [
        (StereoLayout::SideBySide, false, "sbs", [160, 60]),
        (StereoLayout::HalfSideBySide, false, "hsbs", [80, 60]),
        (StereoLayout::OverUnder, false, "ou", [80, 120]),
        (StereoLayout::Anaglyph, false, "anaglyph", [80, 60]),
        (StereoLayout::SideBySide, true, "rl", [160, 60]),
    ];
    let mut whole = Vec::new();
    for (layout, swap_eyes, tag, size) in cases {
        let dir = tempfile::tempdir().expect("a folder");
        let stereo = StereoOptions { layout, swap_eyes, ..StereoOptions::default() };
        export(&prediction, dir.path(), &[Format::StereoPng, Format::StereoJpg], stereo, false);
        let png = picture(&dir.path().join(format!("0000_0_{tag}.png")));
        let jpg = picture(&dir.path().join(format!("0000_0_{tag}.jpg")));
        assert_eq!([png.width(), png.height()], size);
        assert_eq!(png.dimensions(), jpg.dimensions());
        whole.push(png);
    }
    let half = |picture: &RgbImage, x| image::imageops::crop_imm(picture, x, 0, 80, 60).to_image();
    assert_eq!(half(&whole[0], 0), half(&whole[4], 80), "swapped");
    assert_ne!(half(&whole[0], 0), half(&whole[0], 80));
}

#[test]
fn eyes_see_what_is_near_further_apart() {
    let photos = tempfile::tempdir().expect("a folder");
    let prediction = prediction(&[[320, 240]], photos.path());
    let dir = tempfile::tempdir().expect("a folder");
    let eyes = Eyes { distance: EyeDistance::PercentOfWidth(5.0), convergence: 0.0 };
    export(&prediction, dir.path(), &[Format::StereoPng], StereoOptions { eyes, ..Default::default() }, false);
    let pair = picture(&dir.path().join("0000_0_sbs.png"));
    let [left, right] = [0, 320].map(|x| image::imageops::crop_imm(&pair, x, 0, 320, 240).to_image());
    // Rows whose middle shows one surface.
    let view = &prediction.views[0];
    let columns = 130..190;
    let ends = |row: u32| {
        let depths = columns.clone().map(|x| view.depth[(row * 320 + x) as usize]);
        depths.fold([f32::MAX, 0.0f32], |[low, high], depth| [low.min(depth), high.max(depth)])
    };
    let even: Vec<u32> = (4..236).filter(|&row| ends(row)[1] < 1.02 * ends(row)[0]).collect();
    let by_depth = |a: &&u32, b: &&u32| ends(**a)[0].total_cmp(&ends(**b)[0]);
    let (near, far) = (*even.iter().min_by(by_depth).expect("some"), *even.iter().max_by(by_depth).expect("some"));
    let nearness = Nearness::of(view);
    let parallax = eyes.parallax(&nearness, 320, None).expect("percent need no scale");
    let [expected_near, expected_far] = [near, far].map(|row| -parallax.of(ends(row)[0].recip()));
    assert!(expected_far > expected_near + 6.0, "rows {near} and {far}: {expected_near} and {expected_far}");
    for (row, expected) in [(near, expected_near), (far, expected_far)] {
        let shift = shift(&left, &right, columns.clone(), row);
        assert!((shift as f32 - expected).abs() < 2.0, "row {row}: {shift}, expected {expected}");
    }
}

#[test]
fn full_size_takes_the_photo_and_says_where_it_is_gone() {
    let (photos, dir) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let mut prediction = prediction(&[[80, 60], [80, 60]], photos.path());
    Arc::make_mut(&mut prediction.views[1]).photo_part =
        PhotoPart { left: 20.0, top: 0.0, width: 120.0, height: 120.0 };
    let written = export(&prediction, dir.path(), &[Format::StereoPng], StereoOptions::default(), true);
    assert!(written.remarks.is_empty() && written.missing.is_empty(), "{written:?}");
    assert_eq!(picture(&dir.path().join("0000_0_sbs.png")).dimensions(), (320, 120));
    assert_eq!(picture(&dir.path().join("0001_1_sbs.png")).dimensions(), (240, 120), "what has depth");

    fs::remove_file(&prediction.views[0].path).expect("removed");
    let written = export(&prediction, dir.path(), &[Format::StereoPng], StereoOptions::default(), true);
    assert!(written.remarks.len() == 1 && written.remarks[0].contains("0.png"), "{:?}", written.remarks);
    assert_eq!(picture(&dir.path().join("0000_0_sbs.png")).dimensions(), (160, 60));
}

#[test]
fn millimetres_need_metres() {
    let (photos, dir) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let mut prediction = prediction(&[[80, 60]], photos.path());
    let eyes = Eyes { distance: EyeDistance::Millimetres(63.0), ..Eyes::default() };
    let stereo = StereoOptions { eyes, ..StereoOptions::default() };
    let formats = [Format::StereoPng, Format::StereoGif];
    assert!(export(&prediction, dir.path(), &formats, stereo, false).missing.is_empty());
    assert!(dir.path().join("stereo_sbs.gif").is_file());

    prediction.unit = DepthUnit::Relative;
    let dir = tempfile::tempdir().expect("a folder");
    let written = export(&prediction, dir.path(), &formats, stereo, false);
    assert!(written.missing.len() == 1 && written.missing[0].contains("metres"), "{:?}", written.missing);
    assert_eq!(fs::read_dir(dir.path()).expect("listing").count(), 1, "the summary alone");
}

#[test]
fn films_show_every_photo_at_one_size() {
    let (photos, dir) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let prediction = prediction(&[[81, 60], [40, 60], [81, 60]], photos.path());
    let stereo = StereoOptions { layout: StereoLayout::OverUnder, fps: 10, ..StereoOptions::default() };
    let written = export(&prediction, dir.path(), &[Format::StereoGif, Format::StereoMp4], stereo, false);
    let gif = fs::File::open(dir.path().join("stereo_ou.gif")).expect("there");
    let decoder = image::codecs::gif::GifDecoder::new(std::io::BufReader::new(gif)).expect("a GIF");
    let frames = decoder.into_frames().collect_frames().expect("pictures");
    assert_eq!(frames.len(), 3);
    assert!(frames.iter().all(|frame| frame.buffer().dimensions() == (80, 120)));
    let [first, second] = [0, 1].map(|at: usize| frames[at].buffer().get_pixel(3, 30).0);
    assert!(first != [0, 0, 0, 255] && second == [0, 0, 0, 255], "black beside the narrow one: {second:?}");

    // Machines without ffmpeg have no MP4, and that was said before.
    let has_mp4 = AnimationFormat::Mp4.is_possible();
    assert_eq!(written.files.contains(&dir.path().join("stereo_ou.mp4")), has_mp4);
    let options = Options { formats: [Format::StereoMp4].into(), ..Options::default() };
    let said = remarks(&prediction, &options);
    assert_eq!(said.iter().any(|remark| remark.contains("ffmpeg")), !has_mp4, "{said:?}");
}
