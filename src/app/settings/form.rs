//! What a run uses, in the order in which people change it.

use egui::Ui;

use super::advanced::{Advanced, one_by_one};
use super::fitting::FittingMenu;
use super::model::model_ui;
use super::named_cameras::NamedCameras;
use super::resolution::resolution_ui;
use crate::app::desk::outlook::Outlook;
use crate::app::desk::shelf::Shelf;
use crate::app::desk::state::AppState;
use crate::app::request::Request;
use crate::catalog::{self, Family};
use crate::inference::{DeviceChoice, GraphicsCard, Precision, Settings, VIEWS_PER_PASS};

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
    model_ui(ui, &mut state.settings, &state.model, shelf, outlook, requests);
    let (device, meant) =
        (state.device(), state.automatic.has_choice().then(|| state.automatic.device(&state.settings)));
    let tried = state.automatic.told(&state.settings).unwrap_or_default();
    let (settings, card) = (&mut state.settings, state.graphics_card.as_ref());
    let family = catalog::find(&settings.model).map(|entry| entry.family);
    let tip = "Where the model runs. Automatic tries each model once on the cards of this machine, and takes one that is clearly faster \
               than the CPU";
    let tip = if tried.is_empty() { tip.to_owned() } else { format!("{tip}.\n{tried}") };
    let entries = DeviceChoice::available(card.is_some());
    let devices = FittingMenu { label: "Device", tip: &tip, entries: &entries, obstacle: None };
    let name = |device| device_name(device, card, meant);
    devices.ui(ui, &mut settings.device, outlook, name, |settings, device| settings.device = device);
    let tip = "How exactly the model is kept. 16 bits need half the memory, 8 bits a quarter; depth differs a little";
    let precisions = Precision::available(device);
    if !precisions.contains(&settings.precision) {
        settings.precision = Precision::Auto;
    }
    let menu = FittingMenu { label: "Precision", tip, entries: precisions, obstacle: None };
    menu.ui(ui, &mut settings.precision, outlook, precision_name, |settings, precision| settings.precision = precision);
    resolution_ui(ui, settings, family, outlook);
    views_ui(ui, settings, family, outlook);
    let (views, has_choice) = (&state.views, state.automatic.has_choice());
    let advanced = egui::CollapsingHeader::new("Advanced");
    advanced
        .show_unindented(ui, |ui| Advanced { family, cameras, views, has_choice, requests }.ui(ui, settings, outlook));
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
    let menu = FittingMenu { label: "Photos", tip, entries: &[false, true], obstacle: None };
    menu.ui(ui, &mut settings.independent, outlook, name, |settings, independent| settings.independent = independent);
    // Other models look at photos one by one, always.
    if !is_any_view {
        return;
    }
    let tip = "Views that the model sees together. Fewer need less memory; passes share views to stay one scene";
    let entries: Vec<_> = std::iter::once(None).chain(VIEWS_PER_PASS.map(Some)).collect();
    let change = |settings: &mut Settings, views| settings.views_per_pass = views;
    // Without photos there is nothing to cut into passes.
    let automatic = outlook.prospects(VIEWS, &entries, change)[0].filter(|_| outlook.photos() > 0);
    let name = |views: Option<usize>| match (views, automatic) {
        (Some(views), _) => views.to_string(),
        (None, Some(prospect)) => format!("Automatic ({})", prospect.plan.views_per_pass),
        (None, None) => "Automatic".into(),
    };
    let menu = FittingMenu { label: VIEWS, tip, entries: &entries, obstacle: one_by_one(settings) };
    menu.ui(ui, &mut settings.views_per_pass, outlook, name, change);
}

/// `meant`: what automatic means, where there is a choice.
fn device_name(device: DeviceChoice, card: Option<&GraphicsCard>, meant: Option<DeviceChoice>) -> String {
    match (device, card) {
        (DeviceChoice::Auto, _) => meant.map_or("Automatic".into(), |meant| format!("Automatic ({meant})")),
        (DeviceChoice::Cpu, _) => "CPU".into(),
        (DeviceChoice::Cuda, _) => "CUDA graphics card".into(),
        (DeviceChoice::Metal, _) => "Apple graphics (Metal)".into(),
        (DeviceChoice::Gpu, None) => "Graphics card".into(),
        // Its name says nothing to most people, what it is does.
        (DeviceChoice::Gpu, Some(GraphicsCard { is_software: true, .. })) => "Graphics card (software)".into(),
        (DeviceChoice::Gpu, Some(GraphicsCard { name, .. })) => format!("Graphics card ({name})"),
    }
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
