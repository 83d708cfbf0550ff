//! Everything over the picture that answers the cursor: numbers, marks, measuring and the toolbar.

use egui::{CursorIcon, PointerButton, Rect, Ui, pos2};

use super::exchange::{CloudAction, CloudInput, HoveredPoint};
use super::gizmo;
use super::measure_lines::{Lengths, Next, labels_ui, lines_ui};
use super::measure_panel::panel_ui;
use super::moves::Move;
use super::picture::Picture;
use super::readout;
use super::taking::Card;
use super::toolbar::{MARGIN, Tool, ToolState, toolbar_ui};
use super::view::CloudView;
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
        let (mut taken, asked) = self.bars_ui(ui, picture, input);
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
    fn bars_ui(&mut self, ui: &mut Ui, picture: &Picture<'_>, input: &CloudInput<'_>) -> (Vec<Rect>, Vec<CloudAction>) {
        let view = picture.visible(ui);
        let beside = picture.rect.right() - gizmo::column(picture.rect);
        let width = view.right().min(beside) - view.left() - 2.0 * MARGIN;
        let selected = picture.scene.views().iter().position(|view| input.selected == Some(view.view));
        let (bar, tool) = toolbar_ui(ui, view, width, |tool| self.state_of(tool, selected));
        let mut actions: Vec<_> = tool.and_then(|tool| self.use_tool(ui, tool)).into_iter().collect();
        let area = Rect::from_min_max(pos2(bar.left(), bar.bottom() + 6.0), view.max - egui::Vec2::splat(MARGIN));
        let card = if self.measuring.is_on() {
            // One thing at a time: there is one place for all cards.
            self.taking.close();
            Some(panel_ui(ui, area, &mut self.measuring, input.unit, input.set_scale.is_some(), input.fit))
        } else {
            self.card_ui(ui, area)
        };
        let mut taken = vec![bar];
        if let Some((card, asked)) = card {
            taken.push(card);
            actions.extend(asked);
        }
        (taken, actions)
    }

    /// `selected`: the place of the selected view in the scene.
    fn state_of(&self, tool: Tool, selected: Option<usize>) -> ToolState {
        let lacks = match (tool, selected) {
            (Tool::Through, None) => Some("Select a photo of this scene in the list first"),
            _ => None,
        };
        let is_on = match tool {
            Tool::Through => selected.is_some() && self.navigation.through() == selected,
            Tool::Measure => self.measuring.is_on(),
            Tool::Picture => self.taking.card == Some(Card::Picture),
            Tool::Film => self.taking.card == Some(Card::Film),
            Tool::Fit | Tool::Reset | Tool::SaveView => false,
        };
        ToolState { is_on, lacks }
    }

    fn use_tool(&mut self, ui: &Ui, tool: Tool) -> Option<CloudAction> {
        let mut go = |to: Move| {
            self.moves.push(to);
            ui.ctx().request_repaint();
            None
        };
        match tool {
            Tool::Fit => go(Move::Fit),
            Tool::Reset => go(Move::Home),
            Tool::Through => go(Move::Through),
            Tool::SaveView => Some(CloudAction::SaveView),
            Tool::Measure => {
                self.measuring.toggle();
                None
            }
            Tool::Picture => {
                self.toggle_card(Card::Picture);
                None
            }
            Tool::Film => {
                self.toggle_card(Card::Film);
                None
            }
        }
    }

    fn answer_keys(&mut self, ui: &Ui, picture: &Picture<'_>, input: &CloudInput<'_>, hovered: Option<&HoveredPoint>) {
        if !self.takes_keys(ui) {
            return;
        }
        let is_free = ui.memory(egui::Memory::focused).is_none() || picture.response.has_focus();
        self.measuring.answer_keys(ui, is_free);
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
