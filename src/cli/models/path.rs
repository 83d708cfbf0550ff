//! `fathom models path`: where weights lie, for scripts.

use super::words::not_installed;
use crate::catalog::{self, Entry, Weights};
use crate::cli::{Outcome, ui};

pub(super) fn run(entry: &'static Entry) -> Outcome {
    match catalog::locate(entry) {
        Some(Weights::File(path)) => {
            ui::out(&path.to_string_lossy());
            Outcome::Success
        }
        Some(Weights::BuiltIn(_)) => ui::failure(&format!("{} is part of the program and has no file.", entry.id)),
        None => ui::failure(&not_installed(entry)),
    }
}
