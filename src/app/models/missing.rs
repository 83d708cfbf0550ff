//! What to do where a model's weights are not on this machine: download them, or choose a file.

use egui::Ui;

use super::ask::ModelAct;
use super::transfer::{download_ui, progress_ui};
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
        let title = |ui: &mut Ui, text: String| ui.label(egui::RichText::new(text).strong());
        match shelf.download_of(entry) {
            Some(download) => {
                title(ui, format!("Downloading {}", entry.name));
                download_ui(ui, download, requests);
            }
            None if shelf.is_queued(entry) => {
                title(ui, "Queued".into());
                queued_ui(ui, entry, shelf, requests);
            }
            None => {
                title(ui, "Not installed".into());
                note(ui, "Its file comes into the folder that Hugging Face's tools share.");
                if let Some(holding) = shelf.holding(entry) {
                    gone_ui(ui, holding);
                }
                no_room_ui(ui, entry, shelf);
                offer_ui(ui, entry, shelf, requests);
            }
        }
        ui.add_space(theme::GRID);
        let tip = "Uses a safetensors file from anywhere on this machine";
        if ui.button("Choose model file…").on_hover_text(tip).clicked() {
            requests.push(Request::ChooseWeights);
        }
    });
}

/// The button that begins a download or goes on with it, and why it cannot be pressed where that is so.
pub fn offer_ui(ui: &mut Ui, entry: &'static Entry, shelf: &Shelf, requests: &mut Vec<Request>) {
    let to_come = shelf.to_come_bytes(entry);
    let label = match to_come == entry.file_bytes {
        true => format!("Download {}", bytes(to_come)),
        false => format!("Continue, {} to come", bytes(to_come)),
    };
    let obstacle = no_room(entry, shelf);
    let tip = "From huggingface.co. It goes on where it was, whenever it is interrupted, and is compared with what was \
               published";
    let after = shelf.download.as_ref().map(|other| format!("\nIt waits until {} has come", other.entry.name));
    let button = button_of(ui, &label, entry.name, obstacle.is_none());
    let button = button.on_hover_text(format!("{tip}{}", after.unwrap_or_default()));
    if button.on_disabled_hover_text(obstacle.as_deref().unwrap_or_default()).clicked() {
        requests.push(Request::Model(ModelId(entry.id.into()), ModelAct::Download));
    }
}

/// What a model in the queue waits for, and the way out of it.
pub fn queued_ui(ui: &mut Ui, entry: &'static Entry, shelf: &Shelf, requests: &mut Vec<Request>) {
    note(ui, waits_for(entry, shelf));
    let tip = "It is not downloaded then; what is on its way goes on";
    if button_of(ui, "Take out of the queue", entry.name, true).on_hover_text(tip).clicked() {
        requests.push(Request::Model(ModelId(entry.id.into()), ModelAct::LeaveQueue));
    }
}

/// How far a model is that a run waits for.
pub fn coming_ui(ui: &mut Ui, entry: &'static Entry, shelf: &Shelf) {
    match shelf.download_of(entry) {
        Some(download) => progress_ui(ui, download, "Asking the server…"),
        None if shelf.is_queued(entry) => drop(note(ui, waits_for(entry, shelf))),
        None => drop(note(ui, "Looking at what has come…")),
    }
}

fn waits_for(entry: &Entry, shelf: &Shelf) -> String {
    let ahead = shelf.queue.iter().take_while(|other| other.id != entry.id);
    let ahead = shelf.download.iter().map(|download| download.entry).chain(ahead.copied());
    let names: Vec<&str> = ahead.map(|other| other.name).collect();
    format!("Waits until {} {} come", names.join(", "), if names.len() == 1 { "has" } else { "have" })
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

/// Why there is no room on the disk for a model; nothing where there is.
pub fn no_room(entry: &Entry, shelf: &Shelf) -> Option<String> {
    let (need, free) = shelf.too_large(entry)?;
    let (need, free) = (bytes(need), bytes(free));
    Some(format!("The disk has {free} free, needed are {need}: make room, or name a folder elsewhere in HF_HUB_CACHE"))
}
