//! What is kept of taking pictures and films out of the 3D view: which card is open, and what is in the making.

use egui::{Key, Modifiers, Popup, Ui};

use super::film::{Film, FilmPlan};
use super::toolbar::tool_ui;
use crate::app::widgets::icons::Icon;
use crate::export::AnimationFormat;
use crate::render::Shown;

/// A card below the toolbar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    Picture,
    Film,
}

/// What is kept between frames.
#[derive(Default)]
pub struct TakingAway {
    pub card: Option<Card>,
    /// Whether there was an ffmpeg when the card was opened.
    pub has_mp4: bool,
    /// What the view showed last.
    pub shown: Option<Shown>,
    /// A film that waits for its place on disk.
    pub ordered: Option<FilmPlan>,
    pub film: Option<Film>,
    /// A field had the keyboard in the last frame.
    pub is_typing: bool,
}

impl TakingAway {
    /// Opens a card, or closes the one that is open.
    pub fn toggle(&mut self, card: Card) {
        self.card = (self.card != Some(card)).then_some(card);
        if self.card == Some(Card::Film) {
            self.has_mp4 = AnimationFormat::Mp4.is_possible();
        }
    }

    pub fn close(&mut self) {
        self.card = None;
    }

    pub fn is_open(&self) -> bool {
        self.card.is_some()
    }

    /// Escape closes a card; in a field it only leaves the field.
    pub fn answer_escape(&mut self, ctx: &egui::Context) {
        if self.card.is_none() || Popup::is_any_open(ctx) {
            return;
        }
        if ctx.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape)) && !std::mem::take(&mut self.is_typing) {
            self.card = None;
        }
    }

    /// The buttons in the toolbar; returns the one that was clicked.
    pub fn tools_ui(&self, ui: &mut Ui) -> Option<Card> {
        let is_on = |card| self.card == Some(card);
        let tip = "What the 3D view shows as a PNG file or on the clipboard, in any size";
        let picture = tool_ui(ui, Icon::Camera, "Save picture…", "K", tip, is_on(Card::Picture)).clicked();
        let tip = "A film around the scene, through the photos or through saved views";
        let film = tool_ui(ui, Icon::Film, "Save film…", "Shift+K", tip, is_on(Card::Film)).clicked();
        picture.then_some(Card::Picture).or(film.then_some(Card::Film))
    }
}
