//! The session that the window shows: which file it is, what of it is not in there yet, and what happens to that.

mod contents;
mod doing;
mod layout;
mod work;

use std::path::{Path, PathBuf};

use crate::input::display_name;

pub use work::Work;

/// What was asked for and would lose unsaved work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaving {
    Quit,
    /// Open another session, or a folder of results.
    Open(PathBuf),
    /// Take all photos off the list.
    Clear,
}

/// An answer to the question what becomes of unsaved work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Save,
    Discard,
    /// Stay.
    Cancel,
}

/// The file behind what is shown.
#[derive(Debug, Default)]
pub struct OpenSession {
    /// Absent before it was saved.
    file: Option<PathBuf>,
    /// What was there when the file was last written or read.
    kept: Work,
    being_saved: Work,
    /// What waits for an [`Answer`].
    asked: Option<Leaving>,
    /// What waits for the file that is being written.
    after_save: Option<Leaving>,
    may_close: bool,
    title: String,
}

impl OpenSession {
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// What waits for an answer.
    pub fn asked(&self) -> Option<&Leaving> {
        self.asked.as_ref()
    }

    /// The name without its ending.
    pub fn name(&self) -> Option<String> {
        self.file.as_ref().map(|file| display_name(&file.with_extension("")))
    }

    /// Whether something is there that is not in the file.
    pub fn has_changes(&self, now: &Work) -> bool {
        *now != self.kept
    }

    /// Whether losing `now` needs a word first. Who has saved once means to keep what follows. Otherwise only what took a
    /// person's hand or a long run is asked about: a run of seconds is sooner repeated than a question is read.
    pub fn asks(&self, now: &Work, ran_long: bool) -> bool {
        self.has_changes(now) && (self.file.is_some() || ran_long || now.is_by_hand())
    }
}
