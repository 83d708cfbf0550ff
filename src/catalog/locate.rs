//! Where the weights of a model lie: inside the program, in a folder of models, or in the cache that Python tools share.

use std::path::{Path, PathBuf};

use super::entries::BUILT_IN;
use super::published::WEIGHTS;
use super::{CatalogError, Entry, Weights, check_config};
use crate::hub::Cache;

/// The built-in model: Depth Anything V2 Small, half precision, part of the program so that the first start needs
/// neither a download nor a setting.
static BUILT_IN_WEIGHTS: &Aligned<[u8]> =
    &Aligned(*include_bytes!("../../assets/models/depth-anything-v2-small.safetensors"));

/// Numbers can be read where they lie only at addresses that are multiples of their size; bytes alone may lie anywhere, and
/// then every tensor would be copied to be read.
#[repr(align(64))]
struct Aligned<T: ?Sized>(T);

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

/// Where models are looked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Locations {
    /// The folder of models, which people fill by hand: see [`places`].
    pub own: Option<PathBuf>,
    /// The cache that Python tools share.
    pub cache: Option<Cache>,
}

impl Locations {
    /// As the environment says: [`models_dir`] and [`Cache::from_env`].
    pub fn from_env() -> Self {
        Self { own: models_dir(), cache: Cache::from_env() }
    }

    /// This model's weights on this machine, if they are here: what the person put there comes before what was fetched,
    /// and the pinned revision before others.
    pub fn locate(&self, entry: &Entry) -> Option<Weights> {
        if entry.id == BUILT_IN {
            return Some(Weights::BuiltIn(&BUILT_IN_WEIGHTS.0));
        }
        let fetched = || {
            let cache = self.cache.as_ref()?;
            [entry.revision(), "main"].into_iter().find_map(|revision| cache.find(entry.source, revision, WEIGHTS))
        };
        self.placed(entry).into_iter().next().or_else(fetched).map(Weights::File)
    }

    /// What has become of weights that the cache names and does not hold, in words: somebody has deleted the content.
    pub fn gone(&self, entry: &Entry) -> Option<String> {
        let cache = self.cache.as_ref()?;
        let gone = [entry.revision(), "main"].into_iter().find_map(|at| cache.dangling(entry.source, at, WEIGHTS));
        gone.map(|error| error.to_string())
    }

    /// Those of the model's [`places`] that hold a file.
    pub(super) fn placed(&self, entry: &Entry) -> Vec<PathBuf> {
        let places = self.own.as_ref().map(|models| places(entry, models));
        places.into_iter().flatten().filter(|path| path.is_file()).collect()
    }
}

/// This model's weights where the environment says that models are.
pub fn locate(entry: &Entry) -> Option<Weights> {
    Locations::from_env().locate(entry)
}

/// The weight file that a person means by a path: the file itself, or that of a folder as it is published. The
/// `config.json` beside it must be the model's.
///
/// # Errors
/// [`CatalogError::NoWeights`], and what [`check_config`] says.
pub fn chosen(entry: &Entry, path: &Path) -> Result<PathBuf, CatalogError> {
    let file = if path.is_dir() { path.join(WEIGHTS) } else { path.to_owned() };
    if !file.is_file() {
        return Err(CatalogError::NoWeights { path: path.to_owned() });
    }
    check_config(entry, &Weights::File(file.clone()))?;
    Ok(file)
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
    fn a_folder_means_its_weights_and_its_config_must_fit() {
        let entry = &entries()[1];
        let folder = tempfile::tempdir().expect("a folder");
        let said = |path: &Path| chosen(entry, path).map_err(|error| error.to_string());
        assert!(said(folder.path()).expect_err("empty").ends_with("holds no model.safetensors"));
        let weights = folder.path().join(WEIGHTS);
        std::fs::write(&weights, "").expect("written");
        assert_eq!(said(folder.path()), Ok(weights.clone()));
        assert_eq!(said(&weights), Ok(weights.clone()));
        std::fs::write(folder.path().join("config.json"), r#"{"model_name": "da3-base"}"#).expect("written");
        assert!(said(folder.path()).expect_err("another model").contains("is for da3-base, not for DA3-Small"));
    }

    #[test]
    fn places_are_named_after_the_model() {
        let entry = &entries()[1];
        let [flat, folder] = places(entry, Path::new("m"));
        assert_eq!(flat, Path::new("m/da3-small.safetensors"));
        assert_eq!(folder, Path::new("m/da3-small/model.safetensors"));
    }
}
