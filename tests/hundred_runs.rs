//! Memory is given back: after a run, after many, and when the model goes.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::time::{Duration, Instant};

use fathom::catalog::ModelId;
use fathom::inference::selftest::images;
use fathom::inference::{Settings, write_generated};
use fathom::input::ViewId;
use fathom::memory::Sampler;
use fathom::model::Preset;
use fathom::worker::{Command, Event, Photo, RunId, Worker, WorkerOptions};

// What the program has.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: fathom::model::kernels::Recycling = fathom::model::kernels::Recycling::new();

const PATIENCE: Duration = Duration::from_secs(300);

struct Bench {
    worker: Worker,
    folder: tempfile::TempDir,
    photos: Vec<Photo>,
}

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let photo = |id: u64| {
            let path = folder.path().join(format!("{id}.png"));
            let pixels = images::rgb_image(id as usize, 210, 280, 4);
            image::RgbImage::from_raw(280, 210, pixels).expect("an image").save(&path).expect("space");
            Photo { id: ViewId(id), path }
        };
        let photos = (0..2).map(photo).collect();
        Self { worker: Worker::spawn(|| (), WorkerOptions::default()).expect("a thread"), folder, photos }
    }

    fn send(&self, command: Command, is_answer: fn(&Event) -> bool) {
        self.worker.send(command).expect("room in the queue");
        let deadline = Instant::now() + PATIENCE;
        loop {
            let event = self.worker.events().recv_deadline(deadline).expect("an event in time");
            assert!(!matches!(event, Event::Failed { .. }), "{event:?}");
            if is_answer(&event) {
                return;
            }
        }
    }

    fn run(&self, settings: &Settings) {
        let command = Command::Run { run: RunId(1), photos: self.photos.clone(), settings: settings.clone() };
        self.send(command, |event| matches!(event, Event::Finished { .. }));
    }
}

fn resident() -> u64 {
    // What the worker gives back after its last event.
    std::thread::sleep(Duration::from_millis(50));
    Sampler::default().resident_bytes()
}

#[test]
fn a_hundred_runs_in_a_row_do_not_grow() {
    let bench = Bench::new();
    let settings = Settings { resolution: Some(112), ..Settings::default() };
    let mut after_third = 0;
    for number in 1..=100 {
        bench.run(&settings);
        if number == 3 {
            after_third = resident();
        }
    }
    let after_last = resident();
    let growth = after_last as f64 / after_third as f64 - 1.0;
    assert!(growth < 0.05, "{after_third} bytes after the third run, {after_last} after the last");
}

#[test]
fn a_model_that_goes_gives_its_memory_back() {
    let bench = Bench::new();
    let file = bench.folder.path().join("weights.safetensors");
    write_generated(&file, Preset::Da3Small, 9).expect("space for weights");
    let settings = Settings {
        model: ModelId("da3-small".into()),
        weights: Some(file),
        resolution: Some(140),
        ..Settings::default()
    };
    bench.run(&Settings { resolution: Some(140), ..Settings::default() });
    bench.send(Command::Unload, |event| matches!(event, Event::ModelUnloaded));
    let before = resident();
    bench.run(&settings);
    let loaded = resident();
    assert!(loaded > before + 80_000_000, "{before} bytes before, {loaded} with the model");
    bench.send(Command::Unload, |event| matches!(event, Event::ModelUnloaded));
    let after = resident();
    assert!(after < before + 12_000_000, "{before} bytes before, {loaded} with the model, {after} without");
}
