//! What stands over a depth picture most of which a range that was set by hand leaves out.

use egui::{Align, Frame, Label, Layout, Margin, Rect, Stroke, Ui, UiBuilder, vec2};

use crate::app::theme;

/// More of the picture than this is said to be outside.
const MOST: f32 = 0.5;
const WIDTH: f32 = 320.0;
const MARGIN: f32 = 12.0;

/// Says so at the foot of `picture`, where `share` (0..=1) of its pixels lies outside; returns whether the range is to
/// be fitted.
pub fn outside_ui(ui: &mut Ui, picture: Rect, share: f32) -> bool {
    if share <= MOST {
        return false;
    }
    let tokens = theme::tokens(ui);
    let inner = picture.shrink(MARGIN);
    let rect = Rect::from_center_size(inner.center(), vec2(inner.width().min(WIDTH), inner.height()));
    let from_below = UiBuilder::new().max_rect(rect).layout(Layout::bottom_up(Align::Center));
    let text = format!("{:.0} % of this picture lies outside the range set by hand", share * 100.0);
    let card = |ui: &mut Ui| {
        let button = ui
            .button("Fit range")
            .on_hover_text("Spans the colours over the depths of this picture, by hand as before");
        ui.add(Label::new(text).wrap());
        button.clicked()
    };
    let frame = Frame::new().fill(tokens.panel).stroke(Stroke::new(1.0, tokens.warning)).corner_radius(6.0);
    let frame = frame.inner_margin(Margin::symmetric(12, 8));
    ui.scope_builder(from_below, |ui| frame.show(ui, card).inner).inner
}
