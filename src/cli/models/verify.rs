//! `fathom models verify`: what is installed against what was published.

use super::get::tell;
use super::{not_installed, sentences};
use crate::catalog::{self, Authority, Entry, Verdict};
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
            Ok(verdict) => (!matches!(verdict, Verdict::Wrong { .. }), describe(verdict)),
            Err(error) => (false, sentences(error)),
        };
        progress.pause(|| match is_good {
            true if quiet => {}
            true => ui::out(&format!("{}: {said}", entry.id)),
            false => ui::err(&format!("error: {}: {said}", entry.id)),
        });
        if !is_good {
            outcome = Outcome::Failure;
        }
    }
    progress.finish();
    outcome
}

fn describe(verdict: &Verdict) -> String {
    match verdict {
        Verdict::BuiltIn => "part of the program".into(),
        Verdict::Right { sha256, by: Authority::Pin } => format!("good, SHA-256 {sha256} is the one that Fathom knows"),
        Verdict::Right { sha256, by: Authority::Hub } => {
            format!("good, SHA-256 {sha256} is the one that the hub gave; Fathom knows none of its own")
        }
        Verdict::Right { sha256, by: Authority::HubOfAnotherRevision } => {
            format!("good, SHA-256 {sha256} is the one that the hub gave, but not of the revision that Fathom pins")
        }
        Verdict::Wrong { sha256, expected } => format!(
            "not what was published: its SHA-256 is {sha256}, expected {expected}. \
             Remove it and get it again, unless you changed it yourself."
        ),
        Verdict::Unknown { sha256 } => {
            format!("not verified, because nobody has said which digest it should have; its SHA-256 is {sha256}")
        }
    }
}
