//! What to do where a model's weights are not on this machine: download them, or choose a file.

use egui::{ProgressBar, Ui};

use crate::app::action::Request;
use crate::app::download::Download;
use crate::app::theme;
use crate::app::widgets::{bytes, clock, elided, note};
use crate::catalog::{self, Entry, ModelId};
use crate::hub::Progress;

/// The frame under the model menu. `download`: what is on its way, if anything.
pub fn missing_ui(ui: &mut Ui, entry: &'static Entry, download: Option<&Download>, requests: &mut Vec<Request>) {
    let tokens = theme::tokens(ui);
    let frame =
        egui::Frame::new().fill(tokens.raised).stroke((1.0, tokens.border)).corner_radius(4.0).inner_margin(10.0);
    frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        match download {
            Some(download) if download.entry.id == entry.id => progress_ui(ui, download, requests),
            other => offer_ui(ui, entry, other, requests),
        }
        by_hand_ui(ui, entry, requests);
    });
}

fn offer_ui(ui: &mut Ui, entry: &'static Entry, other: Option<&Download>, requests: &mut Vec<Request>) {
    ui.label(egui::RichText::new("Not installed").strong());
    let size = bytes(entry.file_bytes);
    let words = match other {
        Some(other) => format!("{} is on its way; one model is downloaded at a time.", other.entry.name),
        None => format!("Its weights take {size} on the disk, in the folder that Hugging Face's tools share."),
    };
    note(ui, words);
    let tip = "From huggingface.co. It goes on where it was, whenever it is interrupted, and is compared with what was published";
    let button = egui::Button::new(format!("Download {size}"));
    if ui.add_enabled(other.is_none(), button).on_hover_text(tip).clicked() {
        requests.push(Request::Download(ModelId(entry.id.into())));
    }
}

fn progress_ui(ui: &mut Ui, download: &Download, requests: &mut Vec<Request>) {
    ui.label(egui::RichText::new(format!("Downloading {}", download.entry.name)).strong());
    let (part, words) = match download.progress.as_ref() {
        None => (0.0, "Asking the server…".to_owned()),
        Some(Progress::Waiting) => (0.0, "Another program is downloading it; waiting for that".to_owned()),
        Some(Progress::Downloading { done, total, bytes_per_sec }) => {
            let (done, total) = (*done, *total);
            let rate = bytes_per_sec.map_or(String::new(), |rate| {
                let seconds = (total - done.min(total)) as f64 / rate.max(1.0);
                format!(" · {}/s · {} left", bytes(rate as u64), clock(seconds))
            });
            (share(done, total), format!("{} of {}{rate}", bytes(done), bytes(total)))
        }
        Some(Progress::Retrying { attempt, wait, why }) => {
            (0.0, format!("Trying again in {} s (attempt {attempt}): {why}", wait.as_secs().max(1)))
        }
        Some(Progress::Checking { done, total }) => {
            (share(*done, *total), "Comparing it with what was published".to_owned())
        }
    };
    ui.add(ProgressBar::new(part).desired_width(ui.available_width()).desired_height(8.0));
    note(ui, words);
    let tip = "Stops here. What has come is kept, and the download goes on from there";
    if ui.button("Pause").on_hover_text(tip).clicked() {
        requests.push(Request::PauseDownload);
    }
}

/// For those who have the file already, or no way to the server.
fn by_hand_ui(ui: &mut Ui, entry: &Entry, requests: &mut Vec<Request>) {
    ui.add_space(4.0);
    let page = format!("https://huggingface.co/{}", entry.source);
    ui.horizontal_wrapped(|ui| {
        let tip = "Uses a safetensors file from anywhere on this machine";
        if ui.button("Choose weight file…").on_hover_text(tip).clicked() {
            requests.push(Request::ChooseWeights);
        }
        if ui.button("Look again").on_hover_text("Looks for the weights once more").clicked() {
            requests.push(Request::LookForModels);
        }
        ui.hyperlink_to("Model page", &page).on_hover_text(&page);
    });
    if let Some(folder) = catalog::models_dir() {
        let place = catalog::places(entry, &folder)[0].display().to_string();
        note(ui, "By hand, save model.safetensors as:");
        elided(ui, egui::RichText::new(&place).monospace().small(), &place);
    }
}

fn share(done: u64, total: u64) -> f32 {
    done as f32 / total.max(1) as f32
}
