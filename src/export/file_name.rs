//! Names of result files: safe on every file system, and never the same twice.

use std::path::Path;

/// Longest part of a photo's name that is kept, in bytes; with index and ending every name stays far below 255 bytes.
const LONGEST_STEM: usize = 96;

/// `0003_IMG_2041_depth.png`: the view's index keeps names apart, the photo's stem makes them readable.
///
/// Characters that some file system refuses, that do not show, or that are no valid text become `_`.
pub(super) fn view_file(index: usize, photo: &Path, ending: &str) -> String {
    format!("{}_{ending}", numbered(index, photo))
}

/// `0003_IMG_2041`: what the names of a view's files begin with.
pub(super) fn numbered(index: usize, photo: &Path) -> String {
    format!("{index:04}_{}", stem(photo))
}

/// The last part of a photo's path as text; what is not valid text shows as U+FFFD.
pub(super) fn photo_name(photo: &Path) -> String {
    photo.file_name().unwrap_or(photo.as_os_str()).to_string_lossy().into_owned()
}

fn stem(photo: &Path) -> String {
    let stem = safe(photo.file_stem().unwrap_or_default().to_string_lossy().trim());
    if stem.is_empty() { "photo".into() } else { stem }
}

/// A name without what some file system refuses, and no longer than all of them take.
pub(super) fn safe(name: &str) -> String {
    let mut safe = String::new();
    for c in name.chars().map(|c| if is_safe(c) { c } else { '_' }) {
        if safe.len() + c.len_utf8() > LONGEST_STEM {
            break;
        }
        safe.push(c);
    }
    safe
}

fn is_safe(c: char) -> bool {
    let invisible =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    !(c.is_control() || invisible || "/\\:*?\"<>|".contains(c) || c == char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_stay_readable() {
        assert_eq!(view_file(3, Path::new("/a/IMG 2041.JPG"), "depth.png"), "0003_IMG 2041_depth.png");
        assert_eq!(view_file(0, Path::new("Grüße_東京.png"), "colour.png"), "0000_Grüße_東京_colour.png");
    }

    #[test]
    fn the_same_name_from_two_folders_does_not_collide() {
        let names = [view_file(0, Path::new("a/x.png"), "depth.png"), view_file(1, Path::new("b/x.png"), "depth.png")];
        assert_ne!(names[0], names[1]);
    }

    #[test]
    fn odd_names_become_safe() {
        assert_eq!(stem(Path::new("a:b*c?\u{202e}d\ne.png")), "a_b_c__d_e");
        assert_eq!(stem(Path::new("..")), "photo");
        assert_eq!(stem(Path::new("")), "photo");
        let long = "ä".repeat(200) + ".png";
        let name = view_file(12345, Path::new(&long), "colour.png");
        assert!(name.len() <= 120 && name.starts_with("12345_ää"), "{name}");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_become_safe() {
        use std::os::unix::ffi::OsStrExt;
        let odd = std::ffi::OsStr::from_bytes(b"p\xff\xfeq.jpg");
        assert_eq!(stem(Path::new(odd)), "p__q");
        assert!(photo_name(Path::new(odd)).ends_with("q.jpg"));
    }
}
