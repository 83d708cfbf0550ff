//! Where dialogs begin: in the folder in which the last one of the same purpose has ended, also in an earlier start of the program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What a folder is remembered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    Photos,
    Sessions,
    Exports,
    /// Pictures and films of the 3D view.
    Pictures,
    Weights,
    Cameras,
    Masks,
    Depths,
}

/// The folders, by what they are for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Places(BTreeMap<Purpose, PathBuf>);

impl Places {
    pub fn of(&self, purpose: Purpose) -> Option<&Path> {
        self.0.get(&purpose).map(PathBuf::as_path)
    }

    /// Remembers the folder `path`, or the one that a file of this path lies in. What is no text is not: it could not be kept.
    pub fn note(&mut self, purpose: Purpose, path: &Path) {
        let folder = if path.is_dir() { Some(path) } else { path.parent() };
        if let Some(folder) = folder.filter(|folder| folder.is_absolute() && folder.to_str().is_some()) {
            self.0.insert(purpose, folder.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_purpose_has_a_folder_of_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut places = Places::default();
        places.note(Purpose::Photos, &folder.path().join("a.jpg"));
        places.note(Purpose::Exports, folder.path());
        places.note(Purpose::Masks, Path::new("not/absolute.png"));
        assert_eq!(places.of(Purpose::Photos), Some(folder.path()));
        assert_eq!(places.of(Purpose::Exports), Some(folder.path()));
        assert_eq!(places.of(Purpose::Masks), None);
        let kept = serde_json::to_string(&places).expect("JSON");
        assert_eq!(serde_json::from_str::<Places>(&kept).expect("the same"), places);
    }
}
