//! The file behind what is shown, and what of it is not in there yet.

use std::path::{Path, PathBuf};

use super::leaving::Leaving;
use super::work::Work;
use crate::input::display_name;

/// The file behind what is shown.
#[derive(Debug, Default)]
pub struct OpenSession {
    /// Absent before it was saved.
    pub(super) file: Option<PathBuf>,
    /// What was there when the file was last written or read.
    pub(super) kept: Work,
    pub(super) being_saved: Work,
    /// What waits for an [`Answer`].
    pub(super) asked: Option<Leaving>,
    /// What waits for the file that is being written.
    pub(super) after_save: Option<Leaving>,
    pub(super) may_close: bool,
    pub(super) title: String,
}

impl OpenSession {
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// What the window's title says.
    pub fn title(&self) -> &str {
        &self.title
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
