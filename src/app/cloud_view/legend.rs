//! What colours and lengths mean: the colour map with its numbers, and a scale bar.

use egui::{Align2, Color32, FontId, Mesh, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::app::theme;
use crate::inference::DepthUnit;
use crate::scene::{CloudScene, ColourBy, Look, OrbitCamera, nice_step};

const MARGIN: f32 = 10.0;
/// Width of the colour bar, and the most that a scale bar takes, in points.
const BAR: f32 = 132.0;
const FONT: f32 = 11.5;

/// What both take of `view`'s width at most.
pub fn column(view: Rect) -> f32 {
    if fits(view) { BAR + 14.0 + MARGIN } else { 0.0 }
}

fn fits(view: Rect) -> bool {
    view.width() >= 3.0 * BAR && view.height() >= 160.0
}

/// Draws both into the bottom right corner of `view`, as far as there is something to say and room.
pub fn legend_ui(ui: &mut Ui, view: Rect, scene: &CloudScene, look: &Look, camera: &OrbitCamera, unit: DepthUnit) {
    if !fits(view) {
        return;
    }
    let bottom = scale_bar_ui(ui, view, camera, unit);
    if let Some(ends) = ends_of(scene, look, camera, unit) {
        colours_ui(ui, view, bottom, look, &ends);
    }
}

/// A length of 1, 2 or 5 × 10ⁿ at the depth of what the view turns around; returns the top of what was drawn.
fn scale_bar_ui(ui: &Ui, view: Rect, camera: &OrbitCamera, unit: DepthUnit) -> f32 {
    let per_unit = camera.focal_pixels(view.height()) / if camera.is_orthographic { 1.0 } else { camera.pivot_depth() };
    let length = nice_step(BAR / per_unit);
    let width = length * per_unit;
    let right = view.right() - MARGIN - 7.0;
    let y = view.bottom() - MARGIN - 8.0;
    let text = format!("{} {}", number(length), unit_word(unit));
    let ink = ui.visuals().text_color();
    let galley = ui.painter().layout_no_wrap(text.clone(), FontId::proportional(FONT), ink);
    let plate = Rect::from_min_max(
        pos2((right - width).min(right - galley.size().x) - 7.0, y - galley.size().y - 9.0),
        pos2(right + 7.0, y + 8.0),
    );
    plate_ui(ui, plate, &format!("Scale: {text} at the depth of the middle"));
    let stroke = Stroke::new(1.6, ink);
    let painter = ui.painter();
    painter.line_segment([pos2(right - width, y), pos2(right, y)], stroke);
    for x in [right - width, right] {
        painter.line_segment([pos2(x, y - 4.0), pos2(x, y + 4.0)], stroke);
    }
    let at = pos2(plate.center().x, y - 5.0);
    painter.text(at, Align2::CENTER_BOTTOM, text, FontId::proportional(FONT), ink);
    plate.top()
}

/// What the first and the last colour stand for; `None` where colours come from no map.
fn ends_of(scene: &CloudScene, look: &Look, camera: &OrbitCamera, unit: DepthUnit) -> Option<[String; 2]> {
    let of_unit = |value: f32| format!("{} {}", number(value), unit_word(unit));
    match look.colour_by {
        // The map's first colour is what lies nearest.
        ColourBy::Depth => {
            let range = scene.depth_colours();
            Some([range.near, range.far].map(|inverse| of_unit(inverse.recip())))
        }
        ColourBy::Confidence => scene.confidence_colours().map(|ends| ends.map(number)),
        ColourBy::Height => Some(scene.height_colours(camera.up()).map(of_unit)),
        ColourBy::Photo | ColourBy::View | ColourBy::Normal => None,
    }
}

fn colours_ui(ui: &Ui, view: Rect, bottom: f32, look: &Look, [low, high]: &[String; 2]) {
    let right = view.right() - MARGIN - 7.0;
    let bar = Rect::from_min_max(pos2(right - BAR, bottom - 34.0), pos2(right, bottom - 24.0));
    let plate = Rect::from_min_max(bar.min - vec2(7.0, 22.0), pos2(right + 7.0, bottom - 4.0));
    let what = look.colour_by.label();
    plate_ui(ui, plate, &format!("{what} from {low} to {high}"));
    let painter = ui.painter();
    let ink = ui.visuals().text_color();
    painter.text(bar.center_top() - vec2(0.0, 3.0), Align2::CENTER_BOTTOM, what, FontId::proportional(FONT), ink);
    let mut mesh = Mesh::default();
    for (i, [r, g, b]) in look.colour_map.table(look.inverse_colours).into_iter().enumerate() {
        let x = |i: usize| bar.left() + bar.width() * i as f32 / 256.0;
        let strip = Rect::from_min_max(pos2(x(i), bar.top()), pos2(x(i + 1), bar.bottom()));
        mesh.add_colored_rect(strip, Color32::from_rgb(r, g, b));
    }
    painter.add(Shape::mesh(mesh));
    let below = bar.bottom() + 2.0;
    painter.text(pos2(bar.left(), below), Align2::LEFT_TOP, low, FontId::proportional(FONT), ink);
    painter.text(pos2(bar.right(), below), Align2::RIGHT_TOP, high, FontId::proportional(FONT), ink);
}

/// A plate that keeps what is on it readable on any cloud, with words for screen readers.
fn plate_ui(ui: &Ui, plate: Rect, words: &str) {
    ui.painter().rect_filled(plate, 5.0, theme::tokens(ui).panel.gamma_multiply(0.82));
    let response = ui.interact(plate, ui.scope_id().with(words), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
}

fn unit_word(unit: DepthUnit) -> &'static str {
    match unit {
        DepthUnit::Metres => "m",
        DepthUnit::Relative => "(relative)",
    }
}

/// Three significant digits, without zeros that say nothing.
fn number(value: f32) -> String {
    let digits = (2 - value.abs().max(1e-30).log10().floor() as i32).clamp(0, 8) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let all = [0.5, 20.0, 1.2345, 0.002, 123.4, -0.75].map(number);
        assert_eq!(all, ["0.5", "20", "1.23", "0.002", "123", "-0.75"]);
    }
}
