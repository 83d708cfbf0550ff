//! Work that must not hold the window up: dialogs, walking dropped folders, writing exports. One named thread each.

use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::examples::ExampleScene;
use crate::export::{ExportError, Options, export_all};
use crate::input::{Collected, Limits, collect};

use super::results::Finished;

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
    /// An example could not be unpacked.
    NoExample(ExportError),
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

    /// Unpacks an example, drawing it first where it is a drawn one.
    pub fn open_example(&mut self, scene: ExampleScene) -> std::io::Result<()> {
        self.spawn("example", move || match scene.prepare() {
            Ok(photos) => TaskDone::Collected(collect(photos, &Limits::default())),
            Err(error) => TaskDone::NoExample(error),
        })
    }

    /// Asks for a folder and writes every format into a new folder inside it.
    pub fn export(&mut self, finished: Finished, options: Options) -> std::io::Result<()> {
        self.spawn("export", move || {
            let picked = rfd::FileDialog::new().set_title("Export into a folder").pick_folder();
            picked.map_or(TaskDone::Nothing, |parent| {
                let dir = fresh_folder(&parent);
                let outcome = export_all(&finished.prediction, &dir, &finished.notes, &options);
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

/// `fathom`, `fathom 2`, … inside `parent`: the first that does not exist, so that an export never mixes with files that
/// are there.
fn fresh_folder(parent: &Path) -> PathBuf {
    let first = parent.join("fathom");
    let numbered = (2..).map(|n| parent.join(format!("fathom {n}")));
    std::iter::once(first.clone()).chain(numbered).find(|path| !path.exists()).unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exports_get_a_folder_of_their_own() {
        let parent = tempfile::tempdir().expect("a folder");
        assert_eq!(fresh_folder(parent.path()), parent.path().join("fathom"));
        std::fs::create_dir(parent.path().join("fathom")).expect("space");
        assert_eq!(fresh_folder(parent.path()), parent.path().join("fathom 2"));
    }
}
