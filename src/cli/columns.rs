//! How wide lines are, and how longer text becomes lines.

use std::io;

use terminal_size::{Width, terminal_size_of};

/// Where no terminal says how wide it is.
const USUAL: usize = 100;
/// What is narrower still cannot be read.
const LEAST: usize = 40;

/// Columns of stdout: its terminal's, else 100. `COLUMNS` may ask for fewer, not for more.
pub(super) fn of_stdout() -> usize {
    let terminal = terminal_size_of(io::stdout()).map_or(USUAL, |(Width(columns), _)| columns.into());
    asked_for().map_or(terminal, |asked| terminal.min(asked)).max(LEAST)
}

/// Columns of stderr where it is a terminal; a line of a log is as long as what it says.
pub(super) fn of_stderr() -> Option<usize> {
    let (Width(columns), _) = terminal_size_of(io::stderr())?;
    Some(asked_for().map_or(columns.into(), |asked| asked.min(columns.into())).max(LEAST))
}

fn asked_for() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns > 0)
}

/// Text in lines of at most so many columns. What goes on in the next line is indented two columns further than where it began; a
/// word that is longer than a line goes on behind its last separator of folders.
pub(super) fn wrapped(text: &str, columns: usize) -> Vec<String> {
    text.split('\n').flat_map(|line| filled(line, columns, 2)).collect()
}

/// A line in lines of at most so many columns, of which those behind the first begin `hanging` columns further in.
pub(super) fn filled(line: &str, columns: usize, hanging: usize) -> Vec<String> {
    if line.chars().count() <= columns {
        return vec![line.to_owned()];
    }
    let first = line.chars().take_while(|c| *c == ' ').count().min(columns / 2);
    let [first, further] = [first, first + hanging].map(|indent| " ".repeat(indent));
    let mut lines = Vec::new();
    let mut current = first;
    let mut is_empty = true;
    for word in line.split(' ').filter(|word| !word.is_empty()) {
        let mut rest = word.to_owned();
        if !is_empty && current.chars().count() + 1 + rest.chars().count() > columns {
            lines.push(std::mem::replace(&mut current, further.clone()));
            is_empty = true;
        }
        while current.chars().count() + rest.chars().count() > columns {
            let (fits, left) = broken(&rest, columns - current.chars().count());
            current += &fits;
            lines.push(std::mem::replace(&mut current, further.clone()));
            rest = left;
        }
        if !is_empty {
            current.push(' ');
        }
        current += &rest;
        is_empty = false;
    }
    lines.push(current);
    lines
}

/// A word in two, of which the first has at most so many characters.
fn broken(word: &str, most: usize) -> (String, String) {
    let chars: Vec<char> = word.chars().collect();
    let separator = chars[..most].iter().rposition(|c| std::path::is_separator(*c)).map(|at| at + 1);
    let (fits, left) = chars.split_at(separator.filter(|at| *at > most / 2).unwrap_or(most));
    (fits.iter().collect(), left.iter().collect())
}

/// A word in at most so many characters: of a longer one the middle is left out.
pub(super) fn cut(word: &str, most: usize) -> String {
    let chars: Vec<char> = word.chars().collect();
    if chars.len() <= most {
        return word.to_owned();
    }
    let kept = most.saturating_sub(1);
    let (head, tail) = (kept.div_ceil(2), kept / 2);
    chars[..head].iter().chain(&['…']).chain(&chars[chars.len() - tail..]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_go_on_further_in() {
        let lines = wrapped("short\n  one two three four five\n", 12);
        assert_eq!(lines, ["short", "  one two", "    three", "    four", "    five", ""]);
        assert_eq!(wrapped("aligned     like this", 21), ["aligned     like this"]);
    }

    #[test]
    fn long_words_are_broken_and_nothing_is_lost() {
        let path = "/home/somebody/holiday/0001.jpg";
        let lines = wrapped(&format!("note: {path} is gone"), 24);
        assert!(lines.iter().all(|line| line.chars().count() <= 24), "{lines:?}");
        let joined: String = lines.iter().map(|line| line.trim_start()).collect();
        assert!(joined.contains(path), "{lines:?}");
        assert!(lines.iter().any(|line| line.ends_with('/')), "{lines:?}");
    }

    #[test]
    fn names_lose_their_middle() {
        assert_eq!(cut("da2-outdoor-large", 17), "da2-outdoor-large");
        assert_eq!(cut("da2-outdoor-large", 9), "da2-…arge");
        assert_eq!(cut("äöüß", 3), "ä…ß");
    }
}
