//! The question before a model's files are deleted: which they are, whose, and what that frees.

use std::path::{Path, PathBuf};

use egui::{RichText, Ui};

use super::ask::ModelAct;
use crate::app::desk::shelf::Shelf;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::controls::{bytes, elided, note};
use crate::catalog::{Entry, Holding, ModelId};

/// A removal that waits to be confirmed.
pub struct Deletion {
    pub entry: &'static Entry,
    /// Files that the person has put there go, too.
    also_placed: bool,
    /// What is of no use goes, too.
    also_leftovers: bool,
}

impl Deletion {
    /// Where nothing else is there, what is left over is meant.
    pub fn of(entry: &'static Entry, also_leftovers: bool) -> Self {
        Self { entry, also_placed: false, also_leftovers }
    }

    /// Asks; true where it is answered.
    pub fn ui(&mut self, ui: &mut Ui, shelf: &Shelf, requests: &mut Vec<Request>) -> bool {
        let Some(holding) = shelf.holding(self.entry) else { return true };
        ui.add_space(theme::GRID);
        ui.label(RichText::new(format!("Delete {}?", self.entry.name)).strong());
        let from_cache = holding.cached.freed_bytes + holding.unfinished_bytes;
        if from_cache > 0 {
            note(
                ui,
                format!(
                    "{} in the folder shared with Hugging Face's tools. Python programs that use it would fetch it again",
                    bytes(from_cache)
                ),
            );
            files_ui(ui, holding.cached.files.iter());
        }
        if holding.cached.shared > 0 {
            note(ui, "Another revision there has the same content, which stays");
        }
        let by_hand: u64 = holding.placed.iter().map(|(_, bytes)| bytes).sum();
        if !holding.placed.is_empty() {
            let label = format!("Also what was put there by hand, {}", bytes(by_hand));
            ui.checkbox(&mut self.also_placed, label).on_hover_text("Fathom did not fetch it and cannot bring it back");
            files_ui(ui, holding.placed.iter().map(|(path, _)| path));
        }
        let left: u64 = holding.leftovers.iter().map(|left| left.bytes).sum();
        if !holding.leftovers.is_empty() {
            let label = format!("Also what is left over there, {}", bytes(left));
            ui.checkbox(&mut self.also_leftovers, label).on_hover_text("Killed programs and deleted files leave it");
            for left in &holding.leftovers {
                let text = format!("{}: {}", left.path.file_name().unwrap_or_default().to_string_lossy(), left.why);
                elided(ui, RichText::new(text).small(), &left.path.display().to_string());
            }
        }
        let freed =
            from_cache + if self.also_placed { by_hand } else { 0 } + if self.also_leftovers { left } else { 0 };
        self.answer_ui(ui, holding, freed, requests)
    }

    fn answer_ui(&self, ui: &mut Ui, holding: &Holding, freed: u64, requests: &mut Vec<Request>) -> bool {
        let mut is_answered = false;
        ui.horizontal_wrapped(|ui| {
            let is_left = self.also_leftovers && !holding.leftovers.is_empty();
            let is_something =
                !holding.cached.files.is_empty() || holding.unfinished_bytes > 0 || self.also_placed || is_left;
            let text = RichText::new(format!("Delete, frees {}", bytes(freed))).color(theme::tokens(ui).danger);
            let button = ui.add_enabled(is_something, egui::Button::new(text));
            if button.on_disabled_hover_text("There is only what was put there by hand").clicked() {
                let act = ModelAct::Delete { also_placed: self.also_placed, also_leftovers: self.also_leftovers };
                requests.push(Request::Model(ModelId(self.entry.id.into()), act));
                is_answered = true;
            }
            is_answered |= ui.button("Keep").on_hover_text("Deletes nothing").clicked();
        });
        is_answered
    }
}

fn files_ui<'a>(ui: &mut Ui, files: impl Iterator<Item = &'a PathBuf>) {
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let folder = file.parent().unwrap_or(Path::new("")).display();
        elided(ui, RichText::new(format!("{name} in {folder}")).monospace().small(), &file.display().to_string());
    }
}
