//! The bottom line: what is going on, how long it takes, how much memory it uses.

use egui::{Align, Layout, ProgressBar, RichText, Ui};
use egui_plot::Line;

use crate::app::action::Action;
use crate::app::desk::exporting::Exporting;
use crate::app::desk::memory::{KEPT_SECS, MemoryHistory};
use crate::app::desk::notices::Severity;
use crate::app::desk::state::{AppState, ModelState, RunState};
use crate::app::desk::tasks::{Tasks, Work};
use crate::app::request::Request;
use crate::app::theme;
use crate::app::widgets::controls::{bytes, clock, count, elided, still_plot};
use crate::app::widgets::icons::{Icon, icon_button};
use crate::worker::Stage;

/// Height of the status line in points.
pub const HEIGHT: f32 = 40.0;

/// `undo`: what would be undone.
pub fn status_ui(ui: &mut Ui, state: &AppState, tasks: &Tasks, undo: Option<&str>, requests: &mut Vec<Request>) {
    ui.horizontal_centered(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            notices_ui(ui, state, requests);
            memory_ui(ui, &state.memory, requests);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| match (&state.run, tasks.exporting()) {
                (Some(run), _) => run_ui(ui, run, state, requests),
                (None, Some(export)) => export_ui(ui, export, requests),
                (None, None) => idle_ui(ui, state, tasks.current(), undo, requests),
            });
        });
    });
}

fn run_ui(ui: &mut Ui, run: &RunState, state: &AppState, requests: &mut Vec<Request>) {
    if icon_button(ui, Icon::Stop, "Cancel run", "Ends the run; what was finished stays (Esc)", !run.is_cancelling)
        .clicked()
    {
        requests.push(Request::Do(Action::Cancel));
    }
    ui.add(bar(ui, run.done)).on_hover_text(format!("{:.0} % of the run", run.done * 100.0));
    let stage = match (run.is_cancelling, run.stage) {
        (true, _) => "Cancelling".to_owned(),
        (false, None) => "Starting".to_owned(),
        (false, Some(stage @ (Stage::LoadModel | Stage::Match | Stage::Place))) => stage.label().to_owned(),
        (false, Some(stage)) => format!("{} · {} of {}", stage.label(), run.view + 1, run.views.len()),
    };
    let elapsed = clock(state.now_secs - run.started_secs);
    let left = run.remaining_secs.map_or(String::new(), |secs| format!(" · about {} left", clock(f64::from(secs))));
    let text = format!("{stage} · {elapsed} elapsed{left}");
    elided(ui, &text, &format!("{stage}\n{elapsed} elapsed{left}"));
}

fn export_ui(ui: &mut Ui, export: &Exporting, requests: &mut Vec<Request>) {
    let is_wanted = !export.watch.is_stopped();
    if icon_button(ui, Icon::Stop, "Cancel the export", "Ends it; nothing of it stays on disk (Esc)", is_wanted)
        .clicked()
    {
        requests.push(Request::CancelExport);
    }
    if let Some(done) = export.done() {
        ui.add(bar(ui, done));
    }
    let text = export.words();
    elided(ui, &text, &text);
}

fn bar(ui: &Ui, done: f32) -> ProgressBar {
    let fill = theme::tokens(ui).accent_hovered;
    ProgressBar::new(done).desired_width(112.0).desired_height(8.0).corner_radius(4.0).fill(fill)
}

fn idle_ui(ui: &mut Ui, state: &AppState, work: Option<&Work>, undo: Option<&str>, requests: &mut Vec<Request>) {
    let weak = theme::tokens(ui).text_weak;
    if let Some(work) = work {
        // The sign of a view that is being computed, too. It stands still: the work needs the processor more.
        Icon::Dot.ui(ui, 14.0, theme::tokens(ui).accent_hovered);
        elided(ui, RichText::new(work.label()).color(weak), work.label());
        return;
    }
    let text = match (&state.model, &state.outcome) {
        (ModelState::Loading { name, done, total }, _) => {
            ui.add(bar(ui, *done as f32 / (*total).max(1) as f32));
            format!("Loading {name}")
        }
        (_, Some(outcome)) => outcome.clone(),
        _ if state.views.is_empty() => "Ready".to_owned(),
        _ => format!("Ready · {}", count(state.views.rows().len(), "photo")),
    };
    elided(ui, RichText::new(&text).color(weak), &text);
    // Where it was said that something is gone, the way back stands beside it.
    if undo.is_some() && undo == state.outcome.as_deref() && ui.link("Undo").clicked() {
        requests.push(Request::Do(Action::Undo));
    }
}

/// Now, peak and limit in words beside the last two minutes as a line.
fn memory_ui(ui: &mut Ui, memory: &MemoryHistory, requests: &mut Vec<Request>) {
    let Some(latest) = memory.latest() else { return };
    let tokens = theme::tokens(ui);
    let text = format!(
        "{} now · {} peak · {} limit",
        bytes(latest.resident_bytes),
        bytes(latest.peak_bytes),
        bytes(latest.total_bytes)
    );
    let points = memory.points();
    let top = latest.peak_bytes as f64 / 1e9 * 1.1;
    let plot = still_plot("memory history")
        .width(96.0)
        .height(24.0)
        .include_x(-KEPT_SECS)
        .include_x(0.0)
        .include_y(0.0)
        .include_y(top.max(0.1));
    let response = plot.show(ui, |plot| {
        plot.line(Line::new("Memory of this program", points).color(tokens.accent_hovered).width(1.5).fill(0.0));
    });
    let tip = format!(
        "Memory of this program over the last two minutes (M shows more)\n{} free of {}",
        bytes(latest.free_bytes),
        bytes(latest.total_bytes)
    );
    let plot_clicked = response.response.on_hover_text(&tip).clicked();
    let text = RichText::new(text).small().color(tokens.text_weak);
    let button = ui.add(egui::Button::new(text).frame(false)).on_hover_text(tip);
    if plot_clicked || button.clicked() {
        requests.push(Request::Do(Action::ToggleMemory));
    }
}

fn notices_ui(ui: &mut Ui, state: &AppState, requests: &mut Vec<Request>) {
    // News are in the list as well, but nobody has to look after them.
    let problems = state.notices.all().iter().filter(|notice| notice.severity != Severity::News).count();
    if problems > 0 {
        ui.label(RichText::new(problems.to_string()).small());
    }
    let label = match (problems, state.notices.all().len()) {
        (0, 0) => "No notices".to_owned(),
        (0, news) => count(news, "note"),
        _ => count(problems, "problem"),
    };
    let has_notices = !state.notices.all().is_empty();
    if icon_button(ui, Icon::Bell, &label, "Problems, warnings and news of this session (N)", has_notices).clicked() {
        requests.push(Request::Do(Action::ToggleNotices));
    }
}
