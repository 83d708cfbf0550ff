//! `fathom models verify`: what is installed against what was published.

use super::get::tell;
use super::words::{not_installed, sentences};
use crate::catalog::{self, Entry};
use crate::cli::progress::Progress;
use crate::cli::{Outcome, ui};
use crate::hub::Stop;

/// Verifies these models, or all that are installed.
pub(super) fn run(entries: &[&'static Entry], quiet: bool) -> Outcome {
    let progress = Progress::choose(quiet);
    let mut outcome = Outcome::Success;
    let all: Vec<_> = catalog::entries().iter().collect();
    for entry in if entries.is_empty() { &all } else { entries } {
        let Some(weights) = catalog::locate(entry) else {
            if !entries.is_empty() {
                progress.complain(&format!("error: {}", not_installed(entry)));
                outcome = Outcome::Failure;
            }
            continue;
        };
        let verdict = catalog::verify(entry, &weights, &Stop::default(), &mut |step| tell(entry, &step, &progress));
        let (is_good, said) = match &verdict {
            Ok(verdict) => (verdict.is_good(), verdict.to_string()),
            Err(error) => (false, sentences(error)),
        };
        progress.pause(|| match is_good {
            true if quiet => {}
            true => ui::say(&format!("{}: {said}", entry.id)),
            false => ui::err(&format!("error: {}: {said}", entry.id)),
        });
        if !is_good {
            outcome = Outcome::Failure;
        }
    }
    progress.finish();
    outcome
}
