//! What a run can be told beside what most people change. What the chosen model has no use for is not here.

use egui::{Slider, Ui};

use super::fitting;
use super::fitting::{FittingMenu, mark};
use super::known_cameras::known_cameras_ui;
use super::known_depths::known_depths_ui;
use super::lens::lens_ui;
use super::masks::masks_ui;
use super::named_cameras::NamedCameras;
use crate::app::desk::outlook::Outlook;
use crate::app::desk::views::ViewList;
use crate::app::request::Request;
use crate::app::widgets::controls::{Row, count, slider_row, tick};
use crate::catalog::{self, Family};
use crate::geometry::Reading;
use crate::inference::{DeviceChoice, ReferenceView, RefineCameras, Settings};
use crate::input::{Method, Shapes};

/// Why a control of scenes is grey while photos are looked at one by one.
pub fn one_by_one(settings: &Settings) -> Option<&'static str> {
    settings.independent.then_some("Photos are independent now: set Photos to “Of one scene”")
}

/// The part of the form that is folded.
pub struct Advanced<'a> {
    pub family: Option<Family>,
    pub cameras: &'a NamedCameras,
    pub views: &'a ViewList,
    /// There is a card that an automatic device may mean.
    pub has_choice: bool,
    pub requests: &'a mut Vec<Request>,
}

impl Advanced<'_> {
    pub fn ui(mut self, ui: &mut Ui, settings: &mut Settings, outlook: &mut Outlook) {
        let is_any_view = self.family == Some(Family::AnyView);
        // Depth Anything V2 has a rule of its own.
        if self.family != Some(Family::DepthAnythingV2) {
            method_ui(ui, settings, outlook);
        }
        if is_any_view {
            shapes_ui(ui, settings, outlook);
        }
        masks_ui(ui, settings, self.requests);
        known_depths_ui(ui, settings, self.requests);
        if is_any_view {
            predicted_cameras_ui(ui, settings, outlook);
            self.given_cameras_ui(ui, settings);
            overlap_ui(ui, settings);
        } else {
            lens_ui(ui, settings, outlook);
        }
        gaussians_ui(ui, settings, outlook);
        features_ui(ui, settings, outlook);
        if self.has_choice {
            devices_ui(ui, self.requests);
        }
        machine_ui(ui, settings);
    }

    fn given_cameras_ui(&mut self, ui: &mut Ui, settings: &mut Settings) {
        let obstacle = one_by_one(settings);
        known_cameras_ui(ui, settings, self.cameras, self.views, obstacle, self.requests);
        if settings.known_cameras.is_none() {
            return;
        }
        let tip = "On: depth comes to the scale of the known cameras. Off: they are carried into the predicted scene, whose \
                   scale stays";
        tick(ui, &mut settings.given_scale, "Depth in their scale", tip, obstacle);
        let tip = "In which convention the poses were written: c2w or w2c, and the axes. Where another one fits better, a notice \
                   says so after the run";
        let row = Row::new("Written as", tip).unless(obstacle);
        row.choice(ui, &mut settings.cameras_as, &Reading::ALL, |reading| reading.label().into());
    }
}

fn method_ui(ui: &mut Ui, settings: &mut Settings, outlook: &mut Outlook) {
    let methods = [Method::UpperBoundResize, Method::UpperBoundCrop, Method::LowerBoundResize, Method::LowerBoundCrop];
    let tip = "Which side of a photo gets as many pixels as Resolution says, and whether it is then cropped by a few pixels or \
               stretched a little to what the model takes (resize method)";
    let name = |method| {
        match method {
            Method::UpperBoundResize => "Longer side",
            Method::UpperBoundCrop => "Longer side, cropped",
            Method::LowerBoundResize => "Shorter side",
            Method::LowerBoundCrop => "Shorter side, cropped",
        }
        .to_owned()
    };
    let menu = FittingMenu { label: "Resolution of", tip, entries: &methods, obstacle: None };
    menu.ui(ui, &mut settings.method, outlook, name, |settings, method| settings.method = method);
}

fn shapes_ui(ui: &mut Ui, settings: &mut Settings, outlook: &mut Outlook) {
    let obstacle = one_by_one(settings);
    let tip = "What becomes of photos of different shapes that are looked at together. Automatic crops where no photo loses \
               5 % of its picture, and else sees each whole in a common frame";
    let menu = FittingMenu { label: "Shapes", tip, entries: &Shapes::ALL, obstacle };
    let name = |shapes: Shapes| shapes.label().to_owned();
    menu.ui(ui, &mut settings.shapes, outlook, name, |settings, shapes| settings.shapes = shapes);
    let tip = "Off: where passes share neighbours, photos are taken in the order of their names, 2 before 10";
    tick(ui, &mut settings.keep_order, "Keep the order of the photos", tip, obstacle);
}

/// Cameras of models that predict them.
fn predicted_cameras_ui(ui: &mut Ui, settings: &mut Settings, outlook: &mut Outlook) {
    let obstacle = one_by_one(settings);
    let views =
        [ReferenceView::SaddleBalanced, ReferenceView::SaddleSimRange, ReferenceView::First, ReferenceView::Middle];
    let tip = "The photo from which the scene is built, in passes of three views and more (reference view: saddle balanced, saddle \
               sim range, first, middle)";
    Row::new("Begin with", tip).unless(obstacle).choice(ui, &mut settings.reference_view, &views, |view| {
        match view {
            ReferenceView::First => "The first photo",
            ReferenceView::Middle => "The middle photo",
            ReferenceView::SaddleBalanced => "Automatic",
            ReferenceView::SaddleSimRange => "The most varied one",
        }
        .into()
    });
    let tip = "How cameras are found. Exactly: by a fit to the ray that the model draws for every pixel, in place of what it says \
               of a camera in a few numbers (rays, camera head)";
    let name = |rays| if rays { "Exactly, slower" } else { "Quickly" }.to_owned();
    let menu = FittingMenu { label: "Cameras", tip, entries: &[false, true], obstacle: None };
    menu.ui(ui, &mut settings.ray_pose, outlook, name, |settings, rays| settings.ray_pose = rays);
    let times = [RefineCameras::Auto, RefineCameras::Always, RefineCameras::Never];
    let tip = "After a run, points that photos share adjust the predicted cameras and refit depth to them; where that is no clear \
               gain, all stays as it was. Not with 3D Gaussians";
    Row::new("Adjust cameras", tip).unless(obstacle).choice(ui, &mut settings.refine_cameras, &times, |times| {
        match times {
            RefineCameras::Auto => "Predicted ones",
            RefineCameras::Always => "Known ones as well",
            RefineCameras::Never => "Never",
        }
        .into()
    });
}

fn overlap_ui(ui: &mut Ui, settings: &mut Settings) {
    let known = settings.given_cameras().map(|_| "Known cameras say where a pass lies, so that passes share no views");
    let overlaps = [None, Some(0), Some(1), Some(2), Some(4), Some(8), Some(16)];
    let tip =
        "Views that a pass shares with the one before, by which both become one scene (overlap). More take longer";
    let row = Row::new("Shared views", tip).unless(one_by_one(settings).or(known));
    row.choice(ui, &mut settings.overlap, &overlaps, |overlap| match overlap {
        None => "Automatic (a quarter)".into(),
        Some(0) => "None: separate scenes".into(),
        Some(n) => count(n, "view"),
    });
}

/// Only where the model has a head for them.
fn gaussians_ui(ui: &mut Ui, settings: &mut Settings, outlook: &mut Outlook) {
    if !catalog::find(&settings.model).is_some_and(|entry| entry.preset.has_gaussians()) {
        return;
    }
    let tip = "A splat for every pixel, for export as gs_ply. It takes longer and more memory";
    ui.horizontal_wrapped(|ui| {
        tick(ui, &mut settings.gaussians, "3D Gaussians", tip, None);
        let change = |settings: &mut Settings, gaussians| settings.gaussians = gaussians;
        let prospect = outlook.prospects("3D Gaussians", &[true], change)[0];
        if let Some((remark, colour)) = mark(ui, prospect.as_ref()) {
            let text = egui::RichText::new(format!("With Gaussians: {remark}")).small().color(colour);
            fitting::tip(ui.label(text), prospect.as_ref());
        }
    });
}

/// Which blocks' outputs are kept, for the formats that show them.
fn features_ui(ui: &mut Ui, settings: &mut Settings, outlook: &mut Outlook) {
    let Some(entry) = catalog::find(&settings.model) else { return };
    let backbone = entry.preset.backbone();
    // Another model may have fewer.
    settings.features.retain(|&block| block < backbone.blocks);
    let sets = [Vec::new(), vec![backbone.blocks - 1], backbone.out_layers.to_vec()];
    let names = ["None", "From its last layer", "From four layers"];
    let before = sets.iter().position(|blocks| *blocks == settings.features);
    let mut chosen = before;
    let tip = "What the model makes of the photos inside, kept for export as pictures or arrays (outputs of blocks); takes some memory";
    let name = |set: Option<usize>| match set {
        Some(set) => names[set].to_owned(),
        None => format!("From {}", count(settings.features.len(), "layer")),
    };
    let menu = FittingMenu { label: "Features", tip, entries: &[Some(0), Some(1), Some(2)], obstacle: None };
    menu.ui(ui, &mut chosen, outlook, name, |settings, set| {
        settings.features = set.map_or(Vec::new(), |set| sets[set].clone());
    });
    if let Some(set) = chosen.filter(|_| chosen != before) {
        settings.features.clone_from(&sets[set]);
    }
}

/// What an automatic device means is remembered; a new driver, or a machine that was busy then, may have changed it.
fn devices_ui(ui: &mut Ui, requests: &mut Vec<Request>) {
    let tip = "Forgets how fast models were on the cards of this machine: the next run with an automatic device finds out again";
    if ui.button("Try devices again").on_hover_text(tip).clicked() {
        requests.push(Request::TryDevicesAgain);
    }
}

/// What a run may take, and the way back.
fn machine_ui(ui: &mut Ui, settings: &mut Settings) {
    let tip = "Part of the free memory that a run may plan with; the rest is for other programs";
    let slider = Slider::new(&mut settings.memory_percent, 10..=90).suffix(" %");
    slider_row(ui, "Memory to use", tip, slider);
    let tip = "When memory runs out and nothing else helps, the remaining views are seen with fewer pixels";
    tick(ui, &mut settings.may_lower_resolution, "May lower the resolution", tip, None);
    if DeviceChoice::accelerator() == Some(DeviceChoice::Cuda) {
        let tip = "32-bit products with inputs rounded to ten bits: several times faster on a CUDA card, depth differs a little";
        tick(ui, &mut settings.tf32, "Fast 32-bit products (TF32)", tip, None);
    }
    if ui.button("Reset to automatic").on_hover_text("Keeps the model, resets everything else about a run").clicked() {
        *settings = Settings { model: settings.model.clone(), ..Settings::default() };
    }
}
