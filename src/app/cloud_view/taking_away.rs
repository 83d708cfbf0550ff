//! Pictures and films of the 3D view: what a card asks for becomes one.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Rect, Ui};
use image::RgbaImage;

use super::card::card_ui;
use super::exchange::{CloudAction, TakenAway};
use super::film::{Film, FilmNews, FilmPlan};
use super::film_choices::{Means, Way};
use super::film_panel::{FilmAsked, film_ui};
use super::picture_job::PictureJob;
use super::picture_panel::{PictureAsked, picture_ui};
use super::preview::Preview;
use super::shot::Shot;
use super::taking::Card;
use super::view::CloudView;
use crate::app::widgets::controls::section;
use crate::render::{RenderError, Shown};
use crate::scene::{OrbitCamera, all_round, camera_path, photo_path, sway, turntable};

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

    /// Draws more of a picture that is in the making; what has become of it. To be called as [`Self::advance_film`].
    pub fn advance_picture(&mut self, ctx: &egui::Context) -> Option<TakenAway> {
        let job = self.taking.picture.as_mut()?;
        let Some(outcome) = job.advance(&self.stage, self.scene.as_ref(), self.detail.slice()) else {
            ctx.request_repaint();
            return None;
        };
        let job = self.taking.picture.take()?;
        Some(outcome.map_or_else(TakenAway::Failed, |()| job.end(ctx)))
    }

    /// The open card within `area`: what it covers, and what it asks for.
    pub(super) fn card_ui(&mut self, ui: &mut Ui, area: Rect) -> Option<(Rect, Option<CloudAction>)> {
        let size = self.stage.size();
        let shown = if size.contains(&0) { [1280, 720] } else { size };
        let (rect, taken) = match self.taking.card? {
            Card::Picture => {
                let choices = &mut self.picture;
                let drawn = self.taking.picture.as_ref().map(|job| job.asked);
                let (rect, asked) = card_ui(ui, "picture", area, |ui| {
                    title_ui(ui, "Save picture", area);
                    picture_ui(ui, choices, shown, drawn)
                });
                (rect, asked.and_then(|asked| self.take_picture(ui.ctx(), asked, shown)))
            }
            Card::Film => {
                let means = self.means(shown);
                let progress = self.taking.film.as_ref().map(Film::progress);
                let (choices, is_previewed) = (&mut self.film, self.taking.preview.is_some());
                let (rect, asked) = card_ui(ui, "film", area, |ui| {
                    title_ui(ui, "Save film", area);
                    film_ui(ui, choices, &means, progress, is_previewed)
                });
                let course = self.film.course(&means);
                if self.taking.preview.as_ref().is_some_and(|preview| preview.course != course) {
                    self.taking.preview = self.preview(&means);
                }
                (rect, asked.and_then(|asked| self.answer_film(asked, &means)))
            }
        };
        self.taking.is_typing = ui.ctx().text_edit_focused();
        Some((rect, taken.map(CloudAction::TakeAway)))
    }

    /// Begins a picture; what to tell where there is none.
    fn take_picture(&mut self, ctx: &egui::Context, asked: PictureAsked, shown: [u32; 2]) -> Option<TakenAway> {
        let choices = &self.picture;
        let size = choices.size.pixels(shown);
        let Some(shot) = self.shot(choices.only_points) else {
            return Some(TakenAway::Failed("nothing of the scene is shown".into()));
        };
        let exposure = self.stage.begin_exposure(&shot.frame(shot.shown.camera, size, choices.transparent), size);
        self.taking.picture = Some(PictureJob { asked, exposure, size, scene: shot.scene });
        ctx.request_repaint();
        None
    }

    fn answer_film(&mut self, asked: FilmAsked, means: &Means) -> Option<TakenAway> {
        match asked {
            FilmAsked::Cancel => {
                self.taking.film.as_mut()?.cancel(None);
                None
            }
            FilmAsked::Preview => {
                let preview = self.preview(means).filter(|_| self.taking.preview.is_none());
                self.taking.preview = preview;
                None
            }
            FilmAsked::Save => {
                self.taking.preview = None;
                self.taking.ordered = self.plan(means);
                let plan = self.taking.ordered.as_ref().map(|plan| TakenAway::Film(plan.format));
                plan.or_else(|| Some(TakenAway::Failed("nothing of the scene is shown".into())))
            }
        }
    }

    fn plan(&self, means: &Means) -> Option<FilmPlan> {
        let choices = &self.film;
        let shot = self.shot(choices.only_points)?;
        let shot = Shot { shown: Shown { overlay: None, ..shot.shown }, ..shot };
        let cameras = self.way(&shot, means)?;
        let (size, fps, format) = (choices.size.pixels(means.shown), choices.fps, choices.format(means));
        (!cameras.is_empty()).then_some(FilmPlan { shot, cameras, size, fps, format })
    }

    fn preview(&self, means: &Means) -> Option<Preview> {
        let cameras = self.way(&self.shot(false)?, means)?;
        Some(Preview::new(self.film.course(means), cameras, *self.camera()?))
    }

    /// Where the camera of the film is in each picture.
    fn way(&self, shot: &Shot, means: &Means) -> Option<Vec<OrbitCamera>> {
        let [width, height] = self.film.size.pixels(means.shown).map(|side| side as f32);
        let (aspect, frames, depth) = (width / height, self.film.frames(), shot.scene.median_depth());
        let start = self.camera().copied()?;
        Some(match self.film.way(means) {
            Way::Sway => sway(&start, frames),
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
        })
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
