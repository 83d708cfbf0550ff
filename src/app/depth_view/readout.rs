//! The strip under the pictures: what is under the pointer, and what the colours mean.

use egui::{Align, Align2, Color32, Layout, Mesh, Rect, RichText, Sense, Shape, TextStyle, Ui, Vec2, pos2};

use super::layers::Look;
use crate::app::theme;
use crate::inference::{DepthUnit, ViewPrediction};
use crate::scene::DepthRange;

/// Below this width, in points, the legend has a line of its own.
const NARROW: f32 = 480.0;
const LINE: f32 = 28.0;

const BAR: Vec2 = Vec2::new(128.0, 10.0);

/// Height of the strip in points where it is that wide.
pub fn height(width: f32) -> f32 {
    if width < NARROW { 2.0 * LINE } else { LINE + 4.0 }
}

/// Draws the strip. `pixel` is in the processed picture; `look` is that of a depth picture, where one is shown.
pub fn readout_ui(ui: &mut Ui, view: &ViewPrediction, unit: DepthUnit, pixel: Option<[u32; 2]>, look: Option<Look>) {
    let colours = theme::tokens(ui);
    let text = match pixel {
        Some(pixel) => RichText::new(describe(view, unit, pixel)).color(colours.text),
        None => RichText::new(format!("{} × {} px · point at the picture to read depth", view.width, view.height))
            .color(colours.text_weak),
    };
    let legend = |ui: &mut Ui| {
        if let Some(look) = look {
            legend_ui(ui, look, unit);
        }
    };
    let readout = |ui: &mut Ui| {
        ui.add(egui::Label::new(text).truncate());
    };
    if ui.available_width() < NARROW {
        ui.spacing_mut().item_spacing.y = 0.0;
        let line = Vec2::new(ui.available_width(), LINE);
        ui.allocate_ui_with_layout(line, Layout::right_to_left(Align::Center), legend);
        ui.allocate_ui_with_layout(line, Layout::left_to_right(Align::Center), readout);
    } else {
        ui.horizontal_centered(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                legend(ui);
                ui.with_layout(Layout::left_to_right(Align::Center), readout);
            });
        });
    }
}

/// "Depth 2.41 m · confidence 3.20 · sky · x 120, y 64".
fn describe(view: &ViewPrediction, unit: DepthUnit, pixel: [u32; 2]) -> String {
    let facts = facts(view, pixel);
    let depth = facts.depth.map_or("No depth".into(), |depth| format!("Depth {}", with_unit(depth, unit)));
    let [x, y] = pixel;
    [depth, facts.rest(), format!("x {x}, y {y}")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// What is known of one pixel.
pub struct Facts {
    pub depth: Option<f32>,
    confidence: Option<f32>,
    /// What it shows in place of a surface.
    other: Option<&'static str>,
}

/// What is known of a pixel of the processed picture.
pub fn facts(view: &ViewPrediction, [x, y]: [u32; 2]) -> Facts {
    let at = y as usize * view.width as usize + x as usize;
    let is_in = |map: &Option<Vec<bool>>| map.as_ref().and_then(|map| map.get(at)) == Some(&true);
    let other = if is_in(&view.sky) { Some("sky") } else { is_in(&view.background).then_some("no surface") };
    let confidence = view.confidence.as_ref().and_then(|map| map.get(at)).copied();
    Facts { depth: view.depth.get(at).copied(), confidence, other }
}

impl Facts {
    /// "confidence 3.20 · sky"; nothing where nothing is known beside depth.
    pub fn rest(&self) -> String {
        let confidence = self.confidence.map(|confidence| format!("confidence {confidence:.2}"));
        confidence.into_iter().chain(self.other.map(str::to_owned)).collect::<Vec<_>>().join(" · ")
    }
}

/// A depth with three figures and its unit.
pub fn with_unit(depth: f32, unit: DepthUnit) -> String {
    match unit {
        DepthUnit::Metres => format!("{} m", three_figures(depth)),
        DepthUnit::Relative => format!("{} (relative)", three_figures(depth)),
    }
}

pub fn three_figures(value: f32) -> String {
    match value.abs() {
        v if v >= 1e5 => format!("{value:.1e}"),
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 0.1 || v == 0.0 => format!("{value:.2}"),
        v if v >= 0.001 => format!("{value:.4}"),
        _ => format!("{value:.1e}"),
    }
}

/// The colour map from near to far with the depths at its ends, right-aligned.
fn legend_ui(ui: &mut Ui, look: Look, unit: DepthUnit) {
    let [near, far] = ends(look.range);
    let font = TextStyle::Small.resolve(ui.style());
    let colour = theme::tokens(ui).text_weak;
    let text = |ui: &mut Ui, text: String| {
        ui.label(RichText::new(text).font(font.clone()).color(colour));
    };
    text(ui, format!("{far} {}", unit.label()));
    let (rect, response) = ui.allocate_exact_size(BAR, Sense::hover());
    response.on_hover_text("Colours from near (left) to far (right); equal steps are equal steps of 1/depth");
    ui.painter().add(Shape::mesh(gradient(rect, &look.map.table(look.is_inverse))));
    text(ui, near);
}

fn ends(range: DepthRange) -> [String; 2] {
    let depth = |inverse: f32| if inverse > 0.0 { three_figures(1.0 / inverse) } else { "∞".into() };
    [depth(range.near), depth(range.far)]
}

fn gradient(rect: Rect, table: &[[u8; 3]; 256]) -> Mesh {
    let mut mesh = Mesh::default();
    let steps = 32;
    for step in 0..=steps {
        let t = step as f32 / steps as f32;
        let [r, g, b] = table[(t * 255.0) as usize];
        let x = egui::lerp(rect.x_range(), t);
        for y in [rect.top(), rect.bottom()] {
            mesh.colored_vertex(pos2(x, y), Color32::from_rgb(r, g, b));
        }
        if step > 0 {
            let v = 2 * step;
            mesh.add_triangle(v - 2, v - 1, v);
            mesh.add_triangle(v - 1, v, v + 1);
        }
    }
    mesh
}

/// A name on a dark chip in the corner of a picture, and the chip's place.
pub fn chip(ui: &Ui, corner: egui::Pos2, text: &str) -> Rect {
    let tokens = theme::tokens(ui);
    let galley = ui.painter().layout_no_wrap(text.to_owned(), TextStyle::Small.resolve(ui.style()), tokens.on_scrim);
    let rect = Align2::LEFT_TOP.anchor_size(corner + Vec2::splat(8.0), galley.size() + Vec2::new(12.0, 6.0));
    ui.painter().rect_filled(rect, 3.0, tokens.scrim);
    ui.painter().galley(rect.min + Vec2::new(6.0, 3.0), galley, tokens.on_scrim);
    rect
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_say_their_unit() {
        assert_eq!(with_unit(2.414, DepthUnit::Metres), "2.41 m");
        assert_eq!(with_unit(214.4, DepthUnit::Relative), "214 (relative)");
        assert_eq!(three_figures(0.0123), "0.0123");
        assert_eq!(ends(DepthRange { far: 0.0, near: 2.0 }), ["0.50", "∞"]);
    }
}
