//! Pictures that belong to photos by their names: masks, and the depth that a sensor measured.

use std::path::{Path, PathBuf};

/// By how much the sides of such a picture may differ in shape from its photo's, as a part.
const SHAPE_TOLERANCE: f32 = 0.01;

/// Whether a picture of this size (width × height) can be one of all of the photo.
pub(super) fn have_one_shape(picture: [u32; 2], photo: [u32; 2]) -> bool {
    let [across, down] = [0, 1].map(|axis| photo[axis] as f32 / picture[axis] as f32);
    (across / down - 1.0).abs() <= SHAPE_TOLERANCE
}

/// The file of a photo in `folder`: with the photo's name or its stem, one of `marks` behind that and one of `endings`, in this
/// order of preference. The photo itself is none.
pub(super) fn beside(photo: &Path, folder: &Path, marks: &[&str], endings: &[&str]) -> Option<PathBuf> {
    let names = [photo.file_name()?, photo.file_stem()?];
    let marked = names.into_iter().flat_map(|name| marks.iter().map(move |mark| (name, mark)));
    let mut candidates = marked.flat_map(|(name, mark)| {
        endings.iter().map(move |ending| {
            let mut file = name.to_owned();
            file.push(mark);
            file.push(".");
            file.push(ending);
            folder.join(file)
        })
    });
    // One file may have many paths.
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    candidates.find(|path| path.is_file() && real(path) != real(photo))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_an_order_and_the_photo_is_never_its_own() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("inside");
        std::fs::create_dir(&inside).expect("a folder");
        let photo = inside.join("../a.png");
        let found = || beside(&photo, folder.path(), &["", "_depth"], &["png", "exr"]);
        std::fs::write(folder.path().join("a.png"), "the photo").expect("space");
        assert_eq!(found(), None);
        for better in ["a_depth.exr", "a_depth.png", "a.exr", "a.png_depth.png", "a.png.exr", "a.png.png"] {
            std::fs::write(folder.path().join(better), "depth").expect("space");
            assert_eq!(found(), Some(folder.path().join(better)));
        }
        assert!(have_one_shape([40, 20], [401, 200]) && !have_one_shape([40, 20], [200, 400]));
    }
}
