//! What is under the resting cursor, in numbers.

use std::sync::Arc;

use egui::{Align2, FontId, Rect, TextStyle, Ui, pos2};

use super::exchange::HoveredPoint;
use super::overlay::text_on_plate;
use crate::inference::{DepthUnit, ViewPrediction};
use crate::scene::{coordinates, length_text};

/// Below this width, in points, each coordinate has a line of its own.
const NARROW: f32 = 300.0;
/// Narrowest column of numbers in characters: "-10.00".
const COLUMN: usize = 6;

/// Draws the numbers above `below`, which is at the bottom left of `view`; returns what they cover. At the cursor they would
/// hide what it points at.
pub fn readout_ui(
    ui: &mut Ui,
    view: Rect,
    below: Rect,
    point: &HoveredPoint,
    views: &[Arc<ViewPrediction>],
    unit: DepthUnit,
) -> Rect {
    let between = if view.width() < NARROW { "\n" } else { "   " };
    let text = lines(point, &name(point, views), unit, between).join("\n");
    let at = pos2(below.left().max(view.left() + 4.0), below.top() - 6.0);
    let colour = ui.visuals().text_color();
    let font = FontId::monospace(TextStyle::Monospace.resolve(ui.style()).size);
    text_on_plate(ui, view, at, Align2::LEFT_BOTTOM, &text, font, colour)
}

/// The same on one line, to paste elsewhere.
pub fn in_words(point: &HoveredPoint, views: &[Arc<ViewPrediction>], unit: DepthUnit) -> String {
    lines(point, &name(point, views), unit, "  ").join("  ")
}

/// File name of the view that the point comes from.
fn name(point: &HoveredPoint, views: &[Arc<ViewPrediction>]) -> String {
    let path = views.iter().find(|view| view.view == point.view).map(|view| &view.path);
    let name = path.and_then(|path| path.file_name());
    name.map_or(String::new(), |name| name.to_string_lossy().into_owned())
}

fn lines(point: &HoveredPoint, name: &str, unit: DepthUnit, between: &str) -> [String; 3] {
    let numbers = coordinates(point.position);
    let column = numbers.iter().map(String::len).fold(COLUMN, usize::max);
    let [x, y, z] = numbers.map(|number| format!("{number:>column$}"));
    let unit_name = unit.label();
    let mut depth = format!("depth {}", length_text(point.depth, unit));
    if let Some(confidence) = point.confidence {
        depth += &format!("{between}confidence {confidence:.2}");
    }
    let [u, v] = point.pixel;
    [format!("x {x}{between}y {y}{between}z {z} {unit_name}"), depth, format!("{name}{between}u {u}  v {v}")]
}

#[cfg(test)]
mod tests {
    use glam::Vec3;

    use super::*;
    use crate::input::ViewId;

    #[test]
    fn numbers_line_up_and_say_their_unit() {
        let mut point = HoveredPoint {
            view: ViewId(1),
            pixel: [120, 64],
            depth: 3.2104,
            position: Vec3::new(0.4124, -1.2031, 3.87),
            confidence: Some(4.2),
        };
        let [position, depth, pixel] = lines(&point, "a.png", DepthUnit::Metres, "\n");
        assert_eq!(position, "x  0.412\ny -1.203\nz  3.870 m");
        assert_eq!(depth, "depth 3.210 m\nconfidence 4.20");
        assert_eq!(pixel, "a.png\nu 120  v 64");
        point.confidence = None;
        let words = in_words(&point, &[], DepthUnit::Relative);
        assert!(words.contains("relative  depth 3.210 (relative)  ") && !words.contains("confidence"), "{words}");
    }
}
