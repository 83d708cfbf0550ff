//! Opening again what was opened before, and noting what is opened.

use std::path::PathBuf;

use super::list::{Kind, Recents, counted};
use crate::app::desk::Desk;
use crate::app::desk::notices::Severity;
use crate::app::desk::state::AppState;
use crate::app::desk::tasks::{TaskDone, Work};
use crate::input::display_name;
use crate::session::has_ending;
use crate::worker::{Blame, Problem};

/// Opens the entry at this place.
pub fn open(desk: &mut Desk, recents: &Recents, index: usize) {
    if let Some(recent) = recents.all().get(index) {
        let started = desk.tasks.open_again(recent.paths.clone());
        desk.check_task(started);
    }
}

/// An entry is not there any more: it is said, and goes.
pub fn forget(desk: &mut Desk, recents: &mut Recents, paths: &[PathBuf]) {
    recents.remove(paths);
    let what = match paths {
        [path] => format!("{} is not there any more", path.display()),
        _ => {
            let first = paths.first().map(|path| display_name(path)).unwrap_or_default();
            format!("{first} and {} opened with it are not there any more", counted(paths.get(1..).unwrap_or_default()))
        }
    };
    let advice = "It is taken off the list of what was opened. Was it moved? Open it where it is now";
    desk.state.notices.add(Severity::Warning, Problem::new(Blame::File, what, advice), Vec::new(), true);
}

impl Recents {
    /// Takes note of what a task has opened or saved.
    pub fn follow(&mut self, state: &AppState, work: &Work, done: &TaskDone) {
        match (work, done) {
            // What no decoder knows by its first bytes is not worth a way back.
            (Work::Collect(paths), TaskDone::Collected(collected, sizes)) if sizes.iter().any(Option::is_some) => {
                let is_folder = paths.len() == 1 && paths.first() != collected.photos.first();
                let kind = if is_folder { Kind::Folder } else { Kind::Photos };
                self.note(kind, paths, collected.photos.first().map(PathBuf::as_path));
            }
            (_, TaskDone::Opened(path, Ok(session))) => {
                let picture = session.photos.first().map(|photo| photo.path.clone());
                let kind = if has_ending(path) { Kind::Session } else { Kind::Folder };
                self.note(kind, std::slice::from_ref(path), picture.as_deref());
            }
            (_, TaskDone::SessionSaved(path, Ok(()))) => {
                let picture = state.views.rows().first().map(|row| row.path.clone());
                self.note(Kind::Session, std::slice::from_ref(path), picture.as_deref());
            }
            _ => {}
        }
    }
}
