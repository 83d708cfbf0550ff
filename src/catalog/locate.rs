//! Where the weights of a model lie: inside the program, in a folder of models, or in the cache that Python tools share.

use std::path::{Path, PathBuf};

use super::Entry;
use super::entries::BUILT_IN;
use super::published::WEIGHTS;
use crate::hub::Cache;

/// The built-in model: Depth Anything V2 Small, half precision, part of the program so that the first start needs
/// neither a download nor a setting.
static BUILT_IN_WEIGHTS: &Aligned<[u8]> =
    &Aligned(*include_bytes!("../../assets/models/depth-anything-v2-small.safetensors"));

/// Numbers can be read where they lie only at addresses that are multiples of their size; bytes alone may lie anywhere, and
/// then every tensor would be copied to be read.
#[repr(align(64))]
struct Aligned<T: ?Sized>(T);

/// Where weights come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Weights {
    /// A safetensors file inside the program.
    BuiltIn(&'static [u8]),
    File(PathBuf),
}

impl std::fmt::Display for Weights {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn(_) => f.write_str("built in"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// The folder in which Fathom looks for weights: `FATHOM_MODELS`, else `models` in the user's data folder. `None` where
/// the system names no home.
pub fn models_dir() -> Option<PathBuf> {
    std::env::var_os("FATHOM_MODELS")
        .map(PathBuf::from)
        .or_else(|| directories::ProjectDirs::from("", "", "fathom").map(|dirs| dirs.data_dir().join("models")))
}

/// The files that would be taken as this model's weights, in the order in which they are looked for.
pub fn places(entry: &Entry, models: &Path) -> [PathBuf; 2] {
    [models.join(format!("{}.safetensors", entry.id)), models.join(entry.id).join(WEIGHTS)]
}

/// Those of these files that are there.
pub(super) fn placed(entry: &Entry) -> Vec<PathBuf> {
    let places = models_dir().map(|models| places(entry, &models));
    places.into_iter().flatten().filter(|path| path.is_file()).collect()
}

/// This model's weights on this machine, if they are here: what the person put there comes before what was fetched, and
/// the pinned revision before others.
pub fn locate(entry: &Entry) -> Option<Weights> {
    if entry.id == BUILT_IN {
        return Some(Weights::BuiltIn(&BUILT_IN_WEIGHTS.0));
    }
    let fetched = || {
        let cache = Cache::from_env()?;
        [entry.revision(), "main"].into_iter().find_map(|revision| cache.find(entry.source, revision, WEIGHTS))
    };
    placed(entry).into_iter().next().or_else(fetched).map(Weights::File)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::entries;

    #[test]
    fn the_built_in_model_is_always_here() {
        let built_in = entries().iter().find(|e| e.id == BUILT_IN).expect("an entry");
        assert!(
            matches!(locate(built_in), Some(Weights::BuiltIn(bytes)) if bytes.len() > 40 << 20 && bytes.as_ptr().addr() % 64 == 0)
        );
    }

    #[test]
    fn places_are_named_after_the_model() {
        let entry = &entries()[1];
        let [flat, folder] = places(entry, Path::new("m"));
        assert_eq!(flat, Path::new("m/da3-small.safetensors"));
        assert_eq!(folder, Path::new("m/da3-small/model.safetensors"));
    }
}
