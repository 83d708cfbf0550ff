//! `fathom models tidy`: what is of no use goes, and nothing else.

use super::words::sentences;
use crate::catalog::{self, Entry, Locations};
use crate::cli::{Outcome, ui};
use crate::hub::Leftover;

/// Tidies the folders of these models, or of all.
pub(super) fn run(entries: &[&'static Entry], quiet: bool) -> Outcome {
    let locations = Locations::from_env();
    let all: Vec<_> = catalog::entries().iter().collect();
    let (mut outcome, mut freed, mut count) = (Outcome::Success, 0, 0);
    for entry in if entries.is_empty() { &all } else { entries } {
        match catalog::tidy(&locations, entry) {
            Ok(removed) => {
                freed += removed.iter().map(|left| left.bytes).sum::<u64>();
                count += removed.len();
                for Leftover { path, bytes, why } in removed.iter().filter(|_| !quiet) {
                    ui::say(&format!("Removed {} ({}): {why}", ui::shown(path), ui::bytes(*bytes)));
                }
            }
            Err(error) => {
                ui::err(&format!("error: {}: {}", entry.id, sentences(&error)));
                outcome = Outcome::Failure;
            }
        }
    }
    match count {
        _ if quiet => {}
        0 => ui::say("Nothing is left over."),
        _ => ui::say(&format!("{} are free again.", ui::bytes(freed))),
    }
    outcome
}
