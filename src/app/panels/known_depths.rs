//! The choice of depths that are known before a run, by which results come to metres.

use std::path::Path;

use egui::{RichText, Ui};

use crate::app::action::Request;
use crate::app::open_dialog::Open;
use crate::app::widgets::{elided, menu, row};
use crate::inference::Settings;

const TIP: &str = "Depths of these photos that somebody measured: results come to metres by them. A file has rows of photo,x,y,metres; \
                   a folder has the pictures of a depth sensor, by the photos' names. Forgotten with the photos";

pub fn known_depths_ui(ui: &mut Ui, settings: &Settings, requests: &mut Vec<Request>) {
    let paths: Vec<&Path> =
        [&settings.known_depths, &settings.sensor_depth].into_iter().flatten().map(AsRef::as_ref).collect();
    let name = |path: &Path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let names: Vec<String> = paths.iter().map(|path| name(path)).collect();
    let shown = if names.is_empty() { "None".into() } else { names.join(", ") };
    row(ui, "Known depths", TIP, |ui| {
        let choices = [
            ("A file of points…", Request::ChooseDepths(Open::Depths)),
            ("A folder of depth pictures…", Request::ChooseDepths(Open::DepthFolder)),
            ("None", Request::ForgetDepths),
        ];
        menu("known depths", ui.available_width())
            .selected_text(shown)
            .show_ui(ui, |ui| {
                for (label, request) in choices {
                    let is_chosen = request == Request::ForgetDepths && paths.is_empty();
                    if ui.selectable_label(is_chosen, label).clicked() {
                        requests.push(request);
                    }
                }
            })
            .response
    });
    for path in paths {
        let path = path.display().to_string();
        elided(ui, RichText::new(&path).monospace().small(), &path);
    }
}
