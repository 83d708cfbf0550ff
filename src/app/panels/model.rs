//! The model menu: name, purpose, size and licence of each, and what to do where its weights are not here.

use std::collections::HashMap;

use egui::text::{LayoutJob, TextFormat};
use egui::{Button, TextStyle, Ui};

use crate::app::action::Request;
use crate::app::download::Download;
use crate::app::state::ModelState;
use crate::app::theme::{self, ROW};
use crate::app::widgets::{bytes, elided, menu, note};
use crate::catalog::{self, Entry, ModelId, Weights};
use crate::inference::Settings;

use super::missing::missing_ui;

/// Width of the open menu in points.
const MENU_WIDTH: f32 = 384.0;

/// Which models are on this machine (looked up when asked, not in every frame), and which one is on its way.
#[derive(Default)]
pub struct Shelf {
    located: HashMap<&'static str, Option<Weights>>,
    pub download: Option<Download>,
}

impl Shelf {
    pub fn new() -> Self {
        let mut shelf = Self::default();
        shelf.look();
        shelf
    }

    /// Looks at the disk.
    pub fn look(&mut self) {
        self.located = catalog::entries().iter().map(|entry| (entry.id, catalog::locate(entry))).collect();
    }

    /// True where a run with these settings finds weights.
    pub fn has_weights(&self, settings: &Settings) -> bool {
        settings.weights.is_some() || catalog::find(&settings.model).is_some_and(|entry| self.is_installed(entry))
    }

    fn is_installed(&self, entry: &Entry) -> bool {
        self.located.get(entry.id).is_some_and(Option::is_some)
    }
}

/// The menu and the lines under it.
pub fn model_ui(ui: &mut Ui, settings: &mut Settings, model: &ModelState, shelf: &Shelf, requests: &mut Vec<Request>) {
    let chosen = catalog::find(&settings.model);
    let label = ui.label(egui::RichText::new("Model").color(theme::tokens(ui).text_weak));
    let response = menu("model", ui.available_width())
        .selected_text(chosen.map_or(settings.model.0.as_str(), |entry| entry.name))
        .show_ui(ui, |ui| {
            ui.set_min_width(MENU_WIDTH);
            for entry in catalog::entries() {
                let is_chosen = entry.id == settings.model.0;
                let text = entry_text(ui, entry, shelf.is_installed(entry));
                let button = Button::new(text).selected(is_chosen).min_size(egui::vec2(MENU_WIDTH, 0.0)).wrap();
                if ui.add(button).clicked() && !is_chosen {
                    settings.model = ModelId(entry.id.into());
                    settings.weights = None;
                    ui.close();
                }
            }
        });
    if response.response.clicked() {
        requests.push(Request::LookForModels);
    }
    response
        .response
        .labelled_by(label.id)
        .on_hover_text("The network that looks at the photos; changing it needs another run");
    if let Some(entry) = chosen {
        note(ui, entry.purpose);
        note(ui, format!("Licence: {}", licence(entry)));
        if settings.weights.is_none() && !shelf.is_installed(entry) {
            missing_ui(ui, entry, shelf.download.as_ref(), requests);
        }
    }
    if let Some(path) = settings.weights.clone() {
        ui.horizontal(|ui| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if ui.button("Use the usual file").on_hover_text("Forgets the weight file chosen by hand").clicked() {
                settings.weights = None;
            }
            elided(ui, egui::RichText::new(name).small(), &path.display().to_string());
        });
    }
    state_ui(ui, model, shelf.has_weights(settings), requests);
}

/// Licence in one line; what it forbids is spelled out.
fn licence(entry: &Entry) -> String {
    let restriction = if entry.non_commercial { " · non-commercial use only" } else { "" };
    format!("{}{restriction}", entry.licence)
}

fn entry_text(ui: &Ui, entry: &Entry, is_installed: bool) -> LayoutJob {
    let tokens = theme::tokens(ui);
    let format =
        |style: TextStyle, color| TextFormat { font_id: style.resolve(ui.style()), color, ..TextFormat::default() };
    let mut job = LayoutJob::default();
    job.append(entry.name, 0.0, format(TextStyle::Body, tokens.text));
    let place = if is_installed { "installed" } else { "not installed" };
    job.append(&format!("  {place}\n"), 0.0, format(TextStyle::Small, tokens.text_weak));
    let lines = format!(
        "{}\n{} M parameters · {} · {}",
        entry.purpose,
        (entry.parameters + 500_000) / 1_000_000,
        bytes(entry.file_bytes),
        licence(entry)
    );
    job.append(&lines, 0.0, format(TextStyle::Small, tokens.text_weak));
    job
}

/// What is in memory now, and the way in or out.
fn state_ui(ui: &mut Ui, model: &ModelState, can_load: bool, requests: &mut Vec<Request>) {
    ui.horizontal(|ui| {
        ui.set_min_height(ROW);
        let (text, button) = match model {
            ModelState::Unloaded => ("Not in memory".to_owned(), Some(("Load", Request::LoadModel))),
            ModelState::Loading { done, total, .. } => (format!("Loading {} of {}", bytes(*done), bytes(*total)), None),
            ModelState::Ready { name, device, precision } => {
                (format!("{name} on {device}, {precision}"), Some(("Unload", Request::UnloadModel)))
            }
        };
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if let Some((label, request)) = button {
                let tip = match request {
                    Request::LoadModel => "Reads the weights now, so that the next run starts at once",
                    _ => "Gives the model's memory back; the next run loads it again",
                };
                let enabled = can_load || label == "Unload";
                if ui.add_enabled(enabled, Button::new(label)).on_hover_text(tip).clicked() {
                    requests.push(request);
                }
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let colour = theme::tokens(ui).text_weak;
                elided(ui, egui::RichText::new(&text).small().color(colour), &text);
            });
        });
    });
}
