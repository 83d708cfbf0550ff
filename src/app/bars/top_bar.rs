//! The menu bar: File, Edit, View, Help.

use egui::{Button, ThemePreference, Ui};

use crate::app::action::Action;
use crate::app::centre::CentreMode;
use crate::app::recent::Recents;
use crate::app::request::Request;
use crate::app::side_panels::SidePanels;
use crate::app::theme;
use crate::app::window::graphics::Graphics;

/// What menus need to know and change.
pub struct TopBar<'a> {
    pub centre: &'a mut CentreMode,
    pub panels: SidePanels,
    pub theme: &'a mut ThemePreference,
    /// What would be undone, and done again.
    pub undo: Option<&'a str>,
    pub redo: Option<&'a str>,
    pub can_export: bool,
    pub has_views: bool,
    /// A session is being written.
    pub is_saving: bool,
    /// There is something to see in 3D.
    pub has_scene: bool,
    /// What was opened before.
    pub recent: &'a Recents,
    pub log_file: Option<&'a std::path::Path>,
    pub graphics: &'a Graphics,
    pub requests: &'a mut Vec<Request>,
}

const SCALES: [f32; 6] = [0.8, 1.0, 1.25, 1.5, 1.75, 2.0];

impl TopBar<'_> {
    pub fn ui(mut self, ui: &mut Ui) {
        egui::MenuBar::new().ui(ui, |ui| {
            ui.menu_button("File", |ui| self.file_menu(ui));
            ui.menu_button("Edit", |ui| self.edit_menu(ui));
            ui.menu_button("View", |ui| self.view_menu(ui));
            ui.menu_button("Help", |ui| self.help_menu(ui));
        });
    }

    fn file_menu(&mut self, ui: &mut Ui) {
        self.item(ui, Action::OpenPhotos, true, "Add photos to the list");
        self.item(
            ui,
            Action::OpenFolder,
            true,
            "Add all photos of a folder, or show the results that were exported there",
        );
        self.item(ui, Action::OpenSession, true, "Show a saved session (.fathom) in place of what is shown");
        self.recent_menu(ui);
        ui.separator();
        let can_save = self.has_views && !self.is_saving;
        let tip = match (self.has_views, self.is_saving) {
            (_, true) => "The session is being written",
            (false, _) => "There is something to save once there are photos",
            _ => "One file with photos' places, settings, exact results and how they are looked at",
        };
        self.item(ui, Action::SaveSession, can_save, tip);
        self.item(ui, Action::SaveSessionAs, can_save, tip);
        ui.separator();
        let tip = if self.can_export {
            "Depth, cameras and points as files: asks for formats, then for a folder"
        } else {
            "There is something to export when a run has finished"
        };
        self.item(ui, Action::Export, self.can_export, tip);
        let no_scene = (!self.has_scene).then_some("There is a 3D view to take it of after a run");
        let tip = "The 3D view as a PNG file or on the clipboard, in any size";
        self.item(ui, Action::SavePicture, self.has_scene, no_scene.unwrap_or(tip));
        let tip = "A film around the scene, through the photos or through saved views";
        self.item(ui, Action::SaveFilm, self.has_scene, no_scene.unwrap_or(tip));
        ui.separator();
        self.item(ui, Action::ShowModels, true, "What each can do and costs; download, verify, delete");
        ui.separator();
        self.item(ui, Action::ClearViews, self.has_views, "Empties the list; the files stay where they are");
        self.item(ui, Action::Quit, true, "Asks first where something would be lost");
    }

    /// What was opened before.
    fn recent_menu(&mut self, ui: &mut Ui) {
        let recent = self.recent.all();
        ui.add_enabled_ui(!recent.is_empty(), |ui| {
            let menu = ui.menu_button("Open recent", |ui| {
                for (index, entry) in recent.iter().enumerate() {
                    let tip = format!("{} · {}", entry.what(), entry.place());
                    let what = egui::RichText::new(entry.detail()).color(theme::tokens(ui).text_weak);
                    if ui.add(Button::new(entry.name()).shortcut_text(what)).on_hover_text(tip).clicked() {
                        self.requests.push(Request::OpenRecent(index));
                    }
                }
                ui.separator();
                let tip = "Empties this list; the files stay where they are";
                if ui.button("Clear recent").on_hover_text(tip).clicked() {
                    self.requests.push(Request::ForgetRecent);
                }
            });
            menu.response.on_disabled_hover_text("Nothing was opened yet");
        });
    }

    fn edit_menu(&mut self, ui: &mut Ui) {
        for (action, what) in [(Action::Undo, self.undo), (Action::Redo, self.redo)] {
            let name = what.map_or(action.label().into(), |what| format!("{}: {what}", action.label()));
            let tip = "For photos removed, reordered and hidden, scales, measured lines, saved views and filters";
            self.named_item(ui, &name, action, what.is_some(), tip);
        }
    }

    fn view_menu(&mut self, ui: &mut Ui) {
        for (mode, action, name) in [
            (CentreMode::Flat, Action::ShowFlat, "2D"),
            (CentreMode::Space, Action::ShowSpace, "3D"),
            (CentreMode::Split, Action::ShowSplit, "2D and 3D"),
        ] {
            let key = action.key_text(ui.ctx());
            if ui.add(Button::new(name).selected(*self.centre == mode).shortcut_text(key)).clicked() {
                *self.centre = mode;
            }
        }
        ui.separator();
        for (is_shown, action, name) in [
            (self.panels.views, Action::ToggleViews, "List of views"),
            (self.panels.settings, Action::ToggleSettings, "Settings"),
        ] {
            let button =
                Button::new(name).selected(is_shown && self.has_views).shortcut_text(action.key_text(ui.ctx()));
            let tip = "Both panels stay while there are no photos";
            if ui.add_enabled(self.has_views, button).on_disabled_hover_text(tip).clicked() {
                self.requests.push(Request::Do(action));
            }
        }
        ui.separator();
        let tip = "What each two photos share, and why one was left out of a scene";
        self.item(ui, Action::ShowMatches, self.has_scene, tip);
        ui.separator();
        for (theme, name) in [
            (ThemePreference::System, "Theme of the system"),
            (ThemePreference::Light, "Light theme"),
            (ThemePreference::Dark, "Dark theme"),
        ] {
            if ui.add(Button::new(name).selected(*self.theme == theme)).clicked() {
                *self.theme = theme;
            }
        }
        ui.separator();
        ui.menu_button("Size of the interface", |ui| {
            let now = ui.ctx().zoom_factor();
            for scale in SCALES {
                let name = format!("{:.0} %", scale * 100.0);
                if ui.add(Button::new(name).selected((now - scale).abs() < 0.01)).clicked() {
                    ui.ctx().set_zoom_factor(scale);
                }
            }
        });
        ui.menu_button("Graphics adapter", |ui| self.adapter_menu(ui));
    }

    /// Which adapter draws the next time.
    fn adapter_menu(&mut self, ui: &mut Ui) {
        let graphics = self.graphics;
        let tip = "The best one at every start";
        let automatic = Button::new("Automatic").selected(graphics.chosen.is_none());
        if ui.add(automatic).on_hover_text(tip).clicked() {
            self.requests.push(Request::ChooseAdapter(None));
        }
        for label in &graphics.labels {
            let is_chosen = graphics.chosen.as_ref() == Some(label);
            if ui.add(Button::new(label).selected(is_chosen)).on_hover_text("From the next start on").clicked() {
                self.requests.push(Request::ChooseAdapter(Some(label.clone())));
            }
        }
        ui.separator();
        ui.weak(format!("In use: {}", graphics.adapter));
    }

    fn help_menu(&mut self, ui: &mut Ui) {
        self.item(ui, Action::ShowKeys, true, "All keys");
        let tip = "Versions, system, graphics, settings and the last errors; no file names";
        self.item(ui, Action::CopyDiagnostics, true, tip);
        if let Some(path) = self.log_file {
            let path = path.display().to_string();
            if ui.button("Copy path of the log file").on_hover_text(&path).clicked() {
                self.requests.push(Request::Copy(path));
            }
        }
        ui.separator();
        if ui.button("About Fathom").clicked() {
            self.requests.push(Request::ShowAbout);
        }
    }

    fn item(&mut self, ui: &mut Ui, action: Action, enabled: bool, tip: &str) {
        self.named_item(ui, action.label(), action, enabled, tip);
    }

    fn named_item(&mut self, ui: &mut Ui, name: &str, action: Action, enabled: bool, tip: &str) {
        let weak = theme::tokens(ui).text_weak;
        let key = egui::RichText::new(action.key_text(ui.ctx())).color(weak);
        let button = Button::new(name).shortcut_text(key);
        if ui.add_enabled(enabled, button).on_hover_text(tip).on_disabled_hover_text(tip).clicked() {
            self.requests.push(Request::Do(action));
        }
    }
}
