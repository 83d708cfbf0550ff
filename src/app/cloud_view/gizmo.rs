//! The axes in the corner: which way the view looks, and the six sides to look from with a click.

use egui::{Align2, Color32, FontId, Pos2, Rect, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};
use glam::Vec3;

use super::moves::Move;
use crate::app::theme;
use crate::scene::{AXIS_COLOURS, OrbitCamera};

/// Points from the middle to an axis's ball, and the ball's radius.
const ARM: f32 = 30.0;
const BALL: f32 = 8.5;
const MARGIN: f32 = 10.0;

const SIDE: f32 = 2.0 * (ARM + BALL);
/// How far the button beneath reaches beyond it, to either side.
const ASIDE: f32 = 8.0;

/// What it takes of `view`'s width.
pub fn column(view: Rect) -> f32 {
    if fits(view) { SIDE + MARGIN } else { 0.0 }
}

fn fits(view: Rect) -> bool {
    view.width() >= 3.0 * SIDE && view.height() >= 2.0 * SIDE
}

/// Draws it into the top right corner of `view`; returns what a click on it asks for.
pub fn gizmo_ui(ui: &mut Ui, view: Rect, camera: &OrbitCamera) -> Option<Move> {
    if !fits(view) {
        return None;
    }
    let area = Rect::from_min_size(pos2(view.right() - MARGIN - SIDE, view.top() + MARGIN), Vec2::splat(SIDE));
    let camera_from_world = camera.world_from_camera.conjugate();
    let mut balls: Vec<(f32, Vec3, usize, bool)> = (0..3)
        .flat_map(|axis| [1.0, -1.0].map(|sign| (axis, sign)))
        .map(|(axis, sign)| {
            let direction = Vec3::AXES[axis] * sign;
            (-(camera_from_world * direction).z, direction, axis, sign > 0.0)
        })
        .collect();
    // Far ones first.
    balls.sort_by(|a, b| a.0.total_cmp(&b.0));
    let tokens = theme::tokens(ui);
    ui.painter().circle_filled(area.center(), ARM + BALL, tokens.panel.gamma_multiply(0.55));
    let mut clicked = None;
    for (nearness, direction, axis, is_positive) in balls {
        let seen = camera_from_world * direction;
        let at = area.center() + vec2(seen.x, seen.y) * ARM;
        if ball_ui(ui, area.center(), at, axis, is_positive, nearness) {
            clicked = Some(Move::From(direction));
        }
    }
    let label = if camera.is_orthographic { "Parallel" } else { "Perspective" };
    let button = Rect::from_center_size(pos2(area.center().x, area.bottom() + 15.0), vec2(SIDE + 2.0 * ASIDE, 20.0));
    let text = egui::RichText::new(label).size(11.5);
    let response = ui.put(button, egui::Button::new(text).wrap_mode(egui::TextWrapMode::Extend));
    let tip = "Perspective, or parallel rays (orthographic), which keep lengths comparable (5)";
    if response.on_hover_text(tip).clicked() {
        clicked = Some(Move::SwitchProjection);
    }
    clicked
}

fn ball_ui(ui: &Ui, middle: Pos2, at: Pos2, axis: usize, is_positive: bool, nearness: f32) -> bool {
    let name = ["X", "Y", "Z"][axis];
    let sign = if is_positive { "+" } else { "\u{2212}" };
    let id = ui.scope_id().with(("gizmo", axis, is_positive));
    let response = ui.interact(Rect::from_center_size(at, Vec2::splat(2.0 * BALL)), id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Look from {sign}{name}")));
    let [r, g, b] = AXIS_COLOURS[axis];
    // Far balls are fainter.
    let strength = 0.62 + 0.38 * (nearness * 0.5 + 0.5);
    let colour = Color32::from_rgb(r, g, b).gamma_multiply(strength);
    let painter = ui.painter();
    let lit = response.hovered() || response.has_focus();
    if is_positive {
        painter.line_segment([middle, at], Stroke::new(2.0, colour));
        painter.circle_filled(at, BALL, colour);
    } else {
        painter.circle(at, BALL - 1.5, theme::tokens(ui).panel, Stroke::new(1.5, colour));
    }
    if is_positive || lit {
        let text = if is_positive { Color32::from_gray(16) } else { colour };
        painter.text(at, Align2::CENTER_CENTER, name, FontId::proportional(11.5), text);
    }
    if lit {
        painter.circle_stroke(at, BALL + 1.0, Stroke::new(1.5, theme::tokens(ui).text));
    }
    response.on_hover_text(format!("Look from {sign}{name}")).clicked()
}
