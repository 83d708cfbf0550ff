//! A worker with a card that stands in for one, photos for it, and what it tells.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fathom::catalog::ModelId;
use fathom::inference::selftest::images;
use fathom::inference::{DeviceChoice, Prediction, Settings, write_generated};
use fathom::input::ViewId;
use fathom::model::Preset;
use fathom::worker::{Command, Event, Photo, RunId, Worker, WorkerOptions};

use crate::stand_in::StandIn;

const PATIENCE: Duration = Duration::from_secs(300);

pub struct Bench {
    pub worker: Worker,
    pub folder: tempfile::TempDir,
}

impl Bench {
    pub fn new(card: &Arc<StandIn>) -> Self {
        Self::with(card.options())
    }

    /// No card at all.
    pub fn cpu() -> Self {
        Self::new(&StandIn::of(None, None, &[]))
    }

    pub fn with(options: WorkerOptions) -> Self {
        let worker = Worker::spawn(|| (), options).expect("a thread");
        Self { worker, folder: tempfile::tempdir().expect("a folder") }
    }

    pub fn photos(&self, number: u64) -> Vec<Photo> {
        let photo = |id: u64| {
            let path = self.folder.path().join(format!("{id}.png"));
            let pixels = images::rgb_image(id as usize, 84, 112, 4);
            image::RgbImage::from_raw(112, 84, pixels).expect("an image").save(&path).expect("space");
            Photo { id: ViewId(id), path }
        };
        (0..number).map(photo).collect()
    }

    /// What a run over so many photos tells, memory aside.
    pub fn run(&self, photos: u64, settings: &Settings) -> Vec<Event> {
        let command = Command::Run { run: RunId(1), photos: self.photos(photos), settings: settings.clone() };
        self.worker.send(command).expect("room in the queue");
        let deadline = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        loop {
            let event = self.worker.events().recv_deadline(deadline).unwrap_or_else(|_| panic!("stuck after {seen:?}"));
            let is_last = matches!(event, Event::Finished { .. } | Event::Failed { run: Some(_), .. });
            if !matches!(event, Event::Memory(_)) {
                seen.push(event);
            }
            if is_last {
                return seen;
            }
        }
    }

    /// An any-view model with generated weights.
    pub fn any_view(&self) -> Settings {
        let file = self.folder.path().join("weights.safetensors");
        if !file.exists() {
            write_generated(&file, Preset::Da3Small, 9).expect("space for weights");
        }
        Settings { model: ModelId("da3-small".into()), weights: Some(file), ..small() }
    }
}

/// The built-in model, small images, an automatic device.
pub fn small() -> Settings {
    Settings { resolution: Some(112), ..Settings::default() }
}

pub fn finished(events: &[Event]) -> Arc<Prediction> {
    match events.last() {
        Some(Event::Finished { prediction, .. }) => prediction.clone(),
        other => panic!("the run ended with {other:?}"),
    }
}

pub fn warnings(events: &[Event]) -> Vec<&str> {
    let told = events.iter().filter_map(|event| match event {
        Event::Warning { problem, .. } => Some(problem.what.as_str()),
        _ => None,
    });
    told.collect()
}

/// Where the model was told to be, each time.
pub fn places(events: &[Event]) -> Vec<DeviceChoice> {
    let told = events.iter().filter_map(|event| match event {
        Event::ModelReady { device, .. } => Some(*device),
        _ => None,
    });
    told.collect()
}

/// The devices that views came from, and how many from each.
pub fn ran_on(prediction: &Prediction) -> Vec<(DeviceChoice, usize)> {
    prediction.ran_on.iter().map(|part| (part.device, part.views)).collect()
}

/// Every photo has one result, told once, in its order.
pub fn assert_complete(events: &[Event], photos: u64, what: &str) {
    let prediction = finished(events);
    let ids: Vec<u64> = prediction.views.iter().map(|view| view.view.0).collect();
    assert_eq!(ids, (0..photos).collect::<Vec<_>>(), "{what}");
    let told = events.iter().filter(|event| matches!(event, Event::ViewReady { .. })).count();
    assert_eq!(told as u64, photos, "{what}: every view is told once");
    assert!(!events.iter().any(|event| matches!(event, Event::ViewFailed { .. })), "{what}");
    assert!(prediction.views.iter().all(|view| view.depth.iter().all(|d| d.is_finite() && *d > 0.0)), "{what}");
    assert_eq!(prediction.ran_on.iter().map(|part| part.views as u64).sum::<u64>(), photos, "{what}");
}

/// The same depth, within what another order of sums gives.
pub fn assert_same(actual: &Prediction, expected: &Prediction, what: &str) {
    assert_eq!(actual.views.len(), expected.views.len(), "{what}");
    for (actual, expected) in actual.views.iter().zip(&expected.views) {
        let square = |values: &mut dyn Iterator<Item = f32>| values.map(|v| f64::from(v) * f64::from(v)).sum::<f64>();
        let pairs = actual.depth.iter().zip(&expected.depth);
        let error = square(&mut pairs.map(|(a, b)| a - b)) / square(&mut expected.depth.iter().copied());
        assert!(error.sqrt() < 1e-3, "{what}: view {} differs by {}", actual.view.0, error.sqrt());
        let camera = actual.camera.camera_from_world.translation - expected.camera.camera_from_world.translation;
        assert!(camera.length() < 1e-3 * expected.camera.camera_from_world.translation.length().max(1.0), "{what}");
    }
}
