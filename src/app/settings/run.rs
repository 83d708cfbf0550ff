//! The button that starts a run.

use egui::{Ui, Vec2};

use super::need::need_ui;
use crate::app::action::Action;
use crate::app::desk::ToRun;
use crate::app::desk::outlook::Outlook;
use crate::app::desk::shelf::Shelf;
use crate::app::desk::state::AppState;
use crate::app::models::{coming_ui, no_room};
use crate::app::request::Request;
use crate::app::widgets::controls::{Weight, big_button, bytes, note};
use crate::app::widgets::icons::Icon;

/// Run, or Cancel while running, always in sight at the foot of the panel.
pub fn run_ui(ui: &mut Ui, state: &AppState, shelf: &Shelf, outlook: &Outlook, requests: &mut Vec<Request>) {
    let size = Vec2::new(ui.available_width(), 36.0);
    if let Some(run) = &state.run {
        let label = if run.is_cancelling { "Cancelling" } else { "Cancel" };
        let button = big_button(ui, Icon::Stop, label, Weight::Plain, !run.is_cancelling, size);
        if button.on_hover_text("Ends the run; what was finished stays (Esc)").clicked() {
            requests.push(Request::Do(Action::Cancel));
        }
        return;
    }
    if let Some(entry) = shelf.runs_after {
        note(ui, format!("Downloads {}, then runs", entry.name));
        coming_ui(ui, entry, shelf);
        let tip = "Ends the download and the run; what has come of the model is kept (Esc)";
        if big_button(ui, Icon::Stop, "Cancel", Weight::Plain, true, size).on_hover_text(tip).clicked() {
            requests.push(Request::Do(Action::Cancel));
        }
        return;
    }
    let to_run = state.to_run();
    if to_run != ToRun::Nothing {
        need_ui(ui, outlook, state.settings.memory_percent, requests);
    }
    let missing = shelf.missing(&state.settings);
    let no_room = missing.and_then(|entry| no_room(entry, shelf));
    let label = match missing.filter(|_| to_run != ToRun::Nothing) {
        Some(entry) => format!("Download {} and run", bytes(shelf.to_come_bytes(entry))),
        None => to_run.label(),
    };
    let enabled = to_run != ToRun::Nothing && no_room.is_none();
    let tip = match (to_run, missing, &no_room) {
        (ToRun::Nothing, ..) if state.views.is_empty() => "Add photos first".into(),
        (ToRun::Nothing, ..) => "None of these photos can be used; Retry in the list tries them again".into(),
        (_, _, Some(no_room)) => no_room.clone(),
        (_, Some(entry), _) => {
            format!("{} is not on this machine: it is fetched first, and the run begins by itself", entry.name)
        }
        (ToRun::New(_), ..) => "Finds depth for the photos that have none; the others keep theirs (F5)".into(),
        (ToRun::All(_), ..) => "Finds depth for all photos with these settings (F5)".into(),
        (ToRun::Again(_), ..) => "All photos have their depth with these settings; a run finds it anew (F5)".into(),
    };
    if big_button(ui, Icon::Play, &label, Weight::Primary, enabled, size).on_hover_text(&tip).clicked() {
        requests.push(if missing.is_some() { Request::DownloadAndRun } else { Request::Do(Action::Run) });
    }
    if !enabled {
        note(ui, tip);
    }
    match to_run {
        ToRun::New(_) => {
            let again = egui::Button::new(ToRun::label_of_all(state.usable())).frame(false);
            let tip = "Finds depth anew for all photos, also for those that have it";
            let is_here = missing.is_none();
            let again = ui.add_enabled(is_here, again).on_hover_text(tip);
            if again.on_disabled_hover_text("The model is not on this machine yet").clicked() {
                requests.push(Request::RunAll);
            }
        }
        // What a person who added one photo to a scene may not expect.
        ToRun::All(_) if missing.is_none() && state.looks_at_all_together() && !state.results.is_empty() => {
            note(ui, "One scene: the model looks at all photos together, so all are run anew");
        }
        _ => {}
    }
}
