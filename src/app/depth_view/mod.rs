//! The 2D view: photo, depth, confidence and sky of one view, with zoom, read-out and legend.

mod canvas;
mod controls;
mod layers;
mod outside;
mod ranges;
mod readout;
mod settings;
mod statistics;

use std::sync::Arc;

use canvas::PanZoom;
use egui::{Color32, CursorIcon, Pos2, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};
use layers::{LayerTextures, Look};
use statistics::Statistics;

use crate::app::desk::results::Measure;
use crate::app::theme;
use crate::app::widgets::marker::marker_ui;
use crate::inference::ViewPrediction;
use crate::scene::DepthRange;
use crate::worker::RunId;

pub use ranges::Ranges;
use settings::RangeChoice;
pub use settings::{Arrangement, DepthSettings, Layer};

/// Pictures stand above each other only where that makes them this much larger.
const STACKING_GAIN: f32 = 1.3;
/// Gap between panes in points.
const GAP: f32 = 4.0;
/// Left and right of the strip under the pictures, in points.
const STRIP_MARGIN: f32 = 12.0;

/// The 2D view and what it keeps between frames.
#[derive(Default)]
pub struct DepthView {
    pub settings: DepthSettings,
    /// What was set by hand for the scenes of a run.
    ranges: (RunId, Ranges),
    place: PanZoom,
    textures: LayerTextures,
    statistics: Option<Statistics>,
}

/// One picture on screen.
struct Pane {
    layer: Layer,
    rect: Rect,
    /// What of the pane belongs to the layer (a swipe shares one pane).
    clip: Rect,
}

impl DepthView {
    pub fn new(settings: DepthSettings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// Shows all of the picture again.
    pub fn fit(&mut self) {
        self.place = PanZoom::default();
    }

    /// Textures built so far.
    pub fn textures_built(&self) -> u64 {
        self.textures.built()
    }

    /// Fills the rest of `ui` with the pictures of `view` and a mark at `marked` (whole numbers are the middle of pixels);
    /// returns the pixel of the processed picture under the cursor.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        view: &Arc<ViewPrediction>,
        measure: Measure,
        marked: Option<[f32; 2]>,
    ) -> Option<[u32; 2]> {
        let look = self.look(view, measure);
        let whole = ui.available_rect_before_wrap();
        let strip_height = readout::height(whole.width() - 2.0 * STRIP_MARGIN);
        let pictures = Rect::from_min_max(whole.min, pos2(whole.right(), whole.bottom() - strip_height));
        ui.painter().rect_filled(pictures, 0.0, theme::tokens(ui).canvas);
        let size = Vec2::new(view.width as f32, view.height as f32);
        let panes = self.panes(pictures.shrink(GAP), size);
        let mut pixel = None;
        for (index, pane) in panes.iter().enumerate() {
            let response = ui.interact(pane.clip, ui.scope_id().with(("pane", index)), Sense::click_and_drag());
            self.navigate(ui, &response, pane.rect, size);
            let shown = self.place.picture_rect(pane.rect, size);
            self.paint(ui, view, pane, shown, look);
            pixel = pixel.or_else(|| response.hover_pos().and_then(|pos| pixel_at(pos, shown, view)));
        }
        if self.settings.arrangement == Arrangement::Swipe
            && let Some(pane) = panes.first()
        {
            self.swipe_ui(ui, pane.rect, size);
        }
        if let Some(pixel) = pixel {
            for pane in &panes {
                mark(ui, pane, self.place.picture_rect(pane.rect, size), pixel, view);
            }
        }
        if let Some(at) = marked {
            for (index, pane) in panes.iter().enumerate() {
                let shown = self.place.picture_rect(pane.rect, size);
                let at = shown.min + (Vec2::from(at) + Vec2::splat(0.5)) / size * shown.size();
                if pane.clip.contains(at) {
                    marker_ui(ui, &ui.painter().with_clip_rect(pane.clip), at, "Point under the cursor in 3D", index);
                }
            }
        }
        let strip = Rect::from_min_max(pos2(whole.left(), pictures.bottom()), whole.max);
        let strip = strip.shrink2(Vec2::new(STRIP_MARGIN, 0.0));
        ui.scope_builder(egui::UiBuilder::new().max_rect(strip), |ui| {
            let has_depth = panes.iter().any(|pane| pane.layer == Layer::Depth);
            readout::readout_ui(ui, view, measure.unit, pixel, has_depth.then_some(look));
        });
        let outside = self.statistics.as_ref().map_or(0.0, |numbers| numbers.outside);
        if let Some(pane) = panes.iter().find(|pane| pane.layer == Layer::Depth)
            && outside::outside_ui(ui, self.place.picture_rect(pane.rect, size).intersect(pane.clip), outside)
        {
            let fitting = RangeChoice::Percentiles(self.settings.percentiles).resolve(&view.depth);
            self.ranges.1.set(view.scene, measure, Some(depths(fitting)));
        }
        ui.advance_cursor_after_rect(whole);
        pixel
    }

    /// Lets go of ranges that were set for the scenes of an earlier run.
    pub fn follow(&mut self, run: RunId) {
        if self.ranges.0 != run {
            self.ranges = (run, Ranges::default());
        }
    }

    /// Ranges that were set by hand.
    pub fn ranges(&self) -> &Ranges {
        &self.ranges.1
    }

    /// Takes over ranges that were set for the scenes of a run.
    pub fn restore(&mut self, run: RunId, ranges: Ranges) {
        self.ranges = (run, ranges);
    }

    fn choice(&self, view: &ViewPrediction, measure: Measure) -> RangeChoice {
        let by_hand = self.ranges.1.of(view.scene, measure).map(RangeChoice::ByHand);
        by_hand.unwrap_or(RangeChoice::Percentiles(self.settings.percentiles))
    }

    /// Range and colours of the view, with its statistics brought up to date.
    fn look(&mut self, view: &Arc<ViewPrediction>, measure: Measure) -> Look {
        let choice = self.choice(view, measure);
        if !self.statistics.as_ref().is_some_and(|numbers| numbers.fits(view, &choice)) {
            self.statistics = None;
        }
        let numbers = self.statistics.get_or_insert_with(|| Statistics::new(view, choice));
        Look { map: self.settings.map, is_inverse: self.settings.is_inverse, range: numbers.range }
    }

    fn panes(&self, area: Rect, size: Vec2) -> Vec<Pane> {
        let layers = self.settings.layers();
        match (self.settings.arrangement, layers.as_slice()) {
            (Arrangement::Swipe, &[left, right]) => {
                let shown = self.place.picture_rect(area, size);
                let x = egui::lerp(shown.x_range(), self.settings.swipe).clamp(area.left(), area.right());
                vec![
                    Pane { layer: left, rect: area, clip: area.with_max_x(x) },
                    Pane { layer: right, rect: area, clip: area.with_min_x(x) },
                ]
            }
            (_, &[first, second]) => {
                let [a, b] = halves(area, size);
                vec![Pane { layer: first, rect: a, clip: a }, Pane { layer: second, rect: b, clip: b }]
            }
            _ => layers.into_iter().map(|layer| Pane { layer, rect: area, clip: area }).collect(),
        }
    }

    fn navigate(&mut self, ui: &Ui, response: &Response, pane: Rect, size: Vec2) {
        if response.dragged() {
            self.place.pan(pane, size, response.drag_delta());
        }
        if response.double_clicked() {
            self.fit();
        }
        if let Some(cursor) = response.hover_pos() {
            let factor = ui.input(|input| input.zoom_delta() * (input.smooth_scroll_delta().y / 240.0).exp());
            if factor != 1.0 {
                self.place.zoom_at(pane, size, cursor, factor);
            }
        }
        response.clone().on_hover_cursor(CursorIcon::Crosshair);
    }

    fn paint(&mut self, ui: &Ui, view: &Arc<ViewPrediction>, pane: &Pane, shown: Rect, look: Look) {
        let painter = ui.painter().with_clip_rect(pane.clip.intersect(ui.clip_rect()));
        let visible = shown.intersect(pane.clip);
        if let Some(texture) = self.textures.get(ui.ctx(), view, pane.layer, look) {
            let uv = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
            painter.image(texture.id(), shown, uv, Color32::WHITE);
            if visible.width() > 72.0 {
                chip(ui, visible, pane);
            }
        } else {
            let tokens = theme::tokens(ui);
            painter.rect_filled(visible, 0.0, tokens.panel);
            let text = format!("This model gives no {}", pane.layer.label().to_lowercase());
            let font = egui::TextStyle::Body.resolve(ui.style());
            painter.text(visible.center(), egui::Align2::CENTER_CENTER, text, font, tokens.text_weak);
        }
    }

    fn swipe_ui(&mut self, ui: &Ui, pane: Rect, size: Vec2) {
        let shown = self.place.picture_rect(pane, size);
        let x = egui::lerp(shown.x_range(), self.settings.swipe).clamp(pane.left(), pane.right());
        let band = Rect::from_center_size(pos2(x, pane.center().y), Vec2::new(16.0, pane.height()));
        let response = ui.interact(band, ui.scope_id().with("swipe"), Sense::drag());
        let swipe = self.settings.swipe;
        response.widget_info(|| WidgetInfo::slider(true, f64::from(swipe), "Swipe between the pictures"));
        if let Some(pos) = response.interact_pointer_pos() {
            self.settings.swipe = egui::remap_clamp(pos.x, shown.x_range(), 0.0..=1.0);
        }
        let tokens = theme::tokens(ui);
        let painter = ui.painter().with_clip_rect(pane);
        painter.vline(x, shown.intersect(pane).y_range(), Stroke::new(2.0, tokens.on_scrim));
        painter.circle(pos2(x, pane.center().y), 9.0, tokens.on_scrim, Stroke::new(1.0, tokens.scrim));
        response.on_hover_cursor(CursorIcon::ResizeHorizontal);
    }
}

/// Nearest and farthest depth of a range.
fn depths(range: DepthRange) -> [f32; 2] {
    [range.near, range.far].map(|inverse| 1.0 / inverse.max(1e-6))
}

/// The layer's name in the corner of what is visible of it; the right side of a swipe has it on the right.
fn chip(ui: &Ui, visible: Rect, pane: &Pane) {
    readout::chip(ui, visible.min, pane.layer.label());
    let info = || WidgetInfo::labeled(Role::Image, true, pane.layer.label());
    ui.interact(visible, ui.scope_id().with(("picture", pane.layer)), Sense::empty()).widget_info(info);
}

/// Two panes beside or above each other, whichever shows the pictures larger.
fn halves(area: Rect, size: Vec2) -> [Rect; 2] {
    let scale = |pane: Vec2| (pane.x / size.x).min(pane.y / size.y);
    let beside = Vec2::new((area.width() - GAP) / 2.0, area.height());
    let above = Vec2::new(area.width(), (area.height() - GAP) / 2.0);
    let (half, step) = if scale(beside) * STACKING_GAIN >= scale(above) {
        (beside, Vec2::new(beside.x + GAP, 0.0))
    } else {
        (above, Vec2::new(0.0, above.y + GAP))
    };
    [Rect::from_min_size(area.min, half), Rect::from_min_size(area.min + step, half)]
}

/// The pixel of the processed picture at a screen position.
fn pixel_at(pos: Pos2, shown: Rect, view: &ViewPrediction) -> Option<[u32; 2]> {
    let at = (pos - shown.min) / shown.size();
    let inside = (0.0..1.0).contains(&at.x) && (0.0..1.0).contains(&at.y);
    inside.then_some([(at.x * view.width as f32) as u32, (at.y * view.height as f32) as u32])
}

/// A ring around the same pixel in every pane.
fn mark(ui: &Ui, pane: &Pane, shown: Rect, [x, y]: [u32; 2], view: &ViewPrediction) {
    let at = Vec2::new((x as f32 + 0.5) / view.width as f32, (y as f32 + 0.5) / view.height as f32);
    let centre = shown.min + at * shown.size();
    let tokens = theme::tokens(ui);
    let painter = ui.painter().with_clip_rect(pane.clip);
    painter.circle_stroke(centre, 6.0, Stroke::new(3.0, tokens.scrim));
    painter.circle_stroke(centre, 6.0, Stroke::new(1.5, tokens.on_scrim));
}
