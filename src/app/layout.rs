//! Where the pages stand in the window.

use egui::{CentralPanel, Frame, Margin, Panel, Ui};

use super::bars::{self, TopBar};
use super::centre::{CentreMode, centre_ui};
use super::fathom_app::FathomApp;
use super::help;
use super::matches::Shared;
use super::memory::memory_window;
use super::notices::{banner_ui, notices_window};
use super::photos::drop_overlay;
use super::request::Request;
use super::session::unsaved_window;
use super::theme::{self, PANEL_MARGIN};
use super::widgets::folding::folding;
use crate::session::has_ending;

impl FathomApp {
    /// Draws the pages side by side.
    pub(super) fn pages_ui(&mut self, ui: &mut Ui, requests: &mut Vec<Request>) {
        let bar = Frame::new().fill(theme::tokens(ui).panel);
        let side = bar.inner_margin(Margin::same(PANEL_MARGIN));
        let panels = self.panels.within(ui.ctx().content_rect().width());
        Panel::top("menu bar").frame(bar.inner_margin(Margin::symmetric(8, 2))).show(ui, |ui| {
            let state = &self.desk.state;
            TopBar {
                centre: &mut self.centre.mode,
                panels,
                theme: &mut self.theme,
                undo: self.history.undoable(state.results.run()),
                redo: self.history.redoable(state.results.run()),
                can_export: state.results.can_be_exported(),
                has_views: !state.views.is_empty(),
                has_scene: self.centre.cloud.is_some() && !state.results.is_empty(),
                is_saving: self.desk.tasks.is_saving(),
                recent: &self.recent,
                log_file: self.log_file.as_deref(),
                graphics: &self.graphics,
                requests,
            }
            .ui(ui);
        });
        let status = bar.inner_margin(Margin::symmetric(PANEL_MARGIN, 0));
        Panel::bottom("status").frame(status).exact_size(bars::HEIGHT).show(ui, |ui| {
            let undo = self.history.undoable(self.desk.state.results.run());
            bars::status_ui(ui, &self.desk.state, &self.desk.tasks, undo, requests);
        });
        let has_views = !self.desk.state.views.is_empty();
        if has_views && panels.views {
            let panel = Panel::left("views").frame(side).default_size(232.0).size_range(184.0..=400.0);
            panel.show(ui, |ui| self.photos.list_ui(ui, &mut self.desk, requests));
        }
        if !has_views || panels.settings {
            let panel = Panel::right("settings").frame(bar).default_size(304.0).size_range(272.0..=420.0);
            panel.show(ui, |ui| self.right_ui(ui, side, requests));
        }
        CentralPanel::default().frame(Frame::new().fill(theme::tokens(ui).canvas)).show(ui, |ui| {
            if has_views {
                return centre_ui(ui, &mut self.centre, &self.desk.state, panels, requests);
            }
            banner_ui(ui, &self.desk.state.notices, requests);
            self.photos.empty_ui(ui, &self.recent, self.desk.tasks.example(), requests);
        });
    }

    /// Settings of a run, and of what is looked at.
    fn right_ui(&mut self, ui: &mut Ui, frame: Frame, requests: &mut Vec<Request>) {
        Panel::bottom("run").frame(frame).show_separator_line(true).show(ui, |ui| {
            self.settings.run_ui(ui, &self.desk, requests);
        });
        CentralPanel::default().frame(frame.inner_margin(0.0)).show(ui, |ui| {
            let area = egui::ScrollArea::vertical().auto_shrink([false, false]);
            area.content_margin(f32::from(PANEL_MARGIN)).show(ui, |ui| {
                folding(ui, "Run settings", |ui| self.settings.ui(ui, &mut self.desk, requests));
                self.controls_ui(ui);
            });
        });
    }

    /// The controls of the views that are in sight.
    fn controls_ui(&mut self, ui: &mut Ui) {
        let (centre, state) = (&mut self.centre, &self.desk.state);
        if state.results.is_empty() {
            return;
        }
        let selected = state.views.selected();
        if centre.mode != CentreMode::Space {
            ui.separator();
            let view = selected.and_then(|id| state.results.get(id));
            let measure = state.results.measure_of(selected);
            folding(ui, "2D view", |ui| centre.depth.controls_ui(ui, view, measure));
        }
        if centre.mode != CentreMode::Flat
            && let Some(cloud) = &mut centre.cloud
        {
            ui.separator();
            let shared = state.results.shared_points_of(selected);
            let wants_matches = folding(ui, "3D view", |ui| cloud.controls_ui(ui, !shared.is_empty()));
            if wants_matches == Some(true) {
                self.desk.open.matches = true;
            }
        }
    }

    /// Draws the windows within the window.
    pub(super) fn windows_ui(&mut self, ui: &Ui, requests: &mut Vec<Request>) {
        let (ctx, desk) = (ui.ctx(), &mut self.desk);
        notices_window(ctx, &mut desk.open.notices, &desk.state.notices, requests);
        memory_window(ctx, &mut desk.open.memory, &desk.state);
        let matched = desk.state.results.finished().and_then(|finished| finished.prediction.matched.as_ref());
        let shared = Shared { matched, views: &desk.state.views, previews: &mut self.centre.previews };
        self.matches.window(ctx, &mut desk.open.matches, shared);
        self.models.window(ctx, desk, requests);
        let seen = self.centre.seen(desk);
        self.export.window(ctx, desk, seen, requests);
        help::keys_window(ctx, &mut desk.open.keys);
        help::about_window(ctx, &mut desk.open.about);
        unsaved_window(ctx, &self.session, &desk.state, requests);
        let (hovering, is_session) = ctx.input(|input| {
            let files = &input.raw.hovered_files;
            (files.len(), files.iter().any(|file| file.path.as_deref().is_some_and(has_ending)))
        });
        if hovering > 0 {
            drop_overlay(ui, hovering, is_session);
        }
    }
}
