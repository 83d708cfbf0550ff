//! The list of what was opened before.

use std::path::{Path, PathBuf, absolute};

use serde::{Deserialize, Serialize};

use crate::app::widgets::controls::count;
use crate::input::{PHOTO_EXTENSIONS, display_name};

/// Entries that are kept.
const MOST: usize = 10;
/// More photos than these are not one entry: they came from somewhere that is easier to name.
const MOST_PHOTOS: usize = 500;

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Photos,
    /// Of photos, or of results.
    Folder,
    Session,
}

/// What was opened at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    pub kind: Kind,
    pub paths: Vec<PathBuf>,
    /// A photo of it.
    pub picture: Option<PathBuf>,
}

impl Recent {
    /// The name of the first of its files.
    pub fn first(&self) -> String {
        self.paths.first().map(|path| display_name(path)).unwrap_or_default()
    }

    /// As a menu says it.
    pub fn name(&self) -> String {
        let first = self.first();
        match self.paths.len() {
            0 | 1 => first,
            more => format!("{first} and {} more", more - 1),
        }
    }

    /// What it is, in a word.
    pub fn what(&self) -> String {
        match self.kind {
            Kind::Photos => counted(&self.paths),
            Kind::Folder => "Folder".into(),
            Kind::Session => "Session".into(),
        }
    }

    /// The same with the folder of photos, which tells them from others of their names.
    pub fn detail(&self) -> String {
        let folder = self.paths.first().and_then(|path| path.parent()).and_then(Path::file_name);
        match (self.kind, folder) {
            (Kind::Photos, Some(folder)) => format!("{} · {}", self.what(), folder.to_string_lossy()),
            _ => self.what(),
        }
    }

    /// Where it lies.
    pub fn place(&self) -> String {
        let folder = self.paths.first().and_then(|path| path.parent());
        folder.map(|folder| folder.display().to_string()).unwrap_or_default()
    }
}

/// "2 photos", where all are that by their names: a disk that sleeps is not to be woken for a menu.
pub fn counted(paths: &[PathBuf]) -> String {
    let ending = |path: &PathBuf| path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let is_photo = |path: &PathBuf| ending(path).is_some_and(|ending| PHOTO_EXTENSIONS.contains(&ending.as_str()));
    match paths.len() {
        all if paths.iter().all(is_photo) => count(all, "photo"),
        1 => "1 file or folder".into(),
        all => format!("{all} files or folders"),
    }
}

/// All of them, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recents(Vec<Recent>);

impl Recents {
    pub fn all(&self) -> &[Recent] {
        &self.0
    }

    /// Puts what was opened in front. What is no text could not be kept, and is left out.
    pub fn note(&mut self, kind: Kind, paths: &[PathBuf], picture: Option<&Path>) {
        let paths: Option<Vec<PathBuf>> = paths.iter().map(|path| absolute(path).ok()).collect();
        let Some(paths) = paths.filter(|paths| (1..=MOST_PHOTOS).contains(&paths.len())) else { return };
        if paths.iter().any(|path| path.to_str().is_none()) {
            return;
        }
        let picture = picture.and_then(|path| absolute(path).ok()).filter(|path| path.to_str().is_some());
        self.remove(&paths);
        self.0.insert(0, Recent { kind, paths, picture });
        self.0.truncate(MOST);
    }

    /// Takes one out.
    pub fn remove(&mut self, paths: &[PathBuf]) {
        self.0.retain(|recent| recent.paths != paths);
    }

    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<PathBuf> {
        names.iter().map(|name| std::env::temp_dir().join(name)).collect()
    }

    #[test]
    fn the_newest_comes_first_once_and_the_list_is_short() {
        let mut recents = Recents::default();
        for n in 0..2 * MOST {
            recents.note(Kind::Photos, &paths(&[&format!("{n}.jpg")]), None);
        }
        recents.note(Kind::Photos, &paths(&["15.jpg"]), None);
        assert_eq!(recents.all().len(), MOST);
        assert_eq!(recents.all()[0].name(), "15.jpg");
        assert_eq!(recents.all().iter().filter(|recent| recent.name() == "15.jpg").count(), 1);
        recents.remove(&paths(&["15.jpg"]));
        assert_eq!(recents.all()[0].name(), "19.jpg");
    }

    #[test]
    fn entries_are_named_by_what_they_are() {
        let mut recents = Recents::default();
        recents.note(Kind::Photos, &paths(&["a.jpg", "b.jpg", "c.jpg"]), None);
        let [several] = recents.all() else { panic!("one entry") };
        assert_eq!((several.name().as_str(), several.what().as_str()), ("a.jpg and 2 more", "3 photos"));
        let folder = std::env::temp_dir();
        let folder = folder.file_name().expect("a name").to_string_lossy();
        assert_eq!(several.detail(), format!("3 photos · {folder}"));
        assert_eq!(counted(&paths(&["one", "other"])), "2 files or folders");
        assert_eq!(counted(&paths(&["one", "A.JPG"])), "2 files or folders");
        let kept = serde_json::to_string(&recents).expect("JSON");
        assert_eq!(serde_json::from_str::<Recents>(&kept).expect("the same"), recents);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_text_is_left_out() {
        let odd = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"/a/\xff.jpg");
        let mut recents = Recents::default();
        recents.note(Kind::Photos, &[PathBuf::from(odd)], None);
        assert!(recents.all().is_empty());
    }
}
