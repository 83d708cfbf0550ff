//! The 2D view of a result: its pictures in panes, and what is pointed at.

use std::sync::Arc;

use egui::{Color32, CursorIcon, Pos2, Rect, Response, Role, Sense, Stroke, Ui, Vec2, WidgetInfo, pos2};

use super::canvas::PanZoom;
use super::large::{LargePicture, Place};
use super::layers::{LayerTextures, Look};
use super::outside::outside_ui;
use super::ranges::{Ranges, depths};
use super::readout;
use super::settings::{Arrangement, DepthSettings, Layer, RangeChoice};
use super::source::{Photo, PhotoRead, Source};
use super::statistics::Statistics;
use super::swipe::{self, divider_ui};
use super::value::value_ui;
use crate::app::desk::results::Measure;
use crate::app::theme;
use crate::app::widgets::marker::marker_ui;
use crate::inference::ViewPrediction;
use crate::worker::RunId;

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
    /// A window lies over it.
    pub is_behind: bool,
    /// What was set by hand for the scenes of a run.
    pub(super) ranges: (RunId, Ranges),
    place: PanZoom,
    textures: LayerTextures,
    /// The photo's own pixels, and depth at its size.
    photo: LargePicture,
    full_depth: LargePicture,
    pub(super) statistics: Option<Statistics>,
}

const OTHER_FILE: &str = "the file is another one by now";

/// All of a texture.
const WHOLE: Rect = Rect { min: Pos2::ZERO, max: Pos2::new(1.0, 1.0) };

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

    /// Takes in what was made aside since the last frame.
    pub fn begin_frame(&mut self, ctx: &egui::Context) {
        self.photo.begin_frame(ctx);
        self.full_depth.begin_frame(ctx);
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
    /// returns the pixel of the processed picture under the cursor. `file`: what its photo's own pixels would be read from.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        view: &Arc<ViewPrediction>,
        measure: Measure,
        marked: Option<[f32; 2]>,
        file: PhotoRead,
    ) -> Option<[u32; 2]> {
        let look = self.look(view, measure);
        let whole = ui.available_rect_before_wrap();
        let strip_height = readout::height(whole.width() - 2.0 * STRIP_MARGIN);
        let pictures = Rect::from_min_max(whole.min, pos2(whole.right(), whole.bottom() - strip_height));
        ui.painter().rect_filled(pictures, 0.0, theme::tokens(ui).canvas);
        let size = Vec2::new(view.width as f32, view.height as f32);
        let panes = self.panes(pictures.shrink(GAP), size);
        let mut pointed = None;
        for (index, pane) in panes.iter().enumerate() {
            let response = ui.interact(pane.clip, ui.scope_id().with(("pane", index)), Sense::click_and_drag());
            response.clone().on_hover_cursor(CursorIcon::Crosshair);
            self.navigate(ui, &response, pane.rect, size);
            let shown = self.place.picture_rect(pane.rect, size);
            self.paint(ui, view, pane, shown, look, file);
            pointed = pointed.or(response.hover_pos().map(|pos| (pos, pane.rect)));
        }
        if self.settings.arrangement == Arrangement::Swipe
            && let Some(Pane { rect, .. }) = panes.first()
        {
            let shown = self.place.picture_rect(*rect, size);
            let line = divider_ui(ui, &mut self.settings.swipe, *rect, shown, self.is_behind);
            self.zoom(ui, &line, *rect, size);
            pointed = pointed.or(line.hover_pos().map(|pos| (pos, *rect)));
        }
        let pixel = pointed.and_then(|(pos, pane)| pixel_at(pos, self.place.picture_rect(pane, size), view));
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
        if let (Some((pointer, pane)), Some(pixel)) = (pointed, pixel) {
            let frame = self.place.picture_rect(pane, size).intersect(pane);
            value_ui(ui, pointer, frame, view, measure.unit, pixel);
        }
        let strip = Rect::from_min_max(pos2(whole.left(), pictures.bottom()), whole.max);
        let strip = strip.shrink2(Vec2::new(STRIP_MARGIN, 0.0));
        ui.scope_builder(egui::UiBuilder::new().max_rect(strip), |ui| {
            let has_depth = panes.iter().any(|pane| pane.layer == Layer::Depth);
            readout::readout_ui(ui, view, measure.unit, pixel, has_depth.then_some(look));
        });
        let outside = self.statistics.as_ref().map_or(0.0, |numbers| numbers.outside);
        if let Some(pane) = panes.iter().find(|pane| pane.layer == Layer::Depth)
            && outside_ui(ui, self.place.picture_rect(pane.rect, size).intersect(pane.clip), outside)
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

    pub(super) fn choice(&self, view: &ViewPrediction, measure: Measure) -> RangeChoice {
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
                let x = swipe::place(self.settings.swipe, area, self.place.picture_rect(area, size));
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

    /// The photo of a view that has no result yet, within `area`. `preview` is a small picture of it. What is `pale` is not
    /// worked on.
    pub fn photo_ui(&mut self, ui: &Ui, area: Rect, photo: Photo, preview: &egui::TextureHandle, is_pale: bool) {
        let size = preview.size_vec2();
        let response = ui.interact(area, ui.scope_id().with("photo"), Sense::click_and_drag());
        self.navigate(ui, &response, area, size);
        let whole = self.place.picture_rect(area, size);
        let visible = whole.intersect(area).intersect(ui.clip_rect());
        let painter = &ui.painter().with_clip_rect(visible);
        painter.image(preview.id(), whole, WHOLE, Color32::WHITE);
        let beneath = preview.size().map(|side| side as u32);
        let drawn = self.photo.draw(Source::Photo(photo.into()), &Place { painter, whole, visible, beneath });
        if is_pale {
            painter.rect_filled(visible, 0.0, theme::tokens(ui).canvas.gamma_multiply(0.25));
        }
        if let Err(reason) = drawn {
            chip(ui, visible, "Photo", "Photo, small", Some(&reason));
        }
    }

    fn navigate(&mut self, ui: &Ui, response: &Response, pane: Rect, size: Vec2) {
        if response.dragged() {
            self.place.pan(pane, size, response.drag_delta());
        }
        if response.double_clicked() {
            self.fit();
        }
        self.zoom(ui, response, pane, size);
    }

    /// Wheel and fingers, wherever the pointer is over the pictures.
    fn zoom(&mut self, ui: &Ui, response: &Response, pane: Rect, size: Vec2) {
        if let Some(cursor) = response.hover_pos() {
            let factor = ui.input(|input| input.zoom_delta() * (input.smooth_scroll_delta().y / 240.0).exp());
            if factor != 1.0 {
                self.place.zoom_at(pane, size, cursor, factor);
            }
        }
    }

    fn paint(&mut self, ui: &Ui, view: &Arc<ViewPrediction>, pane: &Pane, whole: Rect, look: Look, file: PhotoRead) {
        let visible = whole.intersect(pane.clip).intersect(ui.clip_rect());
        let painter = &ui.painter().with_clip_rect(visible);
        let Some(small) = self.textures.get(ui.ctx(), view, pane.layer, look).map(egui::TextureHandle::id) else {
            let tokens = theme::tokens(ui);
            painter.rect_filled(visible, 0.0, tokens.panel);
            let text = format!("This model gives no {}", pane.layer.label().to_lowercase());
            let font = egui::TextStyle::Body.resolve(ui.style());
            painter.text(visible.center(), egui::Align2::CENTER_CENTER, text, font, tokens.text_weak);
            return;
        };
        painter.image(small, whole, WHOLE, Color32::WHITE);
        let place = Place { painter, whole, visible, beneath: [view.width, view.height] };
        let drawn = match pane.layer {
            // Its pixels would not be those that the depth belongs to.
            Layer::Photo if file.is_other => Err(OTHER_FILE.into()),
            Layer::Photo => self.photo.draw(Source::Photo(Photo::of(view, file.reading).into()), &place),
            Layer::Depth if self.settings.is_full_size => {
                self.full_depth.draw(Source::Depth(Arc::clone(view), look), &place)
            }
            _ => Ok(()),
        };
        let name = pane.layer.label();
        match drawn {
            _ if visible.width() <= 72.0 => {}
            Ok(()) => chip(ui, visible, name, name, None),
            Err(reason) => chip(ui, visible, name, "Photo, as the network saw it", Some(&reason)),
        }
    }
}

/// The layer's name in the corner of what is visible of it, and why it is not what one would expect.
fn chip(ui: &Ui, visible: Rect, layer: &str, text: &str, reason: Option<&str>) {
    let place = readout::chip(ui, visible.min, text);
    let info = || WidgetInfo::labeled(Role::Image, true, layer);
    ui.interact(visible, ui.scope_id().with(("picture", layer)), Sense::empty()).widget_info(info);
    if let Some(reason) = reason {
        let response = ui.interact(place, ui.scope_id().with(("chip", layer)), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{text}: {reason}")));
        response.on_hover_text(reason);
    }
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
