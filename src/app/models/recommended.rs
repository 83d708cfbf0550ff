//! Which model suits the photos that are open.

use crate::app::desk::outlook::Prospect;
use crate::app::widgets::controls::count;
use crate::catalog::{Entry, Family};
use crate::memory::Fit;

/// The model for so many photos among these: of those that have room, the one that is made for that; of equal ones one whose
/// licence allows everything, then the largest. None without photos, and none where none has room.
pub fn recommended(
    photos: usize,
    are_together: bool,
    models: &[(&'static Entry, Option<Prospect>)],
) -> Option<&'static Entry> {
    let fit = |prospect: &Option<Prospect>| prospect.map_or(Fit::Well, |prospect| prospect.plan.fit);
    let fitting = models.iter().rev().filter(|(_, prospect)| photos > 0 && fit(prospect) != Fit::Not);
    let best = fitting.max_by_key(|(entry, prospect)| {
        let suits = suits(entry, are_together && photos > 1);
        (fit(prospect) == Fit::Well, suits, !entry.non_commercial, entry.parameters)
    });
    best.map(|(entry, _)| *entry)
}

/// How well a model suits photos of one place, or single ones. Those for indoors or outdoors alone are for who knows that it is so.
fn suits(entry: &Entry, are_together: bool) -> u8 {
    match (entry.family, are_together) {
        (Family::AnyView, true) | (Family::SingleWithSky, false) => 2,
        (Family::DepthAnythingV2, _) if entry.gives().contains("metric") => 0,
        _ => 1,
    }
}

/// Why it is recommended, in one line.
pub fn reason(entry: &Entry, photos: usize, are_together: bool) -> String {
    let looks = match (entry.family, are_together && photos > 1) {
        (Family::AnyView, true) => "Looks at the photos together: one scene with its cameras",
        (_, true) => "Looks at photos one by one; they become one scene by what they share",
        (_, false) => "For single photos",
    };
    let licence = if entry.non_commercial { "for non-commercial use" } else { "free for commercial use" };
    format!("{looks} · the best that has room here and is {licence}")
}

/// What is open, behind "for": "this photo", "these 12 photos".
pub fn open_photos(photos: usize) -> String {
    if photos == 1 { "this photo".into() } else { format!("these {}", count(photos, "photo")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::desk::outlook::Outlook;
    use crate::app::desk::state::AppState;
    use crate::catalog::entries;
    use crate::memory::Sample;
    use crate::worker::Event;

    /// What is recommended for so many photos on a machine with so much free memory.
    fn of(photos: usize, are_together: bool, free_bytes: u64) -> Option<&'static str> {
        let mut state = AppState::default();
        state.apply(Event::Memory(Sample { free_bytes, ..Sample::default() }));
        let paths: Vec<std::path::PathBuf> = (0..photos).map(|number| format!("{number}.jpg").into()).collect();
        state.views.add(paths, vec![Some([4000, 3000]); photos]);
        state.settings.independent = !are_together;
        let mut outlook = Outlook::default();
        outlook.update(&state);
        let models: Vec<_> = entries().iter().zip(outlook.models()).collect();
        recommended(photos, are_together, &models).map(|entry| entry.id)
    }

    #[test]
    fn many_photos_of_one_place_single_ones_and_little_memory() {
        const GIGA: u64 = 1_000_000_000;
        assert_eq!(of(0, true, 16 * GIGA), None, "nothing is open");
        assert_eq!(of(12, true, 16 * GIGA), Some("da3-base"));
        assert_eq!(of(12, false, 16 * GIGA), Some("da3-mono-large"));
        assert_eq!(of(1, true, 16 * GIGA), Some("da3-mono-large"));
        assert_eq!(of(12, true, GIGA / 2), Some("da3-small"));
        assert_eq!(of(12, true, GIGA / 20), None);
    }
}
