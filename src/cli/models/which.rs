//! What people are told of which models there are, and of which are here.

use std::path::Path;

use super::words::not_installed;
use crate::catalog::{self, Entry};

/// Whether there are weights to run a model with, or what to say where there are none.
pub(in crate::cli) fn at_hand(entry: &Entry, weights: Option<&Path>) -> Result<(), String> {
    if weights.is_some() || catalog::locate(entry).is_some() {
        return Ok(());
    }
    Err(format!("{} Or name a model file that you have with --weights.", not_installed(entry)))
}

/// The ids of the models that have something, as a person would list them: "a, b or c".
pub(in crate::cli) fn those(has: fn(&Entry) -> bool) -> String {
    let ids: Vec<&str> = catalog::entries().iter().filter(|entry| has(entry)).map(|entry| entry.id).collect();
    match ids.split_last() {
        Some((last, [])) => (*last).into(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
