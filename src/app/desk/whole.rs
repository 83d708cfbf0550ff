//! The desk that the pages share.

use std::path::{Path, PathBuf};

use super::fix::Fix;
use super::link::Link;
use super::notices::Severity;
use super::open_windows::OpenWindows;
use super::outlook::Outlook;
use super::shelf::Shelf;
use super::state::{AppState, EXACT};
use super::tasks::Tasks;
use crate::app::widgets::controls::count;
use crate::inference::Settings;
use crate::worker::{Blame, Command, Problem};

/// Folders that are opened at once: each is a window of its own.
const MOST_FOLDERS: usize = 5;

/// What a page needs beside what is its own.
pub struct Desk {
    pub state: AppState,
    pub tasks: Tasks,
    pub shelf: Shelf,
    /// What a run with the present settings would need.
    pub outlook: Outlook,
    pub open: OpenWindows,
    /// Bring the selected row into sight in the next frame.
    pub follow: bool,
    link: Link,
}

impl Desk {
    pub fn new(ctx: &egui::Context, link: Link, shelf: Shelf, settings: Settings) -> Self {
        let mut state = AppState::default();
        state.settings = settings;
        let tasks = Tasks::new(ctx.clone());
        Self { state, tasks, shelf, outlook: Outlook::default(), open: OpenWindows::default(), follow: false, link }
    }

    /// Folds in what the worker has told since the last frame.
    pub fn take_in_events(&mut self) {
        while let Ok(event) = self.link.events.try_recv() {
            let command = self.state.apply(event);
            self.send(command);
        }
        self.state.tell_new_failures();
    }

    /// Adds files and folders, which are looked through in the background.
    pub fn add(&mut self, paths: Vec<PathBuf>) {
        if !paths.is_empty() {
            let started = self.tasks.collect(paths);
            self.check_task(started);
        }
    }

    /// An example makes room for photos that somebody brings. To be called where nothing was made of it.
    pub fn leave_example(&mut self) {
        if self.state.shows_example() {
            if self.state.request_cancel() {
                (self.link.cancel)();
            }
            self.state.clear();
            self.state.notices.dismiss_beginning(EXACT);
            let advice = "Remove all views leads back to the examples";
            self.state.notices.tell(Severity::News, "The example made room for your photos", advice);
        }
    }

    /// Starts a run over what there is to do.
    pub fn run(&mut self) {
        let command = self.state.request_run();
        self.send_run(command);
    }

    /// Starts a run over all photos.
    pub fn run_all(&mut self) {
        let command = self.state.request_run_of_all();
        self.send_run(command);
    }

    /// Starts a run over the selected photos.
    pub fn run_selected(&mut self) {
        let command = self.state.request_run_of_selected();
        self.send_run(command);
    }

    /// Starts a run over photos that could not be used.
    pub fn retry_failed(&mut self) {
        let command = self.state.retry_failed();
        self.send_run(command);
    }

    /// Sends a run where there is one and its weights are here; tells what is missing otherwise.
    pub fn send_run(&mut self, command: Option<Command>) {
        if command.is_some()
            && let Some(entry) = self.shelf.missing(&self.state.settings)
        {
            self.state.run_lacks(entry);
            return;
        }
        self.send(command);
    }

    pub fn send(&mut self, command: Option<Command>) {
        if let Some(command) = command
            && !(self.link.send)(command)
        {
            self.state.command_refused();
        }
    }

    /// Ends the run, or the download that it waits for, where there is one.
    pub fn cancel(&mut self) {
        if let Some(entry) = self.shelf.runs_after.take() {
            self.shelf.leave_queue(entry);
            if let Some(download) = self.shelf.download_of(entry) {
                download.stop();
            }
            self.state.outcome = Some("Cancelled; what has come of the model is kept".into());
            return;
        }
        if self.state.request_cancel() {
            (self.link.cancel)();
        }
    }

    /// Ends the export, where there is one.
    pub fn cancel_export(&mut self) {
        if let Some(export) = self.tasks.exporting() {
            export.watch.stop();
        }
    }

    /// The folder of the first photo.
    pub fn photos_folder(&self) -> Option<&Path> {
        self.state.views.rows().first().and_then(|row| row.path.parent())
    }

    /// Where a picture or a film of what is shown is offered to be saved, without an ending: with the name of the session where one is
    /// open, else of the photo that is selected. What it is stands behind it, so that it does not meet the photo.
    pub fn offered_place(&self, session: Option<String>, what: &str) -> PathBuf {
        let row = self.state.views.selected_row();
        let photo = || row.and_then(|row| row.path.file_stem()).map(|stem| stem.to_string_lossy().into_owned());
        let name = session.or_else(photo).unwrap_or_else(|| "fathom".into());
        self.photos_folder().unwrap_or(Path::new("")).join(format!("{name} {what}"))
    }

    /// A task that could not start is told like any other trouble of the machine.
    pub fn check_task(&mut self, started: std::io::Result<()>) {
        if let Err(error) = started {
            let advice = "Close other programs and try again.";
            self.state.notices.tell(Severity::Error, format!("No thread could be started ({error})"), advice);
        }
    }

    /// Opens a file or a folder in another program.
    pub fn open_outside(&mut self, path: PathBuf) {
        let started = self.tasks.open_outside(path);
        self.check_task(started);
    }

    /// Opens the folders of the selected photos in the file manager.
    pub fn show_selected_in_folders(&mut self) {
        let folders = self.state.selected_folders();
        if folders.len() > MOST_FOLDERS {
            let what = format!("Opened {MOST_FOLDERS} of {}", count(folders.len(), "folder"));
            self.state.outcome = Some(format!("{what} · select fewer photos for the others"));
        }
        folders.into_iter().take(MOST_FOLDERS).for_each(|folder| self.open_outside(folder));
    }

    /// Tells that files were written, with the ways to them. `file` is the one that can be looked at, where it is one.
    pub fn written(&mut self, what: String, folder: &Path, file: Option<&Path>) {
        let path = file.unwrap_or(folder).to_owned();
        let fixes = file.map(|file| Fix::Open(file.to_owned())).into_iter();
        let fixes = fixes.chain([Fix::OpenFolder(folder.to_owned()), Fix::CopyPath(path)]).collect();
        self.state.notices.add(Severity::News, Problem::new(Blame::Machine, what.clone(), ""), fixes, true);
        self.state.outcome = Some(what);
    }
}
