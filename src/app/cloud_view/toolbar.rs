//! The small bar of icon buttons in the corner of the 3D view; what finds no room in it stands behind its last button.

use egui::{Button, Popup, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo};

use crate::app::theme;
use crate::app::theme::ROW;
use crate::app::widgets::icons::Icon;

/// Between the bar and the edges of the view.
pub const MARGIN: f32 = 10.0;

/// Between the bar's edge and its buttons.
const PADDING: i8 = 3;
/// Between two buttons.
const GAP: f32 = 2.0;
/// What the bar needs besides its buttons: padding and border.
const EDGES: f32 = 8.0;

const MORE: &str = "More tools";

/// What the bar offers, the last ones folded away first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    Fit,
    Reset,
    Through,
    SaveView,
    Measure,
    Picture,
    Film,
}

/// How a tool stands.
#[derive(Clone, Copy, Debug, Default)]
pub struct ToolState {
    pub is_on: bool,
    /// Why it cannot be used.
    pub lacks: Option<&'static str>,
}

impl Tool {
    const ALL: [Self; 7] =
        [Self::Fit, Self::Reset, Self::Through, Self::SaveView, Self::Measure, Self::Picture, Self::Film];

    fn icon(self) -> Icon {
        match self {
            Self::Fit => Icon::Fit,
            Self::Reset => Icon::Home,
            Self::Through => Icon::Viewpoint,
            Self::SaveView => Icon::Bookmark,
            Self::Measure => Icon::Ruler,
            Self::Picture => Icon::Camera,
            Self::Film => Icon::Film,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Fit => "Fit the scene",
            Self::Reset => "Reset view",
            Self::Through => "Look through the camera",
            Self::SaveView => "Save this view",
            Self::Measure => "Measure",
            Self::Picture => "Save picture…",
            Self::Film => "Save film…",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::Fit => "F",
            Self::Reset => "R",
            Self::Through => "V",
            Self::SaveView => "B",
            Self::Measure => "P",
            Self::Picture => "K",
            Self::Film => "Shift+K",
        }
    }

    fn tip(self) -> &'static str {
        match self {
            Self::Fit => "Moves, without turning, until all of the cloud is in sight",
            Self::Reset => "Back to where the scene was first seen from",
            Self::Through => "From where the selected photo was taken; a second time leads back",
            Self::SaveView => "Keeps where the scene is looked at from, to go back there and for films",
            Self::Measure => "Lengths between points of the cloud, and the true scale of the scene",
            Self::Picture => "What the 3D view shows as a PNG file or on the clipboard, in any size",
            Self::Film => "A film: swaying, around the scene, through the photos or through saved views",
        }
    }

    fn full_tip(self, state: ToolState) -> String {
        let what = format!("{} ({})\n{}", self.label(), self.key(), self.tip());
        state.lacks.map_or(what.clone(), |lacks| format!("{what}\n{lacks}"))
    }
}

/// How many of `all` buttons a bar of `width` shows; one of them leads to the rest where that is not all of them.
fn fitting(width: f32, all: usize) -> usize {
    let buttons = ((width - EDGES + GAP) / (ROW + GAP)).floor().max(1.0) as usize;
    if buttons >= all { all } else { buttons - 1 }
}

/// The bar at the top left of `view`, in `width` of it at most; returns where it is and which tool was clicked.
pub fn toolbar_ui(ui: &mut Ui, view: Rect, width: f32, state: impl Fn(Tool) -> ToolState) -> (Rect, Option<Tool>) {
    let area = view.shrink(MARGIN);
    let tokens = theme::tokens(ui);
    let frame = egui::Frame::new()
        .fill(tokens.panel)
        .stroke(Stroke::new(1.0, tokens.border))
        .corner_radius(6)
        .inner_margin(PADDING);
    let (shown, folded) = Tool::ALL.split_at(fitting(width, Tool::ALL.len()));
    // It senses clicks, so that one beside a button does not reach the cloud.
    let builder = UiBuilder::new().id_salt("3D toolbar").max_rect(area).sense(Sense::click_and_drag());
    let bar = ui.scope_builder(builder, |ui| {
        frame.show(ui, |ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(GAP);
            let buttons = |ui: &mut Ui| {
                let mut clicked = None;
                for &tool in shown {
                    if tool_ui(ui, tool, state(tool)).clicked() {
                        clicked = Some(tool);
                    }
                }
                if folded.is_empty() { clicked } else { clicked.or(more_ui(ui, folded, &state)) }
            };
            ui.horizontal(buttons).inner
        })
    });
    (bar.inner.response.rect, bar.inner.inner)
}

/// A button of the bar.
fn tool_ui(ui: &mut Ui, tool: Tool, state: ToolState) -> Response {
    let sense = if state.lacks.is_none() { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(ROW), sense);
    let enabled = state.lacks.is_none();
    response.widget_info(|| WidgetInfo::selected(Role::Button, enabled, state.is_on, tool.label()));
    icon_ui(ui, tool.icon(), rect, &response, state);
    response.on_hover_text(tool.full_tip(state))
}

/// What found no room, in words.
fn more_ui(ui: &mut Ui, folded: &[Tool], state: &impl Fn(Tool) -> ToolState) -> Option<Tool> {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(ROW), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, MORE));
    // What is on must be seen to be, wherever it stands.
    let is_on = folded.iter().any(|&tool| state(tool).is_on);
    icon_ui(ui, Icon::More, rect, &response, ToolState { is_on, lacks: None });
    let response = response.on_hover_text(MORE);
    let list = |ui: &mut Ui| {
        let weak = theme::tokens(ui).text_weak;
        let mut clicked = None;
        for &tool in folded {
            let state = state(tool);
            let key = egui::RichText::new(tool.key()).color(weak);
            let button = Button::new(tool.label()).shortcut_text(key).selected(state.is_on);
            let response = ui.add_enabled(state.lacks.is_none(), button);
            let tip = tool.full_tip(state);
            if response.on_hover_text(&tip).on_disabled_hover_text(&tip).clicked() {
                clicked = Some(tool);
            }
        }
        clicked
    };
    Popup::menu(&response).show(list).and_then(|shown| shown.inner)
}

fn icon_ui(ui: &Ui, icon: Icon, rect: Rect, response: &Response, state: ToolState) {
    let tokens = theme::tokens(ui);
    let visuals = ui.style().interact(response);
    let (fill, colour) = match (state.lacks, state.is_on) {
        (Some(_), _) => (tokens.panel, ui.visuals().disable(tokens.text_weak)),
        (None, true) => (tokens.accent, tokens.on_accent),
        (None, false) => (visuals.bg_fill, tokens.text),
    };
    if state.is_on || response.hovered() || response.has_focus() {
        let border = if response.has_focus() { Stroke::new(1.5, tokens.text) } else { Stroke::NONE };
        ui.painter().rect(rect, visuals.corner_radius, fill, border, StrokeKind::Inside);
    }
    icon.paint(ui.painter(), Rect::from_center_size(rect.center(), Vec2::splat(16.0)), colour);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_fits_its_width() {
        let wide = |buttons: usize| EDGES + buttons as f32 * (ROW + GAP) - GAP;
        for all in 1..9 {
            assert_eq!(fitting(wide(all), all), all);
            for shown in 1..all {
                assert_eq!(fitting(wide(shown), all), shown - 1, "one button is for the rest");
                assert_eq!(fitting(wide(shown + 1) - 1.0, all), shown - 1);
            }
        }
        assert_eq!(fitting(0.0, 7), 0);
    }
}
