//! A film in the making: its pictures are drawn one per frame of the window, and written by a thread of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use image::RgbaImage;

use super::shot::Shot;
use super::stage::StageHandle;
use crate::export::{AnimationFormat, AnimationWriter, ExportError};
use crate::scene::{CloudScene, OrbitCamera};

/// Pictures that wait to be written. More would only take memory: writing is what takes long.
const WAITING: usize = 2;
/// When to look again whether the thread has room or has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(15);

/// What a film shows and how.
pub struct FilmPlan {
    pub shot: Shot,
    /// One per picture.
    pub cameras: Vec<OrbitCamera>,
    /// Pixels.
    pub size: [u32; 2],
    pub fps: u32,
    pub format: AnimationFormat,
}

/// What there is to tell about a film.
#[derive(Clone, Debug, PartialEq)]
pub enum FilmNews {
    /// So many pictures of so many are drawn.
    Drawn(usize, usize),
    Finished(PathBuf),
    /// Nothing of it is left; with the reason where it was not by hand.
    Cancelled(Option<String>),
    Failed(String),
}

/// A film on its way. Dropped, it waits until nothing of it is left on disk.
pub struct Film {
    plan: FilmPlan,
    drawn: usize,
    /// `None` once all pictures are on their way or no more are wanted.
    sender: Option<Sender<RgbaImage>>,
    is_cancelled: Arc<AtomicBool>,
    reason: Option<String>,
    writer: Option<JoinHandle<Result<Option<PathBuf>, ExportError>>>,
}

impl Film {
    /// Begins to write `plan` to `path`.
    ///
    /// # Errors
    /// When the thread cannot be started.
    pub fn begin(plan: FilmPlan, path: PathBuf) -> std::io::Result<Self> {
        let (sender, pictures) = bounded(WAITING);
        let is_cancelled = Arc::new(AtomicBool::new(false));
        let order = Order {
            path,
            format: plan.format,
            size: plan.size,
            fps: plan.fps,
            frames: plan.cameras.len(),
            is_cancelled: Arc::clone(&is_cancelled),
        };
        let writer = std::thread::Builder::new().name("film".into()).spawn(move || order.write(&pictures))?;
        Ok(Self { plan, drawn: 0, sender: Some(sender), is_cancelled, reason: None, writer: Some(writer) })
    }

    /// Pictures that are drawn, and all of them.
    pub fn progress(&self) -> (usize, usize) {
        (self.drawn, self.plan.cameras.len())
    }

    /// Ends the film; [`Self::advance`] tells when it is gone.
    pub fn cancel(&mut self, reason: Option<String>) {
        self.is_cancelled.store(true, Ordering::Relaxed);
        self.sender = None;
        self.reason = reason;
    }

    /// Draws the next picture where the thread has room for it. `scene` is what `stage` has on the graphics card. After
    /// anything but [`FilmNews::Drawn`] the film is over.
    pub fn advance(
        &mut self,
        ctx: &egui::Context,
        stage: &StageHandle,
        scene: Option<&Arc<CloudScene>>,
    ) -> Option<FilmNews> {
        if self.writer.as_ref().is_none_or(JoinHandle::is_finished) {
            return Some(self.end());
        }
        ctx.request_repaint_after(LOOK_AGAIN);
        let sender = self.sender.as_ref()?;
        if !scene.is_some_and(|scene| Arc::ptr_eq(scene, &self.plan.shot.scene)) {
            self.cancel(Some("the scene changed".into()));
            return None;
        }
        if sender.is_full() {
            return None;
        }
        let frame = self.plan.shot.frame(*self.plan.cameras.get(self.drawn)?, self.plan.size, false);
        match stage.screenshot(&frame, self.plan.size) {
            Ok(picture) => match sender.try_send(picture) {
                Ok(()) => self.drawn += 1,
                Err(TrySendError::Full(_)) => return None,
                // The thread has met an error, which it brings along when it ends.
                Err(TrySendError::Disconnected(_)) => self.sender = None,
            },
            Err(error) => {
                self.cancel(Some(error.to_string()));
                return None;
            }
        }
        if self.drawn == self.plan.cameras.len() {
            self.sender = None;
        }
        ctx.request_repaint();
        Some(FilmNews::Drawn(self.drawn, self.plan.cameras.len()))
    }

    fn end(&mut self) -> FilmNews {
        match self.writer.take().map(JoinHandle::join) {
            Some(Ok(Ok(Some(path)))) => FilmNews::Finished(path),
            None | Some(Ok(Ok(None))) => FilmNews::Cancelled(self.reason.take()),
            Some(Ok(Err(error))) => FilmNews::Failed(error.to_string()),
            Some(Err(_)) => FilmNews::Failed("The thread that writes it ended unexpectedly".into()),
        }
    }
}

impl Drop for Film {
    fn drop(&mut self) {
        self.cancel(None);
        if let Some(writer) = self.writer.take() {
            // Nobody is left to tell how it ended.
            let _ = writer.join();
        }
    }
}

/// What the thread needs to know.
struct Order {
    path: PathBuf,
    format: AnimationFormat,
    size: [u32; 2],
    fps: u32,
    frames: usize,
    is_cancelled: Arc<AtomicBool>,
}

impl Order {
    /// Writes pictures until there are enough; `None` where it was cancelled before.
    fn write(&self, pictures: &Receiver<RgbaImage>) -> Result<Option<PathBuf>, ExportError> {
        let is_cancelled = || self.is_cancelled.load(Ordering::Relaxed);
        let mut writer = AnimationWriter::create(&self.path, self.format, self.size, self.fps)?;
        for _ in 0..self.frames {
            match pictures.recv() {
                Ok(picture) if !is_cancelled() => writer.add(picture)?,
                _ => return Ok(None),
            }
        }
        if is_cancelled() { Ok(None) } else { writer.finish().map(Some) }
    }
}
