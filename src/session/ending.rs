//! By what session files are known: their ending.

use std::path::Path;

use crate::reopen::holds_results;

/// The ending of session files.
pub const ENDING: &str = "fathom";

/// Whether [`open`](super::open) is for this: a session file by its ending, or a folder of results by what is in it.
pub fn is_session(path: &Path) -> bool {
    has_ending(path) || holds_results(path)
}

/// Whether a path ends as session files do.
pub fn has_ending(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING))
}
