//! Measured lines over the picture, with their lengths.

use egui::{Align2, FontId, Label, Painter, Pos2, Rect, Shape, Stroke, Ui, Vec2};
use glam::Vec3;

use super::labels::place;
use super::picture::Picture;
use crate::app::theme;
use crate::inference::DepthUnit;
use crate::scene::{Measure, length, length_text};

const TEXT: f32 = 12.5;
const PADDING: Vec2 = Vec2::new(6.0, 3.0);
/// What a label keeps free around a point.
const DOT: f32 = 12.0;

/// A length and where it belongs.
struct Wanted {
    middle: Pos2,
    text: String,
}

/// Where the open line would go next: to the cursor, and to the point of the cloud that is known to be under it.
#[derive(Clone, Copy)]
pub struct Next {
    pub cursor: Pos2,
    pub point: Option<Vec3>,
}

/// Lengths that have yet to find their place, and where points of the lines are.
#[derive(Default)]
pub struct Lengths {
    wanted: Vec<Wanted>,
    dots: Vec<Pos2>,
}

/// Draws all lines; what is drawn after it lies over them.
pub fn lines_ui(ui: &Ui, picture: &Picture<'_>, lines: &Measure, unit: DepthUnit, next: Option<Next>) -> Lengths {
    let view = picture.visible(ui);
    let painter = ui.painter().with_clip_rect(view);
    let tokens = theme::tokens(ui);
    let pen = Pen { painter, light: tokens.on_scrim, dark: tokens.scrim };
    let (mut totals, mut steps, mut dots) = (Vec::new(), Vec::new(), Vec::new());
    if let Some(next) = next
        && let Some(from) = lines.open().and_then(<[_]>::last)
    {
        let to = next.point.and_then(|point| picture.at(point)).unwrap_or(next.cursor);
        // Right after a click the cursor is still on the point that was clicked.
        if let Some(start) = picture.at(*from).filter(|start| start.distance(to) > DOT) {
            pen.dashed([start, to]);
            steps.extend(next.point.and_then(|point| step(picture, *from, point, unit)));
            dots.push(to);
        }
    }
    for line in lines.lines() {
        for pair in line.windows(2) {
            if let Some(ends) = picture.line(pair[0], pair[1]) {
                pen.solid(ends);
            }
            steps.extend(step(picture, pair[0], pair[1], unit));
        }
        let seen: Vec<_> = line.iter().filter_map(|point| picture.at(*point)).collect();
        let end = line.last().and_then(|end| picture.at(*end)).filter(|end| view.contains(*end));
        if let Some(end) = end.filter(|_| line.len() > 2) {
            let text = format!("Total {}", length_text(length(line), unit));
            // Onwards from the line, so that it lies beside it.
            let before = seen.get(seen.len().saturating_sub(2)).copied().unwrap_or(end);
            let onwards = (end - before).normalized() * Vec2::new(60.0, 18.0);
            totals.push(Wanted { middle: end + onwards, text });
        }
        dots.extend(seen);
    }
    dots.iter().for_each(|dot| pen.dot(*dot));
    steps.extend(totals);
    Lengths { wanted: steps, dots }
}

/// Lines with dark edges: they can be seen on any colour.
struct Pen {
    painter: Painter,
    light: egui::Color32,
    dark: egui::Color32,
}

impl Pen {
    fn solid(&self, ends: [Pos2; 2]) {
        self.painter.line_segment(ends, Stroke::new(4.5, self.dark));
        self.painter.line_segment(ends, Stroke::new(2.0, self.light));
    }

    fn dashed(&self, ends: [Pos2; 2]) {
        self.painter.line_segment(ends, Stroke::new(4.0, self.dark));
        self.painter.extend(Shape::dashed_line(&ends, Stroke::new(1.8, self.light), 6.0, 5.0));
    }

    fn dot(&self, at: Pos2) {
        self.painter.circle(at, 4.0, self.light, Stroke::new(1.5, self.dark));
    }
}

/// The length between two points, in the middle of what can be seen of it.
fn step(picture: &Picture<'_>, from: Vec3, to: Vec3, unit: DepthUnit) -> Option<Wanted> {
    let [a, b] = picture.line(from, to)?;
    Some(Wanted { middle: a.lerp(b, 0.5), text: length_text(from.distance(to), unit) })
}

/// Writes lengths into `view`, beside the points and off what is `taken`.
pub fn labels_ui(ui: &mut Ui, view: Rect, lengths: Lengths, mut taken: Vec<Rect>) {
    taken.extend(lengths.dots.into_iter().map(|dot| Rect::from_center_size(dot, Vec2::splat(DOT))));
    let tokens = theme::tokens(ui);
    let font = FontId::proportional(TEXT);
    let layout = |label: Wanted| (label.middle, ui.painter().layout_no_wrap(label.text, font.clone(), tokens.on_scrim));
    let galleys: Vec<_> = lengths.wanted.into_iter().map(layout).collect();
    let sizes: Vec<_> = galleys.iter().map(|(middle, galley)| (*middle, galley.size() + PADDING * 2.0)).collect();
    for (rect, (_, galley)) in place(&sizes, view.shrink(4.0), &taken).into_iter().zip(galleys) {
        let Some(rect) = rect else { continue };
        ui.painter().rect_filled(rect, 4.0, tokens.scrim);
        let text = Align2::CENTER_CENTER.align_size_within_rect(galley.size(), rect);
        // A label and no bare painting, so that screen readers find it.
        ui.put(text, Label::new(galley).selectable(false));
    }
}
