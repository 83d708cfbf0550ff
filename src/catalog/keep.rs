//! Models on disk: fetched, compared with what was published, removed.

use std::path::PathBuf;

use super::config::check_config_file;
use super::published::{CONFIG, WEIGHTS};
use super::{CatalogError, Entry, Locations, Weights, check_config};
use crate::hub::{
    Cache, Hub, HubError, Leftover, Progress, RemoteFile, Removable, Removed, Stop, sha256_of, sha256_of_bytes,
};

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

impl Verdict {
    /// Whether nothing speaks against the weights.
    pub fn is_good(&self) -> bool {
        !matches!(self, Self::Wrong { .. })
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("part of the program"),
            Self::Right { sha256, by } => match by {
                Authority::Pin => write!(f, "good, SHA-256 {sha256} is the one that Fathom knows"),
                Authority::Hub => {
                    write!(f, "good, SHA-256 {sha256} is the one that the hub gave; Fathom knows none of its own")
                }
                Authority::HubOfAnotherRevision => write!(
                    f,
                    "good, SHA-256 {sha256} is the one that the hub gave, but not of the revision that Fathom pins"
                ),
            },
            Self::Wrong { sha256, expected } => write!(
                f,
                "not what was published: its SHA-256 is {sha256}, expected {expected}. \
                 Remove it and get it again, unless you changed it yourself."
            ),
            Self::Unknown { sha256 } => {
                write!(f, "not verified, because nobody has said which digest it should have; its SHA-256 is {sha256}")
            }
        }
    }
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

/// What of a model is on this machine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Holding {
    /// What a run reads.
    pub weights: Option<Weights>,
    /// What the person has put among the models, and its bytes.
    pub placed: Vec<(PathBuf, u64)>,
    /// What a removal from the shared cache would do.
    pub cached: Removable,
    /// What unfinished downloads have left in the cache.
    pub unfinished_bytes: u64,
    /// What else lies in the cache and is of no use.
    pub leftovers: Vec<Leftover>,
    /// Says so where the cache names weights whose content is gone.
    pub gone: Option<String>,
}

/// Looks what of a model is here.
pub fn holding(locations: &Locations, entry: &Entry) -> Holding {
    let cache = locations.cache.as_ref();
    let bytes = |path: PathBuf| {
        let bytes = path.metadata().map_or(0, |found| found.len());
        (path, bytes)
    };
    Holding {
        weights: locations.locate(entry),
        placed: locations.placed(entry).into_iter().map(bytes).collect(),
        cached: cache.map_or_else(Removable::default, |cache| {
            cache.removable(entry.source, &commits(cache, entry), &[WEIGHTS, CONFIG])
        }),
        unfinished_bytes: cache.map_or(0, |cache| cache.unfinished_bytes(entry.source)),
        leftovers: leftovers(locations, entry).into_iter().filter(|left| !left.is_resumable()).collect(),
        gone: locations.gone(entry),
    }
}

/// What lies in the shared cache in the name of a model's repository and is of no use.
pub fn leftovers(locations: &Locations, entry: &Entry) -> Vec<Leftover> {
    let cache = locations.cache.as_ref();
    cache.map_or_else(Vec::new, |cache| cache.leftovers(entry.source, &[entry.revision()]))
}

/// Removes what [`leftovers`] lists, and says what went.
///
/// # Errors
/// [`HubError::Disk`](crate::hub::HubError::Disk).
pub fn tidy(locations: &Locations, entry: &Entry) -> Result<Vec<Leftover>, CatalogError> {
    let Some(cache) = &locations.cache else { return Ok(Vec::new()) };
    Ok(cache.remove_leftovers(entry.source, &[entry.revision()])?)
}

/// The snapshots in which a model's files are looked for.
fn commits(cache: &Cache, entry: &Entry) -> Vec<String> {
    let revisions = [entry.revision(), "main"].into_iter();
    let mut commits: Vec<_> = revisions.filter_map(|revision| cache.commit(entry.source, revision)).collect();
    commits.dedup();
    commits
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
pub fn remove(locations: &Locations, entry: &Entry, also_placed: bool) -> Result<Removal, CatalogError> {
    let mut removal = Removal::default();
    if let Some(cache) = &locations.cache {
        for commit in commits(cache, entry) {
            let Removed { files, freed_bytes, shared } = cache.remove(entry.source, &commit, &[WEIGHTS, CONFIG])?;
            removal.files += files;
            removal.freed_bytes += freed_bytes;
            removal.shared += shared;
        }
        removal.freed_bytes += cache.remove_unfinished(entry.source)?;
    }
    for path in locations.placed(entry) {
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
