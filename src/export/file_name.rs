//! Parts of the names of result files, safe on every file system.

use std::path::Path;

/// Longest part of a photo's name that is kept, in bytes; with number and ending every name stays far below 255 bytes.
const LONGEST_STEM: usize = 96;

/// The last part of a photo's path as text; what is not valid text shows as U+FFFD.
pub(super) fn photo_name(photo: &Path) -> String {
    photo.file_name().unwrap_or(photo.as_os_str()).to_string_lossy().into_owned()
}

/// A photo's name without its ending, by which files are called after it. Characters that some file system refuses, that do not
/// show, or that are no valid text become `_`.
pub(super) fn stem(photo: &Path) -> String {
    let stem = safe(photo.file_stem().unwrap_or_default().to_string_lossy().trim());
    if stem.is_empty() { "photo".into() } else { stem }
}

/// Names of Windows' devices, which no file there may have, whatever stands behind a point.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
/// The same with a digit behind it.
const PORTS: [&str; 2] = ["com", "lpt"];

fn is_reserved(name: &str) -> bool {
    let first = name.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let port = first.strip_suffix(|c: char| c.is_ascii_digit());
    DEVICES.contains(&first.as_str()) || port.is_some_and(|port| PORTS.contains(&port))
}

/// A name without what some file system refuses, and no longer than all of them take.
pub(super) fn safe(name: &str) -> String {
    let mut safe = String::from(if is_reserved(name) { "_" } else { "" });
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
        assert_eq!(stem(Path::new("/a/IMG 2041.JPG")), "IMG 2041");
        assert_eq!(stem(Path::new("Grüße_東京.png")), "Grüße_東京");
    }

    #[test]
    fn odd_names_become_safe() {
        assert_eq!(stem(Path::new("a:b*c?\u{202e}d\ne.png")), "a_b_c__d_e");
        assert_eq!(stem(Path::new("..")), "photo");
        assert_eq!(stem(Path::new("")), "photo");
        let long = "ä".repeat(200) + ".png";
        let stem = stem(Path::new(&long));
        assert!(stem.len() <= LONGEST_STEM && stem.starts_with("ää"), "{stem}");
    }

    #[test]
    fn names_of_windows_devices_are_no_files() {
        let names = ["aux.jpg", "Con.1.jpg", "COM3.png", "lpt0 .x.png", "nul", "auxiliary.jpg", "com.jpg", "com12.jpg"];
        let safe = names.map(|name| stem(Path::new(name)));
        assert_eq!(safe, ["_aux", "_Con.1", "_COM3", "_lpt0 .x", "_nul", "auxiliary", "com", "com12"]);
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
