//! The right panel: what a run uses, in the order in which people change it, and the button that starts it.

use egui::{DragValue, Slider, Ui, Vec2};

use crate::app::action::{Action, Request};
use crate::app::icons::Icon;
use crate::app::known_cameras::NamedCameras;
use crate::app::outlook::Outlook;
use crate::app::shelf::Shelf;
use crate::app::state::AppState;
use crate::app::views::ViewList;
use crate::app::widgets::{Weight, big_button, bytes, choice, count, menu, note, row, section, slider_row};
use crate::catalog::{self, Family};
use crate::inference::{DeviceChoice, Precision, ReferenceView, Settings, VIEWS_PER_PASS};
use crate::input::Method;
use crate::memory::Fit;

use super::known_cameras::known_cameras_ui;
use super::lens::lens_ui;
use super::model::model_ui;
use super::need::need_ui;

const RESOLUTIONS: [u32; 8] = [280, 336, 392, 448, 504, 518, 756, 1008];

/// Model, device, precision, resolution, views per pass, and the rest under "Advanced".
pub fn settings_ui(
    ui: &mut Ui,
    state: &mut AppState,
    shelf: &Shelf,
    outlook: &Outlook,
    cameras: &NamedCameras,
    requests: &mut Vec<Request>,
) {
    section(ui, "Run settings");
    model_ui(ui, &mut state.settings, &state.model, shelf, requests);
    let device = state.device();
    let settings = &mut state.settings;
    let family = catalog::find(&settings.model).map(|entry| entry.family);
    let tip = "Where the network runs. Automatic takes the graphics card where this build can use it";
    choice(ui, "Device", tip, &mut settings.device, DeviceChoice::available(), device_name);
    let tip = "How weights are held. 16 bits need half the memory, 8 bits a quarter; depth differs a little";
    let precisions = Precision::available(device);
    if !precisions.contains(&settings.precision) {
        settings.precision = Precision::Auto;
    }
    choice(ui, "Precision", tip, &mut settings.precision, precisions, precision_name);
    resolution_ui(ui, settings, family);
    views_ui(ui, settings, family, outlook);
    let (views, advanced) = (&state.views, egui::CollapsingHeader::new("Advanced"));
    advanced.show_unindented(ui, |ui| advanced_ui(ui, settings, family, cameras, views, requests));
}

/// Whether photos share a scene, and how many views go through the network together, each with what it needs.
fn views_ui(ui: &mut Ui, settings: &mut Settings, family: Option<Family>, outlook: &Outlook) {
    let is_any_view = family == Some(Family::AnyView);
    ui.add_enabled_ui(is_any_view, |ui| {
        let tip = match is_any_view {
            true => "Photos of one place become one scene; independent photos are looked at one by one",
            false => "This model looks at one view at a time",
        };
        let mut independent = settings.independent || !is_any_view;
        choice(ui, "Photos", tip, &mut independent, &[false, true], |independent| match independent {
            true => "Independent".into(),
            false => "Of one scene".into(),
        });
        if is_any_view {
            settings.independent = independent;
        }
    });
    let is_joint = is_any_view && !settings.independent;
    ui.add_enabled_ui(is_joint, |ui| {
        let tip = match is_joint {
            true => {
                "Views that the network sees together. Fewer need less memory; passes share views to stay one scene"
            }
            false => "Independent photos are looked at one by one",
        };
        choice(ui, "Views per pass", tip, &mut settings.views_per_pass, &views_per_pass(), |views| {
            match (views, outlook.automatic_views()) {
                (None, Some(views)) => format!("Automatic ({views})"),
                (None, None) => "Automatic".into(),
                (Some(n), _) => views_name(n, outlook),
            }
        });
    });
}

/// What the menu offers.
fn views_per_pass() -> Vec<Option<usize>> {
    std::iter::once(None).chain(VIEWS_PER_PASS.map(Some)).collect()
}

fn views_name(views: usize, outlook: &Outlook) -> String {
    let Some(plan) = outlook.with_views(views) else { return views.to_string() };
    let remark = match plan.fit {
        Fit::Well => "",
        Fit::Tight => " · tight",
        Fit::Not => " · does not fit",
    };
    format!("{views} · {}{remark}", bytes(plan.need.total()))
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

fn advanced_ui(
    ui: &mut Ui,
    settings: &mut Settings,
    family: Option<Family>,
    cameras: &NamedCameras,
    views: &ViewList,
    requests: &mut Vec<Request>,
) {
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
    ui.add_enabled_ui(family != Some(Family::AnyView), |ui| lens_ui(ui, &mut settings.lens, &mut settings.lens_model));
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
    ui.add_enabled_ui(family == Some(Family::AnyView), |ui| {
        let tip = "Where cameras come from: a small head of the network, or a fit to the ray that it draws for every pixel, \
                   which takes longer and is often more exact";
        choice(ui, "Cameras", tip, &mut settings.ray_pose, &[false, true], |rays| {
            if rays { "From rays" } else { "Camera head" }.into()
        });
    });
    let has_gaussians = catalog::find(&settings.model).is_some_and(|entry| entry.preset.has_gaussians());
    ui.add_enabled_ui(has_gaussians, |ui| {
        let tip =
            "A splat for every pixel, for export as gs_ply. The giant models can; it takes longer and more memory";
        ui.checkbox(&mut settings.gaussians, "3D Gaussians").on_hover_text(tip);
    });
    features_ui(ui, settings);
    let is_joint = family == Some(Family::AnyView) && !settings.independent;
    ui.add_enabled_ui(is_joint, |ui| {
        known_cameras_ui(ui, settings, cameras, views, requests);
        if settings.known_cameras.is_some() {
            let tip = "On: depth comes to the scale of the known cameras. Off: they are carried into the predicted scene, whose \
                       scale stays";
            ui.checkbox(&mut settings.given_scale, "Depth in their scale").on_hover_text(tip);
        }
    });
    // Known cameras say where a pass lies, so that passes share no views.
    ui.add_enabled_ui(is_joint && settings.given_cameras().is_none(), |ui| {
        let overlaps = [None, Some(0), Some(1), Some(2), Some(4), Some(8), Some(16)];
        let tip = "Views that a pass shares with the one before, by which both become one scene. More take longer";
        choice(ui, "Overlap", tip, &mut settings.overlap, &overlaps, |overlap| match overlap {
            None => "Automatic (a quarter)".into(),
            Some(0) => "None: separate scenes".into(),
            Some(n) => count(n, "view"),
        });
    });
    let tip = "Part of the free memory that a run may plan with; the rest is for other programs";
    let slider = Slider::new(&mut settings.memory_percent, 10..=90).suffix(" %");
    slider_row(ui, "Memory to use", tip, slider);
    let tip = "When memory runs out and nothing else helps, the remaining views are seen with fewer pixels";
    ui.checkbox(&mut settings.may_lower_resolution, "May lower the resolution").on_hover_text(tip);
    if DeviceChoice::accelerator() == Some(DeviceChoice::Cuda) {
        let tip = "32-bit products with inputs rounded to ten bits: several times faster on a CUDA card, depth differs a little";
        ui.checkbox(&mut settings.tf32, "Fast 32-bit products (TF32)").on_hover_text(tip);
    }
    if ui.button("Reset to automatic").on_hover_text("Keeps the model, resets everything else about a run").clicked() {
        *settings = Settings { model: settings.model.clone(), ..Settings::default() };
    }
}

/// Which blocks' outputs are kept, for the formats that show them.
fn features_ui(ui: &mut Ui, settings: &mut Settings) {
    let Some(entry) = catalog::find(&settings.model) else { return };
    let backbone = entry.preset.backbone();
    // Another model may have fewer.
    settings.features.retain(|&block| block < backbone.blocks);
    let sets = [Vec::new(), vec![backbone.blocks - 1], backbone.out_layers.to_vec()];
    let names = ["None", "Last block", "The head's four"];
    let before = sets.iter().position(|blocks| *blocks == settings.features);
    let mut chosen = before;
    let tip = "What blocks of the network make of the photos, kept for export as pictures or arrays; takes some memory";
    choice(ui, "Features", tip, &mut chosen, &[Some(0), Some(1), Some(2)], |set| match set {
        Some(set) => names[set].into(),
        None => count(settings.features.len(), "block"),
    });
    if let Some(set) = chosen.filter(|_| chosen != before) {
        settings.features.clone_from(&sets[set]);
    }
}

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
