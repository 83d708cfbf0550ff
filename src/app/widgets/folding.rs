//! Sections of a panel that fold away.

use egui::collapsing_header::CollapsingState;
use egui::{Align2, Id, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo, pos2};

use super::controls::SECTION;
use super::icons::Icon;
use crate::app::theme;
use crate::app::theme::ROW;

/// Width of the arrow behind the title, in points.
const ARROW: f32 = 14.0;

/// A section under its title, which folds it away and brings it back; which are folded is remembered between starts. `None` where
/// it is folded.
pub fn folding<R>(ui: &mut Ui, title: &str, contents: impl FnOnce(&mut Ui) -> R) -> Option<R> {
    let mut state = CollapsingState::load_with_default_open(ui.ctx(), Id::unique(("section", title)), true);
    if title_ui(ui, title, state.is_open()).clicked() {
        state.toggle(ui);
    }
    state.show_body_unindented(ui, contents).map(|shown| shown.inner)
}

fn title_ui(ui: &mut Ui, title: &str, is_open: bool) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::DisclosureTriangle, true, title));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_expanded(is_open));
    let tokens = theme::tokens(ui);
    let painter = ui.painter();
    let plate = rect.expand2(Vec2::new(theme::GRID, 0.0));
    if response.hovered() {
        painter.rect_filled(plate, 4.0, tokens.hovered);
    }
    if response.has_focus() {
        painter.rect_stroke(plate, 4.0, Stroke::new(1.0, tokens.accent), StrokeKind::Inside);
    }
    let font = egui::FontId { size: SECTION, ..TextStyle::Body.resolve(ui.style()) };
    painter.text(rect.left_center(), Align2::LEFT_CENTER, title, font, tokens.text);
    let arrow = Rect::from_center_size(pos2(rect.right() - ARROW / 2.0, rect.center().y), Vec2::splat(ARROW));
    let icon = if is_open { Icon::Up } else { Icon::Down };
    icon.paint(painter, arrow, tokens.text_weak);
    let tip = if is_open { "Fold this section away" } else { "Show this section" };
    response.on_hover_text(tip)
}
