//! What a run uses, in the order in which people change it.

use egui::{DragValue, Slider, Ui};

use super::fitting;
use super::fitting::{FittingMenu, mark, values_ui};
use super::known_cameras::known_cameras_ui;
use super::known_depths::known_depths_ui;
use super::lens::lens_ui;
use super::masks::masks_ui;
use super::model::model_ui;
use super::named_cameras::NamedCameras;
use super::outlook::Outlook;
use crate::app::desk::shelf::Shelf;
use crate::app::desk::state::AppState;
use crate::app::desk::views::ViewList;
use crate::app::request::Request;
use crate::app::widgets::controls::{choice, count, menu, row, section, slider_row};
use crate::catalog::{self, Family};
use crate::geometry::Reading;
use crate::inference::{DeviceChoice, Precision, ReferenceView, RefineCameras, Settings, VIEWS_PER_PASS};
use crate::input::{Method, Shapes};

const RESOLUTIONS: [u32; 8] = [280, 336, 392, 448, 504, 518, 756, 1008];
const VIEWS: &str = "Views per pass";

/// Model, device, precision, resolution, views per pass, and the rest under "Advanced".
pub fn settings_ui(
    ui: &mut Ui,
    state: &mut AppState,
    shelf: &Shelf,
    outlook: &mut Outlook,
    cameras: &NamedCameras,
    requests: &mut Vec<Request>,
) {
    section(ui, "Run settings");
    model_ui(ui, &mut state.settings, &state.model, shelf, outlook, requests);
    let device = state.device();
    let settings = &mut state.settings;
    let family = catalog::find(&settings.model).map(|entry| entry.family);
    let tip = "Where the network runs. Automatic takes the graphics card where this build can use it";
    let devices = FittingMenu { label: "Device", tip, entries: DeviceChoice::available() };
    devices.ui(ui, &mut settings.device, outlook, device_name, |settings, device| settings.device = device);
    let tip = "How weights are held. 16 bits need half the memory, 8 bits a quarter; depth differs a little";
    let precisions = Precision::available(device);
    if !precisions.contains(&settings.precision) {
        settings.precision = Precision::Auto;
    }
    let menu = FittingMenu { label: "Precision", tip, entries: precisions };
    menu.ui(ui, &mut settings.precision, outlook, precision_name, |settings, precision| settings.precision = precision);
    resolution_ui(ui, settings, family, outlook);
    views_ui(ui, settings, family, outlook);
    let (views, advanced) = (&state.views, egui::CollapsingHeader::new("Advanced"));
    advanced.show_unindented(ui, |ui| advanced_ui(ui, settings, family, cameras, views, outlook, requests));
}

/// Whether photos share a scene, and how many views go through the network together.
fn views_ui(ui: &mut Ui, settings: &mut Settings, family: Option<Family>, outlook: &mut Outlook) {
    let is_any_view = family == Some(Family::AnyView);
    let tip = match is_any_view {
        true => "Photos of one place become one scene; independent photos are looked at one by one",
        false => {
            "Cameras of photos of one place are found by the points that they share, and their depth is fitted to them. Independent \
             photos stay scenes of their own"
        }
    };
    let name = |independent| if independent { "Independent" } else { "Of one scene" }.to_owned();
    let menu = FittingMenu { label: "Photos", tip, entries: &[false, true] };
    menu.ui(ui, &mut settings.independent, outlook, name, |settings, independent| settings.independent = independent);
    let is_joint = is_any_view && !settings.independent;
    ui.add_enabled_ui(is_joint, |ui| {
        let tip = match is_joint {
            true => {
                "Views that the network sees together. Fewer need less memory; passes share views to stay one scene"
            }
            false => "Independent photos are looked at one by one",
        };
        let entries: Vec<_> = std::iter::once(None).chain(VIEWS_PER_PASS.map(Some)).collect();
        let change = |settings: &mut Settings, views| settings.views_per_pass = views;
        // Without photos there is nothing to cut into passes.
        let automatic = outlook.prospects(VIEWS, &entries, change)[0].filter(|_| outlook.has_photos());
        let name = |views: Option<usize>| match (views, automatic) {
            (Some(views), _) => views.to_string(),
            (None, Some(prospect)) => format!("Automatic ({})", prospect.plan.views_per_pass),
            (None, None) => "Automatic".into(),
        };
        let menu = FittingMenu { label: VIEWS, tip, entries: &entries };
        menu.ui(ui, &mut settings.views_per_pass, outlook, name, change);
    });
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

fn resolution_ui(ui: &mut Ui, settings: &mut Settings, family: Option<Family>, outlook: &mut Outlook) {
    let usual = if family == Some(Family::DepthAnythingV2) { 518 } else { 504 };
    let name = |pixels: Option<u32>| pixels.map_or(format!("Automatic ({usual} px)"), |pixels| format!("{pixels} px"));
    let tip =
        "Size at which the network sees a photo. Twice the pixels take twice the time and more than twice the memory";
    let entries: Vec<_> = std::iter::once(None).chain(RESOLUTIONS.map(Some)).collect();
    row(ui, "Resolution", tip, |ui| {
        menu("resolution", ui.available_width())
            .selected_text(name(settings.resolution))
            .show_ui(ui, |ui| {
                let change = |settings: &mut Settings, pixels| settings.resolution = pixels;
                let prospects = outlook.prospects("Resolution", &entries, change);
                values_ui(ui, &mut settings.resolution, &entries, &prospects, name);
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
    outlook: &mut Outlook,
    requests: &mut Vec<Request>,
) {
    ui.add_enabled_ui(family != Some(Family::DepthAnythingV2), |ui| {
        let methods =
            [Method::UpperBoundResize, Method::UpperBoundCrop, Method::LowerBoundResize, Method::LowerBoundCrop];
        let tip = "How a photo is brought to the resolution. Depth Anything V2 has a rule of its own";
        let name = |method| {
            match method {
                Method::UpperBoundResize => "Long side, resize",
                Method::UpperBoundCrop => "Long side, crop",
                Method::LowerBoundResize => "Short side, resize",
                Method::LowerBoundCrop => "Short side, crop",
            }
            .to_owned()
        };
        let menu = FittingMenu { label: "Method", tip, entries: &methods };
        menu.ui(ui, &mut settings.method, outlook, name, |settings, method| settings.method = method);
    });
    ui.add_enabled_ui(family != Some(Family::DepthAnythingV2), |ui| {
        let tip = "What becomes of photos of different shapes that are looked at together. Automatic crops where no photo loses \
                   5 % of its picture, and else sees each whole in a common frame";
        let menu = FittingMenu { label: "Shapes", tip, entries: &Shapes::ALL };
        let name = |shapes: Shapes| shapes.label().to_owned();
        menu.ui(ui, &mut settings.shapes, outlook, name, |settings, shapes| settings.shapes = shapes);
        let tip = "Off: where passes share neighbours, photos are taken in the order of their names, 2 before 10";
        ui.checkbox(&mut settings.keep_order, "Keep the order of the photos").on_hover_text(tip);
    });
    masks_ui(ui, settings, requests);
    known_depths_ui(ui, settings, requests);
    ui.add_enabled_ui(family != Some(Family::AnyView), |ui| lens_ui(ui, settings, outlook));
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
        let name = |rays| if rays { "From rays" } else { "Camera head" }.to_owned();
        let menu = FittingMenu { label: "Cameras", tip, entries: &[false, true] };
        menu.ui(ui, &mut settings.ray_pose, outlook, name, |settings, rays| settings.ray_pose = rays);
        let times = [RefineCameras::Auto, RefineCameras::Always, RefineCameras::Never];
        let tip = "After a run, points that photos share adjust the predicted cameras and refit depth to them; where that is no clear \
                   gain, all stays as it was. Not with 3D Gaussians";
        choice(ui, "Adjust cameras", tip, &mut settings.refine_cameras, &times, |times| {
            match times {
                RefineCameras::Auto => "Predicted ones",
                RefineCameras::Always => "Known ones as well",
                RefineCameras::Never => "Never",
            }
            .into()
        });
    });
    let has_gaussians = catalog::find(&settings.model).is_some_and(|entry| entry.preset.has_gaussians());
    ui.add_enabled_ui(has_gaussians, |ui| {
        let tip =
            "A splat for every pixel, for export as gs_ply. The giant models can; it takes longer and more memory";
        ui.horizontal_wrapped(|ui| {
            ui.checkbox(&mut settings.gaussians, "3D Gaussians").on_hover_text(tip);
            let change = |settings: &mut Settings, gaussians| settings.gaussians = gaussians;
            let prospect = outlook.prospects("3D Gaussians", &[true], change)[0];
            if has_gaussians && let Some((remark, colour)) = mark(ui, prospect.as_ref()) {
                let text = egui::RichText::new(format!("With Gaussians: {remark}")).small().color(colour);
                fitting::tip(ui.label(text), prospect.as_ref());
            }
        });
    });
    features_ui(ui, settings, outlook);
    let is_joint = family == Some(Family::AnyView) && !settings.independent;
    ui.add_enabled_ui(is_joint, |ui| {
        known_cameras_ui(ui, settings, cameras, views, requests);
        if settings.known_cameras.is_some() {
            let tip = "On: depth comes to the scale of the known cameras. Off: they are carried into the predicted scene, whose \
                       scale stays";
            ui.checkbox(&mut settings.given_scale, "Depth in their scale").on_hover_text(tip);
            let tip = "In which convention the poses were written. Where another one fits better, a notice says so after the run";
            choice(ui, "Poses are", tip, &mut settings.cameras_as, &Reading::ALL, |reading| reading.label().into());
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
fn features_ui(ui: &mut Ui, settings: &mut Settings, outlook: &mut Outlook) {
    let Some(entry) = catalog::find(&settings.model) else { return };
    let backbone = entry.preset.backbone();
    // Another model may have fewer.
    settings.features.retain(|&block| block < backbone.blocks);
    let sets = [Vec::new(), vec![backbone.blocks - 1], backbone.out_layers.to_vec()];
    let names = ["None", "Last block", "The head's four"];
    let before = sets.iter().position(|blocks| *blocks == settings.features);
    let mut chosen = before;
    let tip = "What blocks of the network make of the photos, kept for export as pictures or arrays; takes some memory";
    let name = |set: Option<usize>| match set {
        Some(set) => names[set].to_owned(),
        None => count(settings.features.len(), "block"),
    };
    let menu = FittingMenu { label: "Features", tip, entries: &[Some(0), Some(1), Some(2)] };
    menu.ui(ui, &mut chosen, outlook, name, |settings, set| {
        settings.features = set.map_or(Vec::new(), |set| sets[set].clone());
    });
    if let Some(set) = chosen.filter(|_| chosen != before) {
        settings.features.clone_from(&sets[set]);
    }
}
