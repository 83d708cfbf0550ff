//! A model's files on their way or being read: how far it is, and how to stop it.

use egui::{ProgressBar, Ui};

use super::ask::ModelAct;
use crate::app::desk::errand::Errand;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::controls::{button_of, bytes, clock, note};
use crate::catalog::ModelId;
use crate::hub::Progress;

/// A download with its progress, Pause and Cancel.
pub fn download_ui<T>(ui: &mut Ui, download: &Errand<T>, requests: &mut Vec<Request>) {
    progress_ui(ui, download, "Asking the server…");
    let name = download.entry.name;
    ui.horizontal(|ui| {
        let tip = "Stops here. What has come is kept, and the download goes on from there";
        if button_of(ui, "Pause", name, true).on_hover_text(tip).clicked() {
            requests.push(Request::PauseDownload);
        }
        let tip = "Stops and deletes what has come so far";
        if button_of(ui, "Cancel download", name, true).on_hover_text(tip).clicked() {
            let model = ModelId(download.entry.id.into());
            requests.push(Request::Model(model, ModelAct::CancelDownload));
        }
    });
}

/// The bar, and in words what is going on; `before` stands until there is something to tell.
pub fn progress_ui<T>(ui: &mut Ui, errand: &Errand<T>, before: &str) {
    let fill = theme::tokens(ui).accent_hovered;
    let bar = ProgressBar::new(errand.part).desired_width(ui.available_width()).desired_height(8.0);
    ui.add(bar.corner_radius(4.0).fill(fill));
    note(ui, errand.progress.as_ref().map_or_else(|| before.to_owned(), words));
}

fn words(progress: &Progress) -> String {
    match progress {
        Progress::Waiting => "Another program is downloading it; waiting for that".into(),
        Progress::Downloading { done, total, bytes_per_sec } => {
            let rate = bytes_per_sec.map_or(String::new(), |rate| {
                let seconds = (total - done.min(total)) as f64 / rate.max(1.0);
                format!(" · {}/s · {} left", bytes(rate as u64), clock(seconds))
            });
            format!("{} of {}{rate}", bytes(*done), bytes(*total))
        }
        Progress::Retrying { attempt, wait, why } => {
            format!("Trying again in {} s (attempt {attempt}): {why}", wait.as_secs().max(1))
        }
        Progress::Checking { done, total } => {
            format!("Comparing it with what was published: {} of {}", bytes(*done), bytes(*total))
        }
    }
}
