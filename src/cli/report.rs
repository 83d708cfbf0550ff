//! What a finished run says on stdout.

use std::fmt::Write;
use std::path::PathBuf;

use super::ui;
use crate::export::RunNotes;
use crate::inference::{DepthUnit, Plan, Prediction};
use crate::memory::shown_bytes;

/// Prints which files were written, each path whole in a line of its own for those who copy it and for scripts, and what it took.
pub(super) fn print(prediction: &Prediction, notes: &RunNotes, files: &[PathBuf]) {
    files.iter().for_each(|file| ui::out(&ui::shown(file)));
    ui::say(&summary(prediction, notes));
}

/// Photos, seconds per stage and peak memory.
fn summary(prediction: &Prediction, notes: &RunNotes) -> String {
    let mut text = String::new();
    let photos = match prediction.views.len() {
        1 => "1 photo".to_owned(),
        count => format!("{count} photos"),
    };
    let in_metres = prediction.views.iter().filter(|view| prediction.unit_of(view.scene) == DepthUnit::Metres).count();
    let unit = match in_metres {
        0 if prediction.unit == DepthUnit::Metres => "depth in metres".to_owned(),
        0 => "relative depth".to_owned(),
        all if all == prediction.views.len() => "depth in metres".to_owned(),
        some => format!("depth in metres of {some} of them, relative of the others"),
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
    let _ = write!(
        text,
        "Peak memory: {} ({} estimated)",
        ui::bytes(prediction.peak_bytes),
        ui::bytes(prediction.memory.estimated_peak_bytes)
    );
    if s.join > 0.0 {
        let _ = write!(text, "\n{:.1} s to match photos and place cameras", s.join);
    }
    if let Some(matched) = prediction.matched_in_words() {
        let _ = write!(text, "\n{matched}");
    }
    if let Some(joined) = joined(prediction) {
        let _ = write!(text, "\n{joined}");
    }
    if let Some(fits) = prediction.fits_in_words() {
        let _ = write!(text, "\n{fits}");
    }
    if !notes.failed.is_empty() {
        let _ = write!(text, "\nFailed: {}", notes.failed.len());
    }
    text
}

/// How passes became one scene.
fn joined(prediction: &Prediction) -> Option<String> {
    let worst = prediction.alignments.iter().min_by(|a, b| a.inliers.total_cmp(&b.inliers))?;
    let passes = prediction.memory.passes;
    Some(format!(
        "Scene: {passes} passes joined; the worst two agree on {:.0} % of what both see, within {:.1} % of its depth",
        worst.inliers * 100.0,
        worst.residual * 100.0
    ))
}

/// How a run is going to be cut, and what it needs of what is free.
pub(super) fn planned(plan: &Plan) -> String {
    let (need, free) = (shown_bytes(plan.need.total()), shown_bytes(plan.room.main_free_bytes()));
    let passes = match (plan.passes, plan.views_per_pass) {
        (1, 1) => String::new(),
        (1, views) => format!("{views} views in one pass, "),
        (passes, 1) => format!("{passes} passes of one view, "),
        (passes, views) if plan.overlap == 0 => format!("{passes} passes of {views} views, "),
        (passes, views) => format!("{passes} passes of {views} views that share {}, ", plan.overlap),
    };
    let remark = plan.remark().map_or(String::new(), |remark| format!(", {remark}"));
    format!("Plan: {passes}about {need} of {free} that are free{remark}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::{RunMemory, StageSeconds};

    #[test]
    fn says_what_was_done_and_what_it_took() {
        let prediction = Prediction {
            model: "DA3-Small".into(),
            unit: DepthUnit::Metres,
            seconds: StageSeconds { total: 12.34, head: 2.0, ..StageSeconds::default() },
            peak_bytes: 1_500_000_000,
            memory: RunMemory { estimated_peak_bytes: 1_600_000_000, ..RunMemory::default() },
            ..Prediction::default()
        };
        let notes = RunNotes {
            device: Some("CPU".into()),
            precision: Some("f32".into()),
            failed: vec!["a.jpg: empty".into()],
            ..RunNotes::default()
        };
        let text = summary(&prediction, &notes);
        for part in
            ["DA3-Small on CPU (f32), depth in metres", "12.3 in all", "1.50 GB (1.60 GB estimated)", "Failed: 1"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
