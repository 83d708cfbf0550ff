//! What is kept of taking pictures and films out of the 3D view: which card is open, and what is in the making.

use egui::{Key, Modifiers, Popup, Ui};

use super::film::{Film, FilmPlan};
use super::picture_job::PictureJob;
use super::preview::Preview;
use crate::export::AnimationFormat;
use crate::render::Shown;
use crate::scene::OrbitCamera;

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
    /// A picture that is being drawn.
    pub picture: Option<PictureJob>,
    /// A film that waits for its place on disk.
    pub ordered: Option<FilmPlan>,
    pub film: Option<Film>,
    /// A film that is looked at before it is made.
    pub preview: Option<Preview>,
    /// A field had the keyboard in the last frame.
    pub is_typing: bool,
}

impl TakingAway {
    /// Opens a card, or closes the one that is open.
    pub fn toggle(&mut self, card: Card) {
        self.preview = None;
        self.card = (self.card != Some(card)).then_some(card);
        if self.card == Some(Card::Film) {
            self.has_mp4 = AnimationFormat::Mp4.is_possible();
        }
    }

    pub fn close(&mut self) {
        (self.card, self.preview) = (None, None);
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
            self.close();
        }
    }

    /// Where the view is looked at from: `camera`, or where a film is that is looked at.
    pub fn previewed(&mut self, ui: &Ui, camera: OrbitCamera) -> OrbitCamera {
        let time = ui.input(|input| input.time);
        let Some(preview) = &mut self.preview else { return camera };
        let Some(there) = preview.at(time, &camera) else {
            self.preview = None;
            return camera;
        };
        ui.ctx().request_repaint();
        there
    }
}
