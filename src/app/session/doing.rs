//! Opening and saving sessions, and asking before unsaved work is lost.

use std::path::{Path, PathBuf};

use egui::ViewportCommand;

use super::layout::Layout;
use super::work::ran_long;
use super::{Answer, Leaving, Work};
use crate::app::fathom_app::FathomApp;
use crate::app::notices::Severity;
use crate::app::widgets::count;
use crate::export::ExportError;
use crate::session::{self, ENDING, PhotoFile, SavedPhoto, Session, SessionError};

/// How the error begins that a later success settles.
const NOT_SAVED: &str = "The session could not be saved";

impl FathomApp {
    /// What the window's title says.
    pub fn title(&self) -> &str {
        &self.session.title
    }

    /// Saves to the file that is open, or asks for one.
    pub(in crate::app) fn save_session(&mut self) {
        match self.session.file.clone() {
            Some(path) => self.save_session_into(path),
            None => self.save_session_as(),
        }
    }

    /// Asks for a file.
    pub(in crate::app) fn save_session_as(&mut self) {
        if self.state.views.is_empty() {
            return;
        }
        let offered = self.session.file.clone().unwrap_or_else(|| self.offered_file());
        let started = self.tasks.pick_session_file(offered);
        self.check_task(started);
    }

    /// Beside the folder of the photos, and with its name.
    fn offered_file(&self) -> PathBuf {
        let first = self.state.views.rows().first().and_then(|row| row.path.parent());
        let name = first.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
        let file = format!("{}.{ENDING}", name.as_deref().unwrap_or("fathom"));
        first.and_then(Path::parent).map_or_else(|| file.clone().into(), |folder| folder.join(&file))
    }

    pub(in crate::app) fn save_session_into(&mut self, path: PathBuf) {
        if self.state.views.is_empty() || self.tasks.is_saving() {
            return;
        }
        let session = Session { window: self.shown_layout(), ..self.state.session() };
        self.session.being_saved = self.work();
        let started = self.tasks.save_session(path, session);
        self.check_task(started);
    }

    pub(in crate::app) fn session_saved(&mut self, ctx: &egui::Context, path: PathBuf, saved: Result<(), ExportError>) {
        let then = self.session.after_save.take();
        match saved {
            Ok(()) => {
                self.state.outcome = Some(format!("Saved {}", path.display()));
                self.session.file = Some(path);
                self.session.kept = std::mem::take(&mut self.session.being_saved);
                self.state.notices.dismiss_beginning(NOT_SAVED);
                if let Some(leaving) = then {
                    self.leave(ctx, leaving);
                }
            }
            Err(error) => {
                tracing::warn!("a session could not be saved");
                let advice = "Save session as… takes another place";
                self.state.notices.tell(Severity::Error, format!("{NOT_SAVED}: {error}"), advice);
            }
        }
    }

    /// A session came by drop, dialog or command line.
    pub(in crate::app) fn found_session(&mut self, ctx: &egui::Context, path: PathBuf, others: usize) {
        if others > 0 {
            let what = format!("{} left out: a session is opened alone", count(others, "file"));
            self.state.notices.tell(Severity::News, what, "Drop photos on the window afterwards to add them");
        }
        self.leave(ctx, Leaving::Open(path));
    }

    pub(in crate::app) fn session_opened(&mut self, path: &Path, opened: Result<Box<Session>, SessionError>) {
        let mut session = match opened {
            Ok(session) => *session,
            Err(error) => {
                tracing::warn!("a session could not be opened");
                self.state.notices.tell(Severity::Error, format!("The session could not be opened: {error}"), "");
                return;
            }
        };
        if self.state.request_cancel() {
            (self.link.cancel)();
        }
        let window = std::mem::take(&mut session.window);
        let is_laid_out = !window.is_null();
        let remark = session.remark.take();
        let lost = lost(&session.photos);
        let run = self.state.show_session(session);
        match Layout::read(window) {
            Some(layout) => self.lay_out(layout, run),
            None if is_laid_out => {
                let what = "How this session was shown cannot be read";
                self.state.notices.tell(
                    Severity::Warning,
                    what,
                    "It is shown as the one before; its results are whole",
                );
            }
            None => {}
        }
        self.session.file = session::has_ending(path).then(|| path.to_owned());
        self.session.kept = self.work();
        self.follow = true;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let views = count(self.state.results.views().len(), "view");
        let mut outcome = format!("Opened {name} · {views}");
        if let Some(remark) = remark {
            outcome = format!("{outcome} · {remark}");
            self.state.notices.tell(Severity::News, outcome.clone(), "A session (Ctrl+S) keeps exact numbers");
        }
        if let Some(what) = lost {
            outcome = format!("{outcome} · {what}");
            let advice =
                "Their results are here all the same. A run needs the files: put them back, or remove these views";
            self.state.notices.tell(Severity::Warning, what, advice);
        }
        self.state.outcome = Some(outcome);
    }

    /// A dialog was closed without a choice: what waited for the file waits no longer.
    pub(in crate::app) fn dialog_closed(&mut self) {
        self.session.after_save = None;
    }

    /// Does what was asked for, or asks first what becomes of unsaved work.
    pub(in crate::app) fn leave(&mut self, ctx: &egui::Context, leaving: Leaving) {
        if self.tasks.is_saving() {
            self.session.after_save = Some(leaving);
        } else if self.asks_first() {
            self.session.asked = Some(leaving);
        } else {
            self.leave_now(ctx, leaving);
        }
    }

    /// Answers the question that [`Self::leave`] has asked.
    pub(in crate::app) fn answer(&mut self, ctx: &egui::Context, answer: Answer) {
        let Some(leaving) = self.session.asked.take() else { return };
        match answer {
            Answer::Save => {
                self.session.after_save = Some(leaving);
                self.save_session();
            }
            Answer::Discard => self.leave_now(ctx, leaving),
            Answer::Cancel => {}
        }
    }

    fn leave_now(&mut self, ctx: &egui::Context, leaving: Leaving) {
        match leaving {
            Leaving::Quit => {
                self.session.may_close = true;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            Leaving::Open(path) => {
                let started = self.tasks.open_session(path);
                self.check_task(started);
            }
            Leaving::Clear => {
                self.cancel();
                self.state.clear();
                // What comes next is something else: Ctrl+S must not put it in the place of this.
                (self.session.file, self.session.kept) = (None, Work::default());
            }
        }
    }

    /// Holds up a window that is being closed with unsaved work, and says in the title what is open.
    pub(in crate::app) fn watch_session(&mut self, ctx: &egui::Context) {
        if ctx.input(|input| input.viewport().close_requested()) && !self.session.may_close {
            if self.tasks.is_saving() || self.asks_first() {
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                // The question has to be seen.
                ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
                ctx.send_viewport_cmd(ViewportCommand::Focus);
                self.leave(ctx, Leaving::Quit);
            } else {
                self.session.may_close = true;
            }
        }
        let title = match self.session.name() {
            Some(name) if self.session.has_changes(&self.work()) => format!("• {name} – Fathom"),
            Some(name) => format!("{name} – Fathom"),
            None => "Fathom".into(),
        };
        if title != self.session.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.session.title = title;
        }
    }

    fn asks_first(&self) -> bool {
        self.session.asks(&self.work(), ran_long(&self.state))
    }

    fn work(&self) -> Work {
        Work::of(&self.state, self.places())
    }
}

/// What is wrong with the photos' files, as a sentence.
fn lost(photos: &[SavedPhoto]) -> Option<String> {
    let number = |file| photos.iter().filter(|photo| photo.file == file).count();
    match (number(PhotoFile::Missing), number(PhotoFile::Changed)) {
        (0, 0) => None,
        (missing, 0) => Some(format!("{} missing", count(missing, "photo"))),
        (0, changed) => Some(format!("{} changed since", count(changed, "photo"))),
        (missing, changed) => Some(format!("{} missing, {changed} changed since", count(missing, "photo"))),
    }
}
