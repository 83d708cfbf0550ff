//! What is under the pointer, said beside it.

use egui::{Pos2, Rect, Role, Sense, TextStyle, Ui, Vec2, WidgetInfo, vec2};

use super::readout::{facts, with_unit};
use crate::app::theme;
use crate::inference::{DepthUnit, ViewPrediction};

/// From the pointer to the nearest corner, in points: clear of the mark around the pixel.
const AWAY: Vec2 = vec2(16.0, 14.0);
const MARGIN: Vec2 = vec2(8.0, 5.0);

/// Draws depth, and what else is known of `pixel`, beside the pointer and within `frame`.
pub fn value_ui(ui: &Ui, pointer: Pos2, frame: Rect, view: &ViewPrediction, unit: DepthUnit, pixel: [u32; 2]) {
    let tokens = theme::tokens(ui);
    let facts = facts(view, pixel);
    let depth = facts.depth.map_or("No depth".into(), |depth| with_unit(depth, unit));
    let painter = ui.painter().with_clip_rect(frame);
    let text = |text: &str, style: TextStyle| {
        painter.layout_no_wrap(text.to_owned(), style.resolve(ui.style()), tokens.on_scrim)
    };
    let mut lines = vec![text(&depth, TextStyle::Body)];
    let rest = facts.rest();
    if !rest.is_empty() {
        lines.push(text(&rest, TextStyle::Small));
    }
    let width = lines.iter().map(|line| line.size().x).fold(0.0, f32::max);
    let size = vec2(width, lines.iter().map(|line| line.size().y).sum()) + 2.0 * MARGIN;
    let Some(rect) = beside(pointer, size, frame) else { return };
    painter.rect_filled(rect, 4.0, tokens.scrim);
    let mut at = rect.min + MARGIN;
    for line in lines {
        let height = line.size().y;
        painter.galley(at, line, tokens.on_scrim);
        at.y += height;
    }
    let all = [depth, rest].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    let info = || WidgetInfo::labeled(Role::Label, true, format!("At the pointer: {all}"));
    ui.interact(rect, ui.scope_id().with("value at the pointer"), Sense::empty()).widget_info(info);
}

/// Right of and below the pointer, or on its other sides where the frame ends; `None` where there is no room on any.
fn beside(pointer: Pos2, size: Vec2, frame: Rect) -> Option<Rect> {
    let start = |at: f32, away: f32, length: f32, [from, to]: [f32; 2]| {
        let [after, before] = [at + away, at - away - length];
        if after + length <= to { Some(after) } else { (before >= from).then_some(before) }
    };
    let x = start(pointer.x, AWAY.x, size.x, [frame.left(), frame.right()]);
    let y = start(pointer.y, AWAY.y, size.y, [frame.top(), frame.bottom()]);
    // Beside is enough: above or below the pointer it may slide along the edge, and the other way round.
    let slid = |at: f32, length: f32, [from, to]: [f32; 2]| (at - length / 2.0).min(to - length).max(from);
    let corner = match (x, y) {
        (Some(x), Some(y)) => Pos2::new(x, y),
        (Some(x), None) => Pos2::new(x, slid(pointer.y, size.y, [frame.top(), frame.bottom()])),
        (None, Some(y)) => Pos2::new(slid(pointer.x, size.x, [frame.left(), frame.right()]), y),
        (None, None) => return None,
    };
    let rect = Rect::from_min_size(corner, size);
    frame.contains_rect(rect).then_some(rect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_neither_leaves_the_frame_nor_covers_what_is_pointed_at() {
        let frame = Rect::from_min_max(Pos2::new(10.0, 20.0), Pos2::new(310.0, 220.0));
        let size = vec2(90.0, 40.0);
        for x in (10..=310).step_by(20) {
            for y in (20..=220).step_by(20) {
                let pointer = Pos2::new(x as f32, y as f32);
                let rect = beside(pointer, size, frame).expect("room");
                assert!(frame.contains_rect(rect) && !rect.expand(6.0).contains(pointer), "{pointer} {rect}");
            }
        }
        let strip = Rect::from_min_max(Pos2::ZERO, Pos2::new(300.0, 50.0));
        let rect = beside(Pos2::new(100.0, 25.0), size, strip).expect("room beside");
        assert!(strip.contains_rect(rect) && rect.left() > 100.0);
        assert_eq!(beside(Pos2::new(10.0, 10.0), size, Rect::from_min_max(Pos2::ZERO, Pos2::new(60.0, 30.0))), None);
    }
}
