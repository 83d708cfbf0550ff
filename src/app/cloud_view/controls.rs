//! The controls of the 3D view, in the order in which people reach for them.

use egui::{Button, Slider, Ui};

use super::filter_controls::filters_ui;
use super::saved_views::SavedViews;
use super::settings::{CloudSettings, TwoFingers};
use crate::app::widgets::controls::{choice, group, menu, row, slider_row};
use crate::scene::{CloudScene, ColourBy, ColourMap, Look, OrbitCamera, Shape, Sizing, UpAxis};

const NO_CONFIDENCE: &str = "This model gives no confidence";

/// The controls, and what they are about.
pub struct Controls<'a> {
    pub settings: &'a mut CloudSettings,
    pub saved: &'a mut SavedViews,
    /// Where the view is looked at from.
    pub camera: Option<&'a OrbitCamera>,
    pub scene: Option<&'a CloudScene>,
    /// Whether there are points by which its cameras were found.
    pub has_shared: bool,
}

impl Controls<'_> {
    /// Returns whether somebody wants to see what pairs of photos have in common.
    pub fn ui(self, ui: &mut Ui) -> bool {
        let Self { settings, saved, camera, scene, has_shared } = self;
        ui.push_id("3D view", |ui| {
            let look = &mut settings.look;
            let has_confidence = scene.is_some_and(|scene| scene.confidence_colours().is_some());
            colours_ui(ui, look, has_confidence);
            group(ui, "Points");
            points_ui(ui, look);
            group(ui, "Filters");
            filters_ui(ui, &mut look.filters, scene);
            group(ui, "Cameras");
            cameras_ui(ui, look);
            let matches = has_shared && shared_ui(ui, &mut settings.shared_points);
            group(ui, "Scene");
            scene_ui(ui, &mut settings.look);
            group(ui, "Saved views");
            saved.ui(ui, camera);
            group(ui, "Moving");
            moving_ui(ui, settings);
            reset_ui(ui, settings);
            matches
        })
        .inner
    }
}

/// The points by which cameras were found; returns whether more is wanted of them.
fn shared_ui(ui: &mut Ui, shown: &mut bool) -> bool {
    ui.horizontal_wrapped(|ui| {
        ui.checkbox(shown, "Shared points")
            .on_hover_text("The points by which cameras were found, over the cloud. They should lie on its surfaces");
        ui.button("Matches…").on_hover_text("What each two photos have in common (J)").clicked()
    })
    .inner
}

fn colours_ui(ui: &mut Ui, look: &mut Look, has_confidence: bool) {
    row(ui, "Colour by", "What the colour of a point says. Changes the picture only", |ui| {
        let width = ui.available_width();
        let shown = look.colour_by.label();
        menu("colour by", width)
            .selected_text(shown)
            .show_ui(ui, |ui| {
                for by in ColourBy::ALL {
                    let possible = by != ColourBy::Confidence || has_confidence;
                    let entry = Button::selectable(look.colour_by == by, by.label());
                    if ui.add_enabled(possible, entry).on_disabled_hover_text(NO_CONFIDENCE).clicked() {
                        look.colour_by = by;
                    }
                }
            })
            .response
    });
    if look.colour_by.uses_colour_map() {
        let tip = "The colours from near to far, uncertain to certain, low to high";
        choice(ui, "Cloud colours", tip, &mut look.colour_map, &ColourMap::ALL, |map| map.label().to_owned());
        ui.checkbox(&mut look.inverse_colours, "Inverse cloud colours").on_hover_text("Turns the colour map round");
    }
}

fn points_ui(ui: &mut Ui, look: &mut Look) {
    let tip =
        "Points: one per pixel. Surface: triangles between neighbouring pixels, cut where Hide smears sees a step";
    choice(ui, "Draw as", tip, &mut look.shape, &Shape::ALL, |shape| shape.label().to_owned());
    // What says nothing of the picture as it is has no place.
    if look.shape == Shape::Points {
        let tip = "Adaptive: as wide as the gaps between samples, so that surfaces look closed. By distance: as wide as \
                   what a pixel covers. Pixels: the same everywhere";
        choice(ui, "Size points", tip, &mut look.sizing, &Sizing::ALL, |sizing| sizing.label().to_owned());
        let tip = "How wide a point is drawn: in pixels, or in multiples of what it covers. Wide points close gaps and take \
                   longer to draw";
        let size = Slider::new(&mut look.point_size, 0.5..=8.0).logarithmic(true).max_decimals(2);
        slider_row(ui, "Point size", tip, size);
    }
    ui.checkbox(&mut look.eye_dome, "Shade edges")
        .on_hover_text("Darkens the edges between near and far points, so that shapes can be read (eye-dome lighting)");
    if look.eye_dome {
        let strength = Slider::new(&mut look.eye_dome_strength, 0.05..=1.0).max_decimals(2);
        slider_row(ui, "Edge strength", "How dark edges become", strength);
    }
}

fn cameras_ui(ui: &mut Ui, look: &mut Look) {
    ui.checkbox(&mut look.frusta, "Show cameras").on_hover_text(
        "Shows where each photo was taken. Click one to select its view, double-click to look through it",
    );
    if look.frusta {
        let tip = "How large cameras are drawn. Their place does not change";
        let size = Slider::new(&mut look.frustum_size, 0.2..=5.0).logarithmic(true).max_decimals(2);
        slider_row(ui, "Camera size", tip, size);
        ui.checkbox(&mut look.photos, "Photos in cameras").on_hover_text("Hangs each photo where its camera stands");
        ui.checkbox(&mut look.path, "Camera path")
            .on_hover_text("A line from camera to camera, in the order of the views");
    }
}

fn scene_ui(ui: &mut Ui, look: &mut Look) {
    ui.checkbox(&mut look.grid, "Grid").on_hover_text("A level grid under the cloud");
    ui.checkbox(&mut look.axes, "Axes").on_hover_text("The world's axes at its origin: x red, y green, z blue");
    let tip = "Which way is up: for turning, the grid, heights and the standard views";
    choice(ui, "Up", tip, &mut look.up, &UpAxis::ALL, |up| up.label().to_owned());
    let mut own = look.background.is_some();
    ui.checkbox(&mut own, "Own background colour").on_hover_text("Off: the background follows the theme");
    look.background = own.then(|| look.background.unwrap_or([255; 3]));
    if let Some(colour) = &mut look.background {
        row(ui, "Background", "The colour behind the cloud", |ui| ui.color_edit_button_srgb(colour));
    }
}

fn moving_ui(ui: &mut Ui, settings: &mut CloudSettings) {
    let tip = "What two fingers on a trackpad do. With Shift they pan, pinching always zooms, as a wheel does";
    choice(ui, "Two fingers", tip, &mut settings.two_fingers, &TwoFingers::ALL, |what| what.label().to_owned());
    ui.checkbox(&mut settings.inertia, "Inertia").on_hover_text("The view goes on turning a little after a drag");
    ui.checkbox(&mut settings.thins, "Thin out while moving")
        .on_hover_text("Clouds too large for this machine are drawn with fewer points while the view moves");
}

fn reset_ui(ui: &mut Ui, settings: &mut CloudSettings) {
    ui.add_space(4.0);
    let tip = "All controls of the 3D view back to what they were at first";
    if ui.button("Reset 3D settings").on_hover_text(tip).clicked() {
        *settings = CloudSettings { hint_seen: settings.hint_seen, ..CloudSettings::default() };
    }
}
