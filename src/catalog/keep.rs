//! Models on disk: fetched, compared with what was published, removed.

use std::path::PathBuf;

use super::config::check_config_file;
use super::locate::placed;
use super::published::{CONFIG, WEIGHTS};
use super::{CatalogError, Entry, Weights, check_config};
use crate::hub::{Cache, Hub, HubError, Progress, RemoteFile, Removed, Stop, sha256_of, sha256_of_bytes};

/// Brings a model's weights and its `config.json` into the shared cache, as far as they are not there. The small file comes
/// first, so that a wrong one costs nothing. The weights are returned.
///
/// # Errors
/// Any [`HubError`](crate::hub::HubError), and [`CatalogError::OtherModel`] where the repository is another model's.
pub fn fetch(
    hub: &Hub,
    entry: &Entry,
    stop: &Stop,
    progress: &mut dyn FnMut(Progress),
) -> Result<PathBuf, CatalogError> {
    let config = hub.fetch(&entry.published_config(), stop, &mut |step| {
        // Its few bytes are not worth a report; trouble is.
        if matches!(step, Progress::Retrying { .. } | Progress::Waiting) {
            progress(step);
        }
    })?;
    check_config_file(entry, &config.path)?;
    // A branch may move between the two files.
    let weights = RemoteFile { revision: config.commit, ..entry.published_weights() };
    Ok(hub.fetch(&weights, stop, progress)?.path)
}

/// What weights turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Part of the program.
    BuiltIn,
    /// The digest is the expected one, and this is who says so.
    Right {
        sha256: String,
        by: Authority,
    },
    Wrong {
        sha256: String,
        expected: String,
    },
    /// Nobody has said which digest this file should have.
    Unknown {
        sha256: String,
    },
}

/// Whose word a digest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Fathom's own table.
    Pin,
    /// The hub's, when the file was fetched.
    Hub,
    /// The hub's, and the file is of another revision than Fathom's table pins.
    HubOfAnotherRevision,
}

/// Reads a model's weights and compares them with what was published.
///
/// # Errors
/// [`CatalogError::OtherModel`] and [`CatalogError::Config`] for the file beside them, [`HubError`](crate::hub::HubError)
/// where they cannot be read.
pub fn verify(
    entry: &Entry,
    weights: &Weights,
    stop: &Stop,
    progress: &mut dyn FnMut(Progress),
) -> Result<Verdict, CatalogError> {
    check_config(entry, weights)?;
    let Weights::File(path) = weights else { return Ok(Verdict::BuiltIn) };
    let sha256 = sha256_of(path, stop, progress)?;
    let named = Cache::published_digest(path);
    let (expected, by) = match (entry.pin(), named) {
        (Some(pin), Some(named)) if named != pin.sha256 => (named, Authority::HubOfAnotherRevision),
        (Some(pin), _) => (pin.sha256.to_owned(), Authority::Pin),
        (None, Some(named)) => (named, Authority::Hub),
        (None, None) => return Ok(Verdict::Unknown { sha256 }),
    };
    Ok(if sha256 == expected { Verdict::Right { sha256, by } } else { Verdict::Wrong { sha256, expected } })
}

/// What a removal has done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Removal {
    pub freed_bytes: u64,
    /// Files that are no longer there.
    pub files: usize,
    /// Contents that other revisions in the cache share, and that therefore stay.
    pub shared: usize,
    /// Files that the person has put among the models; they stay unless asked for.
    pub placed: Vec<PathBuf>,
}

/// Removes a model's weights and `config.json` from the shared cache, and what unfinished downloads have left. Weights that
/// the person put there are removed only with `also_placed`.
///
/// # Errors
/// [`HubError::Disk`](crate::hub::HubError::Disk).
pub fn remove(cache: Option<&Cache>, entry: &Entry, also_placed: bool) -> Result<Removal, CatalogError> {
    let mut removal = Removal::default();
    if let Some(cache) = cache {
        for revision in [entry.revision(), "main"] {
            let Some(commit) = cache.commit(entry.source, revision) else { continue };
            let Removed { files, freed_bytes, shared } = cache.remove(entry.source, &commit, &[WEIGHTS, CONFIG])?;
            removal.files += files;
            removal.freed_bytes += freed_bytes;
            removal.shared += shared;
        }
        removal.freed_bytes += cache.remove_unfinished(entry.source)?;
    }
    for path in placed(entry) {
        if !also_placed {
            removal.placed.push(path);
            continue;
        }
        let disk = |source| HubError::Disk { path: path.clone(), source };
        removal.freed_bytes += path.metadata().map_err(disk)?.len();
        std::fs::remove_file(&path).map_err(disk)?;
        removal.files += 1;
    }
    Ok(removal)
}

/// The SHA-256 of weights in lower-case hexadecimal digits.
///
/// # Errors
/// Where the file cannot be read.
pub fn digest(weights: &Weights) -> Result<String, HubError> {
    match weights {
        Weights::BuiltIn(bytes) => Ok(sha256_of_bytes(bytes)),
        Weights::File(path) => sha256_of(path, &Stop::default(), &mut |_| ()),
    }
}
