//! Work on a model's files that takes a while, on a thread of its own: fetching, comparing, removing.

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use crate::catalog::{CatalogError, Entry};
use crate::hub::{HubError, Progress, Stop};

/// Reports that wait to be looked at. Of more the newest are left out: the next ones say the same and more.
const WAITING: usize = 64;

enum Report<T> {
    Step(Progress),
    End(Result<T, CatalogError>),
}

/// One piece of work. Dropping it stops it.
pub struct Errand<T> {
    pub entry: &'static Entry,
    /// The newest report.
    pub progress: Option<Progress>,
    /// How far it was when a report last said so, 0..1.
    pub part: f32,
    stop: Stop,
    reports: Receiver<Report<T>>,
}

impl<T: Send + 'static> Errand<T> {
    /// Begins; `ctx` is woken when there is something to tell.
    ///
    /// # Errors
    /// Where the system starts no thread.
    pub fn start(
        name: &str,
        entry: &'static Entry,
        ctx: &egui::Context,
        work: impl FnOnce(&Stop, &mut dyn FnMut(Progress)) -> Result<T, CatalogError> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (sender, reports) = bounded(WAITING);
        let stop = Stop::default();
        let (stopped, ctx) = (stop.clone(), ctx.clone());
        std::thread::Builder::new().name(name.into()).spawn(move || {
            let mut tell = |progress| {
                // A full channel means that nobody has looked for a while.
                let _ = sender.try_send(Report::Step(progress));
                ctx.request_repaint();
            };
            let result = work(&stopped, &mut tell);
            // Fails where the window has gone.
            let _ = sender.send(Report::End(result));
            ctx.request_repaint();
        })?;
        Ok(Self { entry, progress: None, part: 0.0, stop, reports })
    }

    /// How it ended, once it has.
    pub fn poll(&mut self) -> Option<Result<T, CatalogError>> {
        loop {
            match self.reports.try_recv() {
                Ok(Report::Step(progress)) => {
                    if let Progress::Downloading { done, total, .. } | Progress::Checking { done, total } = progress {
                        self.part = done as f32 / total.max(1) as f32;
                    }
                    self.progress = Some(progress);
                }
                Ok(Report::End(result)) => return Some(result),
                Err(TryRecvError::Empty) => return None,
                // Its thread has ended without a word.
                Err(TryRecvError::Disconnected) => return Some(Err(HubError::Stopped.into())),
            }
        }
    }
}

impl<T> Errand<T> {
    /// Ends it soon.
    pub fn stop(&self) {
        self.stop.stop();
    }
}

impl<T> Drop for Errand<T> {
    fn drop(&mut self) {
        self.stop();
    }
}
