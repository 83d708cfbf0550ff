//! The controls of the 3D view, in the order in which people reach for them.

use egui::{Slider, Ui};

use super::CloudSettings;
use crate::app::widgets::{choice, group, menu, row, section, slider_row};
use crate::scene::{ColourBy, ColourMap, Filters};

const NO_CONFIDENCE: &str = "This model gives no confidence";

/// Draws the controls; returns whether the view is to go back to where it started.
pub fn controls_ui(ui: &mut Ui, settings: &mut CloudSettings, has_confidence: bool) -> bool {
    ui.push_id("3D view", |ui| {
        section(ui, "3D view");
        colours_ui(ui, settings, has_confidence);
        group(ui, "Points");
        points_ui(ui, settings);
        group(ui, "Filters");
        filters_ui(ui, &mut settings.filters, has_confidence);
        group(ui, "Cameras");
        cameras_ui(ui, settings);
        group(ui, "Scene");
        scene_ui(ui, settings);
        reset_ui(ui, settings)
    })
    .inner
}

fn colours_ui(ui: &mut Ui, settings: &mut CloudSettings, has_confidence: bool) {
    row(ui, "Colour by", "What the colour of a point says. Changes the picture only", |ui| {
        let width = ui.available_width();
        let shown = settings.colour_by.label();
        menu("colour by", width)
            .selected_text(shown)
            .show_ui(ui, |ui| {
                for by in ColourBy::ALL {
                    let possible = by != ColourBy::Confidence || has_confidence;
                    ui.add_enabled_ui(possible, |ui| ui.selectable_value(&mut settings.colour_by, by, by.label()))
                        .response
                        .on_disabled_hover_text(NO_CONFIDENCE);
                }
            })
            .response
    });
    if settings.colour_by.uses_colour_map() {
        let tip = "The colours from near to far, unsure to sure, low to high";
        choice(ui, "Cloud colours", tip, &mut settings.colour_map, &ColourMap::ALL, |map| map.label().to_owned());
        ui.checkbox(&mut settings.inverse_colours, "Inverse cloud colours").on_hover_text("Turns the colour map round");
    }
}

fn points_ui(ui: &mut Ui, settings: &mut CloudSettings) {
    let tip = "How wide a point is drawn: in pixels, or in multiples of what it covers in its photo. Wide points close \
               gaps and take longer to draw";
    slider_row(
        ui,
        "Point size",
        tip,
        Slider::new(&mut settings.point_size, 0.5..=8.0).logarithmic(true).max_decimals(2),
    );
    ui.checkbox(&mut settings.attenuate, "Size by distance").on_hover_text(
        "Near points are drawn wide and far ones narrow, so that surfaces close. Off: all have one size",
    );
    ui.checkbox(&mut settings.eye_dome, "Eye-dome lighting")
        .on_hover_text("Darkens the edges between near and far points, so that shapes can be read without light");
    ui.add_enabled_ui(settings.eye_dome, |ui| {
        let strength = Slider::new(&mut settings.eye_dome_strength, 0.05..=1.0).max_decimals(2);
        slider_row(ui, "Lighting strength", "How dark edges become", strength);
    });
}

fn filters_ui(ui: &mut Ui, filters: &mut Filters, has_confidence: bool) {
    ui.add_enabled_ui(has_confidence, |ui| {
        let tip = "Leaves out this share of the scene's points, those of least confidence. Nothing is deleted";
        slider_row(ui, "Hide unsure", tip, percent(&mut filters.confidence_percentile, 99.0))
            .on_disabled_hover_text(NO_CONFIDENCE);
    });
    let tip = "Leaves out points that smear between a near and a far surface. 0 keeps all; high values also thin out \
               surfaces seen at a slant";
    slider_row(ui, "Edge filter", tip, Slider::new(&mut filters.edge, 0.0..=1.0).max_decimals(2));
    let [low, high] = &mut filters.depth_range;
    let tip = "Leaves out this share of the scene's points, the nearest ones";
    let near = slider_row(ui, "Nearest depth", tip, percent(low, 100.0));
    let tip = "Leaves out points beyond this share of the scene's depths";
    slider_row(ui, "Farthest depth", tip, percent(high, 100.0));
    // Whichever handle is pushed past the other takes it along.
    (*low, *high) = if near.changed() { (*low, high.max(*low)) } else { (low.min(*high), *high) };
    ui.checkbox(&mut filters.hide_background, "Hide background")
        .on_hover_text("Leaves out the sky and what is infinitely far, which have no surface");
}

fn percent(value: &mut f32, most: f32) -> Slider<'_> {
    Slider::new(value, 0.0..=most).suffix(" %").max_decimals(0)
}

fn cameras_ui(ui: &mut Ui, settings: &mut CloudSettings) {
    ui.checkbox(&mut settings.frusta, "Show cameras").on_hover_text(
        "Shows where each photo was taken. Click one to select its view, double-click to look through it",
    );
    ui.add_enabled_ui(settings.frusta, |ui| {
        let tip = "How large cameras are drawn. Their place does not change";
        slider_row(
            ui,
            "Camera size",
            tip,
            Slider::new(&mut settings.frustum_size, 0.2..=5.0).logarithmic(true).max_decimals(2),
        );
        ui.checkbox(&mut settings.photos, "Photos in cameras")
            .on_hover_text("Hangs each photo where its camera stands");
    });
}

fn scene_ui(ui: &mut Ui, settings: &mut CloudSettings) {
    ui.checkbox(&mut settings.grid, "Grid")
        .on_hover_text("A level grid under the cloud, level as the first camera was held");
    ui.checkbox(&mut settings.axes, "Axes").on_hover_text("The world's axes at its origin: x red, y green, z blue");
    let mut own = settings.background.is_some();
    ui.checkbox(&mut own, "Own background colour").on_hover_text("Off: the background follows the theme");
    settings.background = own.then(|| settings.background.unwrap_or([255; 3]));
    if let Some(colour) = &mut settings.background {
        row(ui, "Background", "The colour behind the cloud", |ui| ui.color_edit_button_srgb(colour));
    }
}

fn reset_ui(ui: &mut Ui, settings: &mut CloudSettings) -> bool {
    ui.add_space(4.0);
    ui.horizontal_wrapped(|ui| {
        let view = ui.button("Reset view").on_hover_text("Back to where the view started (R)");
        let all =
            ui.button("Reset 3D settings").on_hover_text("All controls of the 3D view back to what they were at first");
        if all.clicked() {
            *settings = CloudSettings { hint_seen: settings.hint_seen, ..CloudSettings::default() };
        }
        view.clicked()
    })
    .inner
}
