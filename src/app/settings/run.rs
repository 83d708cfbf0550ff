//! The button that starts a run.

use egui::{Ui, Vec2};

use super::need::need_ui;
use super::outlook::Outlook;
use crate::app::action::Action;
use crate::app::desk::ToRun;
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
    let to_run = state.to_run();
    if to_run != ToRun::Nothing {
        need_ui(ui, outlook, state.settings.memory_percent, requests);
    }
    let has_weights = shelf.has_weights(&state.settings);
    let label = match to_run {
        ToRun::Nothing => "Run".into(),
        ToRun::New(number) => format!("Run {}", count(number, "new photo")),
        ToRun::All(number) => format!("Run {}", count(number, "photo")),
    };
    let enabled = to_run != ToRun::Nothing && has_weights;
    let tip = match (to_run, has_weights) {
        (ToRun::Nothing, _) if state.views.is_empty() => "Add photos first",
        (ToRun::Nothing, _) => "None of these photos can be used",
        (_, false) => "The model's weights are not on this machine yet",
        (ToRun::New(_), _) => "Finds depth for the photos that have none; the others keep theirs (F5)",
        (ToRun::All(_), _) => "Finds depth for all photos with these settings (F5)",
    };
    if big_button(ui, Icon::Play, &label, Weight::Primary, enabled, size).on_hover_text(tip).clicked() {
        requests.push(Request::Do(Action::Run));
    }
    if !enabled {
        note(ui, tip);
    }
    let usable = state.usable();
    match to_run {
        ToRun::New(_) => {
            let again = egui::Button::new(format!("Run all {usable} again")).frame(false);
            let tip = "Finds depth anew for all photos, also for those that have it";
            if ui.add_enabled(has_weights, again).on_hover_text(tip).clicked() {
                requests.push(Request::RunAll);
            }
        }
        // What a person who added one photo to a scene may not expect.
        ToRun::All(_) if has_weights && state.looks_at_all_together() && !state.results.is_empty() => {
            note(ui, "One scene: the network looks at all photos together, so all are run anew");
        }
        _ => {}
    }
}
