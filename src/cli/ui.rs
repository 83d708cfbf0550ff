//! The only place that prints: results to stdout, everything else to stderr.

use std::io::{self, Write};
use std::path::Path;

use super::{Outcome, columns};

/// A line on stdout. A reader that went away (`fathom models | head`) is no error.
pub(super) fn out(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// Sentences on stdout, in lines that fit.
pub(super) fn say(text: &str) {
    columns::wrapped(text, columns::of_stdout()).iter().for_each(|line| out(line));
}

/// A line on stderr; there is nobody left to tell when that fails.
pub(super) fn err(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", laid_out(line));
}

/// What goes to stderr: in lines that fit where it is a terminal, else as it is, one line for one message.
pub(super) fn laid_out(text: &str) -> String {
    columns::of_stderr().map_or_else(|| text.to_owned(), |columns| columns::wrapped(text, columns).join("\n"))
}

/// Says why the work ended.
pub(super) fn failure(message: &str) -> Outcome {
    err(&format!("error: {message}"));
    Outcome::Failure
}

/// Says why the command line cannot be used.
pub(super) fn usage(message: &str) -> Outcome {
    err(&format!("error: {message}"));
    Outcome::Usage
}

/// A path as text on one line, whatever bytes it has.
pub(super) fn shown(path: &Path) -> String {
    path.to_string_lossy().chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Bytes in decimal units: "1.21 GB".
pub(super) fn bytes(bytes: u64) -> String {
    const UNITS: [(f64, &str); 3] = [(1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    let count = bytes as f64;
    match UNITS.into_iter().find(|&(unit, _)| count >= unit) {
        Some((unit, name)) if count < 10.0 * unit => format!("{:.2} {name}", count / unit),
        Some((unit, name)) => format!("{:.0} {name}", count / unit),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        let sizes = [0, 999, 1500, 49_600_000, 1_214_000_000].map(bytes);
        assert_eq!(sizes, ["0 B", "999 B", "1.50 kB", "50 MB", "1.21 GB"]);
    }

    #[test]
    fn paths_stay_on_one_line() {
        assert_eq!(shown(Path::new("a\nb\u{1b}[31m.jpg")), "a\u{fffd}b\u{fffd}[31m.jpg");
    }
}
