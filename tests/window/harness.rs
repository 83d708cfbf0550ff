//! A window on a desk: the test is the worker and the person.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::{Key, Modifiers, Theme};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use fathom::app::{FathomApp, Link};
use fathom::examples::ExampleScene;
use fathom::inference::{DepthUnit, DeviceChoice, Prediction, ViewPrediction};
use fathom::worker::{Blame, Command, Event, Photo, Problem, RunId};

use crate::views::{prediction, scene};

/// The 3D view is at rest after this time without a change.
const REST_SECS: f32 = 0.25;
/// Longest that a background thread may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The window's clock per frame: so little that pictures do not depend on how long a test waited.
const FRAME_SECS: f32 = 1e-4;

pub struct Desk {
    pub window: Harness<'static, FathomApp>,
    commands: Receiver<Command>,
    events: Sender<Event>,
    cancels: Arc<AtomicUsize>,
    refuses: Arc<AtomicBool>,
    copied: Option<String>,
    folder: tempfile::TempDir,
}

/// What the program leaves for its next start.
#[derive(Debug, Default)]
pub struct Remembered(BTreeMap<String, String>);

impl eframe::Storage for Remembered {
    fn get_string(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    fn set_string(&mut self, key: &str, value: String) {
        self.0.insert(key.into(), value);
    }

    fn remove_string(&mut self, key: &str) {
        self.0.remove(key);
    }

    fn flush(&mut self) {}
}

/// A file that is dropped.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

pub fn problem(blame: Blame, what: &str) -> Problem {
    Problem::new(blame, what, "Try something else")
}

/// A window over a worker, or over what stands in for one.
pub fn window(size: [f32; 2], theme: Theme, link: Link, examples: Vec<ExampleScene>) -> Harness<'static, FathomApp> {
    window_remembering(size, theme, link, examples, None)
}

/// The same with what an earlier start has left.
fn window_remembering(
    size: [f32; 2],
    theme: Theme,
    link: Link,
    examples: Vec<ExampleScene>,
    remembered: Option<Remembered>,
) -> Harness<'static, FathomApp> {
    // What a run needs, which pictures show, counts the scratch of each thread.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(2).build_global();
    Harness::builder()
        .with_size(size)
        .with_theme(theme)
        .with_max_steps(20)
        .with_step_dt(FRAME_SECS)
        .wgpu()
        .build_eframe(|cc| {
            if let Some(remembered) = remembered {
                // As long as the window, which is as long as the test.
                cc.storage = Some(Box::leak(Box::new(remembered)));
            }
            let mut app = FathomApp::new(cc, link, examples).expect("threads start");
            app.set_theme(match theme {
                Theme::Dark => egui::ThemePreference::Dark,
                Theme::Light => egui::ThemePreference::Light,
            });
            app
        })
}

impl Desk {
    pub fn new(size: [f32; 2]) -> Self {
        Self::with_theme(size, Theme::Dark)
    }

    pub fn with_theme(size: [f32; 2], theme: Theme) -> Self {
        Self::remembering(size, theme, None)
    }

    /// Another start of the program, with what this one would leave behind.
    pub fn started_again(&mut self, size: [f32; 2], theme: Theme) -> Self {
        let mut remembered = Remembered::default();
        eframe::App::save(self.window.state_mut(), &mut remembered);
        Self::remembering(size, theme, Some(remembered))
    }

    fn remembering(size: [f32; 2], theme: Theme, remembered: Option<Remembered>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (sender, commands) = bounded(64);
        let (events, receiver) = bounded(256);
        let cancels = Arc::new(AtomicUsize::new(0));
        let refuses = Arc::new(AtomicBool::new(false));
        let (count, refusal) = (Arc::clone(&cancels), Arc::clone(&refuses));
        let link = Link {
            send: Box::new(move |command| !refusal.load(Ordering::Relaxed) && sender.try_send(command).is_ok()),
            cancel: Box::new(move || {
                count.fetch_add(1, Ordering::Relaxed);
            }),
            events: receiver,
        };
        let examples = fathom::examples::scenes_in(folder.path());
        examples.iter().for_each(|scene| scene.unpack_card().expect("space"));
        let window = window_remembering(size, theme, link, examples, remembered);
        Self { window, commands, events, cancels, refuses, copied: None, folder }
    }

    /// Runs frames until nothing moves.
    pub fn settle(&mut self) {
        self.window.run();
    }

    /// Lets the window's clock go on past the moment after which the 3D view draws all of its points.
    pub fn rest(&mut self) {
        self.window.run_steps((REST_SECS / FRAME_SECS).ceil() as usize);
    }

    pub fn click(&mut self, label: &str) {
        self.window.get_by_label(label).click();
        self.after_input();
    }

    pub fn click_containing(&mut self, label: &str) {
        self.window.get_by_label_contains(label).click();
        self.after_input();
    }

    pub fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.window.key_press_modifiers(modifiers, key);
        self.after_input();
    }

    fn after_input(&mut self) {
        for _ in 0..4 {
            self.window.step();
            for command in &self.window.output().platform_output.commands {
                if let egui::OutputCommand::CopyText(text) = command {
                    self.copied = Some(text.clone());
                }
            }
        }
        self.settle();
    }

    /// A few frames, for what never comes to rest.
    pub fn step_some(&mut self) {
        self.window.run_steps(4);
    }

    pub fn last_copied(&self) -> Option<String> {
        self.copied.clone()
    }

    pub fn copied_by(&mut self, modifiers: Modifiers, key: Key) -> String {
        // Straight into the input: queued events get a frame each, and only the last frame's output is kept.
        self.copied = None;
        let press = egui::Event::Key { key, pressed: true, modifiers, repeat: false, physical_key: None };
        self.window.input_mut().events.extend([egui::Event::ModifiersChanged(modifiers), press]);
        self.after_input();
        self.window.event(egui::Event::ModifiersChanged(Modifiers::NONE));
        self.window.key_up(key);
        self.settle();
        self.copied.clone().expect("something was copied")
    }

    pub fn send(&mut self, event: Event) {
        self.events.send(event).expect("the window listens");
        self.settle();
    }

    pub fn command(&self) -> Command {
        self.commands.try_recv().expect("a command was sent")
    }

    pub fn next_command(&self) -> Option<Command> {
        self.commands.try_recv().ok()
    }

    pub fn no_command(&self) -> bool {
        self.commands.is_empty()
    }

    /// Waits for the run that follows an input, and gives what it asks for.
    pub fn run_command(&mut self) -> (RunId, Vec<Photo>) {
        let start = Instant::now();
        while self.commands.is_empty() && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
            self.window.step();
        }
        self.settle();
        match self.command() {
            Command::Run { run, photos, .. } => (run, photos),
            other => panic!("expected a run, got {other:?}"),
        }
    }

    /// Whether such words stand anywhere.
    pub fn shows(&self, words: &str) -> bool {
        self.window.query_all_by_label_contains(words).next().is_some()
    }

    pub fn wait_for(&mut self, label: &str) {
        self.wait(label, |window| window.query_all_by_label(label).next().is_some());
    }

    pub fn wait_for_containing(&mut self, label: &str) {
        self.wait(label, |window| window.query_all_by_label_contains(label).next().is_some());
    }

    /// Single frames until such a label is there: for what never comes to rest.
    pub fn step_until(&mut self, label: &str) {
        self.step_until_any(label, |_| true);
    }

    /// The same for one of several things that have such a label.
    pub fn step_until_any(&mut self, label: &str, is_it: impl Fn(&egui_kittest::Node<'_>) -> bool) {
        let start = Instant::now();
        while !self.window.query_all_by_label_contains(label).any(|node| is_it(&node)) {
            assert!(start.elapsed() < PATIENCE, "{label:?} never came");
            std::thread::sleep(Duration::from_millis(5));
            self.window.step();
        }
    }

    fn wait(&mut self, what: &str, is_there: impl Fn(&Harness<'static, FathomApp>) -> bool) {
        let start = Instant::now();
        while !is_there(&self.window) {
            assert!(start.elapsed() < PATIENCE, "{what:?} never came");
            std::thread::sleep(Duration::from_millis(5));
            self.window.step();
        }
        self.settle();
    }

    /// Lets the background threads finish the pictures that are in sight.
    pub fn wait_for_pictures(&mut self) {
        let start = Instant::now();
        let mut steps = 0;
        // On a busy machine they take longer than what else is waited for.
        while steps < 40 || self.window.state().waits_for_pictures() && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
            self.window.step();
            steps += 1;
        }
        self.settle();
    }

    pub fn cancels(&self) -> usize {
        self.cancels.load(Ordering::Relaxed)
    }

    pub fn refuse_commands(&self) {
        self.refuses.store(true, Ordering::Relaxed);
    }

    pub fn order(&self) -> Vec<u64> {
        self.window.state().state().views.rows().iter().map(|row| row.id.0).collect()
    }

    /// The views that have a result, in the order of the list.
    pub fn results(&self) -> Vec<u64> {
        self.window.state().state().results.views().iter().map(|view| view.view.0).collect()
    }

    pub fn model_ready(&mut self) {
        let (model, device, precision) = ("Depth Anything V2 Small".into(), DeviceChoice::Cpu, "f32".into());
        self.send(Event::ModelReady { model, device, precision, secs: 0.3 });
    }

    /// Drops files and waits until the window has looked through them.
    pub fn drop_files(&mut self, paths: &[PathBuf]) {
        self.add_and_wait(|desk| paths.iter().for_each(|path| desk.drop_without_waiting(path)));
    }

    /// Brings files in some way and waits until the window has looked through them.
    pub fn add_and_wait(&mut self, add: impl FnOnce(&mut Self)) {
        let before = self.window.state().state().views.rows().len();
        let notices = self.window.state().state().notices.all().len();
        add(self);
        let start = Instant::now();
        loop {
            self.window.step();
            let state = self.window.state().state();
            if state.views.rows().len() > before || state.notices.all().len() > notices {
                break;
            }
            assert!(start.elapsed() < PATIENCE, "the drop was never looked through");
            std::thread::sleep(Duration::from_millis(5));
        }
        self.settle();
    }

    /// Drops a file in the next frame.
    pub fn drop_without_waiting(&mut self, path: &Path) {
        self.window.input_mut().dropped_files.push(Arc::new(Dropped(path.to_owned())));
    }

    /// Where photos lie. Its name is to be seen.
    fn photos_folder(&self) -> PathBuf {
        let folder = self.folder.path().join("walk");
        std::fs::create_dir_all(&folder).expect("made");
        folder
    }

    /// A new folder that lives as long as the desk.
    pub fn folder_for(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        std::fs::create_dir(&folder).expect("made");
        folder
    }

    /// Small photos on disk, "view 1.png" and so on.
    pub fn photos(&self, number: usize) -> Vec<PathBuf> {
        (0..number)
            .map(|index| {
                let path = self.photos_folder().join(format!("view {}.png", index + 1));
                scene(index, 320, 240).0.save(&path).expect("written");
                path
            })
            .collect()
    }

    /// A folder with that many files that look like photos by name.
    pub fn folder_of(&self, number: usize) -> PathBuf {
        let folder = self.folder_for("many");
        let first = folder.join("0000.png");
        scene(0, 32, 24).0.save(&first).expect("written");
        for index in 1..number {
            std::fs::copy(&first, folder.join(format!("{index:04}.png"))).expect("copied");
        }
        folder
    }

    pub fn view_ready(&mut self, run: RunId, view: u64) {
        let view = Arc::new(self.prediction(view));
        self.send(Event::ViewReady { run, view });
    }

    /// What a run says of one of [`Self::photos`].
    fn prediction(&self, view: u64) -> ViewPrediction {
        let prediction = prediction(view);
        ViewPrediction { path: self.photos_folder().join(&prediction.path), ..prediction }
    }

    pub fn finish(&mut self, run: RunId, views: u64) {
        self.finish_in(run, views, DepthUnit::Metres);
    }

    pub fn finish_in(&mut self, run: RunId, views: u64, unit: DepthUnit) {
        let prediction = Prediction {
            model: "DA3-Small".into(),
            unit,
            views: (0..views).map(|view| Arc::new(self.prediction(view))).collect(),
            peak_bytes: 1_400_000_000,
            ..Prediction::default()
        };
        let prediction = Arc::new(prediction);
        self.send(Event::Finished { run, prediction: prediction.clone() });
        // Models that look at photos one by one: these are one scene already.
        if let Some(Command::Join { .. }) = self.commands.try_iter().next() {
            self.send(Event::Joined { run, prediction });
        }
    }
}
