//! The controls of the 3D view, in the order in which people reach for them.

use egui::{ComboBox, Slider, Ui};

use super::CloudSettings;
use crate::scene::{ColourBy, ColourMap, Filters};

/// Draws the controls; returns whether the view is to go back to where it started.
pub fn controls_ui(ui: &mut Ui, settings: &mut CloudSettings, has_confidence: bool) -> bool {
    // What a slider's number and name leave of a narrow panel.
    ui.spacing_mut().slider_width = (ui.available_width() - 210.0).clamp(50.0, 160.0);
    colours_ui(ui, settings, has_confidence);
    ui.separator();
    points_ui(ui, settings);
    ui.separator();
    filters_ui(ui, &mut settings.filters, has_confidence);
    ui.separator();
    cameras_ui(ui, settings);
    ui.separator();
    background_ui(ui, settings);
    ui.separator();
    reset_ui(ui, settings)
}

fn colours_ui(ui: &mut Ui, settings: &mut CloudSettings, has_confidence: bool) {
    let combo = ComboBox::from_label("Colour by").selected_text(settings.colour_by.label());
    combo
        .show_ui(ui, |ui| {
            for by in ColourBy::ALL {
                let possible = by != ColourBy::Confidence || has_confidence;
                ui.add_enabled_ui(possible, |ui| ui.selectable_value(&mut settings.colour_by, by, by.label()))
                    .response
                    .on_disabled_hover_text("This model gives no confidence");
            }
        })
        .response
        .on_hover_text("What the colour of a point says. Changes the picture only");
    if settings.colour_by.uses_colour_map() {
        ComboBox::from_label("Cloud colour map")
            .selected_text(settings.colour_map.label())
            .show_ui(ui, |ui| {
                for map in ColourMap::ALL {
                    ui.selectable_value(&mut settings.colour_map, map, map.label());
                }
            })
            .response
            .on_hover_text("The colours from near to far, unsure to sure, low to high");
        ui.checkbox(&mut settings.inverse_colours, "Inverse cloud colours").on_hover_text("Turns the colour map round");
    }
}

fn points_ui(ui: &mut Ui, settings: &mut CloudSettings) {
    ui.add(Slider::new(&mut settings.point_size, 0.5..=8.0).logarithmic(true).text("Point size")).on_hover_text(
        "How wide a point is drawn: in pixels, or in multiples of what it covers in its photo. Wide points close gaps \
         and take longer to draw",
    );
    ui.checkbox(&mut settings.attenuate, "Size by distance").on_hover_text(
        "Near points are drawn wide and far ones narrow, so that surfaces close. Off: all have one size",
    );
    ui.checkbox(&mut settings.eye_dome, "Eye-dome lighting")
        .on_hover_text("Darkens the edges between near and far points, so that shapes can be read without light");
    ui.add_enabled(
        settings.eye_dome,
        Slider::new(&mut settings.eye_dome_strength, 0.05..=1.0).text("Lighting strength"),
    )
    .on_hover_text("How dark edges become");
}

fn filters_ui(ui: &mut Ui, filters: &mut Filters, has_confidence: bool) {
    ui.add_enabled(
        has_confidence,
        Slider::new(&mut filters.confidence_percentile, 0.0..=99.0)
            .suffix(" %")
            .max_decimals(1)
            .text("Hide unsure points"),
    )
    .on_hover_text("Leaves out this share of the scene's points, those of least confidence. Nothing is deleted")
    .on_disabled_hover_text("This model gives no confidence");
    ui.add(Slider::new(&mut filters.edge, 0.0..=1.0).text("Edge filter")).on_hover_text(
        "Leaves out points that smear between a near and a far surface. 0 keeps all; high values also thin out \
         surfaces seen at a slant",
    );
    let [low, high] = &mut filters.depth_range;
    let near = ui.add(Slider::new(low, 0.0..=100.0).suffix(" %").max_decimals(1).text("Nearest depth"));
    near.on_hover_text("Leaves out this share of the scene's points, the nearest ones");
    let far = ui.add(Slider::new(high, 0.0..=100.0).suffix(" %").max_decimals(1).text("Farthest depth"));
    far.on_hover_text("Leaves out points beyond this share of the scene's depths");
    // Whichever handle is pushed past the other takes it along.
    *high = high.max(*low);
    ui.checkbox(&mut filters.hide_background, "Hide background")
        .on_hover_text("Leaves out the sky and what is infinitely far, which have no surface");
}

fn cameras_ui(ui: &mut Ui, settings: &mut CloudSettings) {
    ui.checkbox(&mut settings.frusta, "Cameras").on_hover_text(
        "Shows where each photo was taken. Click one to select its view, double-click to look through it",
    );
    ui.add_enabled(
        settings.frusta,
        Slider::new(&mut settings.frustum_size, 0.2..=5.0).logarithmic(true).text("Camera size"),
    )
    .on_hover_text("How large cameras are drawn. Their place does not change");
    ui.add_enabled_ui(settings.frusta, |ui| {
        ui.checkbox(&mut settings.photos, "Photos in cameras")
            .on_hover_text("Hangs each photo where its camera stands");
    });
    ui.checkbox(&mut settings.grid, "Grid")
        .on_hover_text("A level grid under the cloud, level as the first camera was held");
    ui.checkbox(&mut settings.axes, "Axes").on_hover_text("The world's axes at its origin: x red, y green, z blue");
}

fn background_ui(ui: &mut Ui, settings: &mut CloudSettings) {
    let mut own = settings.background.is_some();
    ui.checkbox(&mut own, "Own background colour").on_hover_text("Off: the background follows the theme");
    settings.background = own.then(|| settings.background.unwrap_or([255; 3]));
    if let Some(colour) = &mut settings.background {
        ui.horizontal(|ui| {
            let label = ui.label("Background colour");
            ui.color_edit_button_srgb(colour).labelled_by(label.id).on_hover_text("The colour behind the cloud");
        });
    }
}

fn reset_ui(ui: &mut Ui, settings: &mut CloudSettings) -> bool {
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
