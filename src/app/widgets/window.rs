//! A window inside the window.

use egui::{Align2, Context, Frame, Margin, Pos2, RichText, ScrollArea, Ui, Vec2, Window};

use super::controls::SECTION;
use crate::app::theme;

/// What a window takes beside its contents, in points: its title, and space around it.
const AROUND: f32 = 88.0;

/// A window over the middle of the pictures. What is taller than the screen scrolls.
pub struct Sheet<'a>(Window<'a>);

/// A window with a title and a cross that closes it.
pub fn window<'a>(ctx: &Context, title: &str, open: &'a mut bool) -> Sheet<'a> {
    let panel = theme::tokens_of(ctx.theme()).panel;
    let frame = Frame::new().fill(panel).inner_margin(Margin::symmetric(16, 10));
    let window = Window::new(RichText::new(title).strong().size(SECTION))
        .open(open)
        .title_frame(frame)
        .collapsible(false)
        .resizable(false);
    Sheet(window)
}

impl Sheet<'_> {
    /// Holds it at a place of the screen.
    pub fn anchor(self, align: Align2, offset: Vec2) -> Self {
        Self(self.0.anchor(align, offset))
    }

    /// Which of its corners lies where it begins.
    pub fn pivot(self, pivot: Align2) -> Self {
        Self(self.0.pivot(pivot))
    }

    /// Where it begins.
    pub fn default_pos(self, place: Pos2) -> Self {
        Self(self.0.default_pos(place))
    }

    /// Draws it where it is open.
    pub fn show(self, ctx: &Context, contents: impl FnOnce(&mut Ui)) {
        let height = ctx.content_rect().height() - AROUND;
        self.0.show(ctx, |ui| {
            ScrollArea::vertical().max_height(height).min_scrolled_height(height).show(ui, contents);
        });
    }
}
