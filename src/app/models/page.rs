//! The page of all models: what each can do, costs and allows, whether it is here, and what can be done about that.

use egui::style::ScrollAnimation;
use egui::{Align, Align2, Layout, RichText, Ui, Vec2};

use super::card::Card;
use super::deletion::Deletion;
use super::recommended::{open_photos, reason, recommended};
use super::wishes::Wishes;
use crate::app::desk::Desk;
use crate::app::desk::outlook::Prospect;
use crate::app::desk::shelf::Shelf;
use crate::app::request::Request;
use crate::app::theme;
use crate::app::theme::GRID;
use crate::app::widgets::controls::{bytes, elided, note, section};
use crate::app::widgets::window::window;
use crate::catalog::{self, Entry, Family};

/// Widest that the page becomes, and from which width on cards stand two in a row, in points.
const WIDTH: f32 = 960.0;
const TWO_COLUMNS: f32 = 700.0;
/// What the window takes beside its cards: its title, the lines above them, and space around it.
const AROUND: Vec2 = Vec2::new(64.0, 212.0);
/// Frames after the page was opened in which it is brought to the chosen model: cards are measured in the first ones.
const OPENING: u8 = 4;

/// What the page remembers between frames.
#[derive(Default)]
pub struct ModelPage {
    /// The removal that waits to be confirmed.
    deletion: Option<Deletion>,
    wishes: Wishes,
    /// Frames since it was opened, as far as they matter.
    shown: u8,
}

/// A model with what a run of it would need.
type Model = (&'static Entry, Option<Prospect>);

impl ModelPage {
    /// Draws the window where it is open.
    pub fn window(&mut self, ctx: &egui::Context, desk: &mut Desk, requests: &mut Vec<Request>) {
        if !desk.open.models {
            (self.deletion, self.shown) = (None, 0);
            return;
        }
        self.shown = (self.shown + 1).min(OPENING);
        if self.shown < OPENING {
            ctx.request_repaint();
        }
        let mut open = true;
        let room = ctx.content_rect().size() - AROUND;
        window(ctx, "Models", &mut open).anchor(Align2::CENTER_CENTER, Vec2::ZERO).show(ctx, |ui| {
            ui.set_width(room.x.min(WIDTH));
            head_ui(ui, &desk.shelf, requests);
            self.wishes.ui(ui);
            ui.add_space(GRID);
            let scroll = egui::ScrollArea::vertical().max_height(room.y).min_scrolled_height(room.y);
            scroll.auto_shrink([false, false]).show(ui, |ui| {
                // Apart from the scroll bar, which floats.
                ui.set_max_width(ui.available_width() - 12.0);
                self.models_ui(ui, desk, requests);
            });
        });
        desk.open.models = open;
    }

    fn models_ui(&mut self, ui: &mut Ui, desk: &mut Desk, requests: &mut Vec<Request>) {
        let all = catalog::entries().iter().zip(desk.outlook.models());
        let models: Vec<Model> = all.filter(|(entry, prospect)| self.wishes.allow(entry, prospect.as_ref())).collect();
        if models.is_empty() {
            note(ui, "No model does all of that: take one of these wishes back");
            return;
        }
        let (photos, are_together) = (desk.outlook.photos(), !desk.state.settings.independent);
        let first = recommended(photos, are_together, &models);
        let is_first = |entry: &Entry| first.is_some_and(|first| first.id == entry.id);
        if let Some(model) = models.iter().find(|(entry, _)| is_first(entry)) {
            section(ui, &format!("Recommended for {}", open_photos(photos)));
            note(ui, reason(model.0, photos, are_together));
            self.cards_ui(ui, std::slice::from_ref(model), desk, requests);
            ui.add_space(2.0 * GRID);
        }
        for (family, title, remark) in FAMILIES {
            let is_here = |(entry, _): &&Model| entry.family == family && !is_first(entry);
            let models: Vec<Model> = models.iter().filter(is_here).copied().collect();
            if models.is_empty() {
                continue;
            }
            section(ui, title);
            note(ui, remark);
            self.cards_ui(ui, &models, desk, requests);
            ui.add_space(2.0 * GRID);
        }
    }

    /// Cards side by side are of one height.
    fn cards_ui(&mut self, ui: &mut Ui, models: &[Model], desk: &Desk, requests: &mut Vec<Request>) {
        let columns = if ui.available_width() >= TWO_COLUMNS { 2 } else { 1 };
        for row in models.chunks(columns) {
            let id = ui.scope_id().with((row[0].0.id, columns));
            let height: f32 = ui.data(|data| data.get_temp(id)).unwrap_or_default();
            let mut tallest = 0.0_f32;
            ui.columns(columns, |columns| {
                for (ui, &(entry, prospect)) in columns.iter_mut().zip(row) {
                    let (state, shelf) = (&desk.state, &desk.shelf);
                    let card = Card { entry, prospect, state, shelf, deletion: &mut self.deletion, requests };
                    let is_chosen = card.is_chosen();
                    tallest = tallest.max(card.ui(ui, height));
                    if is_chosen && self.shown < OPENING {
                        ui.scroll_to_rect_animation(ui.min_rect(), Some(Align::Center), ScrollAnimation::none());
                    }
                }
            });
            if tallest != height {
                ui.data_mut(|data| data.insert_temp(id, tallest));
                ui.ctx().request_discard("cards side by side are of one height");
            }
        }
    }
}

const FAMILIES: [(Family, &str, &str); 3] = [
    (
        Family::AnyView,
        "Depth Anything 3: photos of one place",
        "These look at photos together: one scene, with the cameras that took them. Single photos are fine, too",
    ),
    (Family::SingleWithSky, "Depth Anything 3: single photos", "These look at each photo by itself"),
    (Family::DepthAnythingV2, "Depth Anything V2: single photos", "The family before, smaller and quicker"),
];

/// Where models lie, and how much room there is.
fn head_ui(ui: &mut Ui, shelf: &Shelf, requests: &mut Vec<Request>) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let tip =
                "Looks for models on the disk once more: those that you have put there, and those of other programs";
            if ui.button("Look again").on_hover_text(tip).clicked() {
                requests.push(Request::LookForModels);
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let colour = theme::tokens(ui).text_weak;
                let (text, tip) = place(shelf);
                elided(ui, RichText::new(text).color(colour), &tip);
            });
        });
    });
}

/// One line about the shared folder, and all that is to be known of both.
fn place(shelf: &Shelf) -> (String, String) {
    let Some(survey) = shelf.survey() else { return ("Looking for models…".into(), String::new()) };
    let locations = &survey.locations;
    let Some(cache) = &locations.cache else {
        let text = "The system names no home folder: name a folder for models in HF_HUB_CACHE";
        return (text.into(), text.into());
    };
    let free = survey.free_bytes.map_or(String::new(), |free| format!("{} free for downloads · ", bytes(free)));
    let root = cache.root().display();
    let mut tip = format!("Downloads come into {root}, which Hugging Face's tools share");
    if let Some(own) = &locations.own {
        tip += &format!("\nYour own come first: {}", catalog::places(&catalog::entries()[1], own)[0].display());
    }
    (format!("{free}{root}"), tip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_has_a_place_on_the_page() {
        for entry in catalog::entries() {
            assert!(FAMILIES.iter().any(|(family, ..)| *family == entry.family), "{}", entry.id);
        }
    }
}
