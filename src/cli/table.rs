//! Rows of text as columns.

/// Rows whose first is the header, columns aligned; those that `to_the_right` names hold numbers.
pub(super) fn aligned<const N: usize>(rows: &[[String; N]], to_the_right: &[usize]) -> Vec<String> {
    let widths: [usize; N] =
        std::array::from_fn(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let cell = |column: usize, text: &String| {
        let width = widths[column];
        if to_the_right.contains(&column) { format!("{text:>width$}") } else { format!("{text:<width$}") }
    };
    let line = |row: &[String; N]| {
        let cells: Vec<_> = row.iter().enumerate().map(|(column, text)| cell(column, text)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stands_left_and_numbers_right() {
        let rows =
            [["NAME", "SIZE", "NOTE"], ["é", "7", "x"], ["long name", "12345", ""]].map(|row| row.map(String::from));
        assert_eq!(aligned(&rows, &[1]), ["NAME        SIZE  NOTE", "é              7  x", "long name  12345"]);
    }
}
