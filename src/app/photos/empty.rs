//! The first thing one sees: what to do, and examples one click away.

use egui::{
    Align, Align2, Color32, Frame, Layout, Pos2, Rect, RichText, Role, Sense, Shape, Stroke, StrokeKind, TextStyle, Ui,
    Vec2, WidgetInfo, pos2,
};

use crate::app::action::Action;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::theme::GRID;
use crate::app::widgets::busy::busy_ring;
use crate::app::widgets::controls::{Weight, big_button, count, note};
use crate::app::widgets::icons::Icon;
use crate::app::widgets::thumbnails::{Thumb, Thumbnails};
use crate::examples::ExampleScene;

const CARD: Vec2 = Vec2::new(148.0, 132.0);
const WIDTH: f32 = 480.0;
/// The sign of work over a card.
const RING: f32 = 28.0;

/// What there is to try the program with.
#[derive(Clone, Copy)]
pub struct Examples<'a> {
    pub scenes: &'a [ExampleScene],
    /// The name of the one that is being opened, and whether it has to be drawn first.
    pub opening: Option<(&'a str, bool)>,
}

/// `takes_drops`: whether files can be dropped on the window.
pub fn empty_ui(
    ui: &mut Ui,
    examples: Examples<'_>,
    takes_drops: bool,
    thumbnails: &mut Thumbnails,
    requests: &mut Vec<Request>,
) {
    let room = ui.available_width() - 32.0;
    let width = WIDTH.min(room);
    let fitting = ((room + 8.0) / (CARD.x + 8.0)).floor().max(1.0) as usize;
    let rows = examples.scenes.len().div_ceil(fitting);
    let examples_height = if rows == 0 { 0.0 } else { rows as f32 * (CARD.y + 8.0) + 56.0 };
    let top = ((ui.available_height() - 248.0 - examples_height) / 2.0).max(12.0);
    egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
        ui.add_space(top);
        ui.with_layout(Layout::top_down(Align::Center), |ui| {
            ui.set_max_width(ui.available_width());
            drop_area(ui, width, takes_drops, requests);
            if !examples.scenes.is_empty() {
                ui.add_space(6.0 * GRID);
                // As many in each row, where they need more than one.
                examples_ui(ui, examples, examples.scenes.len().div_ceil(rows), thumbnails, requests);
            }
        });
    });
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

fn examples_ui(
    ui: &mut Ui,
    examples: Examples<'_>,
    per_row: usize,
    thumbnails: &mut Thumbnails,
    requests: &mut Vec<Request>,
) {
    ui.label(RichText::new("Or try an example").strong());
    for (row, cards) in examples.scenes.chunks(per_row).enumerate() {
        let row_width = cards.len() as f32 * (CARD.x + 8.0) - 8.0;
        ui.allocate_ui_with_layout(Vec2::new(row_width, CARD.y), Layout::left_to_right(Align::Min), |ui| {
            for (column, scene) in cards.iter().enumerate() {
                let opening = examples.opening.filter(|(name, _)| *name == scene.name);
                let word = opening.map(|(_, is_drawn)| if is_drawn { "Drawing…" } else { "Opening…" });
                if card_ui(ui, scene, thumbnails, word).clicked() {
                    requests.push(Request::OpenExample(row * per_row + column));
                }
            }
        });
    }
}

/// `busy`: what is done with it since it was clicked.
fn card_ui(ui: &mut Ui, scene: &ExampleScene, thumbnails: &mut Thumbnails, busy: Option<&str>) -> egui::Response {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(CARD, Sense::click());
    let label = format!("Open example {}", scene.name);
    let label = busy.map_or(label.clone(), |word| format!("{label}: {word}"));
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    let fill = if response.hovered() { tokens.hovered } else { tokens.raised };
    let border = if response.has_focus() { tokens.accent } else { tokens.border };
    ui.painter().rect(rect, 6.0, fill, Stroke::new(1.0, border), StrokeKind::Inside);
    let picture = Rect::from_min_size(rect.min + Vec2::splat(4.0), Vec2::new(CARD.x - 8.0, 84.0));
    ui.painter().rect_filled(picture, 4.0, tokens.canvas);
    if let Some(Thumb::Ready { texture, .. }) = Some(thumbnails.get(&scene.card)) {
        let (uv, white) = (cover(texture.size_vec2(), picture.size()), Color32::WHITE);
        ui.painter().image(texture.id(), picture, uv, white);
    }
    let text = |y: f32, text: &str, style: TextStyle, colour| {
        let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), style.resolve(ui.style()), colour);
        job.wrap = egui::text::TextWrapping::truncate_at_width(picture.width() - 8.0);
        let galley = ui.painter().layout_job(job);
        let at = Align2::LEFT_TOP.anchor_size(pos2(picture.left() + 4.0, y), galley.size()).min;
        ui.painter().galley(at, galley, colour);
    };
    text(picture.bottom() + 4.0, &scene.name, TextStyle::Body, tokens.text);
    let photos = count(scene.photos.len(), "photo");
    text(picture.bottom() + 22.0, busy.unwrap_or(&photos), TextStyle::Small, tokens.text_weak);
    if busy.is_some() {
        ui.painter().rect_filled(picture, 4.0, tokens.scrim);
        let ring = Rect::from_center_size(picture.center(), Vec2::splat(RING));
        busy_ring(ui, ui.painter(), ring, tokens.on_scrim);
    }
    response.on_hover_text(format!("{}\n{} · {}", scene.description, scene.credit, scene.licence))
}

/// The part of a picture that fills a frame of another shape.
fn cover(picture: Vec2, frame: Vec2) -> Rect {
    let scale = (frame.x / picture.x).max(frame.y / picture.y);
    let seen = frame / (picture * scale);
    Rect::from_center_size(Pos2::new(0.5, 0.5), seen)
}
