//! Pictures and films of the 3D view: what a card asks for becomes one.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{ColorImage, Rect, Ui};
use image::RgbaImage;

use super::card::card_ui;
use super::exchange::{CloudAction, TakenAway};
use super::film::{Film, FilmNews, FilmPlan};
use super::film_panel::{FilmAsked, Means, Way, film_ui};
use super::picture_panel::{PictureAsked, picture_ui};
use super::shot::Shot;
use super::taking::Card;
use super::view::CloudView;
use crate::app::widgets::controls::section;
use crate::render::{RenderError, Shown};
use crate::scene::{all_round, camera_path, photo_path, turntable};

/// Below this height, in points, a card goes without its title: its button in the toolbar stands right above.
const LOW: f32 = 170.0;

impl CloudView {
    /// What is shown again in another size (pixels), on request without background; `None` before there is something to
    /// see. Nothing of the interface is in it.
    ///
    /// Errors: [`RenderError`] when the driver fails.
    pub fn screenshot(&self, size: [u32; 2], transparent: bool) -> Result<Option<RgbaImage>, RenderError> {
        let Some(shot) = self.shot(false) else {
            return Ok(None);
        };
        self.stage.screenshot(&shot.frame(shot.shown.camera, size, transparent), size).map(Some)
    }

    /// Begins the film that was ordered last. To be called with the place that a person chose for it.
    ///
    /// # Errors
    /// What to tell where it cannot begin.
    pub fn begin_film(&mut self, path: PathBuf) -> Result<(), String> {
        let plan = self.taking.ordered.take().ok_or("Nothing was ordered")?;
        let film = Film::begin(plan, path).map_err(|error| format!("No thread could be started ({error})"))?;
        self.taking.film = Some(film);
        Ok(())
    }

    /// Draws the next picture of a film that is in the making. To be called once per frame, whether or not the 3D view is
    /// shown.
    pub fn advance_film(&mut self, ctx: &egui::Context) -> Option<FilmNews> {
        let news = self.taking.film.as_mut()?.advance(ctx, &self.stage, self.scene.as_ref());
        if news.as_ref().is_some_and(|news| !matches!(news, FilmNews::Drawn(..))) {
            self.taking.film = None;
        }
        news
    }

    /// The open card within `area`: what it covers, and what it asks for.
    pub(super) fn card_ui(&mut self, ui: &mut Ui, area: Rect) -> Option<(Rect, Option<CloudAction>)> {
        let size = self.stage.size();
        let shown = if size.contains(&0) { [1280, 720] } else { size };
        let (rect, taken) = match self.taking.card? {
            Card::Picture => {
                let choices = &mut self.picture;
                let (rect, asked) = card_ui(ui, "picture", area, |ui| {
                    title_ui(ui, "Save picture", area);
                    picture_ui(ui, choices, shown)
                });
                (rect, asked.and_then(|asked| self.take_picture(ui, asked, shown)))
            }
            Card::Film => {
                let means = self.means(shown);
                let progress = self.taking.film.as_ref().map(Film::progress);
                let choices = &mut self.film;
                let (rect, asked) = card_ui(ui, "film", area, |ui| {
                    title_ui(ui, "Save film", area);
                    film_ui(ui, choices, &means, progress)
                });
                (rect, asked.and_then(|asked| self.answer_film(asked, shown)))
            }
        };
        self.taking.is_typing = ui.ctx().text_edit_focused();
        Some((rect, taken.map(CloudAction::TakeAway)))
    }

    fn take_picture(&self, ui: &Ui, asked: PictureAsked, shown: [u32; 2]) -> Option<TakenAway> {
        let choices = &self.picture;
        let size = choices.size.pixels(shown);
        let shot = self.shot(choices.only_points)?;
        let frame = shot.frame(shot.shown.camera, size, choices.transparent);
        Some(match (self.stage.screenshot(&frame, size), asked) {
            (Ok(picture), PictureAsked::Save) => TakenAway::Picture(Arc::new(picture)),
            (Ok(picture), PictureAsked::Copy) => {
                let sides = size.map(|side| side as usize);
                ui.ctx().copy_image(ColorImage::from_rgba_unmultiplied(sides, picture.as_raw()));
                TakenAway::Copied(size)
            }
            (Err(error), _) => TakenAway::Failed(error.to_string()),
        })
    }

    fn answer_film(&mut self, asked: FilmAsked, shown: [u32; 2]) -> Option<TakenAway> {
        match asked {
            FilmAsked::Cancel => {
                self.taking.film.as_mut()?.cancel(None);
                None
            }
            FilmAsked::Save => {
                self.taking.ordered = self.plan(shown);
                let plan = self.taking.ordered.as_ref().map(|plan| TakenAway::Film(plan.format));
                plan.or_else(|| Some(TakenAway::Failed("nothing of the scene is shown".into())))
            }
        }
    }

    fn plan(&self, shown: [u32; 2]) -> Option<FilmPlan> {
        let choices = &self.film;
        let shot = self.shot(choices.only_points)?;
        let size = choices.size.pixels(shown);
        let (aspect, frames, depth) = (size[0] as f32 / size[1] as f32, choices.frames(), shot.scene.median_depth());
        let start = self.camera().copied()?;
        let shot = Shot { shown: Shown { overlay: None, ..shot.shown }, ..shot };
        let cameras = match choices.way {
            Way::Around => {
                let is_shown = |index: usize| shot.shown.visible.get(index) == Some(&true);
                let views = shot.scene.views().iter().enumerate();
                let hidden: Vec<_> = views.filter(|(i, _)| !is_shown(*i)).map(|(_, view)| view.view).collect();
                let bounds = shot.scene.bounds(|view| !hidden.contains(&view.view), &shot.look.filters)?;
                turntable(&all_round(&start, &bounds, aspect), &bounds, frames)
            }
            Way::Photos => {
                let views = shot.scene.views().iter().zip(&shot.shown.visible);
                let views: Vec<_> = views.filter(|(_, shown)| **shown).map(|(view, _)| Arc::clone(view)).collect();
                photo_path(&start, &views, depth, aspect, frames)
            }
            Way::Saved => camera_path(&self.saved.cameras(), depth, frames),
        };
        let (fps, format) = (choices.fps, choices.format);
        (!cameras.is_empty()).then_some(FilmPlan { shot, cameras, size, fps, format })
    }

    fn means(&self, shown: [u32; 2]) -> Means {
        let visible = self.taking.shown.as_ref().map(|shown| shown.visible.iter().filter(|shown| **shown).count());
        Means {
            photos: visible.unwrap_or_default(),
            saved_views: self.saved.cameras().len(),
            mp4: self.taking.has_mp4,
            shown,
        }
    }

    fn shot(&self, only_points: bool) -> Option<Shot> {
        let shot = Shot {
            scene: self.scene.clone()?,
            look: self.settings.look.clone(),
            shown: self.taking.shown.clone()?,
            height: self.stage.size()[1],
        };
        Some(if only_points { shot.only_points() } else { shot })
    }
}

fn title_ui(ui: &mut Ui, title: &str, area: Rect) {
    if area.height() >= LOW {
        section(ui, title);
    }
}
