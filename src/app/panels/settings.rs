//! The right panel: what a run uses, in the order in which people change it, and the button that starts it.

use egui::{DragValue, Ui, Vec2};

use crate::app::action::{Action, Request};
use crate::app::icons::Icon;
use crate::app::state::AppState;
use crate::app::widgets::{Weight, big_button, choice, count, menu, note, row, section};
use crate::catalog::{self, Family};
use crate::inference::{DeviceChoice, Precision, ReferenceView, Settings};
use crate::input::Method;

use super::model::{Shelf, model_ui};

const RESOLUTIONS: [u32; 8] = [280, 336, 392, 448, 504, 518, 756, 1008];
const VIEWS_PER_PASS: [Option<usize>; 7] = [None, Some(1), Some(2), Some(4), Some(8), Some(16), Some(32)];

/// Model, device, precision, resolution, views per pass, and the rest under "Advanced".
pub fn settings_ui(ui: &mut Ui, state: &mut AppState, shelf: &Shelf, requests: &mut Vec<Request>) {
    section(ui, "Run settings");
    model_ui(ui, &mut state.settings, &state.model, shelf, requests);
    let settings = &mut state.settings;
    let family = catalog::find(&settings.model).map(|entry| entry.family);
    let tip = "Where the network runs. Automatic takes the graphics card where this build can use it";
    choice(ui, "Device", tip, &mut settings.device, DeviceChoice::available(), device_name);
    let tip = "How weights are held. 16 bits need half the memory, 8 bits a quarter; depth differs a little";
    let precisions = Precision::available(settings.device);
    if !precisions.contains(&settings.precision) {
        settings.precision = Precision::Auto;
    }
    choice(ui, "Precision", tip, &mut settings.precision, precisions, precision_name);
    resolution_ui(ui, settings, family);
    let is_joint = family == Some(Family::AnyView);
    ui.add_enabled_ui(is_joint, |ui| {
        let tip = if is_joint {
            "Views in one pass share one scene and one scale. Fewer need less memory"
        } else {
            "This model looks at one view at a time"
        };
        choice(ui, "Views per pass", tip, &mut settings.views_per_pass, &VIEWS_PER_PASS, |views| match views {
            None if is_joint => "Automatic (all)".into(),
            None => "Automatic (1)".into(),
            Some(n) => n.to_string(),
        });
    });
    egui::CollapsingHeader::new("Advanced").show_unindented(ui, |ui| advanced_ui(ui, settings, family));
}

fn device_name(device: DeviceChoice) -> String {
    match device {
        DeviceChoice::Auto => "Automatic",
        DeviceChoice::Cpu => "CPU",
        DeviceChoice::Cuda => "CUDA graphics card",
        DeviceChoice::Metal => "Apple graphics (Metal)",
    }
    .into()
}

fn precision_name(precision: Precision) -> String {
    match precision {
        Precision::Auto => "Automatic",
        Precision::F32 => "32-bit (f32)",
        Precision::F16 => "16-bit (f16)",
        Precision::Bf16 => "16-bit (bf16)",
        Precision::Int8 => "8-bit (int8)",
    }
    .into()
}

fn resolution_ui(ui: &mut Ui, settings: &mut Settings, family: Option<Family>) {
    let usual = if family == Some(Family::DepthAnythingV2) { 518 } else { 504 };
    let name = |pixels: Option<u32>| pixels.map_or(format!("Automatic ({usual} px)"), |pixels| format!("{pixels} px"));
    let tip =
        "Size at which the network sees a photo. Twice the pixels take twice the time and more than twice the memory";
    row(ui, "Resolution", tip, |ui| {
        menu("resolution", ui.available_width())
            .selected_text(name(settings.resolution))
            .show_ui(ui, |ui| {
                ui.selectable_value(&mut settings.resolution, None, name(None));
                for pixels in RESOLUTIONS {
                    ui.selectable_value(&mut settings.resolution, Some(pixels), name(Some(pixels)));
                }
                let mut other = settings.resolution.unwrap_or(usual);
                row(ui, "Other", "Rounded to multiples of 14 by the resize rule", |ui| {
                    let response = ui.add(DragValue::new(&mut other).range(140..=4032).speed(14).suffix(" px"));
                    if response.changed() {
                        settings.resolution = Some(other);
                    }
                    response
                });
            })
            .response
    });
}

fn advanced_ui(ui: &mut Ui, settings: &mut Settings, family: Option<Family>) {
    ui.add_enabled_ui(family != Some(Family::DepthAnythingV2), |ui| {
        let methods =
            [Method::UpperBoundResize, Method::UpperBoundCrop, Method::LowerBoundResize, Method::LowerBoundCrop];
        let tip = "How a photo is brought to the resolution. Depth Anything V2 has a rule of its own";
        choice(ui, "Method", tip, &mut settings.method, &methods, |method| {
            match method {
                Method::UpperBoundResize => "Long side, resize",
                Method::UpperBoundCrop => "Long side, crop",
                Method::LowerBoundResize => "Short side, resize",
                Method::LowerBoundCrop => "Short side, crop",
            }
            .into()
        });
    });
    ui.add_enabled_ui(family == Some(Family::AnyView), |ui| {
        let views =
            [ReferenceView::SaddleBalanced, ReferenceView::SaddleSimRange, ReferenceView::First, ReferenceView::Middle];
        let tip = "The view whose camera the scene is tied to, in passes of three views and more";
        choice(ui, "Reference view", tip, &mut settings.reference_view, &views, |view| {
            match view {
                ReferenceView::First => "First",
                ReferenceView::Middle => "Middle",
                ReferenceView::SaddleBalanced => "Most typical",
                ReferenceView::SaddleSimRange => "Widest similarity",
            }
            .into()
        });
    });
    if DeviceChoice::accelerator() == Some(DeviceChoice::Cuda) {
        let tip = "32-bit products with inputs rounded to ten bits: several times faster on a CUDA card, depth differs a little";
        ui.checkbox(&mut settings.tf32, "Fast 32-bit products (TF32)").on_hover_text(tip);
    }
    if ui.button("Reset to automatic").on_hover_text("Keeps the model, resets everything else about a run").clicked() {
        *settings = Settings { model: settings.model.clone(), ..Settings::default() };
    }
}

/// Run, or Cancel while running, always in sight at the foot of the panel.
pub fn run_ui(ui: &mut Ui, state: &AppState, shelf: &Shelf, requests: &mut Vec<Request>) {
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
