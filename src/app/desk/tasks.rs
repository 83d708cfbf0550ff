//! Work that must not hold the window up: dialogs, walking dropped folders, writing exports. One named thread each.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use image::RgbaImage;

use super::dialogs::Dialogs;
use super::exporting::Exporting;
use super::places::Purpose;
use super::results::Finished;
use super::save_dialog::fresh;
use crate::catalog::{CatalogError, Entry};
use crate::examples::ExampleScene;
use crate::examples::synthetic::SyntheticView;
use crate::export::{ExportError, ExportWatch, Options, Written, export_watched, write_atomically, write_picture_png};
use crate::input::{CamerasError, Collected, Folders, KnownCameras, Limits, collect, photo_size};
use crate::session::{self, Session, SessionError};

/// What a task is busy with. Of each only one runs at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Work {
    Collect(Vec<PathBuf>),
    Dialog,
    Cameras(PathBuf),
    Example { name: String, is_drawn: bool },
    Export,
    Picture,
    OpenSession,
    SaveSession,
    Open(PathBuf),
}

impl Work {
    /// As the status line says it.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Collect(_) => "Looking for photos…",
            Self::Dialog => "Waiting for the file dialog",
            Self::Cameras(_) => "Reading cameras…",
            Self::Example { is_drawn: true, .. } => "Drawing the example…",
            Self::Example { is_drawn: false, .. } => "Opening the example…",
            Self::Export => "Exporting…",
            Self::Picture => "Saving the picture…",
            Self::OpenSession => "Opening the session…",
            Self::SaveSession => "Saving the session…",
            Self::Open(_) => "Opening…",
        }
    }
}

/// What a task brought back.
#[derive(Debug)]
pub enum TaskDone {
    /// Photos, and their sizes where their headers tell them.
    Collected(Collected, Vec<Option<[u32; 2]>>),
    /// A session, or a folder of results, and how many files came with it.
    Found {
        path: PathBuf,
        others: usize,
    },
    /// It was opened, or not.
    Opened(PathBuf, Result<Box<Session>, SessionError>),
    /// A file was named for the session.
    SessionInto(PathBuf),
    SessionSaved(PathBuf, Result<(), ExportError>),
    /// A weight file was picked for a model.
    Weights(&'static Entry, Result<PathBuf, CatalogError>),
    /// A drawn example with what is exactly true of it, in the order of its photos.
    Drawn {
        photos: Vec<PathBuf>,
        truth: Vec<SyntheticView>,
    },
    /// Cameras were read, or not.
    Cameras(PathBuf, Result<KnownCameras, CamerasError>),
    /// A folder with masks of the photos was picked.
    Masks(PathBuf),
    /// A table of known depths was picked, or a folder with a sensor's.
    Depths(PathBuf),
    /// A folder was picked to export into.
    ExportInto(PathBuf),
    Exported {
        dir: PathBuf,
        outcome: Result<Written, ExportError>,
    },
    /// A file was named for a picture.
    PictureInto(PathBuf, Arc<RgbaImage>),
    /// A picture was written there, or not.
    PictureSaved(Result<PathBuf, ExportError>),
    /// A place was chosen for a film.
    FilmInto(PathBuf),
    /// Another program could not be asked to open something.
    NotOpened(PathBuf, String),
    /// It was asked to.
    OpenedOutside,
    /// An example could not be unpacked.
    NoExample(ExportError),
    /// A dialog was closed without a choice.
    Nothing,
    /// What a dialog brought, which was for this and ended at that place.
    Answered(Purpose, PathBuf, Box<TaskDone>),
    /// Files or folders that somebody means to add.
    Picked(Vec<PathBuf>),
    /// What was opened before is not there any more.
    Gone(Vec<PathBuf>),
}

/// Starts tasks and collects what they bring back.
pub struct Tasks {
    sender: Sender<(Work, TaskDone)>,
    receiver: Receiver<(Work, TaskDone)>,
    ctx: egui::Context,
    /// What has not reported yet, the oldest first.
    running: Vec<Work>,
    /// The export that is under way.
    exporting: Option<Exporting>,
    pub dialogs: Dialogs,
    /// Opens files and folders in other programs.
    pub opener: Opener,
}

/// Opens a path in another program, or says why not. It may block, and is called from a thread of its own.
pub type Opener = Arc<dyn Fn(&Path) -> Result<(), String> + Send + Sync>;

/// An opener that has not failed after this time shows what it was asked for: some end only with the program that they started.
const OPENING: Duration = Duration::from_secs(3);
/// Results that may wait to be looked at; tasks start by hand, so a handful is plenty.
const WAITING: usize = 16;

impl Tasks {
    /// `ctx` is woken when a task has something to tell.
    pub fn new(ctx: egui::Context) -> Self {
        let (sender, receiver) = bounded(WAITING);
        Self {
            sender,
            receiver,
            ctx,
            running: Vec::new(),
            exporting: None,
            dialogs: Dialogs::default(),
            opener: Arc::new(|path| open::that_detached_with_timeout(path, OPENING).map_err(|error| error.to_string())),
        }
    }

    /// Whether a session is being written.
    pub fn is_saving(&self) -> bool {
        self.running.contains(&Work::SaveSession)
    }

    /// Whether a file dialog is open; there is no second one beside it.
    pub fn is_asking(&self) -> bool {
        self.running.contains(&Work::Dialog)
    }

    /// The example that is being opened, and whether it has to be drawn first.
    pub fn example(&self) -> Option<(&str, bool)> {
        self.running.iter().find_map(|work| match work {
            Work::Example { name, is_drawn } => Some((name.as_str(), *is_drawn)),
            _ => None,
        })
    }

    /// What is being worked on; the newest where there is more.
    pub fn current(&self) -> Option<&Work> {
        self.running.last()
    }

    /// The next result, where there is one, and what brought it.
    pub fn poll(&mut self) -> Option<(Work, TaskDone)> {
        let (work, done) = self.receiver.try_recv().ok()?;
        self.running.retain(|running| *running != work);
        if work == Work::Export {
            self.exporting = None;
        }
        let TaskDone::Answered(purpose, place, done) = done else { return Some((work, done)) };
        self.dialogs.places.note(purpose, &place);
        Some((work, *done))
    }

    /// The export that is under way.
    pub fn exporting(&self) -> Option<&Exporting> {
        self.exporting.as_ref()
    }

    /// Finds the photos among files and folders.
    pub fn collect(&mut self, paths: Vec<PathBuf>) -> std::io::Result<()> {
        let work = Work::Collect(paths.clone());
        self.spawn(work, "collect photos", move || look_through(&paths))
    }

    /// The same for what was opened before and may be gone.
    pub fn open_again(&mut self, paths: Vec<PathBuf>) -> std::io::Result<()> {
        self.spawn(Work::Collect(paths.clone()), "open again", move || match paths.iter().any(|path| path.exists()) {
            true => look_through(&paths),
            false => TaskDone::Gone(paths),
        })
    }

    /// Looks for photos in folders inside these; those of the folders themselves are known.
    pub fn collect_inside(&mut self, folders: Vec<PathBuf>) -> std::io::Result<()> {
        self.spawn(Work::Collect(folders.clone()), "collect photos inside", move || {
            let limits = Limits::default();
            let mut collected = collect(&folders, Folders::AndInside, &limits);
            collected.photos.retain(|photo| !folders.iter().any(|folder| photo.parent() == Some(folder)));
            let sizes = collected.photos.iter().map(|photo| photo_size(photo, &limits)).collect();
            TaskDone::Collected(collected, sizes)
        })
    }

    /// Reads a session, or a folder of results.
    pub fn open_session(&mut self, path: PathBuf) -> std::io::Result<()> {
        self.spawn(Work::OpenSession, "open session", move || {
            let opened = session::open(&path).map(Box::new);
            TaskDone::Opened(path, opened)
        })
    }

    /// Writes a session.
    pub fn save_session(&mut self, path: PathBuf, session: Session) -> std::io::Result<()> {
        self.spawn(Work::SaveSession, "save session", move || {
            let saved = session::save(&path, &session);
            TaskDone::SessionSaved(path, saved)
        })
    }

    /// Reads cameras that are known before a run.
    pub fn read_cameras(&mut self, path: PathBuf) -> std::io::Result<()> {
        self.spawn(Work::Cameras(path.clone()), "cameras", move || cameras(path))
    }

    /// Writes a picture as PNG.
    pub fn save_picture(&mut self, path: PathBuf, picture: Arc<RgbaImage>) -> std::io::Result<()> {
        self.spawn(Work::Picture, "picture", move || {
            let written = write_atomically(&path, |to| write_picture_png(to, &picture));
            TaskDone::PictureSaved(written.map(|()| path))
        })
    }

    /// Opens a file or a folder in the program that the system has for it.
    pub fn open_outside(&mut self, path: PathBuf) -> std::io::Result<()> {
        let open = Arc::clone(&self.opener);
        self.spawn(Work::Open(path.clone()), "open", move || match open(&path) {
            Ok(()) => TaskDone::OpenedOutside,
            Err(reason) => TaskDone::NotOpened(path, reason),
        })
    }

    /// Unpacks an example, drawing it first where it is a drawn one.
    pub fn open_example(&mut self, scene: ExampleScene) -> std::io::Result<()> {
        let work = Work::Example { name: scene.name.clone(), is_drawn: scene.needs_drawing() };
        self.spawn(work, "example", move || match scene.prepare() {
            Ok(photos) => match scene.truth() {
                Ok(Some(truth)) => TaskDone::Drawn { photos: photos.to_vec(), truth },
                Ok(None) => collected(photos),
                Err(error) => {
                    // Without its truth it is still a set of photos to run on.
                    tracing::warn!("the truth of an example cannot be read: {error}");
                    collected(photos)
                }
            },
            Err(error) => TaskDone::NoExample(error),
        })
    }

    /// Writes what `options` say into a new folder inside `parent`; `expected`: bytes that this will take, where that is known.
    pub fn export(
        &mut self,
        finished: Finished,
        options: Options,
        parent: PathBuf,
        expected: Option<u64>,
    ) -> std::io::Result<()> {
        if self.exporting.is_some() {
            return Ok(());
        }
        let watch = Arc::new(ExportWatch::default());
        let watched = Arc::clone(&watch);
        self.spawn(Work::Export, "export", move || {
            let dir = fresh(&parent, "fathom", "");
            let outcome = export_watched(&finished.prediction, &dir, &finished.notes, &options, &watched);
            TaskDone::Exported { dir, outcome }
        })?;
        self.exporting = Some(Exporting { watch, expected });
        Ok(())
    }

    /// Starts a named thread, unless the same work is already under way: a second click is impatience.
    pub(super) fn spawn(
        &mut self,
        work: Work,
        name: &str,
        job: impl FnOnce() -> TaskDone + Send + 'static,
    ) -> std::io::Result<()> {
        if self.running.contains(&work) {
            return Ok(());
        }
        let (sender, ctx, report) = (self.sender.clone(), self.ctx.clone(), work.clone());
        std::thread::Builder::new().name(name.into()).spawn(move || {
            // The window may have closed in the meantime; then nobody waits for the result.
            if sender.send((report, job())).is_ok() {
                ctx.request_repaint();
            }
        })?;
        self.running.push(work);
        Ok(())
    }
}

/// Whether a path that was dropped is nothing but cameras: `cameras.json`, `transforms.json`, or the folder of a COLMAP model.
fn is_cameras(path: &Path) -> bool {
    let is_model = ["cameras.bin", "cameras.txt"].iter().any(|name| path.join(name).is_file());
    path.file_name().is_some_and(|name| name == "cameras.json" || name == "transforms.json") || is_model
}

fn look_through(paths: &[PathBuf]) -> TaskDone {
    match paths {
        [path] if is_cameras(path) => cameras(path.clone()),
        _ => collected(paths),
    }
}

pub(super) fn cameras(path: PathBuf) -> TaskDone {
    let read = KnownCameras::read(&path);
    TaskDone::Cameras(path, read)
}

/// The session among these; else the photos, and a look at their headers.
fn collected(paths: &[PathBuf]) -> TaskDone {
    if let Some(path) = paths.iter().find(|path| session::is_session(path)) {
        return TaskDone::Found { path: path.clone(), others: paths.len() - 1 };
    }
    let limits = Limits::default();
    let collected = collect(paths, Folders::Themselves, &limits);
    let sizes = collected.photos.iter().map(|photo| photo_size(photo, &limits)).collect();
    TaskDone::Collected(collected, sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_work_is_not_started_twice() {
        let mut tasks = Tasks::new(egui::Context::default());
        let (go, wait) = bounded::<()>(1);
        let work = Work::Example { name: "Table top".into(), is_drawn: true };
        let job = move || {
            wait.recv().expect("told to end");
            TaskDone::Nothing
        };
        tasks.spawn(work.clone(), "first", job).expect("a thread");
        tasks.spawn(work.clone(), "second", || unreachable!("started twice")).expect("nothing to start");
        assert_eq!(tasks.current().map(Work::label), Some("Drawing the example…"));
        go.send(()).expect("the first is waiting");
        let start = std::time::Instant::now();
        while tasks.poll().is_none() {
            assert!(start.elapsed().as_secs() < 10, "the first never ended");
            std::thread::yield_now();
        }
        assert_eq!(tasks.current(), None);
    }
}
