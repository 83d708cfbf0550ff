//! What a person wants of a model: buttons that leave out those which do not do it.

use egui::{Button, Ui};

use crate::app::desk::outlook::Prospect;
use crate::app::theme::GRID;
use crate::app::widgets::controls::note;
use crate::catalog::Entry;
use crate::inference::{DepthUnit, Settings, unit_of};
use crate::memory::Fit;

/// What was chosen; nothing leaves nothing out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Photos of one place are looked at together.
    pub together: bool,
    pub metres: bool,
    pub commercial: bool,
    /// There is memory enough for the photos that are open.
    pub fits: bool,
}

impl Wishes {
    /// Draws the buttons, and what need not be wished for.
    pub fn ui(&mut self, ui: &mut Ui) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = GRID;
            for (wish, name, tip) in [
                (
                    &mut self.together,
                    "Many photos together",
                    "Models that look at photos of one place together: one scene with its cameras",
                ),
                (&mut self.metres, "Metres", "Models whose depth is in metres by itself"),
                (&mut self.commercial, "Commercial use", "Models whose licence allows it"),
                (&mut self.fits, "Fits this machine", "Models that have memory enough for the photos that are open"),
            ] {
                if ui.add(Button::selectable(*wish, name)).on_hover_text(tip).clicked() {
                    *wish = !*wish;
                }
            }
        });
        note(ui, "Metres from any model: measure one known length in 3D (P) and set the scale by it");
    }

    /// Whether a model does all of this. What is not known of memory leaves nothing out.
    pub fn allow(self, entry: &Entry, prospect: Option<&Prospect>) -> bool {
        let is_metric = || unit_of(&Settings::default(), entry.preset) == DepthUnit::Metres;
        (!self.together || entry.preset.is_any_view())
            && (!self.metres || is_metric())
            && (!self.commercial || !entry.non_commercial)
            && (!self.fits || prospect.is_none_or(|prospect| prospect.plan.fit != Fit::Not))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::entries;

    fn left(wishes: Wishes) -> Vec<&'static str> {
        entries().iter().filter(|entry| wishes.allow(entry, None)).map(|entry| entry.id).collect()
    }

    #[test]
    fn wishes_leave_out_what_does_not_do_them() {
        assert_eq!(left(Wishes::default()).len(), entries().len());
        let together = Wishes { together: true, ..Wishes::default() };
        assert_eq!(left(together), ["da3-small", "da3-base", "da3-large", "da3-giant", "da3-nested"]);
        assert_eq!(left(Wishes { commercial: true, ..together }), ["da3-small", "da3-base"]);
        assert_eq!(left(Wishes { metres: true, ..together }), ["da3-nested"]);
        let free_metres = Wishes { metres: true, commercial: true, ..Wishes::default() };
        assert_eq!(left(free_metres), ["da3-metric-large", "da2-indoor-small", "da2-outdoor-small"]);
        assert!(left(Wishes { together: true, ..free_metres }).is_empty());
    }
}
