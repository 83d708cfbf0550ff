//! Every model with every format and with one photo and three: it is written, or refused before the run in a sentence that names
//! the models that can. The table stands in docs/cli.md.

use clap::Parser;

use super::check::check;
use crate::catalog;
use crate::cli::args::{Arguments, Command};
use crate::export::Format;

const DOCS: &str = include_str!("../../../docs/cli.md");

/// What is said before a run.
fn refusal(model: &str, format: Format, photos: usize) -> Option<String> {
    let named = ["a.jpg", "b.jpg", "c.jpg"].into_iter().take(photos);
    let mut words: Vec<&str> = ["fathom", "depth"].into_iter().chain(named).collect();
    words.extend(["--out", "o", "--model", model, "--formats", format.name()]);
    if matches!(format, Format::FeatVis | Format::Features) {
        words.extend(["--export-feat", "5"]);
    }
    match Arguments::try_parse_from(words).map(|arguments| arguments.command) {
        Ok(Some(Command::Depth(depth))) => check(&depth, &depth.settings(photos)).err(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_model_gives_a_format_or_refuses_it_before_the_run() {
    let mut table = String::from("| model | `sky_png` | `gs_ply` | all others |\n|---|---|---|---|\n");
    for entry in catalog::entries() {
        let mut others = true;
        let mut special = Vec::new();
        for format in Format::ALL {
            let said = [1, 3].map(|photos| refusal(entry.id, format, photos));
            assert_eq!(said[0], said[1], "{} with {}: the number of photos changes nothing", entry.id, format.name());
            let [said, _] = said;
            match format {
                Format::SkyPng | Format::GsPly => special.push(if said.is_none() { "yes" } else { "refused" }),
                _ => others &= said.is_none(),
            }
            let Some(said) = said else { continue };
            // One sentence that says which models can, and those can.
            let able: Vec<&str> =
                catalog::entries().iter().map(|entry| entry.id).filter(|id| said.contains(*id)).collect();
            assert!(!able.is_empty() && said.starts_with(entry.name) && said.contains(format.name()), "{said}");
            assert!(able.iter().all(|id| refusal(id, format, 1).is_none()), "{said}");
        }
        assert!(others, "{}", entry.id);
        table += &format!("| `{}` | {} | {} | yes |\n", entry.id, special[0], special[1]);
    }
    assert!(DOCS.contains(&table), "docs/cli.md should have this table:\n{table}");
}
