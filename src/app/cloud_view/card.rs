//! The card below the toolbar: where measuring, pictures and films have their controls.

use egui::{Frame, Rect, ScrollArea, Sense, Stroke, Ui, UiBuilder, Vec2};

use crate::app::theme;

const WIDTH: f32 = 304.0;
/// Around what is in it, with the border on both sides.
const PADDING: i8 = 8;
const EDGES: f32 = 18.0;

/// Draws `add` on a card at the top left of `area`, scrolled where it is too high; returns what the card covers.
pub fn card_ui<R>(ui: &mut Ui, id: &str, area: Rect, add: impl FnOnce(&mut Ui) -> R) -> (Rect, R) {
    let tokens = theme::tokens(ui);
    let frame =
        Frame::new().fill(tokens.panel).stroke(Stroke::new(1.0, tokens.border)).corner_radius(6).inner_margin(PADDING);
    // It senses clicks, so that one beside a control does not reach the cloud.
    let builder = UiBuilder::new().id_salt(id).max_rect(area).sense(Sense::click_and_drag());
    let shown = ui.scope_builder(builder, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(WIDTH.min(area.width() - EDGES));
            ui.spacing_mut().item_spacing = Vec2::new(6.0, 4.0);
            let height = (area.height() - EDGES).max(theme::ROW);
            ScrollArea::vertical().id_salt(id).max_height(height).auto_shrink([false, true]).show(ui, add).inner
        })
    });
    (shown.inner.response.rect, shown.inner.inner)
}
