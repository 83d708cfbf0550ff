//! One model as a card.

use std::path::PathBuf;

use egui::{Align, Frame, Layout, RichText, Role, Stroke, Ui, WidgetInfo};

use super::ask::ModelAct;
use super::deletion::Deletion;
use super::licence::licence;
use super::missing::{gone_ui, no_room_ui, offer_ui, queued_ui};
use super::recommended::open_photos;
use super::transfer::{download_ui, progress_ui};
use crate::app::desk::outlook::Prospect;
use crate::app::desk::shelf::Shelf;
use crate::app::desk::state::AppState;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::controls::{button_of, bytes, elided, note, roughly};
use crate::app::widgets::icons::{Icon, icon_button};
use crate::catalog::{self, BUILT_IN, Entry, Holding, ModelId, Weights};
use crate::memory::Fit;

const MARGIN: f32 = 12.0;

pub struct Card<'a> {
    pub entry: &'static Entry,
    /// What a run of it would need.
    pub prospect: Option<Prospect>,
    pub state: &'a AppState,
    pub shelf: &'a Shelf,
    pub deletion: &'a mut Option<Deletion>,
    pub requests: &'a mut Vec<Request>,
}

impl Card<'_> {
    /// Draws the card at least `height` points high, and returns how high it has to be.
    pub fn ui(mut self, ui: &mut Ui, height: f32) -> f32 {
        let tokens = theme::tokens(ui);
        let border = if self.is_chosen() { tokens.accent_hovered } else { tokens.border };
        let frame = Frame::new().fill(tokens.raised).stroke(Stroke::new(1.0, border)).corner_radius(6.0);
        frame
            .inner_margin(MARGIN)
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = theme::GRID;
                ui.set_width(ui.available_width());
                let own = ui.vertical(|ui| self.contents_ui(ui)).response.rect.height();
                ui.add_space((height - own).max(0.0));
                own
            })
            .inner
    }

    pub fn is_chosen(&self) -> bool {
        self.state.settings.model.0 == self.entry.id
    }

    fn contents_ui(&mut self, ui: &mut Ui) {
        let entry = self.entry;
        let holding = self.shelf.holding(entry);
        self.head_ui(ui, holding);
        ui.label(entry.purpose);
        ui.add_space(theme::GRID);
        ui.horizontal_wrapped(|ui| entry.gives().split(", ").for_each(|what| chip_ui(ui, &plain(what))));
        ui.add_space(theme::GRID);
        self.costs_ui(ui);
        licence_ui(ui, entry);
        self.place_ui(ui, holding);
        ui.add_space(theme::GRID);
        if self.deletion.as_ref().is_some_and(|deletion| deletion.entry.id == entry.id) {
            let is_answered = self.deletion.as_mut().is_some_and(|asked| asked.ui(ui, self.shelf, self.requests));
            if is_answered {
                *self.deletion = None;
            }
            return;
        }
        self.news_ui(ui);
        match (&self.shelf.download, &self.shelf.check) {
            (Some(download), _) if download.entry.id == entry.id => download_ui(ui, download, self.requests),
            (_, Some(check)) if check.entry.id == entry.id => {
                progress_ui(ui, check, "Reading it again…");
                if button_of(ui, "Stop", entry.name, true).on_hover_text("Ends the comparison").clicked() {
                    self.ask(ModelAct::StopVerifying);
                }
            }
            _ if self.shelf.removal.as_ref().is_some_and(|removal| removal.entry.id == entry.id) => {
                note(ui, "Deleting…");
            }
            _ if self.shelf.is_queued(entry) => queued_ui(ui, entry, self.shelf, self.requests),
            _ => self.buttons_ui(ui, holding),
        }
    }

    fn head_ui(&self, ui: &mut Ui, holding: Option<&Holding>) {
        let tokens = theme::tokens(ui);
        let is_of = |entry: &Entry| entry.id == self.entry.id;
        let (icon, colour, words) = match holding {
            _ if self.shelf.download.as_ref().is_some_and(|download| is_of(download.entry)) => {
                (Icon::Dot, tokens.link, "On its way")
            }
            _ if self.shelf.is_queued(self.entry) => (Icon::Circle, tokens.link, "Queued"),
            None => (Icon::Circle, tokens.text_weak, "Looking…"),
            Some(holding) => match &holding.weights {
                Some(Weights::BuiltIn(_)) => (Icon::Check, tokens.success, "Built in"),
                Some(Weights::File(_)) => (Icon::Check, tokens.success, "Installed"),
                None if holding.unfinished_bytes > 0 => (Icon::Dot, tokens.warning, "Partly here"),
                None => (Icon::Circle, tokens.text_weak, "Not installed"),
            },
        };
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = theme::GRID;
                let response = ui.label(RichText::new(words).small().color(colour));
                if let Some(holding) = holding.filter(|it| it.unfinished_bytes > 0) {
                    response.on_hover_text(format!("{} have come", bytes(holding.unfinished_bytes)));
                }
                icon.ui(ui, 14.0, colour);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(egui::Label::new(RichText::new(self.entry.name).strong().size(15.0)).truncate());
                });
            });
        });
    }

    fn costs_ui(&self, ui: &mut Ui) {
        let entry = self.entry;
        let size = match entry.id {
            BUILT_IN => "No download".into(),
            _ => format!("{} on the disk", bytes(entry.file_bytes)),
        };
        note(ui, size).on_hover_text(format!("{} million parameters", (entry.parameters + 500_000) / 1_000_000));
        let Some(Prospect { plan, secs, photos, compared_bytes, .. }) = &self.prospect else { return };
        let photos = if *photos == 0 { "a photo".into() } else { open_photos(*photos) };
        let time = secs.map_or(String::new(), |secs| format!(" and {}", roughly(secs)));
        let need = format!("About {} of memory{time} for {photos}", bytes(*compared_bytes));
        let tip = "What a run with the present settings would take, with the model";
        if plan.fit == Fit::Well {
            note(ui, need).on_hover_text(tip);
            return;
        }
        let colour = theme::tokens(ui).warning;
        let text = format!("{need}, {} are free now", bytes(plan.room.main_free_bytes()));
        ui.add(egui::Label::new(RichText::new(text).small().color(colour)).wrap()).on_hover_text(tip);
    }

    fn place_ui(&mut self, ui: &mut Ui, holding: Option<&Holding>) {
        let chosen = self.state.settings.weights.as_ref().filter(|_| self.is_chosen());
        let Some(path) = chosen.or(holding.and_then(|holding| file_of(holding.weights.as_ref()))) else { return };
        if chosen.is_some() {
            note(ui, "In use, from a file chosen by hand:");
        }
        let path = path.display().to_string();
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if icon_button(ui, Icon::Copy, "Copy path", "Copies where the file lies", true).clicked() {
                    self.requests.push(Request::Copy(path.clone()));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    elided(ui, RichText::new(&path).monospace().small(), &path);
                });
            });
        });
    }

    /// What went wrong last, and what the weights turned out to be.
    fn news_ui(&self, ui: &mut Ui) {
        let tokens = theme::tokens(ui);
        let mut line = |icon: Icon, colour, text: &str| {
            ui.horizontal_top(|ui| {
                icon.ui(ui, 16.0, colour);
                ui.add(egui::Label::new(RichText::new(text).small()).wrap().selectable(true));
            });
        };
        if let Some(trouble) = self.shelf.troubles.get(self.entry.id) {
            line(Icon::Warning, tokens.danger, &trouble.to_string());
        }
        if let Some(verdict) = self.shelf.verdicts.get(self.entry.id) {
            let (icon, colour) = match verdict.is_good() {
                true => (Icon::Check, tokens.success),
                false => (Icon::Warning, tokens.danger),
            };
            line(icon, colour, &format!("Verification: {verdict}"));
        }
    }

    fn buttons_ui(&mut self, ui: &mut Ui, holding: Option<&Holding>) {
        let Some(holding) = holding else { return };
        let is_here = holding.weights.is_some();
        if !holding.leftovers.is_empty() {
            let left = holding.leftovers.iter().map(|left| left.bytes).sum();
            note(ui, format!("{} are left over from earlier, see Delete…", bytes(left)));
        }
        if !is_here {
            gone_ui(ui, holding);
            no_room_ui(ui, self.entry, self.shelf);
        }
        ui.horizontal_wrapped(|ui| {
            if is_here {
                self.use_ui(ui);
            } else {
                offer_ui(ui, self.entry, self.shelf, self.requests);
            }
            if is_here && self.entry.id != BUILT_IN {
                let tip = "Reads the file again and compares it with what was published";
                let verify = button_of(ui, "Verify", self.entry.name, self.shelf.check.is_none()).on_hover_text(tip);
                if verify.on_disabled_hover_text("Another model is being compared").clicked() {
                    self.ask(ModelAct::Verify);
                }
            }
            if self.entry.id != BUILT_IN && (is_here || !holding.leftovers.is_empty()) {
                self.delete_ui(ui, is_here);
            }
            if !is_here && holding.unfinished_bytes > 0 {
                let tip = format!("Deletes the {} that have come", bytes(holding.unfinished_bytes));
                if button_of(ui, "Cancel download", self.entry.name, true).on_hover_text(tip).clicked() {
                    self.ask(ModelAct::CancelDownload);
                }
            }
            self.more_ui(ui);
        });
    }

    fn use_ui(&mut self, ui: &mut Ui) {
        if self.is_chosen() && self.state.settings.weights.is_none() {
            button_of(ui, "In use", self.entry.name, false).on_disabled_hover_text("The next run uses this model");
        } else if button_of(ui, "Use", self.entry.name, true).on_hover_text("The next run uses this model").clicked() {
            self.ask(ModelAct::Use);
        }
    }

    fn delete_ui(&mut self, ui: &mut Ui, is_here: bool) {
        let is_free = self.shelf.removal.is_none();
        let tip = "Makes room again; what would go is shown first";
        if button_of(ui, "Delete…", self.entry.name, is_free).on_hover_text(tip).clicked() {
            *self.deletion = Some(Deletion::of(self.entry, !is_here));
        }
    }

    /// For those who have the files already, or no way to the server.
    fn more_ui(&mut self, ui: &mut Ui) {
        let menu = ui.menu_button("Local file or folder", |ui| {
            let tip = "Uses a safetensors file from anywhere on this machine";
            if ui.button("Use a model file…").on_hover_text(tip).clicked() {
                self.ask(ModelAct::ChooseFile);
            }
            let tip = "Uses a folder with model.safetensors and config.json, as the model's page has them";
            if ui.button("Use a folder…").on_hover_text(tip).clicked() {
                self.ask(ModelAct::ChooseFolder);
            }
            let own = self.shelf.survey().and_then(|survey| survey.locations.own.as_ref());
            if let Some(place) = own.map(|own| catalog::places(self.entry, own)[0].display().to_string()) {
                let tip = format!("A file saved by hand under this name is found:\n{place}");
                if ui.button("Copy the usual path").on_hover_text(tip).clicked() {
                    self.requests.push(Request::Copy(place));
                }
            }
            let page = format!("https://huggingface.co/{}", self.entry.source);
            ui.hyperlink_to("The model's page", &page).on_hover_text(&page);
        });
        let label = format!("Local file or folder, {}", self.entry.name);
        menu.response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
        menu.response.on_hover_text("For files that you have already, or that come another way than from here");
    }

    fn ask(&mut self, act: ModelAct) {
        self.requests.push(Request::Model(ModelId(self.entry.id.into()), act));
    }
}

/// What a model gives, in plain words.
fn plain(what: &str) -> String {
    match what {
        "metric depth" => "depth in metres".into(),
        "relative depth" => "depth".into(),
        other => other.into(),
    }
}

/// One thing that a model gives.
fn chip_ui(ui: &mut Ui, what: &str) {
    let tokens = theme::tokens(ui);
    let frame = Frame::new().fill(tokens.hovered).corner_radius(4.0).inner_margin(egui::Margin::symmetric(6, 2));
    frame.show(ui, |ui| ui.label(RichText::new(what).small().color(tokens.text)));
}

fn licence_ui(ui: &mut Ui, entry: &Entry) {
    let colour = theme::tokens(ui).warning;
    let text = format!("Licence: {}", licence(entry));
    if !entry.non_commercial {
        note(ui, text);
        return;
    }
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = theme::GRID;
        Icon::Warning.ui(ui, 14.0, colour);
        ui.add(egui::Label::new(RichText::new(text).small().color(colour)).wrap());
    });
}

/// Weights that were fetched or put there, not those inside the program.
fn file_of(weights: Option<&Weights>) -> Option<&PathBuf> {
    match weights {
        Some(Weights::File(path)) => Some(path),
        _ => None,
    }
}
