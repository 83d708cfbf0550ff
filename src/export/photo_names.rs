//! The names by which files of cameras speak of photos.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path};
use std::sync::Arc;

use super::file_name::{photo_name, safe};
use crate::inference::ViewPrediction;

/// The parts of the folder that a photo lies in.
fn folder(photo: &Path) -> Vec<Component<'_>> {
    photo.parent().map(|folder| folder.components().collect()).unwrap_or_default()
}

/// The photos' file names; where two different photos have the same, all names are paths below the folder that they have in
/// common, with `/` between the parts on every system.
pub(super) fn photo_names(views: &[Arc<ViewPrediction>]) -> Vec<String> {
    let paths: HashSet<&Path> = views.iter().map(|view| view.path.as_path()).collect();
    let mut photos_by_name: HashMap<String, usize> = HashMap::new();
    for path in &paths {
        *photos_by_name.entry(photo_name(path)).or_default() += 1;
    }
    if photos_by_name.values().all(|&photos| photos == 1) {
        return views.iter().map(|view| photo_name(&view.path)).collect();
    }
    let common = common_parts(&paths);
    let name = |path: &Path| {
        let parts = path.components().skip(common).filter_map(|part| match part {
            Component::Normal(part) => Some(part.to_string_lossy()),
            _ => None,
        });
        parts.collect::<Vec<_>>().join("/")
    };
    views.iter().map(|view| name(&view.path)).collect()
}

/// Names by which COLMAP models and files for trainers speak of photos, in the photos' order: each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PhotoNames(Vec<String>);

impl PhotoNames {
    /// The photos' own names, without what ends a name in files: zero bytes and line breaks.
    pub fn new(views: &[Arc<ViewPrediction>]) -> Self {
        Self::unique(photo_names(views).into_iter().map(|name| name.replace(['\0', '\n', '\r'], "_")))
    }

    /// Names that become others first, in one word each: blanks become `_`.
    pub(super) fn words(views: &[Arc<ViewPrediction>], renamed: impl Fn(&ViewPrediction, String) -> String) -> Self {
        let names = views.iter().zip(photo_names(views)).map(|(view, name)| renamed(view, name));
        Self::unique(names.map(|name| name.replace(|c: char| c.is_whitespace() || c.is_control(), "_")))
    }

    /// Each name once: one that an earlier view has already gets the view's place in front, counted from 0, as our own files
    /// have it: `IMG_1.jpg`, `0001_IMG_1.jpg`.
    fn unique(names: impl Iterator<Item = String>) -> Self {
        let mut taken = HashSet::new();
        let unique = names.enumerate().map(|(index, mut name)| {
            while !taken.insert(name.clone()) {
                name = format!("{index:04}_{name}");
            }
            name
        });
        Self(unique.collect())
    }

    /// The names at some places.
    pub(super) fn at(&self, places: &[usize]) -> Self {
        Self(places.iter().filter_map(|&place| self.0.get(place).cloned()).collect())
    }

    pub(super) fn of(&self, place: usize) -> &str {
        self.0.get(place).map_or("", String::as_str)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &String> {
        self.0.iter()
    }
}

/// Where the photos' folders lie below the one that they have in common, safe on every file system, each part with `/` behind
/// it.
pub(super) fn photo_folders(views: &[Arc<ViewPrediction>]) -> Vec<String> {
    let common = common_parts(&views.iter().map(|view| view.path.as_path()).collect());
    let below = |view: &Arc<ViewPrediction>| {
        let parts = folder(&view.path).into_iter().skip(common).filter_map(|part| match part {
            Component::Normal(part) => Some(safe(&part.to_string_lossy()) + "/"),
            _ => None,
        });
        parts.collect()
    };
    views.iter().map(below).collect()
}

/// How many parts of their folders' paths all have in common.
fn common_parts(paths: &HashSet<&Path>) -> usize {
    let mut folders = paths.iter().map(|path| folder(path));
    let first = folders.next().unwrap_or_default();
    folders.fold(first.len(), |most, other| first.iter().zip(&other).take(most).take_while(|(a, b)| a == b).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::input::ViewId;

    fn views(paths: &[&str]) -> Vec<Arc<ViewPrediction>> {
        let view = |path: &&str| Arc::new(synthetic::render(0, 2, 2).into_prediction(ViewId(0), path.into()));
        paths.iter().map(view).collect()
    }

    fn names(paths: &[&str]) -> Vec<String> {
        photo_names(&views(paths))
    }

    #[test]
    fn folders_are_those_below_the_common_one() {
        let folders = |paths: &[&str]| photo_folders(&views(paths));
        assert_eq!(folders(&["/p/1.jpg", "/p/a/1.jpg", "/p/a: b/c/1.jpg"]), ["", "a/", "a_ b/c/"]);
        assert_eq!(folders(&["/p/a/1.jpg", "/p/a/2.jpg"]), ["", ""]);
        assert_eq!(folders(&["/p/../1.jpg", "/p/.../1.jpg"]), ["", ".../"]);
    }

    #[test]
    fn folders_are_named_where_names_repeat() {
        assert_eq!(names(&["/p/a/1.jpg", "/p/b/2.jpg"]), ["1.jpg", "2.jpg"]);
        assert_eq!(names(&["/p/a/1.jpg", "/p/b/1.jpg", "/p/b/c/2.jpg"]), ["a/1.jpg", "b/1.jpg", "b/c/2.jpg"]);
        assert_eq!(names(&["/p/1.jpg", "/p/b/1.jpg"]), ["1.jpg", "b/1.jpg"]);
        assert_eq!(names(&["a/1.jpg", "b/1.jpg"]), ["a/1.jpg", "b/1.jpg"]);
        assert_eq!(names(&["/p/a/1.jpg", "/p/a/1.jpg"]), ["1.jpg", "1.jpg"], "one photo twice");
        assert_eq!(names(&["/p/a/1.jpg", "../x/1.jpg"]), ["p/a/1.jpg", "x/1.jpg"]);
    }

    #[test]
    fn one_name_from_many_folders_becomes_many_names() {
        let views = views(&["a/x y.jpg", "b/x y.jpg", "c/0001_x y.jpg", "d/x_y.jpg"]);
        assert_eq!(PhotoNames::new(&views).0, ["a/x y.jpg", "b/x y.jpg", "c/0001_x y.jpg", "d/x_y.jpg"]);
        assert_eq!(
            PhotoNames::words(&views, |_, name| name).0,
            ["a/x_y.jpg", "b/x_y.jpg", "c/0001_x_y.jpg", "d/x_y.jpg"]
        );
    }

    #[test]
    fn a_photo_that_is_there_twice_has_two_names() {
        let views = views(&["a/x y.jpg", "a/x y.jpg", "a/0001_x y.jpg", "a/x_y.jpg"]);
        assert_eq!(PhotoNames::new(&views).0, ["x y.jpg", "0001_x y.jpg", "0002_0001_x y.jpg", "x_y.jpg"]);
        assert_eq!(
            PhotoNames::words(&views, |_, name| name).0,
            ["x_y.jpg", "0001_x_y.jpg", "0002_0001_x_y.jpg", "0003_x_y.jpg"]
        );
        assert_eq!(PhotoNames::new(&self::views(&["a/x\ny.jpg"])).0, ["x_y.jpg"]);
    }
}
