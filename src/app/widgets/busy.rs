//! The sign of work that was asked for and goes on: a ring that turns, with a word.

use std::f32::consts::TAU;

use egui::epaint::PathStroke;
use egui::{Atom, Button, Color32, IdSalt, Painter, Rect, Response, Shape, Ui, Vec2};

use super::icons::Icon;
use crate::app::theme;

/// Seconds between two pictures of the ring, and seconds of a turn: the work needs the processor more than it does.
const STEP_SECS: f32 = 0.1;
const TURN_SECS: f64 = 1.2;
/// Part of the ring that is drawn, and of how many lines.
const ARC: f32 = 0.7;
const LINES: usize = 18;

/// The ring, in the middle of `rect`. Keeps the window awake.
pub fn busy_ring(ui: &Ui, painter: &Painter, rect: Rect, colour: Color32) {
    let turn = (ui.input(|input| input.time) / TURN_SECS).fract() as f32;
    ui.ctx().request_repaint_after(std::time::Duration::from_secs_f32(STEP_SECS));
    let radius = rect.width().min(rect.height()) / 2.0 - 1.5;
    let at = |part: f32| rect.center() + radius * Vec2::angled(TAU * (turn + ARC * part));
    let points = (0..=LINES).map(|line| at(line as f32 / LINES as f32)).collect();
    painter.add(Shape::line(points, PathStroke::new(2.0, colour)));
}

/// A button whose work goes on: the ring and what is being done stand in it, and it cannot be pressed.
pub fn busy_button(ui: &mut Ui, word: &str) -> Response {
    let (ring, colour) = (IdSalt::new("ring"), theme::tokens(ui).text);
    let button = Button::new((Atom::custom(ring, Vec2::splat(Icon::SIDE)), word));
    let shown = ui.add_enabled_ui(false, |ui| button.atom_ui(ui)).inner;
    if let Some(rect) = shown.rect(ring) {
        busy_ring(ui, ui.painter(), rect, colour);
    }
    shown.response
}
