//! `fathom models`: what can be chosen, what it may be used for, and what is there.

use super::{Outcome, ui};
use crate::catalog::{self, Entry, Weights};

const HEADER: [&str; 6] = ["ID", "NAME", "PARAMETERS", "SIZE", "LICENCE", "INSTALLED"];

pub(super) fn run() -> Outcome {
    let rows = catalog::entries().iter().map(|entry| row(entry, catalog::locate(entry)));
    for line in table(rows.collect()) {
        ui::out(&line);
    }
    if let Some(folder) = catalog::models_dir() {
        let example = catalog::places(&catalog::entries()[1], &folder);
        ui::out("");
        ui::out(&format!("Weights of the others are looked for as {}", ui::shown(&example[0])));
        ui::out(&format!("or {}; any place is fine with --weights FILE.", ui::shown(&example[1])));
    }
    Outcome::Success
}

fn row(entry: &Entry, weights: Option<Weights>) -> [String; 6] {
    [
        entry.id.into(),
        entry.name.into(),
        format!("{:.0} M", entry.parameters as f64 / 1e6),
        ui::bytes(entry.file_bytes),
        if entry.non_commercial { format!("{} (non-commercial)", entry.licence) } else { entry.licence.into() },
        match weights {
            Some(Weights::BuiltIn(_)) => "built in".into(),
            Some(Weights::File(path)) => ui::shown(&path),
            None => format!("no, see {}", entry.source),
        },
    ]
}

/// Rows under a header, columns aligned; numbers to the right.
fn table(rows: Vec<[String; 6]>) -> Vec<String> {
    let all: Vec<_> = std::iter::once(HEADER.map(String::from)).chain(rows).collect();
    let widths: [usize; 6] =
        std::array::from_fn(|column| all.iter().map(|row| row[column].chars().count()).max().unwrap_or(0));
    let line = |row: &[String; 6]| {
        let cells: Vec<_> = row
            .iter()
            .zip(widths)
            .enumerate()
            .map(|(column, (cell, width))| match column {
                2 | 3 => format!("{cell:>width$}"),
                _ => format!("{cell:<width$}"),
            })
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    all.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_licences_spelled_out() {
        let entry = catalog::entries().iter().find(|entry| entry.id == "da3-giant").expect("a known model");
        let file = Weights::File("/w/x.safetensors".into());
        let lines = table(vec![row(entry, None), row(entry, Some(file))]);
        assert!(lines[0].starts_with("ID         NAME           PARAMETERS     SIZE"), "{}", lines[0]);
        let end = "1356 M  5.42 GB  CC BY-NC 4.0 (non-commercial)  no, see depth-anything/DA3-GIANT-1.1";
        assert!(lines[1].ends_with(end), "{}", lines[1]);
        assert!(lines[2].ends_with("/w/x.safetensors"));
    }
}
