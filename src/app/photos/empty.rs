//! The first thing one sees: what to do, and examples one click away.

use std::path::Path;

use egui::{
    Align, Align2, Color32, Frame, Layout, Pos2, Rect, RichText, Role, Sense, Shape, Stroke, StrokeKind, TextStyle, Ui,
    Vec2, WidgetInfo, pos2,
};

use crate::app::action::Action;
use crate::app::recent::Recent;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::theme::GRID;
use crate::app::widgets::busy::busy_ring;
use crate::app::widgets::controls::{Weight, big_button, count, note};
use crate::app::widgets::icons::Icon;
use crate::app::widgets::thumbnails::{Thumb, Thumbnails};
use crate::examples::ExampleScene;

const CARD: Vec2 = Vec2::new(148.0, 132.0);
/// The part of a card that shows a picture.
const PICTURE_HEIGHT: f32 = 84.0;
const GAP: f32 = 8.0;
const WIDTH: f32 = 480.0;
/// The sign of work over a card.
const RING: f32 = 28.0;
/// Cards of what was opened before: one row. The menu has all.
const MOST_RECENT: usize = 4;

/// What the window shows before there are photos.
pub struct EmptyPage<'a> {
    pub examples: &'a [ExampleScene],
    /// The name of the example that is being opened, and whether it has to be drawn first.
    pub opening: Option<(&'a str, bool)>,
    /// What was opened before, the newest first.
    pub recent: &'a [Recent],
    /// Whether files can be dropped on the window.
    pub takes_drops: bool,
    pub thumbnails: &'a mut Thumbnails,
    pub requests: &'a mut Vec<Request>,
}

impl EmptyPage<'_> {
    pub fn ui(mut self, ui: &mut Ui) {
        let room = ui.available_width() - 32.0;
        let width = WIDTH.min(room);
        let fitting = ((room + GAP) / (CARD.x + GAP)).floor().max(1.0) as usize;
        let rows = self.examples.len().div_ceil(fitting);
        let examples_height = if rows == 0 { 0.0 } else { rows as f32 * (CARD.y + GAP) + 56.0 };
        let recent_height = if self.recent.is_empty() { 0.0 } else { CARD.y + GAP + 56.0 };
        let top = ((ui.available_height() - 248.0 - examples_height - recent_height) / 2.0).max(12.0);
        egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            ui.add_space(top);
            ui.with_layout(Layout::top_down(Align::Center), |ui| {
                ui.set_max_width(ui.available_width());
                drop_area(ui, width, self.takes_drops, self.requests);
                if !self.recent.is_empty() {
                    ui.add_space(6.0 * GRID);
                    self.recent_ui(ui, fitting.min(MOST_RECENT));
                }
                if !self.examples.is_empty() {
                    ui.add_space(6.0 * GRID);
                    // As many in each row, where they need more than one.
                    self.examples_ui(ui, self.examples.len().div_ceil(rows));
                }
                ui.add_space(12.0);
            });
        });
    }

    /// What was opened before.
    fn recent_ui(&mut self, ui: &mut Ui, most: usize) {
        ui.label(RichText::new("Open again").strong());
        let recent = &self.recent[..most.min(self.recent.len())];
        row_ui(ui, recent.len(), |ui| {
            for (index, entry) in recent.iter().enumerate() {
                let card = Card {
                    label: format!("Open {} again", entry.name()),
                    title: &entry.first(),
                    detail: &entry.detail(),
                    picture: entry.picture.as_deref(),
                    tip: entry.place(),
                    busy: None,
                };
                if card.ui(ui, self.thumbnails).clicked() {
                    self.requests.push(Request::OpenRecent(index));
                }
            }
        });
    }

    fn examples_ui(&mut self, ui: &mut Ui, per_row: usize) {
        ui.label(RichText::new("Or try an example").strong());
        for (row, scenes) in self.examples.chunks(per_row).enumerate() {
            row_ui(ui, scenes.len(), |ui| {
                for (column, scene) in scenes.iter().enumerate() {
                    let opening = self.opening.filter(|(name, _)| *name == scene.name);
                    let card = Card {
                        label: format!("Open example {}", scene.name),
                        title: &scene.name,
                        detail: &count(scene.photos.len(), "photo"),
                        busy: opening.map(|(_, is_drawn)| if is_drawn { "Drawing…" } else { "Opening…" }),
                        picture: Some(&scene.card),
                        tip: format!("{}\n{} · {}", scene.description, scene.credit, scene.licence),
                    };
                    if card.ui(ui, self.thumbnails).clicked() {
                        self.requests.push(Request::OpenExample(row * per_row + column));
                    }
                }
            });
        }
    }
}

/// Room for cards side by side, in the middle of the page.
fn row_ui(ui: &mut Ui, cards: usize, content: impl FnOnce(&mut Ui)) {
    let size = Vec2::new(cards as f32 * (CARD.x + GAP) - GAP, CARD.y);
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Min), content);
}

fn drop_area(ui: &mut Ui, width: f32, takes_drops: bool, requests: &mut Vec<Request>) {
    let tokens = theme::tokens(ui);
    let response = Frame::new().inner_margin(24.0).show(ui, |ui| {
        ui.set_width(width - 48.0);
        Icon::Photos.ui(ui, 40.0, tokens.text_weak);
        ui.add_space(GRID);
        let [call, what_for] = match takes_drops {
            true => ["Drop photos, a folder or a session here", "Depth appears view by view, then the scene in 3D"],
            false => [
                "Open or paste photos, a folder or a session",
                "This display passes on no dropped files; copied ones do",
            ],
        };
        ui.label(RichText::new(call).heading());
        ui.label(RichText::new(what_for).color(tokens.text_weak));
        ui.add_space(2.0 * GRID);
        let size = Vec2::new(152.0, 34.0);
        let row = Vec2::new(2.0 * size.x + 8.0, size.y);
        ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Center), |ui| {
            for (action, icon, weight) in
                [(Action::OpenPhotos, Icon::Photos, Weight::Primary), (Action::OpenFolder, Icon::Add, Weight::Plain)]
            {
                let tip = format!("A run starts by itself ({})", action.key_text(ui.ctx()));
                if big_button(ui, icon, action.label(), weight, true, size).on_hover_text(tip).clicked() {
                    requests.push(Request::Do(action));
                }
            }
        });
        ui.add_space(GRID);
        note(ui, "Everything runs on this machine; no photo leaves it");
    });
    let rect = response.response.rect;
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    ui.painter().extend(Shape::dashed_line(&corners, Stroke::new(1.5, tokens.text_weak.gamma_multiply(0.6)), 6.0, 5.0));
}

/// Something that can be opened, with a small picture.
struct Card<'a> {
    /// As screen readers say it.
    label: String,
    title: &'a str,
    detail: &'a str,
    picture: Option<&'a Path>,
    tip: String,
    /// What is done with it since it was clicked.
    busy: Option<&'a str>,
}

impl Card<'_> {
    fn ui(self, ui: &mut Ui, thumbnails: &mut Thumbnails) -> egui::Response {
        let tokens = theme::tokens(ui);
        let (rect, response) = ui.allocate_exact_size(CARD, Sense::click());
        let label = self.busy.map_or(self.label.clone(), |word| format!("{}: {word}", self.label));
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
        let fill = if response.hovered() { tokens.hovered } else { tokens.raised };
        let border = if response.has_focus() { tokens.accent } else { tokens.border };
        ui.painter().rect(rect, 6.0, fill, Stroke::new(1.0, border), StrokeKind::Inside);
        let frame = Rect::from_min_size(rect.min + Vec2::splat(4.0), Vec2::new(CARD.x - 8.0, PICTURE_HEIGHT));
        ui.painter().rect_filled(frame, 4.0, tokens.canvas);
        if let Some(Thumb::Ready { texture, .. }) = self.picture.map(|picture| thumbnails.get(picture)) {
            let (uv, white) = (cover(texture.size_vec2(), frame.size()), Color32::WHITE);
            ui.painter().image(texture.id(), frame, uv, white);
        } else {
            let icon = Rect::from_center_size(frame.center(), Vec2::splat(24.0));
            Icon::Photos.paint(ui.painter(), icon, tokens.text_weak.gamma_multiply(0.6));
        }
        let text = |y: f32, text: &str, style: TextStyle, colour| {
            let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), style.resolve(ui.style()), colour);
            job.wrap = egui::text::TextWrapping::truncate_at_width(frame.width() - 8.0);
            let galley = ui.painter().layout_job(job);
            let at = Align2::LEFT_TOP.anchor_size(pos2(frame.left() + 4.0, y), galley.size()).min;
            ui.painter().galley(at, galley, colour);
        };
        text(frame.bottom() + 4.0, self.title, TextStyle::Body, tokens.text);
        text(frame.bottom() + 22.0, self.busy.unwrap_or(self.detail), TextStyle::Small, tokens.text_weak);
        if self.busy.is_some() {
            ui.painter().rect_filled(frame, 4.0, tokens.scrim);
            busy_ring(ui, ui.painter(), Rect::from_center_size(frame.center(), Vec2::splat(RING)), tokens.on_scrim);
        }
        response.on_hover_text(self.tip)
    }
}

/// The part of a picture that fills a frame of another shape.
fn cover(picture: Vec2, frame: Vec2) -> Rect {
    let scale = (frame.x / picture.x).max(frame.y / picture.y);
    let seen = frame / (picture * scale);
    Rect::from_center_size(Pos2::new(0.5, 0.5), seen)
}
