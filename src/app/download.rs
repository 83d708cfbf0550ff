//! A model on its way to this machine, fetched on a thread of its own.

use std::path::PathBuf;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::catalog::{self, CatalogError, Entry};
use crate::hub::{Hub, HubError, Progress, Stop};

/// Reports that wait to be looked at. Of more the newest are left out: the next ones say the same and more.
const WAITING: usize = 64;

enum Report {
    Step(Progress),
    End(Result<PathBuf, CatalogError>),
}

/// One download. Dropping it stops it; what has come is kept, and the next one goes on from there.
pub struct Download {
    pub entry: &'static Entry,
    /// The newest report.
    pub progress: Option<Progress>,
    stop: Stop,
    reports: Receiver<Report>,
}

impl Download {
    /// Begins to fetch `entry` from `hub`; `ctx` is woken when there is something to tell.
    ///
    /// # Errors
    /// Where the system starts no thread.
    pub fn start(
        entry: &'static Entry,
        hub: impl FnOnce() -> Result<Hub, HubError> + Send + 'static,
        ctx: egui::Context,
    ) -> std::io::Result<Self> {
        let (sender, reports) = bounded(WAITING);
        let stop = Stop::default();
        let work = {
            let stop = stop.clone();
            move || fetch(entry, hub, &stop, &sender, &ctx)
        };
        std::thread::Builder::new().name("download".into()).spawn(work)?;
        Ok(Self { entry, progress: None, stop, reports })
    }

    /// How it ended, once it has.
    pub fn poll(&mut self) -> Option<Result<PathBuf, CatalogError>> {
        while let Ok(report) = self.reports.try_recv() {
            match report {
                Report::Step(progress) => self.progress = Some(progress),
                Report::End(result) => return Some(result),
            }
        }
        None
    }

    /// Ends it soon.
    pub fn stop(&self) {
        self.stop.stop();
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        self.stop();
    }
}

fn fetch(
    entry: &'static Entry,
    hub: impl FnOnce() -> Result<Hub, HubError>,
    stop: &Stop,
    sender: &Sender<Report>,
    ctx: &egui::Context,
) {
    let mut tell = |progress| {
        // A full channel means that nobody has looked for a while.
        let _ = sender.try_send(Report::Step(progress));
        ctx.request_repaint();
    };
    let result = hub().map_err(CatalogError::from).and_then(|hub| catalog::fetch(&hub, entry, stop, &mut tell));
    // Fails where the window has gone.
    let _ = sender.send(Report::End(result));
    ctx.request_repaint();
}
