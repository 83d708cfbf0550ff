//! What Help › Copy diagnostics copies: enough to find a defect, and no file names.

use std::fmt::Write;

use crate::app::desk::notices::Severity;
use crate::app::desk::state::{AppState, ModelState};
use crate::memory::Machine;
use crate::worker::Blame;

/// Errors and warnings that are quoted, the newest first.
const QUOTED: usize = 10;

/// The report as text. `adapter` is the graphics adapter in words.
pub fn report(state: &AppState, adapter: &str) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name}: {value}");
    };
    line("Fathom", env!("CARGO_PKG_VERSION").into());
    let machine = Machine::here();
    line("System", machine.system);
    line("Processor", format!("{}, {} threads", machine.processor, machine.cores));
    line("Graphics", adapter.into());
    if let Some(card) = &state.graphics_card {
        line("Graphics card for models", card.to_string());
    }
    if let Some(told) = state.automatic.told(&state.settings) {
        line("Automatic device", format!("{} ({told})", state.automatic.device(&state.settings)));
    }
    line("Model", model(&state.model));
    let file = if state.settings.weights.is_some() { "chosen by hand" } else { "from the catalogue" };
    let s = &state.settings;
    line(
        "Settings",
        format!(
            "{}, device {:?}, precision {:?}, resolution {:?}, method {:?}, views per pass {:?}, reference view {:?}, ray pose {}, \
             model file {file}",
            s.model, s.device, s.precision, s.resolution, s.method, s.views_per_pass, s.reference_view, s.ray_pose
        ),
    );
    line("Views", format!("{} in the list, {} with depth", state.views.rows().len(), state.results.views().len()));
    if let Some(memory) = state.memory.latest() {
        let mega = |bytes: u64| bytes / 1_000_000;
        let (now, peak) = (mega(memory.resident_bytes), mega(memory.peak_bytes));
        line(
            "Memory",
            format!(
                "{now} MB now, {peak} MB peak, {} of {} MB free",
                mega(memory.free_bytes),
                mega(memory.total_bytes)
            ),
        );
    }
    let told = state.notices.all().iter().rev().filter(|notice| notice.severity != Severity::News);
    for notice in told.take(QUOTED) {
        let what = match notice.problem.blame {
            // What is said about a file names it.
            Blame::File => "a file could not be used (details left out)".into(),
            _ => without_paths(&notice.problem.what, state),
        };
        line(notice.severity.label(), what);
    }
    text
}

fn model(model: &ModelState) -> String {
    match model {
        ModelState::Unloaded => "not loaded".into(),
        ModelState::Loading { name, .. } => format!("{name}, loading"),
        ModelState::Ready { name, device, precision } => format!("{name} on {device}, {precision}"),
    }
}

/// The text with photos of the list and everything that looks like a path taken out.
fn without_paths(text: &str, state: &AppState) -> String {
    let mut text = text.to_owned();
    for row in state.views.rows() {
        text = text.replace(&row.path.display().to_string(), "‹photo›").replace(&row.name, "‹photo›");
    }
    let word = |word: &str| {
        let is_path = word.contains(['/', '\\']) && word.len() > 3;
        if is_path { "‹path›".to_owned() } else { word.to_owned() }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::worker::{Event, Problem};

    #[test]
    fn no_file_name_gets_out() {
        let mut state = AppState::default();
        state.add_photos(vec![PathBuf::from("/home/anna/secret place.jpg")], Vec::new());
        let told = [
            (Blame::Program, "panicked on /home/anna/secret place.jpg"),
            (Blame::Machine, "/opt/anna/model.safetensors: cannot be mapped"),
            (Blame::File, "secret place.jpg is not a picture"),
        ];
        for (blame, what) in told {
            let problem = Problem::new(blame, what, "");
            state.apply(Event::Warning { run: None, problem });
        }
        let text = report(&state, "llvmpipe");
        for word in ["anna", "secret", "place.jpg", "safetensors"] {
            assert!(!text.contains(word), "{word} in:\n{text}");
        }
        assert!(text.contains("cannot be mapped") && text.contains("llvmpipe"), "{text}");
    }
}
