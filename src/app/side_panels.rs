//! Which panels stand beside the pictures.

use serde::{Deserialize, Serialize};

/// In a window narrower than this, in points, there is room for one panel beside the pictures.
const NARROW: f32 = 760.0;

/// They make room for pictures; without photos both are where they always are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SidePanels {
    /// The list of views is shown.
    pub views: bool,
    /// The settings are shown.
    pub settings: bool,
}

impl Default for SidePanels {
    fn default() -> Self {
        Self { views: true, settings: true }
    }
}

impl SidePanels {
    /// Those that have room in a window of this width, in points: of both the settings, which hold the button that runs.
    pub fn within(self, width: f32) -> Self {
        Self { views: self.views && !(self.settings && width < NARROW), ..self }
    }

    /// Shows or hides the list of views.
    pub fn toggle_views(&mut self, width: f32) {
        *self = self.within(width);
        self.views = !self.views;
        self.settings &= !(self.views && width < NARROW);
    }

    /// Shows or hides the settings.
    pub fn toggle_settings(&mut self, width: f32) {
        *self = self.within(width);
        self.settings = !self.settings;
        self.views &= !(self.settings && width < NARROW);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrow_window_shows_one_at_a_time() {
        let panels = |views, settings| SidePanels { views, settings };
        assert_eq!(SidePanels::default().within(1280.0), panels(true, true));
        let mut shown = SidePanels::default();
        assert_eq!(shown.within(640.0), panels(false, true));
        shown.toggle_views(640.0);
        assert_eq!(shown, panels(true, false));
        shown.toggle_settings(640.0);
        assert_eq!(shown, panels(false, true));
        shown.toggle_settings(640.0);
        assert_eq!(shown, panels(false, false));
        shown.toggle_settings(1280.0);
        shown.toggle_views(1280.0);
        assert_eq!(shown, panels(true, true));
    }
}
