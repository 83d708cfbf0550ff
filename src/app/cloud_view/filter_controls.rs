//! The filters of the 3D view: each slider with the spread of what it cuts off.

use egui::{Color32, Rect, Role, Sense, Slider, Ui, Vec2, WidgetInfo, pos2};

use crate::app::theme;
use crate::app::widgets::controls::slider_row;
use crate::scene::{CloudScene, Filters, Histogram};

/// Height of a histogram, points.
const HEIGHT: f32 = 26.0;

/// Draws the filters; `scene` is what is shown.
pub fn filters_ui(ui: &mut Ui, filters: &mut Filters, scene: Option<&CloudScene>) {
    let limits = scene.map(|scene| scene.limits(filters));
    let confidence = scene.and_then(CloudScene::confidence_histogram);
    if let (Some(histogram), Some(limits)) = (&confidence, &limits) {
        histogram_ui(ui, "Spread of confidence", histogram, [limits.confidence, f32::MAX]);
        let tip =
            "Leaves out this share of the scene's points, those of least confidence (a percentile). Nothing is deleted";
        slider_row(ui, "Hide uncertain", tip, percent(&mut filters.confidence_percentile, 99.0));
    }
    if let (Some(scene), Some(limits)) = (scene, &limits) {
        histogram_ui(ui, "Spread of depth steps", &scene.edge_histogram(), [f32::MIN, limits.edge]);
    }
    let tip = "Leaves out points that smear between a near and a far surface (edge filter). 0 keeps all; high values also thin \
               out surfaces seen at a slant";
    slider_row(ui, "Hide smears", tip, Slider::new(&mut filters.edge, 0.0..=1.0).max_decimals(2));
    if let (Some(scene), Some(limits)) = (scene, &limits) {
        histogram_ui(ui, "Spread of depth", &scene.depth_histogram(), limits.depth);
    }
    let [low, high] = &mut filters.depth_range;
    let tip = "Leaves out this share of the scene's points, the nearest ones";
    let near = slider_row(ui, "Nearest depth", tip, percent(low, 100.0));
    let tip = "Leaves out points beyond this share of the scene's depths";
    slider_row(ui, "Farthest depth", tip, percent(high, 100.0));
    // Whichever handle is pushed past the other takes it along.
    (*low, *high) = if near.changed() { (*low, high.max(*low)) } else { (low.min(*high), *high) };
    let tip = "Draws and exports only every n-th point, evenly spread";
    slider_row(ui, "Every n-th point", tip, Slider::new(&mut filters.every, 1..=16));
    ui.checkbox(&mut filters.hide_background, "Hide background")
        .on_hover_text("Leaves out the sky and what is infinitely far, which have no surface");
    ui.checkbox(&mut filters.hide_black, "Hide black backdrop")
        .on_hover_text("Leaves out pixels that are black in the photo, as behind rendered or masked objects");
    ui.checkbox(&mut filters.hide_white, "Hide white backdrop")
        .on_hover_text("Leaves out pixels that are white in the photo, as behind objects in a studio");
}

fn percent(value: &mut f32, most: f32) -> Slider<'_> {
    Slider::new(value, 0.0..=most).suffix(" %").max_decimals(0)
}

/// How values are spread; bars of what is kept stand out from the rest in strength, and lines mark the limits.
fn histogram_ui(ui: &mut Ui, name: &str, histogram: &Histogram, kept: [f32; 2]) {
    let (whole, response) = ui.allocate_exact_size(Vec2::new(ui.available_width(), HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let tokens = theme::tokens(ui);
    let painter = ui.painter();
    painter.rect_filled(whole, 3.0, tokens.canvas);
    let bins = histogram.heights.len().max(1);
    let x = |part: f32| whole.left() + whole.width() * part;
    let value = |part: f32| histogram.limits[0] + (histogram.limits[1] - histogram.limits[0]) * part;
    for (i, &height) in histogram.heights.iter().enumerate() {
        let [from, to] = [i, i + 1].map(|edge| edge as f32 / bins as f32);
        let middle = value((from + to) / 2.0);
        let colour: Color32 =
            if (kept[0]..=kept[1]).contains(&middle) { tokens.accent } else { tokens.text_weak.gamma_multiply(0.45) };
        // The root lets rare values be seen beside frequent ones.
        let top = whole.bottom() - (whole.height() - 3.0) * height.sqrt();
        let bar = Rect::from_min_max(pos2(x(from) + 0.5, top), pos2(x(to) - 0.5, whole.bottom()));
        painter.rect_filled(bar, 0.0, colour);
    }
    for limit in kept.into_iter().filter(|limit| (histogram.limits[0]..=histogram.limits[1]).contains(limit)) {
        painter.vline(x(histogram.position(limit)), whole.y_range(), egui::Stroke::new(1.5, tokens.text));
    }
    response.on_hover_text(format!("{name}: bright bars are kept"));
}
