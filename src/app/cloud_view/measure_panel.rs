//! The panel of measuring: the last length, what it really is, and what to do next.

use egui::{Align, Button, Key, Layout, Rect, RichText, TextEdit, Ui};

use super::CloudAction;
use super::card::card_ui;
use super::measuring::Measuring;
use crate::app::icons::{Icon, icon_button};
use crate::app::theme;
use crate::app::widgets::elided;
use crate::inference::DepthUnit;
use crate::scene::{length, length_text, scale_factor};

/// Below this width a length goes without a name.
const NARROW: f32 = 210.0;

/// Draws the panel at the top left of `area`; returns what it covers, and what it asks for. `is_set`: the scale of the scene
/// was set before.
pub fn panel_ui(
    ui: &mut Ui,
    area: Rect,
    measuring: &mut Measuring,
    unit: DepthUnit,
    is_set: bool,
) -> (Rect, Option<CloudAction>) {
    card_ui(ui, "measuring", area, |ui| {
        last_ui(ui, measuring, unit);
        let action = scale_ui(ui, measuring, is_set);
        hint_ui(ui, measuring);
        action
    })
}

/// Length of the newest line, with what can be done with all of them.
fn last_ui(ui: &mut Ui, measuring: &mut Measuring, unit: DepthUnit) {
    let last = measuring.lines().and_then(|lines| lines.last().map(length));
    let has_points = measuring.lines().is_some_and(|lines| !lines.is_empty());
    let weak = theme::tokens(ui).text_weak;
    let text = last.map_or("–".to_owned(), |last| length_text(last, unit));
    let is_narrow = ui.available_width() < NARROW;
    ui.horizontal(|ui| {
        // The buttons first, so that a long number gives way to them.
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let tip = "Removes all lines of this scene";
            if icon_button(ui, Icon::Trash, "Clear measurements", tip, has_points).clicked() {
                measuring.clear();
            }
            let tip = "Points and lengths as a table, for a text or a spreadsheet";
            if icon_button(ui, Icon::Copy, "Copy measurements", tip, has_points).clicked()
                && let Some(lines) = measuring.lines()
            {
                ui.ctx().copy_text(lines.table(unit));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                if !is_narrow {
                    ui.label(RichText::new("Last line").color(weak));
                }
                elided(ui, RichText::new(&text).strong(), &text);
            });
        });
    });
}

/// What the last line really is, which gives the scene its scale.
fn scale_ui(ui: &mut Ui, measuring: &mut Measuring, is_set: bool) -> Option<CloudAction> {
    let last = measuring.lines().and_then(|lines| lines.last().map(length));
    let mut action = None;
    if last.is_none() {
        measuring.is_typing = false;
        if !is_set {
            return None;
        }
    }
    ui.horizontal_wrapped(|ui| {
        if let Some(last) = last {
            let weak = theme::tokens(ui).text_weak;
            let name = ui.label(RichText::new("is really").color(weak));
            let field = TextEdit::singleline(&mut measuring.typed).desired_width(52.0).char_limit(12);
            let field = ui.add(field).labelled_by(name.id).on_hover_text("The true length of the last line, in metres");
            measuring.is_typing = field.has_focus();
            ui.label(RichText::new("m").color(weak));
            let factor = scale_factor(&measuring.typed, last);
            let button = ui
                .add_enabled(factor.is_ok(), Button::new("Set scale"))
                .on_hover_text(
                    "Makes everything in this scene as large as it really is: depth, cameras and exports are in metres",
                )
                .on_disabled_hover_text(factor.err().unwrap_or_default());
            let entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            if let Ok(factor) = factor
                && (entered || button.clicked())
            {
                action = Some(CloudAction::SetScale(factor));
                measuring.typed.clear();
            }
        }
        if is_set {
            let button = ui.add(Button::new("Reset scale")).on_hover_text("Back to the depth that the model gave");
            if button.clicked() {
                action = Some(CloudAction::ResetScale);
            }
        }
    });
    action
}

fn hint_ui(ui: &mut Ui, measuring: &Measuring) {
    let is_open = measuring.lines().is_some_and(|lines| lines.open().is_some());
    let text = if measuring.missed {
        "No point of the cloud there"
    } else if is_open {
        "Click the next point · Enter ends the line · Backspace takes a point back"
    } else {
        "Click points of the cloud to measure · Escape ends measuring"
    };
    let colour = theme::tokens(ui).text_weak;
    ui.add(egui::Label::new(RichText::new(text).small().color(colour)).wrap());
}
