//! Rows of text as columns.

use super::columns::{cut, filled};

/// Columns of text are not made narrower than this.
const LEAST: usize = 8;

/// Rows whose first is the header, columns aligned; those that `to_the_right` names hold numbers.
///
/// Where rows have more than `columns`, those of text that are widest become narrower: what does not fit goes on in the line below,
/// and of single words the middle is left out.
pub(super) fn aligned<const N: usize>(rows: &[[String; N]], to_the_right: &[usize], columns: usize) -> Vec<String> {
    let mut widths: [usize; N] =
        std::array::from_fn(|column| rows.iter().map(|row| length(&row[column])).max().unwrap_or(0));
    let between = 2 * N.saturating_sub(1);
    while widths.iter().sum::<usize>() + between > columns {
        let of_text = (0..N).filter(|column| !to_the_right.contains(column));
        let Some(widest) = of_text.max_by_key(|&column| widths[column]).filter(|&column| widths[column] > LEAST) else {
            break;
        };
        widths[widest] -= 1;
    }
    rows.iter().flat_map(|row| lines(row, &widths, to_the_right)).collect()
}

/// A row in as many lines as its longest cell needs.
fn lines<const N: usize>(row: &[String; N], widths: &[usize; N], to_the_right: &[usize]) -> Vec<String> {
    let cells: [Vec<String>; N] = std::array::from_fn(|column| cell(&row[column], widths[column]));
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |at: usize| {
        let texts = (0..N).map(|column| {
            let (text, width) = (cells[column].get(at).map_or("", String::as_str), widths[column]);
            if to_the_right.contains(&column) { format!("{text:>width$}") } else { format!("{text:<width$}") }
        });
        texts.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    (0..height).map(line).collect()
}

fn cell(text: &str, width: usize) -> Vec<String> {
    if length(text) <= width {
        return vec![text.to_owned()];
    }
    let words: Vec<String> = text.split_whitespace().map(|word| cut(word, width)).collect();
    filled(&words.join(" "), width, 0)
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stands_left_and_numbers_right() {
        let rows =
            [["NAME", "SIZE", "NOTE"], ["é", "7", "x"], ["long name", "12345", ""]].map(|row| row.map(String::from));
        assert_eq!(aligned(&rows, &[1], 100), ["NAME        SIZE  NOTE", "é              7  x", "long name  12345"]);
    }

    #[test]
    fn what_is_too_wide_goes_on_below_or_loses_its_middle() {
        let rows = [["ID", "SIZE", "NOTE"], ["da2-outdoor-large", "1.34 GB", "one two three four"]];
        let rows = rows.map(|row| row.map(String::from));
        let lines = aligned(&rows, &[1], 32);
        assert!(lines.iter().all(|line| line.chars().count() <= 32), "{lines:#?}");
        assert_eq!(lines[1], "da2-o…large  1.34 GB  one two");
        assert_eq!(lines[2].trim(), "three four");
    }
}
