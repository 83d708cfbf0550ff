//! What the commands about models say alike.

use crate::catalog::{CatalogError, Entry, Locations};
use crate::cli::ui;

/// That a model is not here, how large it is, and what to do about it.
pub(super) fn not_installed(entry: &Entry) -> String {
    let gone = Locations::from_env().gone(entry).map(|gone| format!(": {gone}")).unwrap_or_default();
    let (Entry { name, id, .. }, size) = (entry, ui::bytes(entry.file_bytes));
    format!("{name} is not installed{gone}. Fetch it with 'fathom models get {id}' ({size}, {}).", licence(entry))
}

/// An error and what to do about it, in sentences.
pub(super) fn sentences(error: &CatalogError) -> String {
    format!("{error}. {}.", error.advice())
}

/// The licence, with what it forbids spelled out.
pub(super) fn licence(entry: &Entry) -> String {
    if entry.non_commercial { format!("{} (non-commercial)", entry.licence) } else { entry.licence.into() }
}
