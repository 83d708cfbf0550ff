//! A line to drag between two parts of the window, which keep their shares when the window changes its size.

use egui::{CursorIcon, Rect, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};

use crate::app::theme;

/// Neither part gets smaller than this share of the whole.
const LEAST: f32 = 0.2;
/// Width, in points, of what the pointer can grab.
const GRIP: f32 = 8.0;

/// Two parts of an area, beside or above each other.
#[derive(Clone, Copy, Debug)]
pub struct Splitter {
    pub whole: Rect,
    pub is_stacked: bool,
}

impl Splitter {
    /// The parts; the first has `share` (0..1) of the whole, and one point on either side of the line stays free.
    pub fn parts(self, share: f32) -> [Rect; 2] {
        let (whole, at) = (self.whole, self.line(share));
        if self.is_stacked {
            [whole.with_max_y(at - 1.0), whole.with_min_y(at + 1.0)]
        } else {
            [whole.with_max_x(at - 1.0), whole.with_min_x(at + 1.0)]
        }
    }

    /// The line, to be drawn after the parts: dragging it changes `share`, a double-click halves.
    pub fn ui(self, ui: &Ui, share: &mut f32) {
        let (whole, at) = (self.whole, self.line(*share));
        let (centre, size, cursor) = if self.is_stacked {
            (pos2(whole.center().x, at), Vec2::new(whole.width(), GRIP), CursorIcon::ResizeVertical)
        } else {
            (pos2(at, whole.center().y), Vec2::new(GRIP, whole.height()), CursorIcon::ResizeHorizontal)
        };
        let grip = Rect::from_center_size(centre, size);
        let response = ui.interact(grip, ui.scope_id().with("splitter"), Sense::click_and_drag());
        let now = f64::from(*share);
        response.widget_info(|| WidgetInfo::slider(true, now, "Share of the 2D view"));
        if let Some(pointer) = response.interact_pointer_pos().filter(|_| response.dragged()) {
            let part = (pointer - whole.min) / whole.size();
            *share = (if self.is_stacked { part.y } else { part.x }).clamp(LEAST, 1.0 - LEAST);
        }
        if response.double_clicked() {
            *share = 0.5;
        }
        let tokens = theme::tokens(ui);
        let is_held = response.hovered() || response.dragged();
        let stroke = Stroke::new(1.0, if is_held { tokens.accent_hovered } else { tokens.border });
        if self.is_stacked {
            ui.painter().hline(whole.x_range(), at, stroke);
        } else {
            ui.painter().vline(at, whole.y_range(), stroke);
        }
        response.on_hover_cursor(cursor);
    }

    fn line(self, share: f32) -> f32 {
        egui::lerp(if self.is_stacked { self.whole.y_range() } else { self.whole.x_range() }, share).round()
    }
}
