//! Pictures and films on their way from the 3D view to disk, and what is told about them.

use std::path::PathBuf;
use std::sync::Arc;

use image::RgbaImage;

use crate::export::ExportError;

use super::cloud_view::{Card, FilmNews, TakenAway};
use super::fathom_app::FathomApp;
use super::notices::Severity;
use super::preferences::CentreMode;
use super::save_dialog::SaveDialog;

impl FathomApp {
    /// Puts another way to ask for places in the place of the system's dialog.
    pub fn set_save_dialog(&mut self, dialog: SaveDialog) {
        self.tasks.save_dialog = dialog;
    }

    /// Opens or closes the controls of pictures or films in the 3D view, which is shown for that.
    pub(super) fn toggle_card(&mut self, card: Card) {
        let has_scene = !self.state.results.is_empty();
        if let Some(cloud) = self.cloud.as_mut().filter(|_| has_scene) {
            if self.preferences.centre == CentreMode::Flat {
                self.preferences.centre = CentreMode::Split;
                cloud.close_card();
            }
            cloud.toggle_card(card);
        }
    }

    pub(super) fn save_view(&mut self) {
        let is_shown = self.preferences.centre != CentreMode::Flat && !self.state.results.is_empty();
        if let Some(name) = self.cloud.as_mut().filter(|_| is_shown).and_then(|cloud| cloud.save_view()) {
            self.state.outcome = Some(format!("Saved as {name}"));
        }
    }

    pub(super) fn take_away(&mut self, taken: TakenAway) {
        let started = match taken {
            TakenAway::Picture(picture) => self.tasks.pick_picture_file(picture),
            TakenAway::Film(format) => self.tasks.pick_film_place(format),
            TakenAway::Copied([width, height]) => {
                self.state.outcome = Some(format!("Copied the picture, {width} × {height} pixels"));
                Ok(())
            }
            TakenAway::Failed(reason) => {
                self.state.notices.tell(Severity::Error, format!("The picture could not be drawn: {reason}"), "");
                Ok(())
            }
        };
        self.check_task(started);
    }

    pub(super) fn save_picture(&mut self, path: PathBuf, picture: Arc<RgbaImage>) {
        let started = self.tasks.save_picture(path, picture);
        self.check_task(started);
    }

    pub(super) fn picture_saved(&mut self, outcome: Result<PathBuf, ExportError>) {
        match outcome {
            Ok(path) => self.news(format!("Saved the picture to {}", path.display())),
            Err(error) => {
                self.state.notices.tell(Severity::Error, format!("The picture could not be saved: {error}"), "");
            }
        }
    }

    pub(super) fn begin_film(&mut self, path: PathBuf) {
        if let Some(Err(reason)) = self.cloud.as_mut().map(|cloud| cloud.begin_film(path)) {
            self.state.notices.tell(Severity::Error, format!("The film could not be begun: {reason}"), "");
        }
    }

    /// Draws a picture of the film that is in the making, where there is one.
    pub(super) fn go_on_filming(&mut self, ctx: &egui::Context) {
        let Some(news) = self.cloud.as_mut().and_then(|cloud| cloud.advance_film(ctx)) else { return };
        match news {
            FilmNews::Drawn(drawn, all) => self.state.outcome = Some(format!("Film: frame {drawn} of {all}")),
            FilmNews::Finished(path) => self.news(format!("Saved the film to {}", path.display())),
            FilmNews::Cancelled(None) => self.state.outcome = Some("Film cancelled".into()),
            FilmNews::Cancelled(Some(reason)) => {
                let what = format!("The film was cancelled: {reason}");
                self.state.notices.tell(Severity::Warning, what.clone(), "Nothing of it was kept");
                self.state.outcome = Some(what);
            }
            FilmNews::Failed(error) => {
                self.state.notices.tell(Severity::Error, format!("The film could not be saved: {error}"), "");
                self.state.outcome = Some("The film could not be saved".into());
            }
        }
    }

    fn news(&mut self, what: String) {
        self.state.notices.tell(Severity::News, what.clone(), "");
        self.state.outcome = Some(what);
    }
}
