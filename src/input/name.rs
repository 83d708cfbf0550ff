//! File names as they can be shown: any bytes, any length, one line.

use std::path::Path;

/// Longest file name that is shown whole, in characters.
const NAME_CHARS: usize = 60;
/// Longest path that an error message shows whole, in characters.
const PATH_CHARS: usize = 160;

/// The file's name without its folder, fit for a list or a title: lossy where it is not Unicode, on one line, shortened
/// in the middle where it is long.
pub fn display_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    shortened(&name.to_string_lossy(), NAME_CHARS)
}

/// The whole path, fit for a message, by the same rules.
pub(super) fn display_path(path: &Path) -> String {
    shortened(&path.to_string_lossy(), PATH_CHARS)
}

fn shortened(text: &str, most: usize) -> String {
    let chars: Vec<char> = text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
    if chars.len() <= most {
        return chars.into_iter().collect();
    }
    // The end says more than the start: it holds the number and the extension.
    let (head, tail) = (most / 3, most - most / 3 - 1);
    chars[..head].iter().chain(&['…']).chain(&chars[chars.len() - tail..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_stay_and_long_ones_keep_their_end() {
        assert_eq!(display_name(Path::new("/photos/a b.jpg")), "a b.jpg");
        assert_eq!(display_name(Path::new("/")), "/");
        let long = format!("{}0042.jpg", "ä".repeat(200));
        let shown = display_name(Path::new(&long));
        assert_eq!(shown.chars().count(), NAME_CHARS);
        assert!(shown.starts_with("ää") && shown.contains('…') && shown.ends_with("0042.jpg"));
    }

    #[test]
    fn line_breaks_do_not_break_lines() {
        assert_eq!(display_name(Path::new("a\nb\t.jpg")), "a\u{FFFD}b\u{FFFD}.jpg");
    }

    #[cfg(unix)]
    #[test]
    fn any_bytes_can_be_shown() {
        use std::os::unix::ffi::OsStrExt as _;
        let name = std::ffi::OsStr::from_bytes(b"bl\xFCte.jpg");
        assert_eq!(display_name(Path::new(name)), "bl\u{FFFD}te.jpg");
    }
}
