//! `fathom models`: what can be chosen, what it may be used for, and what is there.

use super::table::aligned;
use super::{Outcome, ui};
use crate::catalog::{self, Entry, Weights};

const HEADER: [&str; 6] = ["ID", "NAME", "PARAMETERS", "SIZE", "LICENCE", "INSTALLED"];
/// Columns that hold numbers.
const NUMBERS: [usize; 2] = [2, 3];

pub(super) fn run() -> Outcome {
    let models = catalog::entries().iter().map(|entry| row(entry, catalog::locate(entry)));
    let rows: Vec<_> = std::iter::once(HEADER.map(String::from)).chain(models).collect();
    for line in aligned(&rows, &NUMBERS) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_licences_spelled_out() {
        let entry = catalog::entries().iter().find(|entry| entry.id == "da3-giant").expect("a known model");
        let file = Weights::File("/w/x.safetensors".into());
        let lines = aligned(&[HEADER.map(String::from), row(entry, None), row(entry, Some(file))], &NUMBERS);
        assert!(lines[0].starts_with("ID         NAME           PARAMETERS     SIZE"), "{}", lines[0]);
        let end = "1356 M  5.42 GB  CC BY-NC 4.0 (non-commercial)  no, see depth-anything/DA3-GIANT-1.1";
        assert!(lines[1].ends_with(end), "{}", lines[1]);
        assert!(lines[2].ends_with("/w/x.safetensors"));
    }
}
