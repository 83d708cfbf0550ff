//! The middle of the window: 2D, 3D, or both.

use egui::{Align, Align2, Frame, Layout, Rect, RichText, TextStyle, Ui, UiBuilder, Vec2, pos2};

use super::mode::CentreMode;
use super::page::CentrePage;
use super::probe::Probe;
use super::splitter::Splitter;
use crate::app::action::Action;
use crate::app::cloud_view::{CloudAction, CloudInput};
use crate::app::depth_view::{Photo, PhotoRead};
use crate::app::desk::state::AppState;
use crate::app::desk::views::{Row, RowState};
use crate::app::notices::banner_ui;
use crate::app::request::Request;
use crate::app::side_panels::SidePanels;
use crate::app::theme;
use crate::app::widgets::controls::{elided, segments};
use crate::app::widgets::icons::{Icon, icon_button};
use crate::app::widgets::thumbnails::Thumb;
use crate::session::PhotoFile;

/// Below this width, in points, split puts 2D above 3D.
const NARROW: f32 = 640.0;

/// Draws the middle.
pub fn centre_ui(
    ui: &mut Ui,
    page: &mut CentrePage,
    state: &AppState,
    panels: SidePanels,
    requests: &mut Vec<Request>,
) {
    Centre { page, state, panels, requests }.ui(ui);
}

struct Centre<'a> {
    page: &'a mut CentrePage,
    state: &'a AppState,
    panels: SidePanels,
    requests: &'a mut Vec<Request>,
}

impl Centre<'_> {
    fn ui(mut self, ui: &mut Ui) {
        ui.spacing_mut().item_spacing.y = 0.0;
        self.header_ui(ui);
        ui.scope(|ui| {
            ui.spacing_mut().item_spacing = Vec2::splat(8.0);
            banner_ui(ui, &self.state.notices, self.requests);
        });
        let before = std::mem::take(&mut self.page.probe);
        match self.page.mode {
            CentreMode::Flat => self.flat_ui(ui, before),
            CentreMode::Space => self.space_ui(ui),
            CentreMode::Split => {
                let whole = ui.available_rect_before_wrap();
                let splitter = Splitter { whole, is_stacked: whole.width() < NARROW };
                let [flat, space] = splitter.parts(self.page.split);
                let part = |rect| UiBuilder::new().max_rect(rect);
                ui.scope_builder(part(flat), |ui| self.flat_ui(ui, before));
                ui.scope_builder(part(space), |ui| self.space_ui(ui));
                splitter.ui(ui, &mut self.page.split);
            }
        }
        if self.page.probe != before {
            // The pictures came first and have yet to show what the cloud says.
            ui.ctx().request_repaint();
        }
    }

    fn header_ui(&mut self, ui: &mut Ui) {
        Frame::new().fill(theme::tokens(ui).panel).inner_margin(egui::Margin::symmetric(12, 6)).show(ui, |ui| {
            ui.horizontal(|ui| {
                self.panel_ui(ui, self.panels.views, Action::ToggleViews, Icon::PanelLeft, "the list of views");
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    self.panel_ui(ui, self.panels.settings, Action::ToggleSettings, Icon::PanelRight, "the settings");
                    segments(
                        ui,
                        &mut self.page.mode,
                        // Right to left: the last one stands first.
                        &[
                            (CentreMode::Split, "Split", "2D and 3D (Ctrl+3)"),
                            (CentreMode::Space, "3D", "The scene as points (Ctrl+2)"),
                            (CentreMode::Flat, "2D", "Photo, depth, confidence and sky of the selected view (Ctrl+1)"),
                        ],
                    );
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        if let Some(row) = self.state.views.selected_row() {
                            elided(ui, RichText::new(&row.name).strong(), &row.path.display().to_string());
                        }
                    });
                });
            });
        });
    }

    /// The button that hides or shows a panel, at the edge where it stands.
    fn panel_ui(&mut self, ui: &mut Ui, is_shown: bool, action: Action, icon: Icon, what: &str) {
        let (label, tip) = match is_shown {
            true => (format!("Hide {what}"), "More room for pictures"),
            false => (format!("Show {what}"), "Beside the pictures"),
        };
        let tip = format!("{tip} ({})", action.key_text(ui.ctx()));
        if icon_button(ui, icon, &label, &tip, true).clicked() {
            self.requests.push(Request::Do(action));
        }
    }

    fn flat_ui(&mut self, ui: &mut Ui, before: Probe) {
        let Some(row) = self.state.views.selected_row() else { return };
        match self.state.results.get(row.id) {
            Some(view) => {
                let measure = self.state.results.measure_of(Some(row.id));
                let file = PhotoRead { reading: row.reading, is_other: row.file == PhotoFile::Changed };
                if let Some(pixel) = self.page.depth.ui(ui, view, measure, before.in_picture(view), file) {
                    self.page.probe = Probe::Pixel { view: row.id, pixel };
                }
            }
            None => self.preview_ui(ui, row),
        }
    }

    /// The photo alone, with what is known about its depth.
    fn preview_ui(&mut self, ui: &mut Ui, row: &Row) {
        let tokens = theme::tokens(ui);
        let whole = ui.available_rect_before_wrap();
        ui.painter().rect_filled(whole, 0.0, tokens.canvas);
        let area = whole.shrink(12.0).with_max_y(whole.bottom() - 40.0);
        let thumb = self.page.previews.get(&row.path);
        if let Thumb::Ready { texture, photo_size } = &thumb {
            let photo = Photo::new(row.path.clone(), *photo_size, row.reading);
            let is_pale = row.state != RowState::Running;
            self.page.depth.photo_ui(ui, area, photo, texture, is_pale);
        }
        let (icon, text) = match (&row.state, &thumb) {
            (RowState::Failed(problem), _) => (Icon::Warning, problem.to_string()),
            (_, Thumb::Failed(why)) => (Icon::Warning, why.clone()),
            (RowState::Running, _) => (Icon::Dot, "Depth of this view is being computed".into()),
            _ if self.state.run.is_some() => (Icon::Circle, "Waiting for its turn".into()),
            _ => (Icon::Circle, "No depth yet: choose Run".into()),
        };
        let strip =
            Rect::from_min_max(pos2(whole.left() + 12.0, whole.bottom() - 36.0), whole.max - Vec2::new(12.0, 4.0));
        ui.scope_builder(UiBuilder::new().max_rect(strip), |ui| {
            ui.horizontal_centered(|ui| {
                let colour = if icon == Icon::Warning { tokens.danger } else { tokens.text_weak };
                icon.ui(ui, 16.0, colour);
                elided(ui, RichText::new(&text).color(tokens.text_weak), &text);
            });
        });
        ui.advance_cursor_after_rect(whole);
    }

    /// Where the 3D view plugs in.
    fn space_ui(&mut self, ui: &mut Ui) {
        let results = &self.state.results;
        let tokens = theme::tokens(ui);
        let whole = ui.available_rect_before_wrap();
        let say = |text: &str| {
            ui.painter().rect_filled(whole, 0.0, tokens.space);
            let font = TextStyle::Body.resolve(ui.style());
            let text = ui.painter().layout(text.to_owned(), font, tokens.text_weak, whole.width() - 48.0);
            let place = Align2::CENTER_CENTER.anchor_size(whole.center(), text.size()).min;
            ui.painter().galley(place, text, tokens.text_weak);
        };
        let Some(cloud) = &mut self.page.cloud else {
            return say(&format!("No 3D here: {}", self.page.without_cloud));
        };
        // Not another photo's cloud under its name.
        if let Some(Row { name, state: RowState::Failed(problem), .. }) = self.state.views.selected_row() {
            return say(&format!("No 3D of {name}: {problem}"));
        }
        if results.is_empty() {
            return say(if self.state.run.is_some() {
                "The scene appears with the first finished view"
            } else {
                "The scene appears here after a run"
            });
        }
        let selected = self.state.views.selected();
        let (views, revision) = results.scene_of(selected);
        let input = CloudInput {
            views: &views,
            hidden: results.hidden(),
            unit: results.unit_of(selected),
            set_scale: results.set_scale_of(selected),
            fit: results.fit_of(selected),
            shared: results.shared_points_of(selected),
            run: results.run(),
            selected,
            marked: self.page.probe.in_world(&views),
            revision,
        };
        for action in cloud.ui(ui, &input) {
            match action {
                CloudAction::SelectView(view) => self.requests.push(Request::Reveal(view)),
                CloudAction::Hovered(point) => self.page.probe = Probe::Point(point.position),
                CloudAction::SetScale(factor) => self.requests.push(Request::SetScale(Some(factor))),
                CloudAction::ResetScale => self.requests.push(Request::SetScale(None)),
                CloudAction::SaveView => self.requests.push(Request::Do(Action::SaveView)),
                CloudAction::TakeAway(taken) => self.requests.push(Request::TakeAway(taken)),
            }
        }
    }
}
