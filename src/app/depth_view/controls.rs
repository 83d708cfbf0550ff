//! The display controls of the 2D view, in the right panel.

use std::sync::Arc;

use egui::{DragValue, RangeSlider, Stroke, Ui};
use egui_plot::{Bar, BarChart, VLine};

use super::ranges::depths;
use super::readout::three_figures;
use super::settings::{Arrangement, Layer, RangeChoice};
use super::statistics::{BARS, Statistics};
use super::view::DepthView;
use crate::app::desk::results::Measure;
use crate::app::theme;
use crate::app::widgets::controls::{choice, note, row, segments, still_plot};
use crate::inference::{DepthUnit, ViewPrediction};
use crate::scene::ColourMap;

impl DepthView {
    /// Everything that changes the pictures without another run. `view` is what is shown, where something is.
    pub fn controls_ui(&mut self, ui: &mut Ui, view: Option<&Arc<ViewPrediction>>, measure: Measure) {
        segments(
            ui,
            &mut self.settings.arrangement,
            &[
                (Arrangement::Single, "Single", "One picture (L)"),
                (Arrangement::SideBySide, "Side by side", "Two pictures that zoom and pan together (L)"),
                (Arrangement::Swipe, "Swipe", "Two pictures on top of each other with a line to drag (L)"),
            ],
        );
        let names = |layer: Layer| layer.label().to_owned();
        if self.settings.arrangement != Arrangement::Single {
            choice(
                ui,
                "First",
                "The picture on the left, or on top where that shows them larger",
                &mut self.settings.first,
                &Layer::ALL,
                names,
            );
        }
        let label = if self.settings.arrangement == Arrangement::Single { "Picture" } else { "Second" };
        choice(ui, label, "The picture on the right, or below", &mut self.settings.second, &Layer::ALL, names);
        let tip = "Colours for depth; changes the picture only, not the result (C)";
        choice(ui, "Colour map", tip, &mut self.settings.map, &ColourMap::ALL, |map| map.label().to_owned());
        ui.checkbox(&mut self.settings.is_inverse, "Inverse colours")
            .on_hover_text("Swap the colours of near and far (I)");
        ui.checkbox(&mut self.settings.is_full_size, "Depth at full size").on_hover_text(
            "Draws depth with as many pixels as the photo has, as an export at that size does: smooth between what the network \
             said, but for the edges of things. Values at the pointer stay the network's",
        );
        let Some(view) = view else { return self.percentiles_ui(ui) };
        self.range_ui(ui, view, measure);
        if let Some(numbers) = &self.statistics
            && numbers.fits(view, &self.choice(view, measure))
        {
            let table = self.settings.map.table(self.settings.is_inverse);
            histogram_ui(ui, numbers, &table, measure.unit);
        }
    }

    /// By percentiles, or by hand for the scene of a view.
    fn range_ui(&mut self, ui: &mut Ui, view: &ViewPrediction, measure: Measure) {
        let before = self.ranges.1.of(view.scene, measure);
        let mut is_by_hand = before.is_some();
        let tip = "Which depths the colours span. Percentiles follow each view; limits by hand are for all views of this scene, so that \
                   these can be compared";
        choice(ui, "Range", tip, &mut is_by_hand, &[false, true], |by_hand| {
            if by_hand { "By hand".into() } else { "Percentiles".into() }
        });
        let mut limits = before;
        if is_by_hand {
            let percentiles = RangeChoice::Percentiles(self.settings.percentiles);
            let [near, far] = limits.get_or_insert_with(|| depths(percentiles.resolve(&view.depth)));
            let suffix = if measure.unit == DepthUnit::Metres { " m" } else { "" };
            let speed = f64::from(*far - *near).abs().max(0.01) / 200.0;
            row(ui, "Near", "Depth drawn in the first colour", |ui| {
                ui.add(DragValue::new(near).speed(speed).range(1e-6..=*far).suffix(suffix))
            });
            row(ui, "Far", "Depth drawn in the last colour", |ui| {
                ui.add(DragValue::new(far).speed(speed).range(*near..=1e6).suffix(suffix))
            });
        } else {
            limits = None;
            self.percentiles_ui(ui);
        }
        if limits != before {
            self.ranges.1.set(view.scene, measure, limits);
        }
    }

    fn percentiles_ui(&mut self, ui: &mut Ui) {
        let [low, high] = &mut self.settings.percentiles;
        row(ui, "Percentiles", "Share of the farthest and nearest pixels that is cut off", |ui| {
            ui.spacing_mut().slider_width = ui.available_width() - 8.0;
            ui.add(RangeSlider::new(low, high, 0.0..=100.0).min_separation(1.0).show_value(false))
        });
        note(ui, format!("{low:.0} to {high:.0} % of 1/depth"));
    }
}

/// Pixels over inverse depth, near on the left, each bar in the colour of its depth.
fn histogram_ui(ui: &mut Ui, numbers: &Statistics, table: &[[u8; 3]; 256], unit: DepthUnit) {
    let [near, far] = numbers.span;
    let bars = numbers.bars.iter().enumerate().map(|(i, bar)| {
        let at = (i as f32 + 0.5) / BARS as f32;
        let [r, g, b] = numbers.range.colour(egui::lerp(near..=far, at).recip(), table);
        let fill = egui::Color32::from_rgb(r, g, b);
        Bar::new(f64::from(at), f64::from(*bar)).width(1.0 / BARS as f64).fill(fill).stroke(Stroke::NONE)
    });
    let bars = BarChart::new("Pixels per depth", bars.collect()).allow_hover(false);
    let plot = still_plot("depth histogram")
        .height(64.0)
        .set_margin_fraction(egui::Vec2::new(0.01, 0.0))
        .include_y(0.0)
        .include_y(1.05)
        .include_x(0.0)
        .include_x(1.0);
    let colour = theme::tokens(ui).text;
    let response = plot.show(ui, |plot| {
        plot.bar_chart(bars);
        for (name, end) in [("Near", numbers.range.near), ("Far", numbers.range.far)] {
            let at = ((near - end) / (near - far)).clamp(0.0, 1.0);
            plot.vline(VLine::new(name, f64::from(at)).color(colour).width(1.5).allow_hover(false));
        }
    });
    response.response.on_hover_text(
        "How many pixels lie at which depth, in equal steps of 1/depth as the colours; the lines are the ends of the \
         range",
    );
    let [near, far] = [near, far].map(|inverse| three_figures(inverse.recip()));
    note(ui, format!("Pixels from near ({near}) to far ({far}), {}", unit.label()));
}
