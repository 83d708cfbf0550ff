//! Opening and saving sessions, and asking before unsaved work is lost.

use std::path::{Path, PathBuf};

use egui::ViewportCommand;

use super::layout::Layout;
use super::leaving::{Answer, Leaving};
use super::open_session::OpenSession;
use super::work::{Work, ran_long};
use crate::app::centre::CentrePage;
use crate::app::desk::Desk;
use crate::app::desk::notices::Severity;
use crate::app::desk::places::Purpose;
use crate::app::widgets::controls::count;
use crate::export::ExportError;
use crate::session::{self, PhotoFile, SavedPhoto, Session, SessionError};

/// How the error begins that a later success settles.
const NOT_SAVED: &str = "The session could not be saved";

impl OpenSession {
    /// Saves to the file that is open, or asks for one.
    pub fn save(&mut self, desk: &mut Desk, centre: &CentrePage) {
        match self.file.clone() {
            Some(path) => self.save_into(desk, centre, path),
            None => self.save_as(desk),
        }
    }

    /// Asks for a file.
    pub fn save_as(&mut self, desk: &mut Desk) {
        if desk.state.views.is_empty() {
            return;
        }
        let offered = self.file.as_ref().map_or_else(|| offered_place(desk), |file| file.with_extension(""));
        let started = desk.tasks.pick_session_file(offered);
        desk.check_task(started);
    }

    pub fn save_into(&mut self, desk: &mut Desk, centre: &CentrePage, path: PathBuf) {
        if desk.state.views.is_empty() || desk.tasks.is_saving() {
            return;
        }
        let session = Session { window: Layout::shown(desk, centre), ..desk.state.session() };
        self.being_saved = work(desk, centre);
        let started = desk.tasks.save_session(path, session);
        desk.check_task(started);
    }

    pub fn saved(
        &mut self,
        ctx: &egui::Context,
        desk: &mut Desk,
        centre: &CentrePage,
        path: PathBuf,
        saved: Result<(), ExportError>,
    ) {
        let then = self.after_save.take();
        match saved {
            Ok(()) => {
                desk.state.outcome = Some(format!("Saved {}", path.display()));
                desk.tasks.dialogs.places.note(Purpose::Sessions, &path);
                self.file = Some(path);
                self.kept = std::mem::take(&mut self.being_saved);
                desk.state.notices.dismiss_beginning(NOT_SAVED);
                if let Some(leaving) = then {
                    self.leave(ctx, desk, centre, leaving);
                }
            }
            Err(error) => {
                tracing::warn!("a session could not be saved");
                let advice = "Save session as… takes another place";
                desk.state.notices.tell(Severity::Error, format!("{NOT_SAVED}: {error}"), advice);
            }
        }
    }

    /// A session came by drop, dialog or command line.
    pub fn found(&mut self, ctx: &egui::Context, desk: &mut Desk, centre: &CentrePage, path: PathBuf, others: usize) {
        if others > 0 {
            let what = format!("{} left out: a session is opened alone", count(others, "file"));
            desk.state.notices.tell(Severity::News, what, "Drop photos on the window afterwards to add them");
        }
        self.leave(ctx, desk, centre, Leaving::Open(path));
    }

    pub fn opened(
        &mut self,
        desk: &mut Desk,
        centre: &mut CentrePage,
        path: &Path,
        opened: Result<Box<Session>, SessionError>,
    ) {
        let mut session = match opened {
            Ok(session) => *session,
            Err(error) => {
                tracing::warn!("a session could not be opened");
                desk.state.notices.tell(Severity::Error, format!("The session could not be opened: {error}"), "");
                return;
            }
        };
        desk.cancel();
        let window = std::mem::take(&mut session.window);
        let is_laid_out = !window.is_null();
        let remark = session.remark.take();
        let lost = lost(&session.photos);
        let run = desk.state.show_session(session);
        match Layout::read(window) {
            Some(layout) => layout.lay_out(centre, run, &desk.state.results),
            None if is_laid_out => {
                let what = "How this session was shown cannot be read";
                desk.state.notices.tell(
                    Severity::Warning,
                    what,
                    "It is shown as the one before; its results are whole",
                );
            }
            None => {}
        }
        self.file = session::has_ending(path).then(|| path.to_owned());
        if self.file.is_some() {
            desk.tasks.dialogs.places.note(Purpose::Sessions, path);
        }
        self.kept = work(desk, centre);
        desk.follow = true;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let views = count(desk.state.results.views().len(), "view");
        let mut outcome = format!("Opened {name} · {views}");
        if let Some(remark) = remark {
            desk.state.forget_network();
            outcome = format!("{outcome} · {remark}");
            desk.state.notices.tell(Severity::News, outcome.clone(), "A session (Ctrl+S) keeps exact numbers");
        }
        if let Some(what) = lost {
            outcome = format!("{outcome} · {what}");
            let advice =
                "Their results are here all the same. A run needs the files: put them back, or remove these views";
            desk.state.notices.tell(Severity::Warning, what, advice);
        }
        desk.state.outcome = Some(outcome);
    }

    /// A dialog was closed without a choice: what waited for the file waits no longer.
    pub fn dialog_closed(&mut self) {
        self.after_save = None;
    }

    /// Does what was asked for, or asks first what becomes of unsaved work.
    pub fn leave(&mut self, ctx: &egui::Context, desk: &mut Desk, centre: &CentrePage, leaving: Leaving) {
        if desk.tasks.is_saving() {
            self.after_save = Some(leaving);
        } else if self.asks_first(desk, centre) {
            self.asked = Some(leaving);
        } else {
            self.leave_now(ctx, desk, leaving);
        }
    }

    /// Answers the question that [`Self::leave`] has asked.
    pub fn answer(&mut self, ctx: &egui::Context, desk: &mut Desk, centre: &CentrePage, answer: Answer) {
        let Some(leaving) = self.asked.take() else { return };
        match answer {
            Answer::Save => {
                self.after_save = Some(leaving);
                self.save(desk, centre);
            }
            Answer::Discard => self.leave_now(ctx, desk, leaving),
            Answer::Cancel => {}
        }
    }

    fn leave_now(&mut self, ctx: &egui::Context, desk: &mut Desk, leaving: Leaving) {
        match leaving {
            Leaving::Quit => {
                self.may_close = true;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            Leaving::Open(path) => {
                let started = desk.tasks.open_session(path);
                desk.check_task(started);
            }
            Leaving::Clear => {
                desk.cancel();
                desk.state.clear();
                // What comes next is something else: Ctrl+S must not put it in the place of this.
                (self.file, self.kept) = (None, Work::default());
            }
        }
    }

    /// Holds up a window that is being closed with unsaved work, and says in the title what is open.
    pub fn watch(&mut self, ctx: &egui::Context, desk: &mut Desk, centre: &CentrePage) {
        if ctx.input(|input| input.viewport().close_requested()) && !self.may_close {
            if desk.tasks.is_saving() || self.asks_first(desk, centre) {
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                // The question has to be seen.
                ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
                ctx.send_viewport_cmd(ViewportCommand::Focus);
                self.leave(ctx, desk, centre, Leaving::Quit);
            } else {
                self.may_close = true;
            }
        }
        let title = match self.name() {
            Some(name) if self.has_changes(&work(desk, centre)) => format!("• {name} – Fathom"),
            Some(name) => format!("{name} – Fathom"),
            None => "Fathom".into(),
        };
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    /// Whether there is a file of what is shown, or what would be asked about before it is lost.
    pub fn holds_work(&self, desk: &Desk, centre: &CentrePage) -> bool {
        self.file.is_some() || self.asks_first(desk, centre)
    }

    fn asks_first(&self, desk: &Desk, centre: &CentrePage) -> bool {
        self.asks(&work(desk, centre), ran_long(&desk.state))
    }
}

fn work(desk: &Desk, centre: &CentrePage) -> Work {
    Work::of(&desk.state, centre.places(desk.state.results.run()))
}

/// Beside the folder of the photos, and with its name; with that of the photo where there is one alone.
fn offered_place(desk: &Desk) -> PathBuf {
    let folder = desk.photos_folder();
    let text = |name: &std::ffi::OsStr| name.to_string_lossy().into_owned();
    let name = match desk.state.views.rows() {
        [row] => row.path.file_stem().map(text),
        _ => folder.and_then(Path::file_name).map(text),
    };
    let name = name.unwrap_or_else(|| "fathom".into());
    folder.and_then(Path::parent).unwrap_or(Path::new("")).join(name)
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
