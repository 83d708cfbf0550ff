//! The memory window: the last two minutes as a line in the colours of the stages of runs, and what holds how much.

use egui::{Align2, Grid, RichText, Ui, Vec2};
use egui_plot::{Line, uniform_grid_spacer};

use crate::app::desk::memory::KEPT_SECS;
use crate::app::desk::state::AppState;
use crate::app::theme;
use crate::app::widgets::controls::{bytes, group, note, still_plot};
use crate::app::widgets::icons::Icon;
use crate::app::widgets::window::window;
use crate::inference::DeviceChoice;
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
        Held::new("This program now", bytes(sample.resident_bytes), "What it has in memory"),
        Held::new("Its peak", bytes(sample.peak_bytes), "The most that it had since it was started"),
        Held::new("Free", bytes(sample.free_bytes), "What can still be used without swapping"),
        Held::new("Limit", bytes(sample.total_bytes), "All memory that this program may use"),
        Held::new(
            "Swap in use",
            bytes(sample.swap_used_bytes),
            "What all programs have on the disk for want of memory",
        ),
    ];
    if let Some(card) = &sample.card {
        rows.push(Held::new("Graphics, used", bytes(card.used_bytes), "Memory of the graphics card, by all programs"));
        rows.push(Held::new(
            "Graphics, limit",
            bytes(card.total_bytes),
            "All memory of the graphics card that can be used",
        ));
    }
    rows_ui(ui, "machine", &rows);
}

fn held_ui(ui: &mut Ui, state: &AppState, sample: &Sample) {
    group(ui, "What this program holds");
    rows_ui(ui, "held", &held(state, sample));
    if let Some(plan) = state.run.as_ref().and_then(|run| run.plan.as_ref()) {
        group(ui, "This run");
        let rows = vec![
            Held::new("Estimated", bytes(plan.need.total()), "What the run was expected to add at its peak"),
            Held::new("Views per pass", plan.views_per_pass.to_string(), "Views that the model sees together"),
            Held::new("Passes", plan.passes.to_string(), "How often the model looks"),
        ];
        rows_ui(ui, "run", &rows);
    }
}

/// A number with its name and what it means.
struct Held {
    name: &'static str,
    value: String,
    tip: &'static str,
}

impl Held {
    fn new(name: &'static str, value: String, tip: &'static str) -> Self {
        Self { name, value, tip }
    }
}

/// What the memory of this program consists of; the parts are all of it.
fn held(state: &AppState, sample: &Sample) -> Vec<Held> {
    let results: u64 = state.results.views().iter().map(|view| view.bytes()).sum();
    // What lies on a card of its own is no part of this program's memory.
    let is_elsewhere = matches!(state.used(), Some(DeviceChoice::Cpu | DeviceChoice::Gpu));
    let is_on_card = sample.card.is_some_and(|card| !card.is_shared) && !is_elsewhere;
    let model = if is_on_card { 0 } else { sample.model_bytes };
    let name = if is_on_card { "Model, on the card" } else { "Model" };
    let mut rows = vec![
        Held::new(name, bytes(sample.model_bytes), "The model that is loaded"),
        Held::new("Results", bytes(results), "Depth, confidence, sky and pictures of all views"),
    ];
    let named = model + results;
    if sample.held_bytes > 0 {
        let (name, tip) = match state.run {
            Some(_) => ("Run at work", "Photos that wait, the model at work, and pictures of the window"),
            None => ("Pictures", "Photos and pictures as the window shows them, and what a next run uses again"),
        };
        rows.push(Held::new(name, bytes(sample.held_bytes.saturating_sub(named)), tip));
        let rest = sample.resident_bytes.saturating_sub(sample.held_bytes.max(named));
        rows.push(Held::new(
            "The rest",
            bytes(rest),
            "The program itself, the window's fonts and lists, and the graphics driver",
        ));
    } else {
        let tip = "Photos, the model at work, pictures of the window, the program itself and the graphics driver";
        rows.push(Held::new("The rest", bytes(sample.resident_bytes.saturating_sub(named)), tip));
    }
    rows.push(Held::new("Together", bytes(sample.resident_bytes), "All memory of this program now"));
    rows
}

fn rows_ui(ui: &mut Ui, id: &str, rows: &[Held]) {
    let weak = theme::tokens(ui).text_weak;
    Grid::new(id).num_columns(2).spacing([16.0, 4.0]).show(ui, |ui| {
        for Held { name, value, tip } in rows {
            ui.label(RichText::new(*name).color(weak)).on_hover_text(*tip);
            ui.label(value).on_hover_text(*tip);
            ui.end_row();
        }
    });
}

fn plot_ui(ui: &mut Ui, state: &AppState, sample: &Sample) {
    let tokens = theme::tokens(ui);
    let points = state.memory.points();
    let top = points.iter().map(|point| point[1]).fold(sample.peak_bytes as f64 / 1e9, f64::max) * 1.15;
    let step = scale_step(top.max(0.1));
    let decimals = usize::from(step < 1.0) + usize::from(step < 0.1);
    ui.label(RichText::new("Memory of this program in GB, over the last two minutes").small().color(tokens.text_weak));
    let plot = still_plot("memory and stages")
        .height(PLOT_HEIGHT)
        .show_axes([true, true])
        .show_grid([false, true])
        .x_grid_spacer(uniform_grid_spacer(|_| [30.0, 30.0, 30.0]))
        .y_grid_spacer(uniform_grid_spacer(move |_| [step, step, step]))
        .x_axis_formatter(|mark, _| if mark.value < 0.0 { format!("{:.0} s", mark.value) } else { "now".into() })
        .y_axis_formatter(move |mark, _| format!("{:.*}", decimals, mark.value))
        .y_axis_min_width(32.0)
        .include_x(-KEPT_SECS)
        .include_x(0.0)
        .include_y(0.0)
        .include_y(top.max(0.1));
    plot.show(ui, |plot| {
        let line = Line::new("This program", points.clone()).color(tokens.accent_hovered).width(1.5).fill(0.0);
        plot.line(line);
        for (stage, [from, to]) in state.memory.stages() {
            let colour = theme::stage_colour(stage);
            let within = points.iter().filter(|point| (from..=to).contains(&point[0])).copied();
            let part = Line::new(stage.label(), within.collect::<Vec<_>>());
            plot.line(part.color(colour).width(2.0).fill(0.0).fill_alpha(0.25));
            let strip = Line::new(stage.label(), vec![[from, 0.0], [to, 0.0]]);
            plot.line(strip.color(colour).width(STRIP_WIDTH));
        }
    });
    let shown: Vec<Stage> = state.memory.stages().map(|(stage, _)| stage).collect();
    ui.horizontal_wrapped(|ui| {
        for stage in Stage::ALL.into_iter().filter(|stage| shown.contains(stage)) {
            Icon::Dot.ui(ui, 10.0, theme::stage_colour(stage));
            ui.label(RichText::new(stage.label()).small().color(tokens.text_weak));
            ui.add_space(theme::GRID);
        }
        if shown.is_empty() {
            note(ui, "While a run goes on, the line has the colours of its stages");
        }
    });
}

/// Gigabytes between two marks of a scale up to `top`: a round number, so that there are three to seven marks.
fn scale_step(top: f64) -> f64 {
    let power = 10.0_f64.powf((top / 5.0).log10().floor());
    let least = top / 6.0 / power;
    power * [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| *step >= least).unwrap_or(10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_have_some_round_marks() {
        assert_eq!([0.5, 1.6, 7.0, 12.0, 140.0].map(scale_step), [0.1, 0.5, 2.0, 2.0, 50.0]);
        for tenth in 1..2000 {
            let top = f64::from(tenth) / 10.0;
            let marks = top / scale_step(top);
            assert!((2.0..7.01).contains(&marks), "{marks} up to {top}");
        }
    }

    #[test]
    fn the_parts_are_all_of_it() {
        let state = AppState::default();
        let of = |sample: Sample| -> Vec<(&str, String)> {
            held(&state, &sample).into_iter().map(|row| (row.name, row.value)).collect()
        };
        const MEGA: u64 = 1_000_000;
        let sample =
            Sample { resident_bytes: 900 * MEGA, model_bytes: 400 * MEGA, held_bytes: 640 * MEGA, ..Sample::default() };
        let said = |rows: &[(&'static str, &str)]| rows.iter().map(|row| (row.0, row.1.to_owned())).collect::<Vec<_>>();
        let all = [
            ("Model", "400 MB"),
            ("Results", "0 MB"),
            ("Pictures", "240 MB"),
            ("The rest", "260 MB"),
            ("Together", "900 MB"),
        ];
        assert_eq!(of(sample), said(&all));
        let uncounted = Sample { held_bytes: 0, ..sample };
        let all = [("Model", "400 MB"), ("Results", "0 MB"), ("The rest", "500 MB"), ("Together", "900 MB")];
        assert_eq!(of(uncounted), said(&all));
    }
}
