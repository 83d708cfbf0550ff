//! Everything over the picture that answers the cursor: numbers, marks, measuring and the toolbar.

use egui::{CursorIcon, PointerButton, Rect, Ui, pos2};

use super::exchange::{CloudAction, CloudInput, HoveredPoint};
use super::measure_lines::{Lengths, Next, labels_ui, lines_ui};
use super::measure_panel::panel_ui;
use super::picture::Picture;
use super::readout;
use super::toolbar::{MARGIN, tool_ui, toolbar_ui};
use super::view::CloudView;
use crate::app::widgets::icons::Icon;
use crate::app::widgets::marker::marker_ui;
use crate::scene::CloudScene;

impl CloudView {
    /// Draws what belongs to the cursor over the picture, above `status` at the bottom left, and answers clicks and keys.
    pub(super) fn pointing_ui(
        &mut self,
        ui: &mut Ui,
        picture: &Picture<'_>,
        input: &CloudInput<'_>,
        status: Rect,
    ) -> Vec<CloudAction> {
        let hovered = self.hovered(picture.scene);
        self.answer_keys(ui, picture, input, hovered.as_ref());
        if self.measuring.is_on() {
            self.measure(picture);
        }
        let mut actions: Vec<_> = hovered.map(CloudAction::Hovered).into_iter().collect();
        let lengths = self.lines_ui(ui, picture, input, hovered.as_ref());
        let (mut taken, asked) = self.bars_ui(ui, picture.visible(ui), input);
        actions.extend(asked);
        taken.push(status);
        if let Some(point) = &hovered {
            taken.push(readout::readout_ui(ui, picture.visible(ui), status, point, input.views, input.unit));
        }
        labels_ui(ui, picture.visible(ui), lengths, taken);
        if let Some(at) = input.marked.and_then(|point| picture.at(point)).filter(|at| picture.rect.contains(*at)) {
            marker_ui(ui, &ui.painter().with_clip_rect(picture.rect), at, "Point under the cursor in 2D", 0);
        }
        actions
    }

    fn lines_ui(
        &self,
        ui: &Ui,
        picture: &Picture<'_>,
        input: &CloudInput<'_>,
        hovered: Option<&HoveredPoint>,
    ) -> Lengths {
        let Some(lines) = self.measuring.lines() else { return Lengths::default() };
        let cursor = picture.response.hover_pos().filter(|_| self.measuring.is_on());
        let next = cursor.map(|cursor| Next { cursor, point: hovered.map(|point| point.position) });
        lines_ui(ui, picture, lines, input.unit, next)
    }

    /// The toolbar, and below it the panel of measuring or another card; what they cover, and what they ask for.
    fn bars_ui(&mut self, ui: &mut Ui, view: Rect, input: &CloudInput<'_>) -> (Vec<Rect>, Option<CloudAction>) {
        let is_on = self.measuring.is_on();
        let tip = "Lengths between points of the cloud, and the true scale of the scene";
        let (bar, (measure, card)) = toolbar_ui(ui, view, |ui| {
            (tool_ui(ui, Icon::Ruler, "Measure", "P", tip, is_on).clicked(), self.taking.tools_ui(ui))
        });
        if measure {
            self.measuring.toggle();
        }
        if let Some(card) = card {
            self.toggle_card(card);
        }
        let area = Rect::from_min_max(pos2(bar.left(), bar.bottom() + 6.0), view.max - egui::Vec2::splat(MARGIN));
        if !self.measuring.is_on() {
            return self.card_ui(ui, area).map_or((vec![bar], None), |(card, asked)| (vec![bar, card], asked));
        }
        // One thing at a time: there is one place for all cards.
        self.taking.close();
        let (panel, asked) = panel_ui(ui, area, &mut self.measuring, input.unit, input.set_scale.is_some(), input.fit);
        (vec![bar, panel], asked)
    }

    fn answer_keys(&mut self, ui: &Ui, picture: &Picture<'_>, input: &CloudInput<'_>, hovered: Option<&HoveredPoint>) {
        if ui.ctx().text_edit_focused() || egui::Popup::is_any_open(ui.ctx()) {
            return;
        }
        let focused = ui.memory(egui::Memory::focused);
        let takes_keys = ui.rect_contains_pointer(picture.rect) || picture.response.has_focus();
        let is_free = focused.is_none() || picture.response.has_focus();
        self.measuring.answer_keys(ui, takes_keys, is_free);
        if let Some(point) = hovered
            && ui.input(|i| i.events.iter().any(|event| matches!(event, egui::Event::Copy)))
        {
            ui.ctx().copy_text(readout::in_words(point, input.views, input.unit));
        }
    }

    /// Clicks on the cloud; a second one at the same place ends the line.
    fn measure(&mut self, picture: &Picture<'_>) {
        let response = picture.response.clone().on_hover_cursor(CursorIcon::Crosshair);
        if !response.clicked_by(PointerButton::Primary) {
            return;
        }
        response.request_focus();
        if response.double_clicked() {
            self.measuring.finish();
        } else if let Some(at) = response.interact_pointer_pos().filter(|_| !response.triple_clicked()) {
            let pick = self.stage.pick(picture.part(at));
            self.measuring.click(pick.map(|pick| pick.position));
        }
    }

    fn hovered(&self, scene: &CloudScene) -> Option<HoveredPoint> {
        let pick = self.navigation.hovered()?;
        let view = scene.views().get(pick.view)?;
        let pixel = pick.pixel;
        Some(HoveredPoint {
            view: view.view,
            pixel,
            depth: view.depth[(pixel[1] * view.width + pixel[0]) as usize],
            position: pick.position,
            confidence: view.confidence.as_ref().map(|map| map[(pixel[1] * view.width + pixel[0]) as usize]),
        })
    }
}
