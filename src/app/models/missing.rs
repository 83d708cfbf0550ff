//! What to do where a model's weights are not on this machine: download them, or choose a file.

use egui::Ui;

use super::ask::ModelAct;
use super::transfer::download_ui;
use crate::app::desk::shelf::Shelf;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::controls::{button_of, bytes, note};
use crate::catalog::{Entry, Holding, ModelId};

/// The frame under the model menu.
pub fn missing_ui(ui: &mut Ui, entry: &'static Entry, shelf: &Shelf, requests: &mut Vec<Request>) {
    let tokens = theme::tokens(ui);
    let frame =
        egui::Frame::new().fill(tokens.raised).stroke((1.0, tokens.border)).corner_radius(4.0).inner_margin(10.0);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        match &shelf.download {
            Some(download) if download.entry.id == entry.id => {
                ui.label(egui::RichText::new(format!("Downloading {}", entry.name)).strong());
                download_ui(ui, download, requests);
            }
            _ => {
                ui.label(egui::RichText::new("Not installed").strong());
                note(ui, "Its weights come into the folder that Hugging Face's tools share.");
                if let Some(found) = shelf.found(entry) {
                    gone_ui(ui, &found.holding);
                }
                no_room_ui(ui, entry, shelf);
                offer_ui(ui, entry, shelf, requests);
            }
        }
        ui.add_space(theme::GRID);
        let tip = "Uses a safetensors file from anywhere on this machine";
        if ui.button("Choose weight file…").on_hover_text(tip).clicked() {
            requests.push(Request::ChooseWeights);
        }
    });
}

/// The button that begins a download or goes on with it, and why it cannot be pressed where that is so.
pub fn offer_ui(ui: &mut Ui, entry: &'static Entry, shelf: &Shelf, requests: &mut Vec<Request>) {
    let unfinished = shelf.found(entry).map_or(0, |found| found.holding.unfinished_bytes);
    let label = match unfinished {
        0 => format!("Download {}", bytes(entry.file_bytes)),
        _ => format!("Continue, {} to come", bytes(entry.file_bytes.saturating_sub(unfinished))),
    };
    let other = shelf.download.as_ref().map(|other| other.entry.name);
    let obstacle = other.map(|other| format!("{other} is on its way; one model is downloaded at a time"));
    let obstacle = obstacle.or_else(|| no_room(entry, shelf));
    let tip = "From huggingface.co. It goes on where it was, whenever it is interrupted, and is compared with what was \
               published";
    let is_possible = obstacle.is_none();
    let button = button_of(ui, &label, entry.name, is_possible).on_hover_text(tip);
    if button.on_disabled_hover_text(obstacle.as_deref().unwrap_or_default()).clicked() {
        requests.push(Request::Model(ModelId(entry.id.into()), ModelAct::Download));
    }
}

/// Says that a content is gone whose name is there.
pub fn gone_ui(ui: &mut Ui, holding: &Holding) {
    if let Some(gone) = &holding.gone {
        let text = format!("{gone}. A download mends it");
        let text = egui::RichText::new(text).small().color(theme::tokens(ui).warning);
        ui.add(egui::Label::new(text).wrap());
    }
}

/// Says that the disk has no room for a model, before anybody begins to download it.
pub fn no_room_ui(ui: &mut Ui, entry: &Entry, shelf: &Shelf) {
    if let Some(text) = no_room(entry, shelf) {
        let text = egui::RichText::new(text).small().color(theme::tokens(ui).warning);
        ui.add(egui::Label::new(text).wrap());
    }
}

fn no_room(entry: &Entry, shelf: &Shelf) -> Option<String> {
    let (need, free) = shelf.too_large(entry)?;
    let (need, free) = (bytes(need), bytes(free));
    Some(format!("The disk has {free} free, needed are {need}: make room, or name a folder elsewhere in HF_HUB_CACHE"))
}
