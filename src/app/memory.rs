//! The memory window: numbers, what holds them, and the last two minutes as a line over a strip of the stages of runs.

use egui::{Align2, Grid, RichText, Ui, Vec2};
use egui_plot::Line;

use crate::app::desk::memory::KEPT_SECS;
use crate::app::desk::state::AppState;
use crate::app::theme;
use crate::app::widgets::controls::{bytes, group, note, still_plot, window};
use crate::app::widgets::icons::Icon;
use crate::memory::Sample;
use crate::worker::Stage;

const WIDTH: f32 = 440.0;
const PLOT_HEIGHT: f32 = 150.0;
/// Of the strip along the time axis that shows the stages.
const STRIP_WIDTH: f32 = 5.0;

/// Draws the window where it is open.
pub fn memory_window(ctx: &egui::Context, open: &mut bool, state: &AppState) {
    window(ctx, "Memory", open)
        .pivot(Align2::RIGHT_BOTTOM)
        .default_pos(ctx.content_rect().right_bottom() - Vec2::new(16.0, 52.0))
        .show(ctx, |ui| {
            ui.set_width(WIDTH);
            match state.memory.latest() {
                Some(sample) => contents_ui(ui, state, sample),
                None => {
                    note(ui, "Nothing is known about memory yet");
                }
            }
        });
}

fn contents_ui(ui: &mut Ui, state: &AppState, sample: &Sample) {
    plot_ui(ui, state, sample);
    ui.add_space(theme::GRID);
    ui.columns(2, |columns| {
        machine_ui(&mut columns[0], sample);
        held_ui(&mut columns[1], state, sample);
    });
    if let Some(finished) = state.results.finished()
        && finished.prediction.memory.estimated_peak_bytes > 0
    {
        let (estimated, measured) = (finished.prediction.memory.estimated_peak_bytes, finished.prediction.peak_bytes);
        ui.add_space(theme::GRID);
        note(ui, format!("The last run took {} at its peak; {} were estimated", bytes(measured), bytes(estimated)));
    }
}

fn machine_ui(ui: &mut Ui, sample: &Sample) {
    group(ui, "This machine");
    let mut rows = vec![
        ("This program now", bytes(sample.resident_bytes)),
        ("Its peak", bytes(sample.peak_bytes)),
        ("Free", bytes(sample.free_bytes)),
        ("Limit", bytes(sample.total_bytes)),
        ("Swap in use", bytes(sample.swap_used_bytes)),
    ];
    if let Some(card) = &sample.card {
        rows.push(("Graphics, used", bytes(card.used_bytes)));
        rows.push(("Graphics, limit", bytes(card.total_bytes)));
    }
    rows_ui(ui, "machine", &rows);
}

fn held_ui(ui: &mut Ui, state: &AppState, sample: &Sample) {
    group(ui, "What this program holds");
    let views = state.results.views();
    let results: u64 = views.iter().map(|view| view.bytes()).sum();
    let mut rows = vec![("Model", bytes(sample.model_bytes)), ("Results", bytes(results))];
    if sample.held_bytes > 0 {
        rows.push(("Large blocks in all", bytes(sample.held_bytes)));
    }
    if let Some(plan) = state.run.as_ref().and_then(|run| run.plan.as_ref()) {
        rows.push(("This run, estimated", bytes(plan.need.total())));
        rows.push(("Views per pass", plan.views_per_pass.to_string()));
        rows.push(("Passes", plan.passes.to_string()));
    }
    rows_ui(ui, "held", &rows);
}

fn rows_ui(ui: &mut Ui, id: &str, rows: &[(&str, String)]) {
    let weak = theme::tokens(ui).text_weak;
    Grid::new(id).num_columns(2).spacing([16.0, 4.0]).show(ui, |ui| {
        for (name, value) in rows {
            ui.label(RichText::new(*name).color(weak));
            ui.label(value);
            ui.end_row();
        }
    });
}

fn plot_ui(ui: &mut Ui, state: &AppState, sample: &Sample) {
    let tokens = theme::tokens(ui);
    let points = state.memory.points();
    let top = points.iter().map(|point| point[1]).fold(sample.peak_bytes as f64 / 1e9, f64::max) * 1.15;
    let plot = still_plot("memory and stages")
        .height(PLOT_HEIGHT)
        .show_axes([true, true])
        .show_grid([false, true])
        .x_axis_formatter(|mark, _| if mark.value < 0.0 { format!("{:.0} s", mark.value) } else { "now".into() })
        .y_axis_formatter(|mark, _| format!("{:.1} GB", mark.value))
        .y_axis_min_width(48.0)
        .include_x(-KEPT_SECS)
        .include_x(0.0)
        .include_y(0.0)
        .include_y(top.max(0.1));
    plot.show(ui, |plot| {
        let line = Line::new("This program", points).color(tokens.accent_hovered).width(1.5).fill(0.0);
        plot.line(line);
        for (stage, [from, to]) in state.memory.stages() {
            let strip = Line::new(stage.label(), vec![[from, 0.0], [to, 0.0]]);
            plot.line(strip.color(theme::stage_colour(stage)).width(STRIP_WIDTH));
        }
    });
    let shown: Vec<Stage> = state.memory.stages().map(|(stage, _)| stage).collect();
    ui.horizontal_wrapped(|ui| {
        for stage in Stage::ALL.into_iter().filter(|stage| shown.contains(stage)) {
            Icon::Dot.ui(ui, 10.0, theme::stage_colour(stage));
            ui.label(RichText::new(stage.label()).small().color(tokens.text_weak));
            ui.add_space(theme::GRID);
        }
    });
}
