//! Runs in which something goes wrong at each stage: memory, the device, the weights, the program itself.
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use candle_core::{Device, Tensor};
use fathom::catalog::ModelId;
use fathom::inference::selftest::images;
use fathom::inference::{Prediction, Settings, write_generated};
use fathom::input::ViewId;
use fathom::memory::{RunNote, post};
use fathom::model::{ModelError, Preset};
use fathom::worker::{Blame, Command, Event, Photo, Problem, RunId, Sentry, Stage, Worker, WorkerOptions};

const PATIENCE: Duration = Duration::from_secs(120);
const STAGES: [Stage; 5] = [Stage::LoadModel, Stage::Decode, Stage::Backbone, Stage::Head, Stage::Finish];

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    OutOfMemory,
    Device,
    Panic,
}

/// Lets a stage fail, as often as it is told to, after it has let it pass some times.
struct Faulty {
    stage: Stage,
    fault: Fault,
    passes: AtomicUsize,
    times: AtomicUsize,
}

impl Sentry for Faulty {
    fn check(&self, stage: Stage) -> Result<(), ModelError> {
        let one_less = |n: usize| n.checked_sub(1);
        if stage != self.stage || self.passes.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
            return Ok(());
        }
        if self.times.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_err() {
            return Ok(());
        }
        match self.fault {
            Fault::OutOfMemory => Err(ModelError::OutOfMemory { free_bytes: 1 << 20 }),
            Fault::Device => Err(candle_core::Error::Msg("the device was lost".into()).into()),
            Fault::Panic => panic!("index out of bounds: the len is 3"),
        }
    }
}

struct Bench {
    worker: Worker,
    folder: tempfile::TempDir,
}

impl Bench {
    fn new(stage: Stage, fault: Fault, passes: usize, times: usize) -> Self {
        let sentry = Faulty { stage, fault, passes: AtomicUsize::new(passes), times: AtomicUsize::new(times) };
        let options = WorkerOptions { sentry: Arc::new(sentry), ..WorkerOptions::default() };
        Self {
            worker: Worker::spawn(|| (), options).expect("a thread"),
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    fn photos(&self, number: u64) -> Vec<Photo> {
        let photo = |id: u64| {
            let path = self.folder.path().join(format!("{id}.png"));
            let pixels = images::rgb_image(id as usize, 84, 112, 4);
            image::RgbImage::from_raw(112, 84, pixels).expect("an image").save(&path).expect("space");
            Photo { id: ViewId(id), path }
        };
        (0..number).map(photo).collect()
    }

    fn run(&self, photos: &[Photo], settings: &Settings) -> Vec<Event> {
        let command = Command::Run { run: RunId(1), photos: photos.to_vec(), settings: settings.clone() };
        self.worker.send(command).expect("room in the queue");
        let deadline = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        loop {
            let event = self.worker.events().recv_deadline(deadline).unwrap_or_else(|_| panic!("stuck after {seen:?}"));
            let is_last = matches!(event, Event::Finished { .. } | Event::Failed { run: Some(_), .. });
            seen.push(event);
            if is_last {
                return seen;
            }
        }
    }

    /// An any-view model with generated weights.
    fn any_view(&self) -> Settings {
        let file = self.folder.path().join("weights.safetensors");
        write_generated(&file, Preset::Da3Small, 9).expect("space for weights");
        Settings { model: ModelId("da3-small".into()), weights: Some(file), ..small() }
    }
}

fn small() -> Settings {
    Settings { resolution: Some(112), ..Settings::default() }
}

fn finished(events: &[Event]) -> Arc<Prediction> {
    match events.last() {
        Some(Event::Finished { prediction, .. }) => prediction.clone(),
        other => panic!("the run ended with {other:?}"),
    }
}

fn failed(events: &[Event]) -> Problem {
    match events.last() {
        Some(Event::Failed { problem, .. }) => problem.clone(),
        other => panic!("the run ended with {other:?}"),
    }
}

fn warnings(events: &[Event]) -> Vec<&str> {
    let told = events.iter().filter_map(|event| match event {
        Event::Warning { problem, .. } => Some(problem.what.as_str()),
        _ => None,
    });
    told.collect()
}

#[test]
fn memory_that_runs_out_once_shrinks_the_run_and_loses_nothing() {
    let stages = [(Stage::Decode, 1), (Stage::Backbone, 6), (Stage::Head, 24), (Stage::Finish, 2)];
    for (stage, passes) in stages {
        // It happens in the middle: what came before stays, and what follows goes through in smaller passes.
        let bench = Bench::new(stage, Fault::OutOfMemory, passes, 1);
        let photos = bench.photos(5);
        let events = bench.run(&photos, &bench.any_view());
        let prediction = finished(&events);
        let ids: Vec<ViewId> = prediction.views.iter().map(|view| view.view).collect();
        assert_eq!(ids, photos.iter().map(|photo| photo.id).collect::<Vec<_>>(), "{stage:?}");
        assert!(prediction.memory.went_otherwise, "{stage:?}");
        let paced = events.iter().filter(|event| matches!(event, Event::Paced(_))).count();
        assert_eq!(paced, 1, "{stage:?}: what is known is told at the start, and nothing is learnt of such a run");
        let told = events.iter().filter(|event| matches!(event, Event::ViewReady { .. })).count();
        assert_eq!(told, 5, "{stage:?}: every view is told once");
        assert_eq!(warnings(&events)[0], "Memory ran short; the run goes on with 2 views per pass", "{stage:?}");
    }
}

#[test]
fn memory_that_stays_short_ends_the_run_with_what_it_has() {
    let bench = Bench::new(Stage::Head, Fault::OutOfMemory, 25, usize::MAX);
    let events = bench.run(&bench.photos(5), &bench.any_view());
    let prediction = finished(&events);
    let lost = events.iter().filter(|event| matches!(event, Event::ViewFailed { .. })).count();
    assert!((1..5).contains(&prediction.views.len()), "{}", prediction.views.len());
    assert_eq!(prediction.views.len() + lost, 5, "the others are named");
    assert!((2..=6).contains(&warnings(&events).len()), "a handful of tries, each told: {:?}", warnings(&events));
}

#[test]
fn memory_that_is_short_from_the_start_fails_with_remedies_and_the_next_run_works() {
    for stage in STAGES {
        let bench = Bench::new(stage, Fault::OutOfMemory, 0, 7);
        let photos = bench.photos(2);
        let problem = failed(&bench.run(&photos, &small()));
        assert_eq!(problem.blame, Blame::Machine, "{stage:?}: {problem}");
        assert!(problem.what.contains("Memory ran out"), "{stage:?}: {problem}");
        // However often the first run tried, the sentry is content by now or soon.
        let works = (0..7).any(|_| matches!(bench.run(&photos, &small()).last(), Some(Event::Finished { .. })));
        assert!(works, "{stage:?}");
    }
}

#[test]
fn the_resolution_is_lowered_only_where_the_settings_allow_it() {
    let lowered = |may_lower_resolution| {
        let bench = Bench::new(Stage::Backbone, Fault::OutOfMemory, 0, 2);
        let settings = Settings { resolution: Some(280), may_lower_resolution, ..Settings::default() };
        bench.run(&bench.photos(2), &settings)
    };
    assert!(failed(&lowered(false)).what.contains("Memory ran out"));
    let events = lowered(true);
    assert_eq!(finished(&events).views.iter().map(|view| view.width).collect::<Vec<_>>(), [280, 280]);
    assert!(warnings(&events).iter().any(|what| what.contains("at 210 px")), "{:?}", warnings(&events));
}

#[test]
fn a_device_error_fails_the_run_and_the_next_one_works() {
    for stage in STAGES {
        let bench = Bench::new(stage, Fault::Device, 0, 1);
        let photos = bench.photos(1);
        let problem = failed(&bench.run(&photos, &small()));
        assert!(problem.blame == Blame::Machine && problem.what.contains("device was lost"), "{stage:?}: {problem}");
        assert_eq!(finished(&bench.run(&photos, &small())).views.len(), 1, "{stage:?}");
    }
}

#[test]
fn a_panic_is_a_defect_of_the_program_and_the_next_run_works() {
    for stage in STAGES {
        let bench = Bench::new(stage, Fault::Panic, 0, 1);
        let photos = bench.photos(1);
        let problem = failed(&bench.run(&photos, &small()));
        assert!(
            problem.blame == Blame::Program && problem.what.contains("index out of bounds"),
            "{stage:?}: {problem}"
        );
        assert_eq!(finished(&bench.run(&photos, &small())).views.len(), 1, "{stage:?}");
    }
}

#[test]
fn weights_that_are_not_numbers_never_become_a_picture() {
    let bench = Bench::new(Stage::Decode, Fault::Device, usize::MAX, 0);
    let good = bench.any_view();
    let file = good.weights.clone().expect("a file");
    let mut tensors = candle_core::safetensors::load(&file, &Device::Cpu).expect("the weights");
    // One number of many, in a matrix whose result a ReLU would clean.
    let name = "model.head.scratch.layer4_rn.weight";
    let shape = tensors[name].shape().clone();
    let mut values: Vec<f32> = tensors[name].flatten_all().and_then(|all| all.to_vec1()).expect("numbers");
    values[77] = f32::NAN;
    tensors.insert(name.into(), Tensor::from_vec(values, shape, &Device::Cpu).expect("a tensor"));
    let bad_file = bench.folder.path().join("nan.safetensors");
    candle_core::safetensors::save(&tensors, &bad_file).expect("space");
    let photos = bench.photos(2);
    let problem = failed(&bench.run(&photos, &Settings { weights: Some(bad_file), ..good.clone() }));
    assert!(problem.what.contains(name) && problem.what.contains("nan.safetensors"), "{problem}");
    assert_eq!(problem.blame, Blame::File);
    assert_eq!(finished(&bench.run(&photos, &good)).views.len(), 2);
}

#[test]
fn a_run_that_ended_with_its_program_is_told_at_the_next_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let notes = folder.path().join("runs");
    // A process that is gone left this one; its number is that of no process.
    let note = RunNote::new("DA3-Large", 24, 8, 6_100_000_000, 6_500_000_000);
    std::mem::forget(post(&note, &notes).expect("space"));
    let path = std::fs::read_dir(&notes).expect("the folder").next().expect("the note").expect("its entry").path();
    let text = std::fs::read_to_string(&path).expect("the note");
    std::fs::write(&path, text.replace(&format!("\"process\":{}", std::process::id()), "\"process\":4194305"))
        .expect("space");
    let first_event = || {
        let options = WorkerOptions { state_dir: Some(folder.path().into()), ..WorkerOptions::default() };
        let worker = Worker::spawn(|| (), options).expect("a thread");
        worker.events().recv_timeout(PATIENCE).expect("an event")
    };
    match first_event() {
        Event::EndedEarly(problem) => {
            assert!(problem.what.contains("24 photos with DA3-Large") && problem.what.contains("6.1 GB"), "{problem}");
        }
        other => panic!("{other:?}"),
    }
    assert!(!matches!(first_event(), Event::EndedEarly(_)), "it is told once");
}
