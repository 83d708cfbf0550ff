//! A choice of files or folders that belong to the photos: a menu, and where what was chosen lies.

use std::path::Path;

use egui::{RichText, Ui};

use crate::app::request::Request;
use crate::app::widgets::controls::{Row, elided, menu};

/// Draws the menu: `choices` open dialogs, and `forget` is offered as "None". What was chosen is shown by its last name.
pub fn files_menu(
    ui: &mut Ui,
    line: Row<'_>,
    chosen: &[&Path],
    choices: &[(&str, Request)],
    forget: Request,
    requests: &mut Vec<Request>,
) {
    let name = |path: &&Path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let names: Vec<String> = chosen.iter().map(name).collect();
    let shown = if names.is_empty() { "None".into() } else { names.join(", ") };
    line.ui(ui, |ui| {
        menu(&line.label.to_lowercase(), ui.available_width())
            .selected_text(shown)
            .show_ui(ui, |ui| {
                for (choice, request) in choices {
                    if ui.selectable_label(false, *choice).clicked() {
                        requests.push(request.clone());
                    }
                }
                if ui.selectable_label(chosen.is_empty(), "None").clicked() {
                    requests.push(forget);
                }
            })
            .response
    });
}

/// Where it lies, cut short where there is no room.
pub fn place_ui(ui: &mut Ui, path: &Path) {
    let path = path.display().to_string();
    elided(ui, RichText::new(&path).monospace().small(), &path);
}
