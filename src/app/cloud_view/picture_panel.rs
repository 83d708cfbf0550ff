//! The controls of a picture that is saved or copied.

use egui::{Button, Ui};

use super::picture_size::{PictureSize, Preset};

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

/// Draws the controls; `shown` is the view's size in pixels.
pub fn picture_ui(ui: &mut Ui, choices: &mut PictureChoices, shown: [u32; 2]) -> Option<PictureAsked> {
    choices.size.ui(ui, shown);
    ui.checkbox(&mut choices.transparent, "Transparent background")
        .on_hover_text("What is behind the cloud is left out, so that the picture can stand on anything");
    ui.checkbox(&mut choices.only_points, "Only the points").on_hover_text(ONLY_POINTS);
    let mut asked = None;
    ui.horizontal(|ui| {
        let tip = "Writes the picture as a PNG file";
        if ui.add(Button::new("Save…")).on_hover_text(tip).clicked() {
            asked = Some(PictureAsked::Save);
        }
        let tip = "Puts the picture on the clipboard";
        if ui.add(Button::new("Copy")).on_hover_text(tip).clicked() {
            asked = Some(PictureAsked::Copy);
        }
    });
    asked
}
