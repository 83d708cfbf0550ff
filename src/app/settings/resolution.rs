//! The size at which the model sees a photo: one of the usual ones, or one that is typed.

use egui::{Button, DragValue, Id, Ui};

use super::fitting::values_ui;
use crate::app::desk::outlook::Outlook;
use crate::app::widgets::controls::{menu, row};
use crate::catalog::Family;
use crate::inference::{LEAST_RESOLUTION, MOST_RESOLUTION, Settings};

const USUAL: [u32; 8] = [280, 336, 392, 448, 504, 518, 756, 1008];

/// The menu, and beneath it a field where another size than those of the menu is wanted.
pub fn resolution_ui(ui: &mut Ui, settings: &mut Settings, family: Option<Family>, outlook: &mut Outlook) {
    let usual = if family == Some(Family::DepthAnythingV2) { 518 } else { 504 };
    let name = |pixels: Option<u32>| pixels.map_or(format!("Automatic ({usual} px)"), |pixels| format!("{pixels} px"));
    let tip = "Size at which the model sees a photo. Larger ones show finer things, and take more time and memory";
    let entries: Vec<_> = std::iter::once(None).chain(USUAL.map(Some)).collect();
    let asked = Id::unique("another resolution was asked for");
    let mut is_asked = ui.data(|data| data.get_temp::<bool>(asked)).unwrap_or_default();
    let (before, mut was_asked) = (settings.resolution, false);
    row(ui, "Resolution", tip, |ui| {
        menu("resolution", ui.available_width())
            .selected_text(name(settings.resolution))
            .show_ui(ui, |ui| {
                let change = |settings: &mut Settings, pixels| settings.resolution = pixels;
                let prospects = outlook.prospects("Resolution", &entries, change);
                values_ui(ui, &mut settings.resolution, &entries, &prospects, outlook.secs(), name);
                let other = Button::selectable(!entries.contains(&settings.resolution), "Other…");
                was_asked = ui.add(other).on_hover_text("A field for any size appears under the menu").clicked();
            })
            .response
    });
    is_asked = was_asked || is_asked && settings.resolution == before;
    if is_asked || !entries.contains(&settings.resolution) {
        let mut other = settings.resolution.unwrap_or(usual);
        let tip = "Rounded to multiples of 14, as the rule for resizing says. Enter takes what was typed";
        row(ui, "Other resolution", tip, |ui| {
            // What is half typed must not be reckoned with.
            let field = DragValue::new(&mut other).range(LEAST_RESOLUTION..=MOST_RESOLUTION).speed(14).suffix(" px");
            let response = ui.add(field.update_while_editing(false));
            if was_asked {
                response.request_focus();
            }
            if response.changed() {
                settings.resolution = Some(other);
            }
            response
        });
    }
    ui.data_mut(|data| data.insert_temp(asked, is_asked));
}
