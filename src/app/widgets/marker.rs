//! The mark of a point that the other view points at: it can be seen on any colour.

use egui::{Painter, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo};

use crate::app::theme;

const RADIUS: f32 = 8.0;

/// A light ring and dot, both with dark edges, painted with `painter`; `label` is what a screen reader says,
/// and `number` keeps several marks of one name apart.
pub fn marker_ui(ui: &Ui, painter: &Painter, at: Pos2, label: &str, number: usize) {
    let tokens = theme::tokens(ui);
    painter.circle_stroke(at, RADIUS, Stroke::new(4.5, tokens.scrim));
    painter.circle_stroke(at, RADIUS, Stroke::new(2.0, tokens.on_scrim));
    painter.circle(at, 2.5, tokens.on_scrim, Stroke::new(1.5, tokens.scrim));
    let rect = Rect::from_center_size(at, Vec2::splat(2.0 * RADIUS));
    let info = || WidgetInfo::labeled(Role::Image, true, label);
    ui.interact(rect, ui.scope_id().with((label, number)), Sense::empty()).widget_info(info);
}
