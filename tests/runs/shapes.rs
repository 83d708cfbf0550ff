//! Photos of different shapes in one run: what each keeps of its picture, and that an odd one stops no other.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use fathom::catalog::ModelId;
use fathom::inference::selftest::images;
use fathom::inference::{PhotoPart, Prediction, Settings, ViewPrediction, write_generated};
use fathom::input::{Shapes, ViewId};
use fathom::model::Preset;
use fathom::worker::{Command, Event, Photo, RunId, Worker, WorkerOptions};

struct Desk {
    worker: Worker,
    folder: tempfile::TempDir,
    settings: Settings,
}

/// What came of a run.
struct Ran {
    prediction: Arc<Prediction>,
    warnings: Vec<String>,
    failed: Vec<String>,
}

impl Desk {
    /// An any-view network with generated weights.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let weights = folder.path().join("small.safetensors");
        write_generated(&weights, Preset::Da3Small, 9).expect("space for weights");
        let model = ModelId("da3-small".into());
        let settings = Settings { model, weights: Some(weights), resolution: Some(112), ..Settings::default() };
        Self { worker: Worker::spawn(|| (), WorkerOptions::default()).expect("a thread"), folder, settings }
    }

    /// Photos of these sizes, width × height.
    fn photos(&self, sizes: &[[u32; 2]]) -> Vec<Photo> {
        let photos = sizes.iter().enumerate().map(|(number, &[width, height])| {
            let path = self.folder.path().join(format!("{number}_{width}x{height}.png"));
            let pixels = images::rgb_image(number, height as usize, width as usize, 4);
            image::RgbImage::from_raw(width, height, pixels).expect("an image").save(&path).expect("space");
            Photo { id: ViewId(number as u64), path }
        });
        photos.collect()
    }

    fn run(&self, photos: Vec<Photo>, settings: Settings) -> Ran {
        let command = Command::Run { run: RunId(1), photos, settings };
        self.worker.send(command).expect("room in the queue");
        let deadline = Instant::now() + Duration::from_secs(300);
        let (mut warnings, mut failed) = (Vec::new(), Vec::new());
        loop {
            match self.worker.events().recv_deadline(deadline).expect("an event") {
                Event::Warning { problem, .. } => warnings.push(problem.what),
                Event::ViewFailed { problem, .. } => failed.push(problem.what),
                Event::Finished { prediction, .. } => return Ran { prediction, warnings, failed },
                Event::Failed { run: Some(_), problem } => panic!("the run failed: {problem}"),
                _ => {}
            }
        }
    }
}

fn sizes(prediction: &Prediction) -> Vec<[u32; 2]> {
    prediction.views.iter().map(|view| [view.width, view.height]).collect()
}

/// Whether the lens looks through the middle of the picture, as the network's cameras do.
fn is_centred(view: &ViewPrediction) -> bool {
    let k = view.camera.intrinsics;
    (k.cx - view.width as f32 / 2.0).abs() < 1e-3 && (k.cy - view.height as f32 / 2.0).abs() < 1e-3
}

const WIDE: [u32; 2] = [224, 168];
const HIGH: [u32; 2] = [168, 224];

#[test]
fn portrait_and_landscape_are_seen_whole_with_exact_lenses() {
    let desk = Desk::new();
    for ray_pose in [false, true] {
        let ran = desk.run(desk.photos(&[WIDE, HIGH, WIDE]), Settings { ray_pose, ..desk.settings.clone() });
        assert_eq!(sizes(&ran.prediction), [[112, 84], [84, 112], [112, 84]]);
        assert!(
            ran.warnings.iter().any(|text| text.contains("112×112") && text.contains("25 %")),
            "{:?}",
            ran.warnings
        );
        for view in &ran.prediction.views {
            assert_eq!(view.photo_part, PhotoPart::whole(view.photo_size));
            assert_eq!(view.depth.len(), (view.width * view.height) as usize);
            assert!(view.depth.iter().all(|depth| *depth > 0.0));
            // The frame's own aspect is 1: pixels are as wide as high, whatever the photo's.
            let k = view.camera.intrinsics;
            assert!(ray_pose || is_centred(view), "{k:?}");
        }
    }
}

#[test]
fn a_crop_says_what_is_lost_and_keeps_cameras_exact() {
    let desk = Desk::new();
    let ran = desk.run(desk.photos(&[WIDE, HIGH]), Settings { shapes: Shapes::Crop, ..desk.settings.clone() });
    assert_eq!(sizes(&ran.prediction), [[84, 84]; 2]);
    assert!(ran.warnings.iter().any(|text| text.contains("2 of them") && text.contains("25 %")), "{:?}", ran.warnings);
    let view = &ran.prediction.views[0];
    assert_eq!(view.photo_part, PhotoPart { left: 28.0, top: 0.0, width: 168.0, height: 168.0 });
    // The middle of the crop is the middle of the photo.
    let k = view.photo_intrinsics();
    assert!((k.cx - 112.0).abs() < 1e-2 && (k.cy - 84.0).abs() < 1e-2, "{k:?}");
    assert!((k.fx - 2.0 * view.camera.intrinsics.fx).abs() < 1e-2);
}

#[test]
fn odd_ones_can_be_left_out_by_name() {
    let desk = Desk::new();
    let ran =
        desk.run(desk.photos(&[WIDE, HIGH, WIDE]), Settings { shapes: Shapes::LeaveOut, ..desk.settings.clone() });
    assert_eq!(sizes(&ran.prediction), [[112, 84]; 2]);
    let [failed] = &ran.failed[..] else { panic!("{:?}", ran.failed) };
    assert!(failed.contains("1_168x224.png") && failed.contains("another shape"), "{failed}");
}

#[test]
fn a_strip_fails_alone() {
    let desk = Desk::new();
    let strips = [[1000, 2], [1, 600], [4, 2000], [5000, 1]];
    let built_in = Settings { resolution: Some(112), ..Settings::default() };
    for settings in [desk.settings.clone(), built_in] {
        let photos = desk.photos(&[&[WIDE][..], &strips, &[WIDE]].concat());
        let ran = desk.run(photos, settings);
        assert_eq!(ran.prediction.views.len(), 2, "{:?}", ran.failed);
        assert_eq!(ran.failed.len(), strips.len());
        for (text, [width, height]) in ran.failed.iter().zip(strips) {
            assert!(text.contains(&format!("{width}×{height}")) && text.contains("too elongated"), "{text}");
        }
    }
}

/// Whether a pixel, column and row, of a picture of this size is hidden.
type IsHidden = fn(u32, u32, [u32; 2]) -> bool;

#[test]
fn what_is_transparent_or_masked_gives_no_depth() {
    let desk = Desk::new();
    let mut photos = desk.photos(&[WIDE; 3]);
    // The left half of the first is transparent; the upper half of the second is masked.
    let pixels = image::open(&photos[0].path).expect("a photo").into_rgb8();
    let half = image::RgbaImage::from_fn(WIDE[0], WIDE[1], |x, y| {
        let image::Rgb([r, g, b]) = *pixels.get_pixel(x, y);
        image::Rgba([r, g, b, if x < WIDE[0] / 2 { 0 } else { 255 }])
    });
    photos[0].path = desk.folder.path().join("half.png");
    half.save(&photos[0].path).expect("space");
    let masks = desk.folder.path().join("masks");
    std::fs::create_dir(&masks).expect("a folder");
    let mask = image::GrayImage::from_fn(112, 84, |_, y| image::Luma([if y < 42 { 0 } else { 255 }]));
    mask.save(masks.join("1_224x168.png")).expect("space");
    let built_in = Settings { resolution: Some(112), ..Settings::default() };
    for settings in [desk.settings.clone(), built_in] {
        let ran = desk.run(photos.clone(), Settings { masks: Some(masks.clone()), ..settings });
        assert!(ran.warnings.iter().any(|text| text.starts_with("2 of the photos have no mask")), "{:?}", ran.warnings);
        let hidden: [IsHidden; 3] = [|x, _, size| x < size[0] / 2, |_, y, size| y < size[1] / 2, |_, _, _| false];
        for (view, is_hidden) in ran.prediction.views.iter().zip(hidden) {
            let places = (0..view.height).flat_map(|y| (0..view.width).map(move |x| (x, y)));
            for ((x, y), depth) in places.zip(&view.depth) {
                let at = (y * view.width + x) as usize;
                let is_hidden = is_hidden(x, y, [view.width, view.height]);
                assert_eq!(*depth == 0.0, is_hidden, "{x} {y}");
                assert!(!is_hidden || view.background.as_ref().expect("hidden pixels")[at]);
            }
        }
    }
}

#[test]
fn passes_that_share_neighbours_take_photos_in_the_order_of_their_names() {
    let desk = Desk::new();
    let mut photos = desk.photos(&[WIDE; 4]);
    photos.swap(1, 3);
    let settings = Settings { views_per_pass: Some(3), overlap: Some(1), ..desk.settings.clone() };
    let order = |ran: &Ran| ran.prediction.views.iter().map(|view| view.view.0).collect::<Vec<_>>();
    let ran = desk.run(photos.clone(), settings.clone());
    assert_eq!(order(&ran), [0, 1, 2, 3]);
    assert!(ran.warnings.iter().any(|text| text.contains("order of their names")), "{:?}", ran.warnings);
    let ran = desk.run(photos, Settings { keep_order: true, ..settings });
    assert_eq!(order(&ran), [0, 3, 2, 1]);
}
