//! `fathom models rm`: room is made, and nothing of anybody else's is touched.

use super::words::{not_installed, sentences};
use crate::catalog::{self, BUILT_IN, Entry, Locations, Removal};
use crate::cli::{Outcome, ui};

pub(super) fn run(entry: &Entry, force: bool, quiet: bool) -> Outcome {
    if entry.id == BUILT_IN {
        return ui::failure(&format!("{} is part of the program and cannot be removed.", entry.id));
    }
    let locations = Locations::from_env();
    let removal = match catalog::remove(&locations, entry, force) {
        Ok(removal) => removal,
        Err(error) => return ui::failure(&sentences(&error)),
    };
    let Removal { freed_bytes, files, shared, placed } = &removal;
    if removal == Removal::default() {
        let left = match catalog::leftovers(&locations, entry).len() {
            0 => String::new(),
            _ => format!(" What is left over of it goes with 'fathom models tidy {}'.", entry.id),
        };
        return ui::failure(&format!("{}{left}", not_installed(entry)));
    }
    if !quiet && (*files > 0 || *freed_bytes > 0) {
        ui::say(&format!("Removed {}: {} are free again.", entry.id, ui::bytes(*freed_bytes)));
    }
    if !quiet && *shared > 0 {
        ui::say("Another revision in the cache has the same content, which therefore stays.");
    }
    let left: u64 = catalog::leftovers(&locations, entry).iter().map(|left| left.bytes).sum();
    if !quiet && left > 0 {
        ui::say(&format!("{} more are left over: 'fathom models tidy {}' removes them.", ui::bytes(left), entry.id));
    }
    for path in placed {
        ui::err(&format!("error: {} was put there by hand; --force deletes it, too.", ui::shown(path)));
    }
    if placed.is_empty() { Outcome::Success } else { Outcome::Failure }
}
