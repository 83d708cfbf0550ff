//! The panel of measuring: the last length, what it really is, and what to do next.

use egui::{Align, Button, Key, Layout, Rect, RichText, TextEdit, Ui};

use super::card::card_ui;
use super::exchange::CloudAction;
use super::measuring::Measuring;
use crate::app::theme;
use crate::app::widgets::controls::elided;
use crate::app::widgets::icons::{Icon, icon_button};
use crate::geometry::AGREES;
use crate::inference::{DepthFit, DepthUnit};
use crate::scene::{length, length_text, scale_factor, true_length};

/// Below this width a length goes without a name.
const NARROW: f32 = 210.0;

/// Draws the panel at the top left of `area`; returns what it covers, and what it asks for. `is_set`: the scale of the scene
/// was set before; `fit`: how known depths brought it to metres in the run.
pub fn panel_ui(
    ui: &mut Ui,
    area: Rect,
    measuring: &mut Measuring,
    unit: DepthUnit,
    is_set: bool,
    fit: Option<&DepthFit>,
) -> (Rect, Option<CloudAction>) {
    card_ui(ui, "measuring", area, |ui| {
        last_ui(ui, measuring, unit);
        let action = scale_ui(ui, measuring, is_set);
        let removed = known_ui(ui, measuring);
        fit_ui(ui, fit);
        hint_ui(ui, measuring);
        action.or(removed)
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
                    "Makes everything in this scene as large as it really is: depth, cameras and exports are in metres. A second \
                     length adds to the first",
                )
                .on_disabled_hover_text(factor.err().unwrap_or_default());
            let entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
            if let Ok(metres) = factor.and(true_length(&measuring.typed))
                && (entered || button.clicked())
            {
                action = measuring.know(last, metres).map(CloudAction::SetScale);
                measuring.typed.clear();
            }
        }
        if is_set {
            let button = ui.add(Button::new("Reset scale")).on_hover_text("Back to the depth that the model gave");
            if button.clicked() {
                measuring.forget_all();
                action = Some(CloudAction::ResetScale);
            }
        }
    });
    action
}

/// The lengths that are known and how far each is off, where there are several.
fn known_ui(ui: &mut Ui, measuring: &mut Measuring) -> Option<CloudAction> {
    let (known, scale) = (measuring.known().to_vec(), measuring.scale());
    if known.len() < 2 {
        return None;
    }
    let tokens = theme::tokens(ui);
    let mut removed = None;
    for (place, length) in known.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let (label, tip) = (format!("Remove length {}", place + 1), "The scale follows from the others");
                if icon_button(ui, Icon::Trash, &label, tip, true).clicked() {
                    removed = Some(place);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let error = length.error(scale);
                    let text = format!(
                        "{}: {} comes out {} ({:+.1} %)",
                        place + 1,
                        length_text(length.metres as f32, DepthUnit::Metres),
                        length_text(length.measured * scale, DepthUnit::Metres),
                        100.0 * error
                    );
                    let colour = if error.abs() > AGREES { tokens.warning } else { tokens.text_weak };
                    elided(ui, RichText::new(&text).small().color(colour), &text);
                });
            });
        });
    }
    removed.map(|place| measuring.forget(place).map_or(CloudAction::ResetScale, CloudAction::SetScale))
}

/// How known depths brought the scene to metres.
fn fit_ui(ui: &mut Ui, fit: Option<&DepthFit>) {
    let Some(fit) = fit else { return };
    let tokens = theme::tokens(ui);
    let text = format!("Known depths: {}; {}", fit.done(), fit.quality());
    let colour = if fit.is_bad() { tokens.warning } else { tokens.text_weak };
    ui.add(egui::Label::new(RichText::new(text).small().color(colour)).wrap());
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
