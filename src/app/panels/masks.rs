//! The choice of a folder with masks of the photos.

use egui::{RichText, Ui};

use crate::app::action::Request;
use crate::app::widgets::{elided, menu, row};
use crate::inference::Settings;

const TIP: &str = "A folder with a picture for each photo, of its name: what is dark there gives no depth and no points, as where \
                   a photo is transparent. Forgotten with the photos";

pub fn masks_ui(ui: &mut Ui, settings: &Settings, requests: &mut Vec<Request>) {
    let folder = settings.masks.as_deref();
    let name = folder.map_or("None".into(), |path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy());
    row(ui, "Masks", TIP, |ui| {
        menu("masks", ui.available_width())
            .selected_text(name)
            .show_ui(ui, |ui| {
                if ui.selectable_label(false, "A folder of masks…").clicked() {
                    requests.push(Request::ChooseMasks);
                }
                if ui.selectable_label(folder.is_none(), "None").clicked() {
                    requests.push(Request::ForgetMasks);
                }
            })
            .response
    });
    if let Some(path) = folder {
        let path = path.display().to_string();
        elided(ui, RichText::new(&path).monospace().small(), &path);
    }
}
