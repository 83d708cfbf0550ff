//! The worker thread driven as the window drives it: commands in, events out.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use exif::{Field, In, Tag, Value};
use fathom::catalog::ModelId;
use fathom::inference::selftest::images;
use fathom::inference::{DepthUnit, DeviceChoice, Lens, LensSource, PoseSource, Prediction, Settings, write_generated};
use fathom::input::ViewId;
use fathom::model::Preset;
use fathom::worker::{Blame, Command, Event, Photo, RunId, Worker, WorkerOptions};

const PATIENCE: Duration = Duration::from_secs(300);

struct Bench {
    worker: Worker,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let worker = Worker::spawn(|| (), WorkerOptions::default()).expect("a thread");
        Self { worker, folder: tempfile::tempdir().expect("a folder") }
    }

    fn photo(&self, number: u64, width: usize, height: usize) -> Photo {
        let path = self.folder.path().join(format!("{number}.png"));
        let pixels = images::rgb_image(number as usize, height, width, 4);
        image::RgbImage::from_raw(width as u32, height as u32, pixels).expect("an image").save(&path).expect("space");
        Photo { id: ViewId(number), path }
    }

    fn run(&self, run: u64, photos: &[Photo], settings: &Settings) {
        let command = Command::Run { run: RunId(run), photos: photos.to_vec(), settings: settings.clone() };
        self.worker.send(command).expect("room in the queue");
    }

    /// Events up to and including the first that `is_last` picks, without memory samples.
    fn events_until(&self, is_last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        loop {
            let event = self.worker.events().recv_deadline(deadline).unwrap_or_else(|_| panic!("stuck after {seen:?}"));
            let last = is_last(&event);
            if !matches!(event, Event::Memory(_)) {
                seen.push(event);
            }
            if last {
                return seen;
            }
        }
    }

    fn events_of_run(&self) -> Vec<Event> {
        self.events_until(|e| {
            matches!(e, Event::Finished { .. } | Event::Cancelled { .. } | Event::Failed { run: Some(_), .. })
        })
    }
}

fn small() -> Settings {
    Settings { resolution: Some(126), ..Settings::default() }
}

fn finished(events: &[Event]) -> Arc<Prediction> {
    match events.last() {
        Some(Event::Finished { prediction, .. }) => prediction.clone(),
        other => panic!("the run ended with {other:?}"),
    }
}

#[test]
fn built_in_model_gives_depth_view_by_view() {
    let bench = Bench::new();
    let photos = [bench.photo(1, 160, 120), bench.photo(2, 90, 140)];
    bench.run(1, &photos, &small());
    let events = bench.events_of_run();
    let prediction = finished(&events);
    assert_eq!(prediction.unit, DepthUnit::Relative);
    assert_eq!(prediction.views.len(), 2);
    let kinds = |pick: fn(&Event) -> bool| events.iter().filter(|e| pick(e)).count();
    assert_eq!(kinds(|e| matches!(e, Event::ViewReady { .. })), 2);
    assert_eq!(kinds(|e| matches!(e, Event::ModelReady { .. })), 1);
    assert!(kinds(|e| matches!(e, Event::Progress { .. })) >= 6);
    for (view, photo) in prediction.views.iter().zip(&photos) {
        assert_eq!(view.view, photo.id);
        assert_eq!(view.depth.len(), (view.width * view.height) as usize);
        assert!(view.depth.iter().all(|d| d.is_finite() && *d > 0.0));
        assert_eq!(view.disparity.as_ref().map(Vec::len), Some(view.depth.len()));
        assert_eq!(view.camera.lens, LensSource::Assumed);
    }
    assert_ne!(prediction.views[0].scene, prediction.views[1].scene, "single photos share no scene");

    bench.run(2, &photos, &Settings { lens: Some(Lens::FieldOfView(90.0)), ..small() });
    let by_hand = finished(&bench.events_of_run());
    for view in &by_hand.views {
        assert_eq!(view.camera.lens, LensSource::Given);
        let k = view.camera.intrinsics;
        let longer = if view.width > view.height { view.width as f32 / k.fx } else { view.height as f32 / k.fy };
        assert!((longer - 2.0).abs() < 1e-3, "90° see twice as far across as ahead: {k:?}");
    }
    assert!(prediction.seconds.backbone > 0.0 && prediction.seconds.head > 0.0 && prediction.seconds.decode > 0.0);
    assert!(prediction.peak_bytes > 50 << 20);
}

/// A JPEG whose EXIF tells of a lens of 26 mm and of a picture of this size.
fn jpeg_of(bench: &Bench, number: u64, size: [u32; 2], [width, height]: [u32; 2]) -> Photo {
    let field = |tag, value| Field { tag, ifd_num: In::PRIMARY, value };
    let fields = [
        field(Tag::FocalLengthIn35mmFilm, Value::Short(vec![26])),
        field(Tag::PixelXDimension, Value::Long(vec![width])),
        field(Tag::PixelYDimension, Value::Long(vec![height])),
    ];
    let mut writer = exif::experimental::Writer::new();
    fields.iter().for_each(|field| writer.push_field(field));
    let mut tiff = Cursor::new(Vec::new());
    writer.write(&mut tiff, false).expect("written");
    let block = [b"Exif\0\0".to_vec(), tiff.into_inner()].concat();
    let photo = Photo { id: ViewId(number), path: bench.folder.path().join(format!("{number}.jpg")) };
    let pixels = images::rgb_image(number as usize, size[1] as usize, size[0] as usize, 4);
    let picture = image::RgbImage::from_raw(size[0], size[1], pixels).expect("an image");
    let mut plain = Cursor::new(Vec::new());
    picture.write_to(&mut plain, image::ImageFormat::Jpeg).expect("encoded");
    let plain = plain.into_inner();
    let length = (2 + block.len()) as u16;
    let whole = [&plain[..2], b"\xFF\xE1", &length.to_be_bytes(), &block, &plain[2..]].concat();
    std::fs::write(&photo.path, whole).expect("space");
    photo
}

#[test]
fn a_part_of_a_photo_has_the_lens_of_the_whole_and_that_is_said() {
    let bench = Bench::new();
    let photos = [
        jpeg_of(&bench, 1, [160, 120], [160, 120]),
        jpeg_of(&bench, 2, [120, 120], [160, 120]),
        jpeg_of(&bench, 3, [160, 120], [1600, 1200]),
    ];
    bench.run(1, &photos, &small());
    let events = bench.events_of_run();
    let focals: Vec<f32> = finished(&events).views.iter().map(|view| view.photo_intrinsics().fx).collect();
    // All three were taken by one lens; the last was made smaller, and so was its focal length in pixels.
    let of_whole = 26.0 * 200.0 / 43.2666;
    assert!(focals.iter().all(|focal| (focal / of_whole - 1.0).abs() < 1e-3), "{focals:?}");
    let said = |events: &[Event]| -> Vec<String> {
        let warnings = events.iter().filter_map(|event| match event {
            Event::Warning { problem, .. } => Some(problem.what.clone()),
            _ => None,
        });
        warnings.filter(|what| what.contains("EXIF")).collect()
    };
    let [cropped, resized] = said(&events).try_into().expect("two sentences");
    assert!(
        cropped.starts_with("1 photo was cut out of larger pictures") && cropped.contains("2.jpg (160×120 px)"),
        "{cropped}"
    );
    assert!(resized.starts_with("1 photo was resized") && resized.contains("3.jpg (1600×1200 px)"), "{resized}");
    // Nothing is said of EXIF where a person knows better.
    bench.run(2, &photos, &Settings { lens: Some(Lens::FieldOfView(70.0)), ..small() });
    assert!(said(&bench.events_of_run()).is_empty());
}

#[test]
fn progress_only_grows() {
    let bench = Bench::new();
    bench.run(1, &[bench.photo(1, 100, 100), bench.photo(2, 100, 100)], &small());
    let mut last = 0.0;
    for event in bench.events_of_run() {
        if let Event::Progress { done, .. } = event {
            assert!((last..=1.0).contains(&done), "{done} after {last}");
            last = done;
        }
    }
    assert!(last > 0.5);
}

#[test]
fn bad_files_among_good_ones_are_named_and_the_good_ones_processed() {
    let bench = Bench::new();
    let text = bench.folder.path().join("notes.jpg");
    std::fs::write(&text, "this is no picture").expect("space");
    let gone = bench.folder.path().join("gone.png");
    let photos = [
        Photo { id: ViewId(1), path: text.clone() },
        bench.photo(2, 90, 90),
        Photo { id: ViewId(3), path: gone.clone() },
    ];
    bench.run(1, &photos, &small());
    let events = bench.events_of_run();
    assert_eq!(finished(&events).views.len(), 1);
    let failed: Vec<(ViewId, String)> = events
        .iter()
        .filter_map(|event| match event {
            Event::ViewFailed { view, problem, .. } => {
                assert_eq!(problem.blame, Blame::File);
                Some((*view, problem.to_string()))
            }
            _ => None,
        })
        .collect();
    assert_eq!(failed.len(), 2);
    for ((id, message), (expected, path)) in failed.iter().zip([(ViewId(1), &text), (ViewId(3), &gone)]) {
        assert_eq!(*id, expected);
        let name = path.file_name().expect("a name").to_string_lossy();
        assert!(message.contains(name.as_ref()), "{message}");
    }
}

#[test]
fn only_bad_files_fail_the_run() {
    let bench = Bench::new();
    bench.run(1, &[Photo { id: ViewId(1), path: bench.folder.path().join("gone.png") }], &small());
    let events = bench.events_of_run();
    assert!(matches!(events.last(), Some(Event::Failed { run: Some(RunId(1)), .. })), "{events:?}");
}

#[test]
fn cancel_ends_a_run_and_the_queue_behind_it_and_the_worker_lives_on() {
    let bench = Bench::new();
    let photos = [bench.photo(1, 300, 300), bench.photo(2, 300, 300)];
    let large = Settings { resolution: Some(518), ..Settings::default() };
    bench.run(1, &photos, &large);
    bench.run(2, &photos, &large);
    bench.events_until(|e| matches!(e, Event::Progress { stage: fathom::worker::Stage::Backbone, .. }));
    let asked = Instant::now();
    bench.worker.cancel();
    for run in [1, 2] {
        let events = bench.events_of_run();
        assert!(matches!(events.last(), Some(Event::Cancelled { run: r }) if r.0 == run), "{events:?}");
    }
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    bench.run(3, &photos[..1], &small());
    assert_eq!(finished(&bench.events_of_run()).views.len(), 1);
}

#[test]
fn missing_and_wrong_weights_say_what_to_do() {
    let bench = Bench::new();
    let photo = bench.photo(1, 60, 60);
    let ended = |settings: Settings| {
        bench.run(1, std::slice::from_ref(&photo), &settings);
        match bench.events_of_run().pop() {
            Some(Event::Failed { problem, .. }) => problem,
            other => panic!("{other:?}"),
        }
    };
    let model = |id: &str| ModelId(id.into());
    let unknown = ended(Settings { model: model("da9"), ..small() });
    assert!(unknown.what.contains("da9"), "{unknown}");
    let wrong = ended(Settings { weights: Some(photo.path.clone()), ..small() });
    assert!(wrong.what.contains("1.png") && wrong.what.contains("not a safetensors"), "{wrong}");
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/models/depth-anything-v2-small.safetensors");
    let other = ended(Settings { model: model("da3-small"), weights: Some(built_in), ..small() });
    assert!(other.what.contains("model.") && other.what.contains("da3-small"), "{other}");
    let size = ended(Settings { resolution: Some(1), ..Settings::default() });
    assert_eq!(size.blame, Blame::Setting);
}

#[test]
fn an_any_view_model_gives_one_scene_with_poses() {
    let bench = Bench::new();
    let file = bench.folder.path().join("small.safetensors");
    write_generated(&file, Preset::Da3Small, 9).expect("space for weights");
    let settings = Settings { model: ModelId("da3-small".into()), weights: Some(file), ..small() };
    let photos = [bench.photo(1, 160, 120), bench.photo(2, 160, 120), bench.photo(3, 120, 120)];
    bench.run(1, &photos, &settings);
    let events = bench.events_of_run();
    let prediction = finished(&events);
    assert_eq!(prediction.views.len(), 3);
    let cropped = events.iter().any(|e| matches!(e, Event::Warning { problem, .. } if problem.what.contains("crop")));
    assert!(cropped, "different shapes are said: {events:?}");
    for view in &prediction.views {
        assert_eq!((view.scene, view.camera.pose), (0, PoseSource::Predicted));
        assert!(view.confidence.as_ref().is_some_and(|c| c.iter().all(|c| *c >= 1.0)));
        let rotation = view.camera.camera_from_world.rotation;
        assert!((rotation.determinant() - 1.0).abs() < 1e-3);
    }
    assert_ne!(prediction.views[0].camera.camera_from_world, prediction.views[1].camera.camera_from_world);

    bench.run(2, &photos, &Settings { views_per_pass: Some(2), overlap: Some(0), ..settings.clone() });
    let events = bench.events_of_run();
    let scenes: Vec<_> = finished(&events).views.iter().map(|view| view.scene).collect();
    assert_eq!(scenes, [0, 0, 1]);
    let separate = events.iter().any(|e| matches!(e, Event::Warning { problem, .. } if problem.what.contains("scene")));
    assert!(separate, "separate scenes are said: {events:?}");

    bench.run(4, &photos, &Settings { ray_pose: true, ..settings.clone() });
    let from_rays = finished(&bench.events_of_run());
    for (with_rays, with_head) in from_rays.views.iter().zip(&prediction.views) {
        assert_eq!(with_rays.depth, with_head.depth, "only cameras come from rays");
        assert_ne!(with_rays.camera.camera_from_world, with_head.camera.camera_from_world);
        assert_eq!(with_rays.camera.pose, PoseSource::Predicted);
        let k = with_rays.camera.intrinsics;
        assert!(k.fx > 0.0 && k.fy > 0.0 && k.cx.is_finite() && k.cy.is_finite(), "{k:?}");
    }

    bench.run(3, &photos, &Settings { independent: true, ..settings });
    let events = bench.events_of_run();
    let scenes: Vec<_> = finished(&events).views.iter().map(|view| view.scene).collect();
    assert_eq!(scenes, [0, 1, 2], "independent photos share none");
    let warned = events.iter().any(|e| matches!(e, Event::Warning { problem, .. } if problem.what.contains("scene")));
    assert!(!warned, "that was asked for: {events:?}");
}

#[test]
fn dropping_the_worker_ends_a_run_quickly() {
    let bench = Bench::new();
    let photos = [bench.photo(1, 300, 300)];
    bench.run(1, &photos, &Settings { resolution: Some(1036), ..Settings::default() });
    bench.events_until(|e| matches!(e, Event::Progress { .. }));
    let asked = Instant::now();
    drop(bench.worker);
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
}

#[test]
fn what_runs_took_is_remembered_between_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    let options = || WorkerOptions { state_dir: Some(folder.path().into()), ..WorkerOptions::default() };
    let start = || Bench { worker: Worker::spawn(|| (), options()).expect("a thread"), ..Bench::new() };
    let told = |events: &[Event]| {
        let paces = events.iter().rev().find_map(|event| match event {
            Event::Paced(paces) => Some(paces.clone()),
            _ => None,
        });
        paces.expect("times are told")
    };
    let bench = start();
    let before = told(&bench.events_until(|event| matches!(event, Event::Paced(_))));
    assert_eq!(before.secs("da2-small Auto CPU", 252, 1.0), None);
    let settings = Settings { resolution: Some(252), device: DeviceChoice::Cpu, ..Settings::default() };
    bench.run(1, &[bench.photo(1, 640, 480), bench.photo(2, 640, 480)], &settings);
    let after = told(&bench.events_of_run());
    assert!(after.secs("da2-small Auto CPU", 252, 1.0).is_some_and(|secs| secs > 0.0));
    assert_eq!(after.secs("da2-small f16 CPU", 252, 1.0), None);
    drop(bench);
    let again = told(&start().events_until(|event| matches!(event, Event::Paced(_))));
    assert_eq!(again, after);
}

#[test]
fn a_load_that_fails_leaves_the_model_before_it_and_says_so() {
    let bench = Bench::new();
    bench.worker.send(Command::Load(Settings::default())).expect("room in the queue");
    bench.events_until(|event| matches!(event, Event::ModelReady { .. }));
    let settings = Settings { weights: Some("/nowhere/lost.safetensors".into()), ..Settings::default() };
    bench.worker.send(Command::Load(settings)).expect("room in the queue");
    let events = bench.events_until(|event| matches!(event, Event::Failed { run: None, .. }));
    assert!(events.iter().any(|event| matches!(event, Event::ModelKept)), "{events:?}");
    assert!(!events.iter().any(|event| matches!(event, Event::ModelUnloaded)), "{events:?}");
}
