//! What a model's licence allows.

use crate::catalog::Entry;

/// Licence in one line; what it forbids is spelled out.
pub fn licence(entry: &Entry) -> String {
    let restriction = if entry.non_commercial { " · non-commercial use only" } else { "" };
    format!("{}{restriction}", entry.licence)
}
