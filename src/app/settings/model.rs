//! The model menu: name, purpose, size and licence of each, and what to do where its weights are not here.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Button, Layout, Response, RichText, TextStyle, Ui};

use super::fitting::{largest_that_fits, mark, offer_ui, tip};

use crate::app::action::Action;
use crate::app::desk::outlook::{Outlook, Prospect};
use crate::app::desk::shelf::Shelf;
use crate::app::desk::state::ModelState;
use crate::app::models::{licence, missing_ui};
use crate::app::request::Request;
use crate::app::theme;
use crate::app::theme::ROW;
use crate::app::widgets::controls::{bytes, elided, menu, note};
use crate::catalog::{self, Entry, Family, ModelId};
use crate::inference::Settings;
use crate::memory::Fit;

/// Width of the open menu in points.
const MENU_WIDTH: f32 = 384.0;

/// The menu and the lines under it.
pub fn model_ui(
    ui: &mut Ui,
    settings: &mut Settings,
    model: &ModelState,
    shelf: &Shelf,
    outlook: &mut Outlook,
    requests: &mut Vec<Request>,
) {
    let chosen = catalog::find(&settings.model);
    let label = title_ui(ui, requests);
    let response = menu("model", ui.available_width())
        .selected_text(chosen.map_or(settings.model.0.as_str(), |entry| entry.name))
        .show_ui(ui, |ui| {
            ui.set_min_width(MENU_WIDTH);
            if let Some(entry) = entries_ui(ui, chosen, shelf, outlook) {
                use_model(settings, entry);
                ui.close();
            }
        });
    if response.response.clicked() {
        requests.push(Request::LookForModels);
    }
    response.response.labelled_by(label.id).on_hover_text("What looks at the photos; changing it needs another run");
    if let Some(entry) = chosen {
        note(ui, entry.purpose);
        note(ui, format!("Licence: {}", licence(entry)));
        if settings.weights.is_none() && shelf.is_missing(entry) {
            missing_ui(ui, entry, shelf, requests);
        }
    }
    if let Some(path) = settings.weights.clone() {
        ui.horizontal(|ui| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if ui.button("Use the usual file").on_hover_text("Forgets the model file chosen by hand").clicked() {
                settings.weights = None;
            }
            elided(ui, RichText::new(name).small(), &path.display().to_string());
        });
    }
    let is_here = shelf.has_weights(settings);
    state_ui(ui, model, chosen, is_here, requests);
}

fn use_model(settings: &mut Settings, entry: &Entry) {
    settings.model = ModelId(entry.id.into());
    settings.weights = None;
}

/// The open menu; gives another model than the chosen one where it is clicked.
fn entries_ui(
    ui: &mut Ui,
    chosen: Option<&'static Entry>,
    shelf: &Shelf,
    outlook: &mut Outlook,
) -> Option<&'static Entry> {
    let entries: Vec<&Entry> = catalog::entries().iter().collect();
    let prospects = outlook.models();
    let is_chosen = |entry: &Entry| chosen.is_some_and(|chosen| chosen.id == entry.id);
    let mut clicked = None;
    let offered = offered(&entries, &prospects, chosen).filter(|offered| !is_chosen(offered));
    if let Some(offered) = offered
        && offer_ui(ui, offered.name)
    {
        clicked = Some(offered);
    }
    for (entry, prospect) in entries.into_iter().zip(&prospects) {
        let text = entry_text(ui, entry, !shelf.is_missing(entry), prospect.as_ref());
        let button = Button::new(text).selected(is_chosen(entry)).min_size(egui::vec2(MENU_WIDTH, 0.0)).wrap();
        if tip(ui.add(button), prospect.as_ref()).clicked() && !is_chosen(entry) {
            clicked = Some(entry);
        }
    }
    clicked
}

/// The largest model that fits, where some do not: of the chosen one's family where one of that does not fit, else of the
/// family of the first that does not. One for the same purpose comes before larger ones.
fn offered(
    entries: &[&'static Entry],
    prospects: &[Option<Prospect>],
    chosen: Option<&'static Entry>,
) -> Option<&'static Entry> {
    let fits = |prospect: &Option<Prospect>| prospect.is_none_or(|prospect| prospect.plan.fit != Fit::Not);
    let misfits = entries.iter().zip(prospects).filter(|(_, prospect)| !fits(prospect));
    let families: Vec<Family> = misfits.map(|(entry, _)| entry.family).collect();
    let own = chosen.map(|chosen| chosen.family).filter(|own| families.contains(own));
    let family = own.or(families.first().copied())?;
    let of_family = entries.iter().zip(prospects).map(|(entry, prospect)| prospect.filter(|_| entry.family == family));
    let kinship = |index: usize| {
        let entry: &Entry = entries[index];
        chosen.map(|chosen| (entry.purpose == chosen.purpose, entry.gives() == chosen.gives()))
    };
    largest_that_fits(&of_family.collect::<Vec<_>>(), kinship).map(|index| entries[index])
}

/// The name of the menu, and the way to the page where there is room to say more.
fn title_ui(ui: &mut Ui, requests: &mut Vec<Request>) -> Response {
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new("Model").color(theme::tokens(ui).text_weak));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let tip = format!(
                "What each can do and costs, download, verify and delete ({})",
                Action::ShowModels.key_text(ui.ctx())
            );
            if ui.link("All models…").on_hover_text(tip).clicked() {
                requests.push(Request::Do(Action::ShowModels));
            }
        });
        label
    })
    .inner
}

fn entry_text(ui: &Ui, entry: &Entry, is_installed: bool, prospect: Option<&Prospect>) -> LayoutJob {
    let tokens = theme::tokens(ui);
    let format =
        |style: TextStyle, color| TextFormat { font_id: style.resolve(ui.style()), color, ..TextFormat::default() };
    let mut job = LayoutJob::default();
    let is_muted = prospect.is_some_and(|prospect| prospect.plan.fit == Fit::Not);
    let colour = if is_muted { tokens.text_weak } else { tokens.text };
    job.append(entry.name, 0.0, format(TextStyle::Body, colour));
    let place = if is_installed { "installed" } else { "not installed" };
    job.append(&format!("  {place}"), 0.0, format(TextStyle::Small, tokens.text_weak));
    if let (Some(prospect), Some((remark, colour))) = (prospect, mark(ui, prospect)) {
        let text = format!(" · needs {} · {remark}", bytes(prospect.compared_bytes));
        job.append(&text, 0.0, format(TextStyle::Small, colour));
    }
    job.append("\n", 0.0, format(TextStyle::Small, tokens.text_weak));
    let lines = format!("{}\n{} · {}", entry.purpose, bytes(entry.file_bytes), licence(entry));
    job.append(&lines, 0.0, format(TextStyle::Small, tokens.text_weak));
    job
}

/// What is in memory now, and the way in or out.
fn state_ui(ui: &mut Ui, model: &ModelState, chosen: Option<&Entry>, can_load: bool, requests: &mut Vec<Request>) {
    let (text, full) = in_memory(model, chosen);
    let button = match model {
        ModelState::Unloaded => Some(("Load", Request::LoadModel)),
        ModelState::Loading { .. } => None,
        ModelState::Ready { .. } => Some(("Unload", Request::UnloadModel)),
    };
    ui.horizontal(|ui| {
        ui.set_min_height(ROW);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some((label, request)) = button {
                let tip = match request {
                    Request::LoadModel => "Reads the model now, so that the next run starts at once",
                    _ => "Gives the model's memory back; the next run loads it again",
                };
                let enabled = can_load || label == "Unload";
                let button = ui.add_enabled(enabled, Button::new(label)).on_hover_text(tip);
                if button.on_disabled_hover_text("The model is not on this machine yet").clicked() {
                    requests.push(request);
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let colour = theme::tokens(ui).text_weak;
                elided(ui, RichText::new(&text).small().color(colour), &full);
            });
        });
    });
}

/// Which model is in memory, in a line and in more words. The chosen one may be another.
fn in_memory(model: &ModelState, chosen: Option<&Entry>) -> (String, String) {
    match model {
        ModelState::Unloaded => ("Not in memory".into(), "No model is in memory".into()),
        ModelState::Loading { name, done, total } => {
            let text = format!("Loading {} of {}", bytes(*done), bytes(*total));
            let full = format!("{name}: {text}");
            (text, full)
        }
        ModelState::Ready { name, device, precision } => {
            let full = format!("{name} on {device}, {precision}");
            match chosen.filter(|chosen| chosen.name != name) {
                None => (full.clone(), full),
                Some(chosen) => {
                    let other = format!("{full}, is in memory. The next run loads {} in its place", chosen.name);
                    (format!("In memory: {name}"), other)
                }
            }
        }
    }
}
