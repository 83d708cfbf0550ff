//! Sessions as bytes: what comes back, and everything that may be wrong with such a file.

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::names::FILE;
use super::*;
use crate::examples::synthetic;
use crate::export::RunNotes;
use crate::geometry::GAUSSIAN_CHANNELS;
use crate::inference::{
    Brought, DepthFit, DepthUnit, FeatureMap, GaussianMaps, LensSource, PassAlignment, PhotoPart, PoseSource,
    Prediction, RawGaussians, Settings, StageSeconds, ViewPrediction,
};
use crate::input::ViewId;

const SIZE: [u32; 2] = [28, 20];
/// Of known depths, with numbers that are exact.
const BY: Brought = Brought::Disparity { scale: 0.25, shift: -0.5 };
const PIXELS: usize = 28 * 20;

/// Numbers without an end in decimals, so that rounding would show.
fn odd(seed: usize) -> Vec<f32> {
    (0..PIXELS).map(|i| 1.0 + ((i * 7 + seed) as f32).sqrt() / 3.0).collect()
}

fn view(id: u64, path: &Path) -> ViewPrediction {
    let mut view = synthetic::render(id as usize, SIZE[0], SIZE[1]).into_prediction(ViewId(id), path.to_owned());
    (view.photo_size, view.photo_part) = ([280, 200], PhotoPart { left: 8.0, top: 0.0, width: 264.0, height: 200.0 });
    view.depth = odd(id as usize);
    view
}

fn photo(id: u64, path: PathBuf) -> SavedPhoto {
    SavedPhoto {
        size: Some([280, 200]),
        is_hidden: id == 11,
        is_left_out: id == 12,
        ..SavedPhoto::new(ViewId(id), path)
    }
}

/// Three photos in `photos/`, of which two have a result, in another order than the list.
fn session(folder: &Path) -> Session {
    let paths = [0, 1, 2].map(|index| folder.join(format!("photos/{index}.jpg")));
    fs::create_dir_all(folder.join("photos")).expect("a folder");
    paths.iter().for_each(|path| fs::write(path, path.to_string_lossy().as_bytes()).expect("a file"));
    let mut views = vec![view(12, &paths[2]), view(11, &paths[1])];
    views[0].confidence = Some(odd(3));
    views[0].sky = Some((0..PIXELS).map(|i| i % 7 == 0).collect());
    views[1].disparity = Some(odd(5));
    views[1].background = Some((0..PIXELS).map(|i| i % 5 == 0).collect());
    views[1].camera.lens = LensSource::Exif;
    views[1].camera.pose = PoseSource::None;
    views[1].scene = 1;
    let below_zero = |values: Vec<f32>| values.into_iter().map(|value| 1.5 - value).collect::<Vec<f32>>();
    let channels = (0..GAUSSIAN_CHANNELS).flat_map(|channel| below_zero(odd(channel))).collect();
    let raw = Arc::new(RawGaussians { channels, opacity: vec![0.25; PIXELS] });
    views[1].extras.gaussians = Some(GaussianMaps { raw, distance: odd(9) });
    let features = FeatureMap { block: 5, height: 2, width: 2, channels: PIXELS / 4, values: below_zero(odd(1)) };
    views[1].extras.features = Arc::new(vec![features]);
    let prediction = Prediction {
        model: "Test".into(),
        unit: DepthUnit::Relative,
        views: views.into_iter().map(Arc::new).collect(),
        seconds: StageSeconds { total: 61.5, ..StageSeconds::default() },
        alignments: vec![PassAlignment { first_view: 1, shared: 2, scale: 1.5, residual: 0.01, inliers: 0.9 }],
        peak_bytes: 5,
        fits: [(1, DepthFit { by: BY, values: 9, agreeing: 8, median_error: 0.125, p90_error: 0.5 })].into(),
        ..Prediction::default()
    };
    let mut photos: Vec<_> = paths.into_iter().zip(10..).map(|(path, id)| photo(id, path)).collect();
    photos[0].failure = Some(Failure { what: "It is damaged".into(), advice: "Copy it again".into() });
    let notes = RunNotes { device: Some("CPU".into()), warnings: vec!["A warning".into()], ..RunNotes::default() };
    let settings = Settings { resolution: Some(280), ..Settings::default() };
    Session {
        photos,
        selected: Some(2),
        settings,
        results: Some(SavedResults { prediction, set_scales: [(1, 2.5)].into(), notes, is_finished: true }),
        window: json!({"split": 0.3}),
        remark: None,
    }
}

fn saved() -> (tempfile::TempDir, PathBuf, Session) {
    let folder = tempfile::tempdir().expect("a folder");
    let (session, path) = (session(folder.path()), folder.path().join("a.fathom"));
    save(&path, &session).expect("saved");
    (folder, path, session)
}

#[test]
fn everything_comes_back_exactly() {
    let (_folder, path, before) = saved();
    let after = open(&path).expect("opened");
    assert_eq!((after.selected, &after.settings, &after.window), (Some(2), &before.settings, &before.window));
    for (index, (a, b)) in after.photos.iter().zip(&before.photos).enumerate() {
        assert_eq!(a.id, ViewId(index as u64));
        let expected = SavedPhoto { id: a.id, stamp: Stamp::of(&b.path), ..b.clone() };
        assert_eq!((a, a.file), (&expected, PhotoFile::AsItWas));
    }
    let (a, b) = (after.results.expect("results"), before.results.expect("results"));
    assert_eq!((a.set_scales, a.notes, a.is_finished), (b.set_scales, b.notes, true));
    let (a, b) = (a.prediction, b.prediction);
    assert_eq!((a.model, a.unit, a.seconds, a.alignments), (b.model, b.unit, b.seconds, b.alignments));
    assert_eq!((a.fits.len(), a.fits), (1, b.fits));
    assert_eq!(a.views.iter().map(|view| view.view.0).collect::<Vec<_>>(), [2, 1], "in the order of the run");
    for (a, b) in a.views.iter().zip(&b.views) {
        let same = ViewPrediction { view: a.view, ..(**b).clone() };
        assert_eq!(format!("{a:?}"), format!("{same:?}"));
    }
}

#[test]
fn a_scale_is_kept_beside_what_the_run_gave() {
    let (_folder, path, before) = saved();
    let shown = open(&path).expect("opened").shown().expect("results");
    let given = &before.results.expect("results").prediction.views[1];
    assert_eq!(shown.views[1].depth, given.scaled(2.5).depth);
    assert_eq!((shown.unit_of(0), shown.unit_of(1)), (DepthUnit::Relative, DepthUnit::Metres));
}

fn files(path: &Path) -> Vec<(String, PhotoFile)> {
    let photos = open(path).expect("opened").photos;
    photos.into_iter().map(|photo| (photo.path.display().to_string(), photo.file)).collect()
}

#[test]
fn photos_are_found_where_they_are_and_marked_where_they_are_not() {
    let (folder, path, _) = saved();
    let at = |folder: &Path, index: usize| folder.join(format!("photos/{index}.jpg")).display().to_string();
    fs::remove_file(folder.path().join("photos/0.jpg")).expect("gone");
    fs::write(folder.path().join("photos/1.jpg"), b"another photo").expect("changed");
    let here = |index, file| (at(folder.path(), index), file);
    let expected = vec![here(0, PhotoFile::Missing), here(1, PhotoFile::Changed), here(2, PhotoFile::AsItWas)];
    assert_eq!(files(&path), expected);

    // A copy of everything, under another name: the copies count, although the originals are still there.
    let other = tempfile::tempdir().expect("a folder");
    let moved = other.path().join("b.FATHOM");
    fs::copy(&path, &moved).expect("copied");
    fs::create_dir(other.path().join("photos")).expect("a folder");
    fs::copy(folder.path().join("photos/2.jpg"), other.path().join("photos/2.jpg")).expect("copied");
    let found = files(&moved);
    assert_eq!(found[0], (at(folder.path(), 0), PhotoFile::Missing));
    assert_eq!(found[1], (at(folder.path(), 1), PhotoFile::Changed));
    assert_eq!(found[2], (at(other.path(), 2), PhotoFile::AsItWas));
}

#[test]
fn saving_again_keeps_what_is_known_of_a_photo_that_is_gone() {
    let (folder, path, _) = saved();
    fs::remove_file(folder.path().join("photos/1.jpg")).expect("gone");
    let opened = open(&path).expect("opened");
    save(&path, &opened).expect("saved");
    let again = open(&path).expect("opened");
    assert_eq!(again.photos, opened.photos);
    assert!(again.photos[1].stamp.is_some() && again.photos[1].file == PhotoFile::Missing);
}

#[test]
fn what_could_not_be_opened_is_not_written() {
    let (_folder, path, mut session) = saved();
    let results = session.results.as_mut().expect("results");
    Arc::make_mut(&mut results.prediction.views[0]).depth[3] = f32::NAN;
    let error = save(&path, &session).expect_err("a number that no result has");
    assert!(error.to_string().contains("the depth of view 3"), "{error}");
    assert!(open(&path).is_ok(), "the file that was there is whole");
}

/// The archive with another `session.json`.
fn with_document(document: &str) -> (tempfile::TempDir, PathBuf) {
    let (folder, path, _) = saved();
    let mut archive = zip::ZipArchive::new(Cursor::new(fs::read(&path).expect("there"))).expect("a zip");
    let mut changed = zip::ZipWriter::new(Cursor::new(Vec::new()));
    changed.start_file(FILE, zip::write::SimpleFileOptions::default()).expect("begun");
    changed.write_all(document.as_bytes()).expect("written");
    for index in 0..archive.len() {
        let entry = archive.by_index_raw(index).expect("an entry");
        if entry.name().expect("a name") != FILE {
            changed.raw_copy_file(entry).expect("copied");
        }
    }
    fs::write(&path, changed.finish().expect("finished").into_inner()).expect("written");
    (folder, path)
}

fn document() -> Value {
    let (_folder, path, _) = saved();
    let mut archive = zip::ZipArchive::new(fs::File::open(path).expect("there")).expect("a zip");
    serde_json::from_reader(archive.by_name(FILE).expect("a document")).expect("JSON")
}

type Change = Box<dyn FnOnce(&mut Value)>;

#[test]
fn a_document_that_lies_is_told() {
    assert!(open(&with_document(&document().to_string()).1).is_ok(), "unchanged it is fine");
    let cases: Vec<(&str, Change)> = vec![
        ("written by 'other'", Box::new(|d| d["program"] = json!("other"))),
        ("newer Fathom (9.1)", Box::new(|d| (d["format"], d["version"]) = (json!(2), json!("9.1")))),
        ("selected photo", Box::new(|d| d["selected"] = json!(3))),
        ("missing field `photos`", Box::new(|d| drop(d.as_object_mut().and_then(|d| d.remove("photos"))))),
        ("invalid type", Box::new(|d| d["photos"] = json!(7))),
        ("of no photo", Box::new(|d| d["results"]["views"][0]["photo"] = json!(3))),
        ("has another view", Box::new(|d| d["results"]["views"][0]["photo"] = json!(1))),
        ("is of scene", Box::new(|d| d["results"]["views"][0]["scene"] = json!(1u64 << 40))),
        ("a side of 0", Box::new(|d| d["results"]["views"][0]["size"] = json!([0, 20]))),
        ("expected |u1 [1, 60000, 60000, 3]", Box::new(|d| d["results"]["views"][0]["size"] = json!([60_000, 60_000]))),
        ("expected |u1", Box::new(|d| d["results"]["views"][0]["size"] = json!([20, 28]))),
        ("lens", Box::new(|d| d["results"]["views"][0]["camera"]["intrinsics"]["fx"] = json!(0.0))),
        ("'views/0001/sky' is missing", Box::new(|d| d["results"]["views"][1]["has_sky"] = json!(true))),
        (
            "features of a size",
            Box::new(|d| d["results"]["views"][1]["extras"]["features"][0]["width"] = json!(1u64 << 40)),
        ),
        ("scene 1 has a fit of known depths", Box::new(|d| d["results"]["fits"]["1"]["agreeing"] = json!(99))),
        ("has the scale -1", Box::new(|d| d["results"]["set_scales"]["1"] = json!(-1.0))),
        ("settings", Box::new(|d| d["settings"]["views_per_pass"] = json!(0))),
        ("settings", Box::new(|d| d["results"]["notes"]["settings"]["memory_percent"] = json!(255))),
    ];
    for (part, change) in cases {
        let mut changed = document();
        change(&mut changed);
        let (_folder, path) = with_document(&changed.to_string());
        let error = open(&path).expect_err(part).to_string();
        assert!(error.contains(part) && error.contains("a.fathom"), "{part}: {error}");
    }
}

#[test]
fn files_of_other_kinds_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x.fathom");
    let gone = open(&path).expect_err("missing");
    assert!(matches!(gone, SessionError::Read { .. }), "{gone}");
    for content in [&b""[..], b"\xff\xd8\xff\xe0 a photo", b"PK"] {
        fs::write(&path, content).expect("written");
        let error = open(&path).expect_err("no session");
        assert!(matches!(error, SessionError::NotOurs { .. }) && error.to_string().contains("no session"), "{error}");
    }
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", zip::write::SimpleFileOptions::default()).expect("begun");
    fs::write(&path, zip.finish().expect("finished").into_inner()).expect("written");
    let error = open(&path).expect_err("another document").to_string();
    assert!(error.contains("there is no session.json"), "{error}");
}

#[test]
fn a_broken_file_never_ends_in_a_panic() {
    let (_folder, path, _) = saved();
    let whole = fs::read(&path).expect("there");
    for length in (0..whole.len()).step_by(whole.len() / 50) {
        fs::write(&path, &whole[..length]).expect("written");
        let error = open(&path).expect_err("cut off");
        assert!(length < 4 || matches!(error, SessionError::Damaged { .. }), "{length} bytes: {error}");
    }
    let mut noticed = 0;
    for at in (0..whole.len()).step_by(whole.len() / 300) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        fs::write(&path, &bytes).expect("written");
        noticed += usize::from(open(&path).is_err());
    }
    assert!(noticed > 270, "check sums find {noticed} of 300 changed bytes");
}
