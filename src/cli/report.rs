//! What a finished run says on stdout.

use std::fmt::Write;
use std::path::PathBuf;

use super::ui;
use crate::export::RunNotes;
use crate::inference::{DepthUnit, Prediction};

/// Files, seconds per stage and peak memory.
pub(super) fn summary(prediction: &Prediction, notes: &RunNotes, files: &[PathBuf]) -> String {
    let mut text = String::new();
    for file in files {
        text += &ui::shown(file);
        text.push('\n');
    }
    let photos = match prediction.views.len() {
        1 => "1 photo".to_owned(),
        count => format!("{count} photos"),
    };
    let unit = match prediction.unit {
        DepthUnit::Metres => "depth in metres",
        DepthUnit::Relative => "relative depth",
    };
    let place = match (&notes.device, &notes.precision) {
        (Some(device), Some(precision)) => format!(" on {device} ({precision})"),
        _ => String::new(),
    };
    let s = &prediction.seconds;
    // Writing to a string cannot fail.
    let _ = writeln!(text, "\n{photos}, {model}{place}, {unit}", model = prediction.model);
    let _ = writeln!(
        text,
        "Seconds: {:.1} in all ({:.1} model, {:.1} reading, {:.1} backbone, {:.1} head, {:.1} finish)",
        s.total, s.load_model, s.decode, s.backbone, s.head, s.finish
    );
    let _ = write!(text, "Peak memory: {}", ui::bytes(prediction.peak_bytes));
    if !notes.failed.is_empty() {
        let _ = write!(text, "\nFailed: {}", notes.failed.len());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::StageSeconds;

    #[test]
    fn says_what_was_done_and_what_it_took() {
        let prediction = Prediction {
            model: "DA3-Small".into(),
            unit: DepthUnit::Metres,
            views: Vec::new(),
            seconds: StageSeconds { total: 12.34, head: 2.0, ..StageSeconds::default() },
            peak_bytes: 1_500_000_000,
        };
        let notes = RunNotes {
            device: Some("CPU".into()),
            precision: Some("f32".into()),
            failed: vec!["a.jpg: empty".into()],
            ..RunNotes::default()
        };
        let text = summary(&prediction, &notes, &["out/scene.ply".into()]);
        for part in
            ["out/scene.ply\n", "DA3-Small on CPU (f32), depth in metres", "12.3 in all", "1.50 GB", "Failed: 1"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
