//! The button that starts a run.

use egui::{Ui, Vec2};

use super::need::need_ui;
use super::outlook::Outlook;
use crate::app::action::Action;
use crate::app::desk::shelf::Shelf;
use crate::app::desk::state::AppState;
use crate::app::request::Request;
use crate::app::widgets::controls::{Weight, big_button, count, note};
use crate::app::widgets::icons::Icon;

/// Run, or Cancel while running, always in sight at the foot of the panel.
pub fn run_ui(ui: &mut Ui, state: &AppState, shelf: &Shelf, outlook: &Outlook, requests: &mut Vec<Request>) {
    let size = Vec2::new(ui.available_width(), 36.0);
    if let Some(run) = &state.run {
        let label = if run.is_cancelling { "Cancelling" } else { "Cancel" };
        let button = big_button(ui, Icon::Stop, label, Weight::Plain, !run.is_cancelling, size);
        if button.on_hover_text("Ends the run; finished views stay (Esc)").clicked() {
            requests.push(Request::Do(Action::Cancel));
        }
        return;
    }
    let photos = state.views.rows().len();
    if photos > 0 {
        need_ui(ui, outlook, state.settings.memory_percent, requests);
    }
    let has_weights = shelf.has_weights(&state.settings);
    let label = if photos == 0 { "Run".into() } else { format!("Run {}", count(photos, "photo")) };
    let enabled = photos > 0 && has_weights;
    let tip = match (photos, has_weights) {
        (0, _) => "Add photos first",
        (_, false) => "The model's weights are not on this machine yet",
        _ => "Finds depth for all photos with these settings (F5)",
    };
    if big_button(ui, Icon::Play, &label, Weight::Primary, enabled, size).on_hover_text(tip).clicked() {
        requests.push(Request::Do(Action::Run));
    }
    if !enabled {
        note(ui, tip);
    }
}
