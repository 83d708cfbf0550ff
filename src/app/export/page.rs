//! What an export writes and how, before the folder is asked for.

use std::sync::Arc;

use egui::style::ScrollAnimation;
use egui::{Align, Align2, Link, Ui, Vec2};

use super::choices::{ExportChoices, Seen};
use super::foot::Foot;
use super::formats::{Group, about};
use super::parts::Parts;
use super::sizes::{Size, Sizes};
use super::stereo::{StereoPart, StereoPreview};
use crate::app::desk::Desk;
use crate::app::desk::exporting::Exporting;
use crate::app::desk::results::Finished;
use crate::app::request::Request;
use crate::app::widgets::controls::group;
use crate::app::widgets::window::window;
use crate::export::{Format, Options};
use crate::inference::{DepthUnit, Prediction, ViewPrediction};

const WIDTH: f32 = 720.0;
/// What the window takes beside what scrolls in it, and space around it.
const AROUND: Vec2 = Vec2::new(64.0, 180.0);
/// Space above it. It hangs from there, so that nothing in it moves when it becomes longer.
const ABOVE: f32 = 38.0;

/// What the page keeps between frames.
pub struct ExportPage {
    pub choices: ExportChoices,
    preview: StereoPreview,
    pub(super) sizes: Sizes,
    /// The page has not been shorter than this since it was opened: what is scrolled stays where it is.
    tallest: f32,
}

impl ExportPage {
    /// With what was chosen last.
    pub fn new(choices: ExportChoices) -> Self {
        Self { choices, preview: StereoPreview::default(), sizes: Sizes::default(), tallest: 0.0 }
    }

    /// Draws the window where it is open. `seen`: what the 3D view shows.
    pub fn window(&mut self, ctx: &egui::Context, desk: &mut Desk, seen: Seen, requests: &mut Vec<Request>) {
        let Desk { state, open, tasks, .. } = desk;
        let Some(finished) = open.export.then(|| state.results.to_export()).flatten() else {
            (self.tallest, self.sizes) = (0.0, Sizes::default());
            return;
        };
        let selected = state.views.selected();
        let view = selected.and_then(|id| state.results.get(id)).or(finished.prediction.views.first());
        let left_out = state.results.views().len() - finished.prediction.views.len();
        let unit = state.results.unit_of(selected);
        let exporting = tasks.exporting();
        let size = match exporting {
            // The processor has enough to do.
            Some(_) => Size::Unknown,
            None => self.size_of(ctx, state.results.revision(), &finished, &seen),
        };
        let (choices, preview, tallest) = (&mut self.choices, &mut self.preview, &mut self.tallest);
        Sheet {
            choices,
            finished: &finished,
            left_out,
            unit,
            seen,
            view,
            preview,
            size,
            exporting,
            tallest,
            goes_to_stereo: false,
            requests,
        }
        .window(ctx, &mut open.export);
    }

    fn size_of(&mut self, ctx: &egui::Context, revision: u64, finished: &Finished, seen: &Seen) -> Size {
        let options = sized(&finished.prediction, &self.choices.options(seen.clone()));
        if options.formats.is_empty() {
            return Size::Unsaid;
        }
        self.sizes.of(ctx, revision, &finished.prediction, &options)
    }
}

/// What is drawn of it, and what that needs to know.
struct Sheet<'a> {
    choices: &'a mut ExportChoices,
    finished: &'a Finished,
    /// Views that a person has left out.
    left_out: usize,
    unit: DepthUnit,
    seen: Seen,
    /// The photo that previews show.
    view: Option<&'a Arc<ViewPrediction>>,
    preview: &'a mut StereoPreview,
    size: Size,
    exporting: Option<&'a Exporting>,
    tallest: &'a mut f32,
    /// The part about two eyes is to come into sight.
    goes_to_stereo: bool,
    requests: &'a mut Vec<Request>,
}

impl Sheet<'_> {
    fn window(mut self, ctx: &egui::Context, open: &mut bool) {
        let room = ctx.content_rect().size() - AROUND;
        window(ctx, "Export", open).anchor(Align2::CENTER_TOP, Vec2::new(0.0, ABOVE)).show(ctx, |ui| {
            ui.set_width(room.x.min(WIDTH));
            egui::ScrollArea::vertical().max_height(room.y).auto_shrink([false, true]).show(ui, |ui| {
                // Apart from the scroll bar, which floats.
                ui.set_max_width(ui.available_width() - 12.0);
                ui.set_min_height(*self.tallest);
                self.formats_ui(ui);
                ui.separator();
                ui.columns(2, |columns| {
                    let mut parts = Parts {
                        choices: self.choices,
                        prediction: &self.finished.prediction,
                        unit: self.unit,
                        seen: &self.seen,
                    };
                    // Columns would stretch lines of text over their width.
                    columns[0].vertical(|ui| parts.pictures_ui(ui));
                    columns[1].vertical(|ui| parts.points_ui(ui));
                });
                // Last, because it comes and goes with its formats.
                self.stereo_ui(ui);
                *self.tallest = self.tallest.max(ui.min_rect().height());
            });
            ui.separator();
            self.foot_ui(ui);
        });
    }

    fn stereo_ui(&mut self, ui: &mut Ui) {
        if self.goes_to_stereo {
            ui.scroll_to_cursor_animation(Some(Align::TOP), ScrollAnimation::none());
        }
        let (choices, preview) = (&mut *self.choices, &mut *self.preview);
        StereoPart { choices, preview, unit: self.unit, view: self.view }.ui(ui);
    }

    fn formats_ui(&mut self, ui: &mut Ui) {
        ui.columns(Group::COLUMNS.len(), |columns| {
            for (ui, groups) in columns.iter_mut().zip(Group::COLUMNS) {
                groups.iter().for_each(|&group| self.group_ui(ui, group));
            }
        });
        ui.horizontal(|ui| {
            if ui.button("Usual formats").on_hover_text("What is written where nothing was chosen").clicked() {
                self.choices.set_formats(Format::usual());
            }
            let all = Format::ALL.into_iter().filter(|&format| obstacle(self.prediction(), format).is_none());
            if ui.button("All formats").on_hover_text("Takes some time and space").clicked() {
                let all: Vec<_> = all.collect();
                self.choices.set_formats(all);
            }
        });
    }

    fn group_ui(&mut self, ui: &mut Ui, of: Group) {
        group(ui, of.title());
        let apart = ui.spacing().item_spacing.y;
        ui.spacing_mut().item_spacing.y = 2.0;
        for format in of.formats() {
            let (_, name, tip) = about(format);
            let obstacle = obstacle(self.prediction(), format);
            let mut is_chosen = self.choices.has(format);
            let checkbox = egui::Checkbox::new(&mut is_chosen, name);
            let response = ui.add_enabled(obstacle.is_none(), checkbox).on_hover_text(tip);
            if response.on_disabled_hover_text(obstacle.unwrap_or_default()).changed() {
                self.choices.toggle(format);
            }
        }
        ui.spacing_mut().item_spacing.y = apart;
        if of == Group::Stereo {
            // They are far down, so that nothing moves when they come.
            let link = ui.add_enabled(self.choices.has_any(&Format::STEREO), Link::new("Eyes and preview"));
            let link = link.on_hover_text("How they look, further down on this page");
            if link.on_disabled_hover_text("For pictures and films for two eyes").clicked() {
                self.goes_to_stereo = true;
            }
        }
    }

    fn prediction(&self) -> &Prediction {
        &self.finished.prediction
    }

    /// What is written: the chosen formats that this result can have.
    fn written(&self) -> usize {
        self.choices.formats().into_iter().filter(|&format| obstacle(self.prediction(), format).is_none()).count()
    }

    fn foot_ui(&mut self, ui: &mut Ui) {
        let views = &self.prediction().views;
        let scenes = views.iter().map(|view| view.scene).collect::<std::collections::HashSet<_>>().len();
        let (formats, photos) = (self.written(), views.len());
        let is_thinned = self.choices.voxel.is_some();
        Foot {
            formats,
            photos,
            left_out: self.left_out,
            scenes,
            size: &self.size,
            is_thinned,
            exporting: self.exporting,
        }
        .ui(ui, self.requests);
    }
}

/// What the size of an export with these options is reckoned for: without formats that cannot be written.
pub(super) fn sized(prediction: &Prediction, options: &Options) -> Options {
    let mut options = options.clone();
    options.formats.retain(|&format| obstacle(prediction, format).is_none());
    options
}

/// Why a format cannot be written.
fn obstacle(prediction: &Prediction, format: Format) -> Option<&'static str> {
    let none_has = |has: fn(&ViewPrediction) -> bool| !prediction.views.iter().any(|view| has(view));
    match format {
        Format::SkyPng if none_has(|view| view.sky.is_some()) => Some("This model does not look for sky"),
        Format::GsPly if none_has(|view| view.extras.gaussians.is_some()) => {
            Some("This run drew no Gaussians: choose 3D Gaussians under Advanced, with a giant model")
        }
        Format::FeatVis | Format::Features if none_has(|view| !view.extras.features.is_empty()) => {
            Some("This run kept no features: choose Features under Advanced")
        }
        _ => None,
    }
}
