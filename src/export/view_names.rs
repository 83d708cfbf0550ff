//! What the files of each view are called.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::file_name::stem;
use super::photo_names::photo_folders;
use super::{FileNames, Options};
use crate::inference::ViewPrediction;

/// What the names of a view's files begin with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ViewName {
    /// With `/` behind it, where there is one.
    pub folder: String,
    /// `0003_IMG_2041`, or the photo's name alone.
    pub stem: String,
}

impl ViewName {
    /// `folder/0003_IMG_2041_depth.png`.
    pub fn file(&self, ending: &str) -> String {
        format!("{}{}_{ending}", self.folder, self.stem)
    }
}

/// One name for each view, in their order; no two views have files of the same name on any file system.
pub(super) fn view_names(views: &[Arc<ViewPrediction>], options: &Options) -> Vec<ViewName> {
    let folders = if options.mirror { photo_folders(views) } else { vec![String::new(); views.len()] };
    let mut stems = Stems::default();
    let names = views.iter().zip(folders).enumerate().map(|(index, (view, folder))| {
        let stem = stem(&view.path);
        let stem = match options.names {
            FileNames::NumberAndPhoto => format!("{index:04}_{stem}"),
            FileNames::Photo => stems.free(&folder, stem),
        };
        ViewName { folder, stem }
    });
    names.collect()
}

/// Names that are given, as a file system sees them for which capitals are small letters. Files of meshes have `_` for blanks.
#[derive(Default)]
struct Stems {
    taken: HashSet<String>,
    /// By name: how often it was asked for, so that thousands of photos of one name are named in one go.
    asked: HashMap<String, usize>,
}

impl Stems {
    /// This name, with `-2` and so on behind it where it is taken.
    fn free(&mut self, folder: &str, stem: String) -> String {
        let key = |stem: &str| format!("{folder}{stem}").to_lowercase().replace(char::is_whitespace, "_");
        let number = self.asked.entry(key(&stem)).or_default();
        loop {
            *number += 1;
            let name = if *number == 1 { stem.clone() } else { format!("{stem}-{number}") };
            // What lies on a mesh is `x_texture.jpg`, which is what lies on that of a photo `x_texture`, too.
            let keys = [key(&name), key(&format!("{name}_texture"))];
            if keys.iter().all(|key| !self.taken.contains(key)) {
                self.taken.extend(keys);
                return name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::synthetic;
    use crate::input::ViewId;

    fn names(paths: &[&str], options: &Options) -> Vec<String> {
        let view = |path: &&str| Arc::new(synthetic::render(0, 2, 2).into_prediction(ViewId(0), path.into()));
        let views: Vec<_> = paths.iter().map(view).collect();
        view_names(&views, options).iter().map(|name| name.file("depth.png")).collect()
    }

    fn of_photos(paths: &[&str], mirror: bool) -> Vec<String> {
        let all = names(paths, &Options { names: FileNames::Photo, mirror, ..Options::default() });
        all.iter().map(|name| name.trim_end_matches("_depth.png").to_owned()).collect()
    }

    #[test]
    fn a_number_keeps_photos_of_one_name_apart() {
        let options = Options::default();
        assert_eq!(names(&["a/IMG 1.JPG", "b/IMG 1.JPG"], &options), ["0000_IMG 1_depth.png", "0001_IMG 1_depth.png"]);
        let mirrored = Options { mirror: true, ..options };
        assert_eq!(names(&["p/a/x.jpg", "p/b/x.jpg"], &mirrored), ["a/0000_x_depth.png", "b/0001_x_depth.png"]);
    }

    #[test]
    fn a_photos_name_alone_is_enough_where_there_is_no_other() {
        assert_eq!(of_photos(&["a/IMG_1.jpg", "b/IMG_2.jpg"], false), ["IMG_1", "IMG_2"]);
    }

    #[test]
    fn names_that_are_taken_are_counted_in_the_order_of_the_list() {
        assert_eq!(of_photos(&["a/x.jpg", "b/x.jpg", "a/x.png"], false), ["x", "x-2", "x-3"]);
        assert_eq!(of_photos(&["a/x.jpg", "b/X.jpg", "c/x-2.jpg", "d/x.jpg"], false), ["x", "X-2", "x-2-2", "x-3"]);
        assert_eq!(of_photos(&["Ä b.jpg", "ä_b.jpg"], false), ["Ä b", "ä_b-2"], "as meshes are called");
        assert_eq!(of_photos(&["a/??.jpg", "a/::.jpg"], false), ["__", "__-2"], "what no file may be called");
    }

    #[test]
    fn what_lies_on_a_mesh_is_nobody_elses() {
        assert_eq!(of_photos(&["x.jpg", "x_texture.jpg"], false), ["x", "x_texture-2"]);
        assert_eq!(of_photos(&["x_Texture.jpg", "x.jpg"], false), ["x_Texture", "x-2"]);
    }

    #[test]
    fn each_folder_has_names_of_its_own() {
        assert_eq!(of_photos(&["p/a/x.jpg", "p/b/x.jpg", "p/a/x.png"], true), ["a/x", "b/x", "a/x-2"]);
    }

    #[test]
    fn thousands_of_photos_of_one_name_are_named_at_once() {
        let mut stems = Stems::default();
        let names: HashSet<String> = (0..5000).map(|_| stems.free("", "frame".into())).collect();
        assert!(names.len() == 5000 && names.contains("frame-5000"));
    }
}
