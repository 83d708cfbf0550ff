//! The line between two pictures that lie on top of each other: it stays where it is while they move beneath it.

use egui::accesskit::Action;
use egui::{CursorIcon, EventFilter, Key, Modifiers, Popup, Rect, Response, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};

use crate::app::theme;

/// How far a key moves the line, in parts of the pane.
const STEP: f32 = 0.02;
/// Width of what can be taken hold of, in points.
const GRIP: f32 = 16.0;

/// Where the line stands on the screen; `at` is in 0..1 of the pane, and it never leaves the picture at `shown`.
pub fn place(at: f32, pane: Rect, shown: Rect) -> f32 {
    let seen = shown.intersect(pane);
    egui::lerp(pane.x_range(), at).min(seen.right()).max(seen.left())
}

/// Draws the line, and moves it as it is dragged or as keys say. `is_behind`: a window lies over it.
pub fn divider_ui(ui: &Ui, at: &mut f32, pane: Rect, shown: Rect, is_behind: bool) -> Response {
    let x = place(*at, pane, shown);
    let band = Rect::from_center_size(pos2(x, pane.center().y), Vec2::new(GRIP, pane.height()));
    let response = ui.interact(band, ui.scope_id().with("swipe"), Sense::drag());
    let share = |x: f32| (x - pane.left()) / pane.width();
    if let Some(pos) = response.interact_pointer_pos() {
        *at = share(pos.x).clamp(0.0, 1.0);
    }
    let steps = steps(ui, &response, is_behind);
    if steps != 0.0 {
        // From where it is seen, which may be the edge of the picture.
        *at = share(place(share(x) + steps * STEP, pane, shown));
    }
    let value = f64::from(*at);
    response.widget_info(|| WidgetInfo::slider(true, value, "Swipe between the pictures"));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.add_action(Action::Increment);
        node.add_action(Action::Decrement);
    });
    let tokens = theme::tokens(ui);
    let painter = ui.painter().with_clip_rect(pane);
    painter.vline(x, shown.intersect(pane).y_range(), Stroke::new(2.0, tokens.on_scrim));
    let ring = if response.has_focus() { Stroke::new(3.0, tokens.accent) } else { Stroke::new(1.0, tokens.scrim) };
    painter.circle(pos2(x, pane.center().y), 9.0, tokens.on_scrim, ring);
    response.on_hover_cursor(CursorIcon::ResizeHorizontal)
}

/// Steps to the right that keys and screen readers have asked for. Keys move the line where nothing else has the focus, too.
fn steps(ui: &Ui, line: &Response, is_behind: bool) -> f32 {
    if line.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(line.id, filter));
    }
    let takes_keys = line.has_focus() || !is_behind && ui.memory(|memory| memory.focused()).is_none();
    let takes_keys = takes_keys && !Popup::is_any_open(ui.ctx());
    ui.input_mut(|input| {
        let mut count = |key, action| {
            let pressed = if takes_keys { input.count_and_consume_key(Modifiers::NONE, key) } else { 0 };
            pressed + input.num_accesskit_action_requests(line.id, action)
        };
        count(Key::ArrowRight, Action::Increment) as f32 - count(Key::ArrowLeft, Action::Decrement) as f32
    })
}

#[cfg(test)]
mod tests {
    use egui::Pos2;

    use super::*;

    #[test]
    fn the_line_stays_within_what_is_seen_of_the_picture() {
        let pane = Rect::from_min_max(Pos2::ZERO, pos2(400.0, 200.0));
        let narrow = Rect::from_center_size(pane.center(), Vec2::new(100.0, 200.0));
        assert_eq!(place(0.5, pane, narrow), 200.0);
        assert_eq!(place(0.0, pane, narrow), 150.0);
        let large = narrow.expand(1000.0).translate(Vec2::new(333.0, 0.0));
        assert_eq!(place(0.25, pane, large), 100.0, "wherever the picture lies");
    }
}
