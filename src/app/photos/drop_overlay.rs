//! What a drag over the window will do when it is let go.

use egui::{Align2, Id, LayerId, Order, Stroke, StrokeKind, TextStyle, Ui, Vec2};

use crate::app::theme;
use crate::app::widgets::controls::count;
use crate::app::widgets::icons::Icon;

/// `is_session`: a session is among the files.
pub fn drop_overlay(ui: &Ui, files: usize, is_session: bool) {
    let tokens = theme::tokens(ui);
    let painter = ui.ctx().layer_painter(LayerId::new(Order::Foreground, Id::unique("drop overlay")));
    let whole = ui.ctx().content_rect();
    painter.rect_filled(whole, 0.0, tokens.scrim);
    let inner = whole.shrink(16.0);
    painter.rect_stroke(inner, 8.0, Stroke::new(2.0, tokens.accent_hovered), StrokeKind::Inside);
    let middle = inner.center();
    let card = egui::Rect::from_center_size(middle - Vec2::new(0.0, 8.0), Vec2::new(520.0, 168.0));
    painter.rect(card, 8.0, tokens.panel, Stroke::new(1.0, tokens.border), StrokeKind::Inside);
    let icon = egui::Rect::from_center_size(middle - Vec2::new(0.0, 44.0), Vec2::splat(40.0));
    Icon::Photos.paint(&painter, icon, tokens.accent_hovered);
    let many = count(files.max(1), "file or folder").replace("file or folders", "files or folders");
    let (what, how) = if is_session {
        ("Drop to open the session".into(), "It takes the place of what is shown; nothing is run")
    } else {
        let how = "Folders are searched for photos; the run starts with the current settings";
        (format!("Drop to add {many} and run"), how)
    };
    let heading = TextStyle::Heading.resolve(ui.style());
    painter.text(middle, Align2::CENTER_CENTER, what, heading, tokens.text);
    let body = TextStyle::Body.resolve(ui.style());
    painter.text(middle + Vec2::new(0.0, 28.0), Align2::CENTER_CENTER, how, body, tokens.text_weak);
}
