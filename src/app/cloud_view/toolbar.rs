//! The small bar of icon buttons in the corner of the 3D view.

use egui::{Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo};

use crate::app::theme;
use crate::app::theme::ROW;
use crate::app::widgets::icons::Icon;

/// Between the bar and the edges of the view.
pub const MARGIN: f32 = 10.0;

/// Room between the bar's edge and its buttons.
const PADDING: i8 = 3;

/// Lays buttons out in a bar at the top left of `view`; returns where the bar is, and what `add` returns.
pub fn toolbar_ui<R>(ui: &mut Ui, view: Rect, add: impl FnOnce(&mut Ui) -> R) -> (Rect, R) {
    let area = view.shrink(MARGIN);
    let tokens = theme::tokens(ui);
    let frame = egui::Frame::new()
        .fill(tokens.panel)
        .stroke(Stroke::new(1.0, tokens.border))
        .corner_radius(6)
        .inner_margin(PADDING);
    // It senses clicks, so that one beside a button does not reach the cloud.
    let builder = UiBuilder::new().id_salt("3D toolbar").max_rect(area).sense(Sense::click_and_drag());
    let bar = ui.scope_builder(builder, |ui| {
        frame.show(ui, |ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(2.0);
            ui.horizontal(add).inner
        })
    });
    (bar.inner.response.rect, bar.inner.inner)
}

/// A button of the bar that is on or off. `label` is what a screen reader says; the tooltip adds the key and the tip.
pub fn tool_ui(ui: &mut Ui, icon: Icon, label: &str, key: &str, tip: &str, is_on: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_on, label));
    let tokens = theme::tokens(ui);
    let visuals = ui.style().interact(&response);
    let (fill, colour) = if is_on { (tokens.accent, tokens.on_accent) } else { (visuals.bg_fill, tokens.text) };
    if is_on || response.hovered() || response.has_focus() {
        let border = if response.has_focus() { Stroke::new(1.5, tokens.text) } else { Stroke::NONE };
        ui.painter().rect(rect, visuals.corner_radius, fill, border, StrokeKind::Inside);
    }
    icon.paint(ui.painter(), Rect::from_center_size(rect.center(), Vec2::splat(16.0)), colour);
    response.on_hover_text(format!("{label} ({key})\n{tip}"))
}
