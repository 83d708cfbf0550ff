//! Work that must not hold the window up: dialogs, walking dropped folders, writing exports. One named thread each.

use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::export::{ExportError, export_all};
use crate::inference::Prediction;
use crate::input::{Collected, Limits, collect};

/// What a task brought back.
#[derive(Debug)]
pub enum TaskDone {
    Collected(Collected),
    /// A weight file was picked.
    Weights(PathBuf),
    Exported {
        dir: PathBuf,
        outcome: Result<Vec<PathBuf>, ExportError>,
    },
    /// A dialog was closed without a choice.
    Nothing,
}

/// Starts tasks and collects what they bring back.
pub struct Tasks {
    sender: Sender<TaskDone>,
    receiver: Receiver<TaskDone>,
    ctx: egui::Context,
    /// Tasks that have not reported yet, of each kind that may run once at a time.
    running: usize,
}

/// Results that may wait to be looked at; tasks start by hand, so a handful is plenty.
const WAITING: usize = 16;

impl Tasks {
    /// `ctx` is woken when a task has something to tell.
    pub fn new(ctx: egui::Context) -> Self {
        let (sender, receiver) = bounded(WAITING);
        Self { sender, receiver, ctx, running: 0 }
    }

    /// True while a task is at work.
    pub fn is_busy(&self) -> bool {
        self.running > 0
    }

    /// The next result, where there is one.
    pub fn poll(&mut self) -> Option<TaskDone> {
        let done = self.receiver.try_recv().ok()?;
        self.running = self.running.saturating_sub(1);
        Some(done)
    }

    /// Finds the photos among files and folders.
    pub fn collect(&mut self, paths: Vec<PathBuf>) -> std::io::Result<()> {
        self.spawn("collect photos", move || TaskDone::Collected(collect(&paths, &Limits::default())))
    }

    /// Asks for photos.
    pub fn pick_photos(&mut self) -> std::io::Result<()> {
        self.spawn("photo dialog", || {
            let picked = rfd::FileDialog::new().set_title("Open photos").pick_files();
            picked.map_or(TaskDone::Nothing, |paths| TaskDone::Collected(collect(&paths, &Limits::default())))
        })
    }

    /// Asks for a folder of photos.
    pub fn pick_folder(&mut self) -> std::io::Result<()> {
        self.spawn("folder dialog", || {
            let picked = rfd::FileDialog::new().set_title("Open a folder of photos").pick_folder();
            picked.map_or(TaskDone::Nothing, |path| TaskDone::Collected(collect(&[path], &Limits::default())))
        })
    }

    /// Asks for a weight file.
    pub fn pick_weights(&mut self) -> std::io::Result<()> {
        self.spawn("weight file dialog", || {
            let dialog = rfd::FileDialog::new().set_title("Choose a weight file");
            let picked = dialog.add_filter("Weights", &["safetensors"]).pick_file();
            picked.map_or(TaskDone::Nothing, TaskDone::Weights)
        })
    }

    /// Asks for a folder and writes every format into it.
    pub fn export(&mut self, prediction: Arc<Prediction>) -> std::io::Result<()> {
        self.spawn("export", move || {
            let picked = rfd::FileDialog::new().set_title("Export into a folder").pick_folder();
            picked.map_or(TaskDone::Nothing, |dir| {
                let outcome = export_all(&prediction, &dir);
                TaskDone::Exported { dir, outcome }
            })
        })
    }

    fn spawn(&mut self, name: &str, job: impl FnOnce() -> TaskDone + Send + 'static) -> std::io::Result<()> {
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        std::thread::Builder::new().name(name.into()).spawn(move || {
            // The window may have closed in the meantime; then nobody waits for the result.
            if sender.send(job()).is_ok() {
                ctx.request_repaint();
            }
        })?;
        self.running += 1;
        Ok(())
    }
}
