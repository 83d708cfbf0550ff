//! The controls of a picture that is saved or copied.

use egui::{Button, Ui};

use super::picture_size::{PictureSize, Preset};
use crate::app::widgets::busy::busy_button;

/// What was chosen.
pub struct PictureChoices {
    pub size: PictureSize,
    pub transparent: bool,
    pub only_points: bool,
}

impl Default for PictureChoices {
    fn default() -> Self {
        Self { size: PictureSize::new(Preset::AsShown), transparent: false, only_points: false }
    }
}

/// What a person wants with the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureAsked {
    Save,
    Copy,
}

/// Tooltip of what films and pictures share.
pub const ONLY_POINTS: &str = "Leaves out cameras, photos, camera path, grid and axes";

/// Draws the controls; `shown` is the view's size in pixels, `drawn` what a picture is for that is being drawn.
pub fn picture_ui(
    ui: &mut Ui,
    choices: &mut PictureChoices,
    shown: [u32; 2],
    drawn: Option<PictureAsked>,
) -> Option<PictureAsked> {
    choices.size.ui(ui, shown);
    ui.checkbox(&mut choices.transparent, "Transparent background")
        .on_hover_text("What is behind the cloud is left out, so that the picture can stand on anything");
    ui.checkbox(&mut choices.only_points, "Only the points").on_hover_text(ONLY_POINTS);
    let mut asked = None;
    ui.horizontal(|ui| {
        for (what, label, tip) in [
            (PictureAsked::Save, "Save…", "Writes the picture as a PNG file"),
            (PictureAsked::Copy, "Copy", "Puts the picture on the clipboard"),
        ] {
            if drawn == Some(what) {
                busy_button(ui, "Drawing…");
            } else if ui.add_enabled(drawn.is_none(), Button::new(label)).on_hover_text(tip).clicked() {
                asked = Some(what);
            }
        }
    });
    asked
}
