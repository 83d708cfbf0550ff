//! Matching as a caller meets it: what is hidden, what is stopped, what is too small, what has nothing in it.
#![allow(clippy::expect_used, reason = "a test may stop at the first surprise")]

use std::cell::Cell;

use fathom::matching::{FeatureSettings, Features, Matcher, MatchingError};
use fathom::model::{ModelError, Silent, Step, Watch};
use image::{GrayImage, Luma, Rgb, RgbImage};

fn matcher() -> Matcher {
    Matcher::built_in().expect("the program's weights")
}

fn photo() -> RgbImage {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/goldens/matching/a.png");
    image::open(path).expect("a photo").to_rgb8()
}

fn features(photo: &RgbImage, hidden: Option<&GrayImage>, settings: FeatureSettings) -> Features {
    matcher().features(photo, hidden, settings, &Silent).expect("features")
}

#[test]
fn hidden_pixels_have_no_points_and_leave_their_places_to_others() {
    let photo = photo();
    let half = photo.width() / 2;
    let hidden = GrayImage::from_fn(photo.width(), photo.height(), |x, _| Luma([if x < half { 255 } else { 0 }]));
    let settings = FeatureSettings { top_k: 60, ..FeatureSettings::default() };
    let [all, shown] = [None, Some(&hidden)].map(|hidden| features(&photo, hidden, settings));
    let on_the_left = |features: &Features| features.keypoints.iter().filter(|at| at[0] < half as f32 - 3.0).count();
    assert!(on_the_left(&all) > 5);
    assert_eq!((on_the_left(&shown), shown.keypoints.len()), (0, 60));
}

#[test]
fn positions_are_those_of_the_photo_at_every_working_size() {
    // The same photo with each pixel repeated nine times: a place p of the small one is 3p + 1 in the large one.
    let small = photo();
    let large = RgbImage::from_fn(3 * small.width(), 3 * small.height(), |x, y| *small.get_pixel(x / 3, y / 3));
    let settings = FeatureSettings { top_k: 200, long_side: small.width() };
    let [a, b] = [&small, &large].map(|photo| features(photo, None, settings));
    let matches = matcher().matches(&a, &b, &Silent).expect("matches");
    assert!(matches.len() > 150, "{}", matches.len());
    let mut off: Vec<f32> = matches
        .iter()
        .map(|m| {
            let [[xa, ya], [xb, yb]] = [a.keypoints[m.a], b.keypoints[m.b]];
            ((xb - 1.0) / 3.0 - xa).hypot((yb - 1.0) / 3.0 - ya)
        })
        .collect();
    off.sort_by(f32::total_cmp);
    assert!(off[off.len() / 2] < 0.25, "{} pixels in the middle", off[off.len() / 2]);
}

struct Stops {
    after: usize,
    asked: Cell<usize>,
}

impl Watch for Stops {
    fn step(&self, _: Step) -> Result<(), ModelError> {
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() > self.after { Err(ModelError::Cancelled) } else { Ok(()) }
    }
}

#[test]
fn both_halves_of_the_work_can_be_stopped() {
    let (matcher, photo, settings) = (matcher(), photo(), FeatureSettings::default());
    let is_cancelled = |error| matches!(error, MatchingError::Model(ModelError::Cancelled));
    let stops = |after| Stops { after, asked: Cell::new(0) };
    assert!(matcher.features(&photo, None, settings, &stops(2)).is_err_and(is_cancelled));
    let found = features(&photo, None, settings);
    assert!(matcher.matches(&found, &found, &stops(3)).is_err_and(is_cancelled));
    let all = stops(100);
    assert!(matcher.matches(&found, &found, &all).is_ok_and(|matches| matches.len() > 100));
    assert_eq!(all.asked.get(), 6);
}

#[test]
fn a_photo_is_itself() {
    let found = features(&photo(), None, FeatureSettings { top_k: 300, ..FeatureSettings::default() });
    let matches = matcher().matches(&found, &found, &Silent).expect("matches");
    assert!(matches.len() > 250 && matches.iter().all(|m| m.a == m.b), "{} matches", matches.len());
}

#[test]
fn small_photos_are_refused_in_words_and_empty_ones_match_nothing() {
    let settings = FeatureSettings::default();
    let error = matcher().features(&RgbImage::new(31, 400), None, settings, &Silent).expect_err("too small");
    assert!(error.to_string().contains("31×400 pixels"), "{error}");
    let flat = features(&RgbImage::from_pixel(64, 64, Rgb([90; 3])), None, settings);
    let found = features(&photo(), None, settings);
    assert!(flat.keypoints.len() < 64, "{} points in a flat picture", flat.keypoints.len());
    for [a, b] in [[&Features::default(), &found], [&found, &Features::default()], [&flat, &found]] {
        let matches = matcher().matches(a, b, &Silent).expect("matches");
        assert!(matches.len() < 5, "{} matches", matches.len());
    }
}
