//! Names of photos in a COLMAP model, which must differ from each other.

use std::collections::HashSet;
use std::sync::Arc;

use crate::export::photo_names::photo_names;
use crate::inference::ViewPrediction;

/// The photos' file names, or their paths below a common folder where names repeat. A name that an earlier view has even so
/// gets the view's place in front, counted from 0, as our own files have it: `IMG_1.jpg`, `0001_IMG_1.jpg`.
pub(super) fn unique(views: &[Arc<ViewPrediction>]) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::with_capacity(views.len());
    for (index, name) in photo_names(views).into_iter().enumerate() {
        // A zero byte ends a name in the binary files.
        let mut name = name.replace('\0', "_");
        while !taken.insert(name.clone()) {
            name = format!("{index:04}_{name}");
        }
        names.push(name);
    }
    names
}

/// The same for text, where blanks stand between fields: each becomes `_`.
pub(super) fn unique_words(views: &[Arc<ViewPrediction>]) -> Vec<String> {
    let mut taken = HashSet::new();
    let words = unique(views).into_iter().enumerate().map(|(index, name)| {
        let mut word: String =
            name.chars().map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c }).collect();
        while !taken.insert(word.clone()) {
            word = format!("{index:04}_{word}");
        }
        word
    });
    words.collect()
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

    #[test]
    fn one_name_from_many_folders_becomes_many_names() {
        let views = views(&["a/x y.jpg", "b/x y.jpg", "c/0001_x y.jpg", "d/x_y.jpg"]);
        assert_eq!(unique(&views), ["a/x y.jpg", "b/x y.jpg", "c/0001_x y.jpg", "d/x_y.jpg"]);
        assert_eq!(unique_words(&views), ["a/x_y.jpg", "b/x_y.jpg", "c/0001_x_y.jpg", "d/x_y.jpg"]);
    }

    #[test]
    fn a_photo_that_is_there_twice_has_two_names() {
        let views = views(&["a/x y.jpg", "a/x y.jpg", "a/0001_x y.jpg", "a/x_y.jpg"]);
        assert_eq!(unique(&views), ["x y.jpg", "0001_x y.jpg", "0002_0001_x y.jpg", "x_y.jpg"]);
        assert_eq!(unique_words(&views), ["x_y.jpg", "0001_x_y.jpg", "0002_0001_x_y.jpg", "0003_x_y.jpg"]);
    }
}
