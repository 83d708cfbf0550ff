//! `fathom models get`: models come into the cache, with a bar on the way.

use super::words::{licence, sentences};
use crate::catalog::{self, CatalogError, Entry, Weights};
use crate::cli::progress::Progress;
use crate::cli::{Outcome, ui};
use crate::hub::{self, Hub, Stop};

pub(super) fn run(entries: &[&'static Entry], quiet: bool) -> Outcome {
    let progress = Progress::choose(quiet);
    let mut outcome = Outcome::Success;
    for entry in entries {
        match get(entry, &progress) {
            Ok(_) if quiet => {}
            Ok(place) => progress.pause(|| ui::out(&place)),
            Err(error) => {
                progress.complain(&format!("error: {}: {}", entry.id, sentences(&error)));
                outcome = Outcome::Failure;
            }
        }
    }
    progress.finish();
    outcome
}

/// Where the model lies now.
fn get(entry: &Entry, progress: &Progress) -> Result<String, CatalogError> {
    if let Some(weights) = catalog::locate(entry) {
        progress.say(&format!("{} is installed already", entry.id));
        return Ok(match weights {
            // A script reads this.
            Weights::File(path) => path.to_string_lossy().into_owned(),
            Weights::BuiltIn(_) => weights.to_string(),
        });
    }
    let hub = Hub::from_env()?;
    progress.say(&format!(
        "Fetching {} from {} ({}), licence {}",
        entry.id,
        entry.source,
        ui::bytes(entry.file_bytes),
        licence(entry)
    ));
    // Ctrl+C ends the program; what has come stays on disk without anybody's help.
    let path = catalog::fetch(&hub, entry, &Stop::default(), &mut |step| tell(entry, &step, progress))?;
    Ok(path.to_string_lossy().into_owned())
}

pub(super) fn tell(entry: &Entry, step: &hub::Progress, progress: &Progress) {
    let id = entry.id;
    match step {
        hub::Progress::Waiting => progress.transferring(&format!("{id}: another program fetches it"), 0, 1, None),
        hub::Progress::Downloading { done, total, bytes_per_sec } => {
            progress.transferring(id, *done, *total, *bytes_per_sec);
        }
        hub::Progress::Retrying { attempt, wait, why } => {
            progress.say(&format!("{id}: {why}; attempt {attempt} follows in {:.0} s", wait.as_secs_f32().ceil()));
        }
        hub::Progress::Checking { done, total } => {
            progress.transferring(&format!("Checking {id}"), *done, *total, None);
        }
    }
}
