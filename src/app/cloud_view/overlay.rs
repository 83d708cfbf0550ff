//! The words on top of the 3D view: what is shown, how to move, and what to do when there is nothing.

use std::collections::HashSet;

use egui::{Align2, Color32, FontId, Label, Pos2, Rect, RichText, Ui, pos2, vec2};

use super::exchange::CloudInput;
use super::{gizmo, legend};
use crate::app::theme;
use crate::inference::{DepthUnit, LensSource, ViewPrediction};
use crate::input::ViewId;
use crate::render::RenderError;
use crate::scene::{CloudScene, Filters};

const MARGIN: f32 = 10.0;
/// Of text, in points.
const SIZE: f32 = 12.5;

/// About how many points are drawn; counted again only when the filters or the views that are shown change.
#[derive(Default)]
pub struct PointCount {
    counted: Option<(Filters, HashSet<ViewId>, usize)>,
}

impl PointCount {
    /// About how many points of the views that are shown the filters keep, and how many there are.
    pub fn of(&mut self, scene: &CloudScene, input: &CloudInput<'_>, filters: &Filters) -> [usize; 2] {
        let shown = |view: &ViewPrediction| !input.hidden.contains(&view.view);
        [self.kept(scene, input, filters), scene.pixel_count(shown)]
    }

    fn kept(&mut self, scene: &CloudScene, input: &CloudInput<'_>, filters: &Filters) -> usize {
        if let Some((of_filters, hidden, count)) = &self.counted
            && of_filters == filters
            && hidden == input.hidden
        {
            return *count;
        }
        let count = scene.estimated_points(|view| !input.hidden.contains(&view.view), filters);
        self.counted = Some((*filters, input.hidden.clone(), count));
        count
    }
}

/// One line at the bottom: points, unit, where the lens comes from, errors. Returns what it covers.
pub fn status_ui(
    ui: &mut Ui,
    rect: Rect,
    [count, all]: [usize; 2],
    input: &CloudInput<'_>,
    error: Option<&RenderError>,
) -> Rect {
    let unit = match input.unit {
        DepthUnit::Metres if input.set_scale.is_some() => "depth in metres (scale set by hand)",
        DepthUnit::Metres if input.fit.is_some() => "depth in metres (by known depths)",
        DepthUnit::Metres => "depth in metres",
        DepthUnit::Relative => "relative depth",
    };
    let mut line = if count == all {
        format!("{} points · {unit}", spaced(all))
    } else {
        format!("About {} of {} points · {unit}", spaced(rounded(count)), spaced(all))
    };
    if count == 0 {
        line = "The filters leave no point · lower Hide uncertain, or widen Nearest and Farthest depth".to_owned();
    }
    let shown = || input.views.iter().filter(|view| !input.hidden.contains(&view.view));
    if shown().any(|view| view.camera.lens == LensSource::Assumed) {
        line.push_str(" · assumed lens");
    } else if shown().any(|view| view.camera.lens == LensSource::Exif) {
        line.push_str(" · lens from EXIF");
    } else if shown().any(|view| view.camera.lens == LensSource::Given) {
        line.push_str(" · lens set by hand");
    } else if shown().any(|view| view.camera.lens == LensSource::Estimated) {
        line.push_str(" · estimated lens");
    }
    let at = pos2(rect.left() + MARGIN, rect.bottom() - MARGIN);
    // Beside the scale bar.
    let rect = rect.with_max_x(rect.right() - legend::column(rect));
    let colour = ui.visuals().text_color();
    let mut covered = text_on_plate(ui, rect, at, Align2::LEFT_BOTTOM, &line, FontId::proportional(SIZE), colour);
    if let Some(error) = error {
        let at = pos2(at.x, covered.top() - MARGIN);
        let line = format!("The 3D view could not be drawn: {error}");
        let colour = ui.visuals().error_fg_color;
        covered |= text_on_plate(ui, rect, at, Align2::LEFT_BOTTOM, &line, FontId::proportional(SIZE), colour);
    }
    covered
}

/// How to move, until somebody has.
pub fn hint_ui(ui: &mut Ui, rect: Rect) {
    // Lines break between the hints and not in them.
    let hint = "Drag to orbit · right drag to pan · wheel to zoom · double-click to focus · WASD to fly · R to reset"
        .replace(' ', "\u{a0}")
        .replace("·\u{a0}", "· ");
    // Below the toolbar, which a long line would meet, and beside the gizmo.
    let rect = rect.with_max_x(rect.right() - gizmo::column(rect));
    let at = pos2(rect.center().x, rect.top() + 2.0 * MARGIN + theme::ROW + 8.0);
    let colour = ui.visuals().text_color();
    text_on_plate(ui, rect, at, Align2::CENTER_TOP, &hint, FontId::proportional(SIZE), colour);
}

/// In place of a cloud when there is none.
pub fn empty_ui(ui: &mut Ui, rect: Rect, no_views: bool) {
    if no_views {
        message_ui(ui, rect, "No cloud yet", "Run a model on one or more photos to walk through their points");
    } else {
        message_ui(ui, rect, "Nothing to draw", "None of these views has a depth or a camera that can be drawn");
    }
}

/// In place of a cloud when each of its views that can be drawn is switched off: `hidden` of all `views` of the scene.
pub fn all_hidden_ui(ui: &mut Ui, rect: Rect, hidden: usize, views: usize) {
    let title = match (hidden, views) {
        (1, 1) => "This view is hidden",
        _ if hidden == views => "Every view of this scene is hidden",
        _ => "What can be drawn of this scene is hidden",
    };
    message_ui(ui, rect, title, "Switch it on in the list, by its eye or with H, to see its points");
}

fn message_ui(ui: &mut Ui, rect: Rect, title: &str, advice: &str) {
    ui.painter().rect_filled(rect, 0.0, theme::tokens(ui).space);
    let middle = Rect::from_center_size(rect.center(), vec2(rect.width().min(420.0), 60.0));
    ui.scope_builder(egui::UiBuilder::new().max_rect(middle), |ui| {
        ui.vertical_centered(|ui| {
            ui.label(RichText::new(title).heading());
            ui.label(RichText::new(advice).weak());
        });
    });
}

/// Text that can be read on any cloud, no wider than the view; returns the plate's rectangle.
pub fn text_on_plate(
    ui: &mut Ui,
    view: Rect,
    at: Pos2,
    anchor: Align2,
    text: &str,
    font: FontId,
    colour: Color32,
) -> Rect {
    let padding = vec2(7.0, 4.0);
    let width = (view.width() - 2.0 * (MARGIN + padding.x)).max(1.0);
    let galley = ui.painter().layout(text.to_owned(), font, colour, width);
    let plate = anchor.anchor_size(at, galley.size() + padding * 2.0);
    ui.painter().rect_filled(plate, 5.0, ui.visuals().panel_fill.gamma_multiply(0.82));
    // A label and no bare painting, so that screen readers find it.
    ui.put(plate.shrink2(padding), Label::new(galley).selectable(false));
    plate
}

/// Three significant digits: an estimate should not look like a count.
fn rounded(count: usize) -> usize {
    let digits = count.checked_ilog10().map_or(1, |log| log + 1);
    let unit = 10usize.pow(digits.saturating_sub(3));
    (count + unit / 2) / unit * unit
}

/// Thousands set apart by thin spaces.
fn spaced(count: usize) -> String {
    let text = count.to_string();
    let groups: Vec<&str> = text.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    groups.join("\u{2009}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn estimates_have_three_digits() {
        assert_eq!([0, 42, 999, 1_234_567, 99_960].map(rounded), [0, 42, 999, 1_230_000, 100_000]);
        assert_eq!(spaced(1_230_000).replace('\u{2009}', " "), "1 230 000");
    }
}
