//! Runs with cameras that are known before: results lie in their world, and what does not fit is said.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fathom::catalog::ModelId;
use fathom::export::{Axes, write_cameras};
use fathom::geometry::{Distortion, Intrinsics, Projection, Rigid, Straightening};
use fathom::inference::selftest::images;
use fathom::inference::{LensSource, PoseSource, Prediction, Settings, write_generated};
use fathom::input::{ViewId, straighten};
use fathom::model::Preset;
use fathom::worker::{Blame, Command, Event, Photo, RunId, Worker, WorkerOptions};

use crate::program;

struct Desk {
    worker: Worker,
    folder: tempfile::TempDir,
    settings: Settings,
    photos: Vec<Photo>,
}

impl Desk {
    /// Four photos, and an any-view network with generated weights.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let weights = folder.path().join("small.safetensors");
        write_generated(&weights, Preset::Da3Small, 9).expect("space for weights");
        let photos = (0..4).map(|number| {
            let path = folder.path().join(format!("{number}.png"));
            let pixels = images::rgb_image(number, 84, 112, 4);
            image::RgbImage::from_raw(112, 84, pixels).expect("an image").save(&path).expect("space");
            Photo { id: ViewId(number as u64), path }
        });
        let photos = photos.collect();
        let model = ModelId("da3-small".into());
        let settings = Settings { model, weights: Some(weights), resolution: Some(112), ..Settings::default() };
        let worker = Worker::spawn(|| (), WorkerOptions::default()).expect("a thread");
        Self { worker, folder, settings, photos }
    }

    /// The run's last event, and the warnings before it.
    fn run(&self, run: u64, photos: usize, settings: &Settings) -> (Event, Vec<String>) {
        let photos = self.photos[..photos].to_vec();
        let command = Command::Run { run: RunId(run), photos, settings: settings.clone() };
        self.worker.send(command).expect("room in the queue");
        let deadline = Instant::now() + Duration::from_secs(300);
        let mut warnings = Vec::new();
        loop {
            match self.worker.events().recv_deadline(deadline).expect("an event") {
                Event::Warning { problem, .. } => warnings.push(problem.what),
                last @ (Event::Finished { .. } | Event::Failed { run: Some(_), .. }) => return (last, warnings),
                _ => {}
            }
        }
    }

    fn finished(&self, run: u64, photos: usize, settings: &Settings) -> (Arc<Prediction>, Vec<String>) {
        match self.run(run, photos, settings) {
            (Event::Finished { prediction, .. }, warnings) => (prediction, warnings),
            (other, _) => panic!("the run ended with {other:?}"),
        }
    }
}

#[test]
fn results_lie_in_the_world_of_known_cameras() {
    let desk = Desk::new();
    let (mut free, _) = desk.finished(1, 4, &desk.settings);
    // The world of the first run, twice as large, and moved.
    let known = Arc::make_mut(&mut free);
    let moved = Rigid::looking_at(glam::Vec3::new(1.0, 2.0, 3.0), glam::Vec3::ZERO, glam::Vec3::Y);
    for view in &mut known.views {
        let camera = &mut Arc::make_mut(view).camera;
        camera.camera_from_world.translation *= 2.0;
        camera.camera_from_world = camera.camera_from_world.after(&moved);
    }
    let path = desk.folder.path().join("cameras.json");
    let mut bytes = Vec::new();
    write_cameras(&mut bytes, known, Axes::ZUp).expect("written");
    fs::write(&path, bytes).expect("space");

    let settings = Settings { known_cameras: Some(path), ..desk.settings.clone() };
    let (together, warnings) = desk.finished(2, 4, &settings);
    // Weights that were made up see the world otherwise once they are told of cameras, and that is said.
    let is_doubt = |text: &String| text.contains("than the network sees it") || text.contains("what the network sees");
    assert!(warnings.iter().all(is_doubt), "{warnings:?}");
    for (view, known) in together.views.iter().zip(&free.views) {
        assert_eq!((view.scene, view.camera.pose), (0, PoseSource::Known));
        assert!(view.camera.camera_from_world.rotation.abs_diff_eq(known.camera.camera_from_world.rotation, 1e-5));
        let apart = view.camera.camera_from_world.translation - known.camera.camera_from_world.translation;
        assert!(apart.length() < 1e-4, "{apart}");
        assert!((view.camera.intrinsics.fx - known.camera.intrinsics.fx).abs() < 1e-2);
        assert!(view.depth.iter().all(|depth| depth.is_finite() && *depth > 0.0));
    }
    // Depth follows the cameras' unit.
    let larger = desk.folder.path().join("larger.json");
    for view in &mut Arc::make_mut(&mut free).views {
        Arc::make_mut(view).camera.camera_from_world.translation *= 10.0;
    }
    let mut bytes = Vec::new();
    write_cameras(&mut bytes, &free, Axes::Auto).expect("written");
    fs::write(&larger, bytes).expect("space");
    let (ten_times, _) = desk.finished(3, 4, &Settings { known_cameras: Some(larger), ..settings.clone() });
    for (large, small) in ten_times.views.iter().zip(&together.views) {
        let ratio = large.depth[100] / small.depth[100];
        assert!((ratio - 10.0).abs() < 0.01, "{ratio}");
    }
    // Or the cameras follow depth: they lie in the predicted world as they lie to each other.
    let (predicted, _) = desk.finished(8, 4, &Settings { given_scale: false, ..settings.clone() });
    let turn = |prediction: &Prediction, view: usize| {
        let rotation = |view: usize| prediction.views[view].camera.camera_from_world.rotation;
        rotation(view) * rotation(0).transpose()
    };
    let factor = predicted.views[0].depth[100] / together.views[0].depth[100];
    assert!((factor - 1.0).abs() > 0.01, "{factor}");
    for (i, view) in predicted.views.iter().enumerate() {
        assert_eq!((view.scene, view.camera.pose), (0, PoseSource::Known));
        assert!(turn(&predicted, i).abs_diff_eq(turn(&together, i), 1e-4));
        let apart = |prediction: &Prediction| {
            let centre = |view: usize| prediction.views[view].camera.camera_from_world.camera_centre();
            centre(i).distance(centre(0))
        };
        assert!((apart(&predicted) - factor * apart(&together)).abs() < 1e-2 * (1.0 + apart(&predicted)));
        assert!((view.depth[50] / together.views[i].depth[50] / factor - 1.0).abs() < 1e-4);
    }
    // Passes need no views in common.
    let (passes, _) = desk.finished(4, 4, &Settings { views_per_pass: Some(2), ..settings.clone() });
    assert!(passes.views.len() == 4 && passes.views.iter().all(|view| view.scene == 0));
    assert!(passes.alignments.is_empty());
    // Photos without a camera are left out, which is said once before the others are looked at.
    let text = fs::read_to_string(settings.known_cameras.as_deref().expect("set")).expect("there");
    let fewer = desk.folder.path().join("fewer.json");
    fs::write(&fewer, text.replace("2.png", "5.png")).expect("space");
    let (three, warnings) = desk.finished(7, 4, &Settings { known_cameras: Some(fewer.clone()), ..settings.clone() });
    assert_eq!(three.views.len(), 3);
    let left_out = format!("1 of 4 photos has no camera in {} and is left out: 2.png", fewer.display());
    assert!(warnings[0] == left_out && warnings[1..].iter().all(is_doubt), "{warnings:?}");
    // On a line they say nothing of the world they lie in: its lens is known, its place is predicted.
    let line = desk.folder.path().join("line.json");
    for (i, view) in Arc::make_mut(&mut free).views.iter_mut().enumerate() {
        let pose = &mut Arc::make_mut(view).camera.camera_from_world;
        *pose = Rigid::new(pose.rotation, pose.rotation * glam::Vec3::new(-(i as f32), 0.0, 0.0));
    }
    let mut bytes = Vec::new();
    write_cameras(&mut bytes, &free, Axes::Auto).expect("written");
    fs::write(&line, bytes).expect("space");
    let on_line = Settings { known_cameras: Some(line), given_scale: false, ..settings.clone() };
    let (on_line, _) = desk.finished(9, 4, &on_line);
    let sources = on_line.views.iter().map(|view| (view.camera.lens, view.camera.pose));
    assert!(sources.eq([(LensSource::Known, PoseSource::Predicted); 4]));
    // One camera has no baseline to take a scale from.
    let (alone, warnings) = desk.finished(5, 1, &settings);
    assert_eq!(alone.views[0].camera.pose, PoseSource::Known);
    assert!(warnings.iter().any(|warning| warning.contains("scale")), "{warnings:?}");

    let nowhere = Settings { known_cameras: Some(desk.folder.path().join("none")), ..settings };
    match desk.run(6, 2, &nowhere) {
        (Event::Failed { problem, .. }, _) => assert!(problem.blame == Blame::File && problem.what.contains("none")),
        (other, _) => panic!("{other:?}"),
    }
}

#[test]
fn photos_of_lenses_that_distort_are_made_straight() {
    let desk = Desk::new();
    let (free, _) = desk.finished(1, 4, &desk.settings);
    let mut images = String::new();
    for (i, view) in free.views.iter().enumerate() {
        let pose = view.camera.camera_from_world;
        let q = glam::Quat::from_mat3(&pose.rotation);
        let t = pose.translation;
        images += &format!("{i} {} {} {} {} {} {} {} 1 {i}.png\n", q.w, q.x, q.y, q.z, t.x, t.y, t.z);
    }
    let model = tempfile::tempdir().expect("a folder");
    fs::write(model.path().join("cameras.txt"), "1 RADIAL 112 84 100 57 41 -0.3 0.05\n").expect("written");
    fs::write(model.path().join("images.txt"), images).expect("written");
    let settings = Settings { known_cameras: Some(model.path().to_owned()), ..desk.settings.clone() };
    let (straight, warnings) = desk.finished(2, 4, &settings);
    assert!(warnings[0].contains("lenses of 4 photos distort, by up to 19.3 px at a corner"), "{warnings:?}");
    let lens = Intrinsics { fx: 100.0, fy: 100.0, cx: 57.0, cy: 41.0 };
    let distortion = Distortion::radial(Projection::Pinhole, &[-0.3, 0.05]);
    let by = Straightening::new(lens, distortion, [112, 84]).expect("a usual lens");
    for (view, photo) in straight.views.iter().zip(&desk.photos) {
        assert_eq!((view.width, view.height, view.camera.pose), (112, 84, PoseSource::Known));
        assert_eq!(view.camera.intrinsics, by.straight);
        let stored = image::open(&photo.path).expect("a photo").into_rgb8();
        assert!(view.image == straighten(&stored, &by) && view.image != stored);
    }
}

#[test]
fn a_dry_run_says_which_photos_have_no_camera() {
    let desk = Desk::new();
    let (free, _) = desk.finished(1, 3, &desk.settings);
    let cameras = desk.folder.path().join("cameras.json");
    let mut bytes = Vec::new();
    write_cameras(&mut bytes, &free, Axes::Auto).expect("written");
    fs::write(&cameras, bytes).expect("space");
    let dry = |cameras: &Path| {
        let weights = desk.settings.weights.clone().expect("generated");
        let mut words = vec!["depth".into(), desk.folder.path().to_owned(), "--dry-run".into(), "--model".into()];
        words.extend(["da3-small".into(), "--weights".into(), weights, "--cameras".into(), cameras.to_owned()]);
        program::fathom(&words)
    };
    let output = dry(&cameras);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 of 4 photos has no camera in"), "{said}");
    assert!(said.contains("left out: 3.png"), "{said}");
    // Three photos are planned for, not four.
    let plan = String::from_utf8_lossy(&output.stdout).into_owned();
    let sizes: Vec<&str> = plan.lines().skip(1).map_while(|line| line.split_whitespace().next()).collect();
    assert_eq!(sizes, ["1", "2", "3"], "{plan}");
    let nowhere = dry(&desk.folder.path().join("none.json"));
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("none.json"));
}
