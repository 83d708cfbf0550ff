//! Pictures and films on their way from the 3D view to disk, and what is told about them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::RgbaImage;

use super::mode::CentreMode;
use super::page::CentrePage;
use crate::app::cloud_view::{Card, FilmNews, TakenAway};
use crate::app::desk::Desk;
use crate::app::desk::notices::Severity;
use crate::export::ExportError;

impl CentrePage {
    /// Opens or closes the controls of pictures or films in the 3D view, which is shown for that.
    pub fn toggle_card(&mut self, desk: &mut Desk, card: Card) {
        let has_scene = !desk.state.results.is_empty();
        if let Some(cloud) = self.cloud.as_mut().filter(|_| has_scene) {
            if self.mode == CentreMode::Flat {
                self.mode = CentreMode::Split;
                cloud.close_card();
            }
            cloud.toggle_card(card);
        }
    }

    pub fn save_view(&mut self, desk: &mut Desk) {
        if let Some(name) = self.shown_cloud(desk).and_then(|cloud| cloud.save_view()) {
            desk.state.outcome = Some(format!("Saved as {name}"));
        }
    }

    /// `session`: the name of the one that is open.
    pub fn take_away(&mut self, desk: &mut Desk, taken: TakenAway, session: Option<String>) {
        let started = match taken {
            TakenAway::Picture(picture) => {
                let offered = desk.offered_place(session, "3D");
                desk.tasks.pick_picture_file(picture, offered)
            }
            TakenAway::Film(format) => {
                let offered = desk.offered_place(session, "film");
                desk.tasks.pick_film_place(format, offered)
            }
            TakenAway::Copied([width, height]) => {
                desk.state.outcome = Some(format!("Copied the picture, {width} × {height} pixels"));
                Ok(())
            }
            TakenAway::Failed(reason) => {
                desk.state.notices.tell(Severity::Error, format!("The picture could not be drawn: {reason}"), "");
                Ok(())
            }
        };
        desk.check_task(started);
    }

    pub fn begin_film(&mut self, desk: &mut Desk, path: PathBuf) {
        if let Some(Err(reason)) = self.cloud.as_mut().map(|cloud| cloud.begin_film(path)) {
            desk.state.notices.tell(Severity::Error, format!("The film could not be begun: {reason}"), "");
        }
    }

    /// Goes on with a picture and a film that are in the making, where there are some. `session`: as for
    /// [`Self::take_away`].
    pub fn go_on_drawing(&mut self, desk: &mut Desk, ctx: &egui::Context, session: Option<String>) {
        // A picture that is ready while another dialog is open waits for its own.
        let cloud = self.cloud.as_mut().filter(|_| !desk.tasks.is_asking());
        if let Some(taken) = cloud.and_then(|cloud| cloud.advance_picture(ctx)) {
            self.take_away(desk, taken, session);
        }
        let Some(news) = self.cloud.as_mut().and_then(|cloud| cloud.advance_film(ctx)) else { return };
        match news {
            FilmNews::Drawn(drawn, all) => desk.state.outcome = Some(format!("Film: frame {drawn} of {all}")),
            FilmNews::Finished(path) => written(desk, "film", &path),
            FilmNews::Cancelled(None) => desk.state.outcome = Some("Film cancelled".into()),
            FilmNews::Cancelled(Some(reason)) => {
                let what = format!("The film was cancelled: {reason}");
                desk.state.notices.tell(Severity::Warning, what.clone(), "Nothing of it was kept");
                desk.state.outcome = Some(what);
            }
            FilmNews::Failed(error) => {
                desk.state.notices.tell(Severity::Error, format!("The film could not be saved: {error}"), "");
                desk.state.outcome = Some("The film could not be saved".into());
            }
        }
    }
}

/// Writes a picture that a place was chosen for.
pub fn save_picture(desk: &mut Desk, path: PathBuf, picture: Arc<RgbaImage>) {
    let started = desk.tasks.save_picture(path, picture);
    desk.check_task(started);
}

/// Tells what has become of a picture.
pub fn picture_saved(desk: &mut Desk, outcome: Result<PathBuf, ExportError>) {
    match outcome {
        Ok(path) => written(desk, "picture", &path),
        Err(error) => {
            desk.state.notices.tell(Severity::Error, format!("The picture could not be saved: {error}"), "");
        }
    }
}

fn written(desk: &mut Desk, what: &str, path: &Path) {
    let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
    let file = path.is_file().then_some(path);
    desk.written(format!("Saved the {what} to {}", path.display()), folder, file);
}
