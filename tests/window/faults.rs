//! The window over a real worker in which something goes wrong: the right words, and the next run works.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use egui::Theme;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fathom::app::{FathomApp, Link};
use fathom::inference::{Automatic, DeviceChoice};
use fathom::memory::{CardMemory, Sample};
use fathom::model::ModelError;
use fathom::worker::{Event, Sentry, Stage, Worker, WorkerOptions};

use crate::harness::{Desk, window};
use crate::stand_in::{Fault, Place, Planned, StandIn};
use crate::views::scene;

const PATIENCE: Duration = Duration::from_secs(120);

/// Fails at one stage until it is told to let everything pass.
struct Switch {
    stage: Stage,
    fail: fn() -> Result<(), ModelError>,
    is_on: AtomicBool,
}

impl Sentry for Switch {
    fn check(&self, stage: Stage) -> Result<(), ModelError> {
        if stage == self.stage && self.is_on.load(Ordering::SeqCst) { (self.fail)() } else { Ok(()) }
    }
}

fn wait_for(window: &mut Harness<'static, FathomApp>, text: &str) {
    let start = Instant::now();
    while window.query_all_by_label_contains(text).next().is_none() {
        assert!(start.elapsed() < PATIENCE, "{text:?} never came: {:?}", window.state().state().notices);
        std::thread::sleep(Duration::from_millis(5));
        window.step();
    }
}

/// A run in which `fail` happens at `stage`, what the window says of it, and a run after that.
fn fault(stage: Stage, fail: fn() -> Result<(), ModelError>, expected: &str) {
    let switch = Arc::new(Switch { stage, fail, is_on: AtomicBool::new(true) });
    let options = WorkerOptions { sentry: switch.clone(), is_shown: true, ..WorkerOptions::default() };
    let link = Link::from_worker(Worker::spawn(|| (), options).expect("a thread"));
    let mut window = window([1280.0, 720.0], Theme::Dark, link, Vec::new());
    let folder = tempfile::tempdir().expect("a folder");
    let photo = folder.path().join("ball.png");
    scene(0, 160, 120).0.save(&photo).expect("space");
    window.state_mut().add(vec![photo]);
    wait_for(&mut window, expected);
    assert!(window.state().state().run.is_none(), "{stage:?}: the run has ended");
    switch.is_on.store(false, Ordering::SeqCst);
    window.key_press(egui::Key::F5);
    wait_for(&mut window, "Finished 1 view");
    assert_eq!(window.state().state().results.views().len(), 1, "{stage:?}");
}

#[test]
fn the_window_says_that_memory_ran_out_and_goes_on() {
    let short = || Err(ModelError::OutOfMemory { free_bytes: 12_000_000 });
    for stage in [Stage::LoadModel, Stage::Decode, Stage::Backbone, Stage::Head, Stage::Finish] {
        fault(stage, short, "Memory ran out");
    }
}

#[test]
fn the_window_says_what_the_device_reported_and_goes_on() {
    fault(Stage::Backbone, || Err(candle_core::Error::Msg("the device was lost".into()).into()), "the device was lost");
}

#[test]
fn the_window_survives_a_panic_of_the_worker() {
    fault(Stage::Head, || panic!("index out of bounds"), "index out of bounds");
}

/// What weights with a NaN among them lead to; `tests/runs/recovery.rs` has such weights.
#[test]
fn the_window_names_weights_that_are_no_numbers_and_goes_on() {
    let broken = || Err(ModelError::NotFinite { file: "bad.safetensors".into(), tensor: "head.layer4".into() });
    fault(Stage::LoadModel, broken, "holds something that is not a number");
}

#[test]
fn the_window_says_why_the_card_was_left_and_shows_all_views() {
    let lost = Fault::Says("Metal error Command buffer had following error: Caused GPU Address Fault Error (0000000b)");
    let planned = Planned { place: Place::Head, fault: lost, after: 15, times: 1 };
    let options = WorkerOptions { is_shown: true, ..StandIn::new(&[planned]).options() };
    let link = Link::from_worker(Worker::spawn(|| (), options).expect("a thread"));
    let mut window = window([1280.0, 720.0], Theme::Dark, link, Vec::new());
    let folder = tempfile::tempdir().expect("a folder");
    let photos = [0, 1, 2].map(|number| {
        let photo = folder.path().join(format!("ball {number}.png"));
        scene(number, 160, 120).0.save(&photo).expect("space");
        photo
    });
    window.state_mut().add(photos.to_vec());
    wait_for(&mut window, "Finished 3 views");
    window.key_press(egui::Key::N);
    wait_for(&mut window, "The Apple GPU failed during the run");
    // What becomes of the scene is another matter.
    let all = window.state().state().notices.all().iter().map(|n| n.problem.to_string());
    let notices: Vec<String> = all.filter(|notice| notice.contains("GPU")).collect();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].contains("Caused GPU Address Fault Error") && notices[0].contains("Nothing that was finished"));
    let finished = window.state().state().results.finished().expect("a run");
    assert!(finished.notes.device.as_deref().is_some_and(|device| device.ends_with("then CPU (2 views)")));
    assert_eq!(window.state().state().device(), DeviceChoice::Cpu, "the next outlook is one for the CPU");
}

#[test]
fn a_run_that_a_small_card_has_no_room_for_is_offered_to_the_cpu() {
    let mut desk = Desk::new([1280.0, 720.0]);
    desk.send(Event::Automatic(Automatic::always(DeviceChoice::Cuda)));
    let card = Some(CardMemory { used_bytes: 100_000_000, total_bytes: 180_000_000, is_shared: false });
    let (free_bytes, total_bytes) = (12_000_000_000, 16_000_000_000);
    desk.send(Event::Memory(Sample {
        free_bytes,
        system_free_bytes: free_bytes,
        total_bytes,
        card,
        ..Sample::default()
    }));
    let photos = desk.photos(1);
    desk.drop_files(&photos);
    let (run, _) = desk.run_command();
    desk.send(Event::Cancelled { run });
    assert!(desk.shows("of 80 MB free · does not fit"));
    desk.click_containing("Use the CPU (");
    assert_eq!(desk.window.state().state().settings.device, DeviceChoice::Cpu);
    let (run, _) = desk.run_command();
    desk.send(Event::Cancelled { run });
    assert!(desk.shows("of 12.0 GB free") && !desk.shows("does not fit"));
}
