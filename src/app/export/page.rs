//! What an export writes and how, before the folder is asked for.

use std::sync::Arc;

use egui::{Align2, DragValue, Ui, Vec2};

use super::choices::{ExportChoices, PointChoice, Seen};
use super::formats::{Group, about};
use super::stereo::{StereoPart, StereoPreview};
use crate::app::desk::Desk;
use crate::app::desk::results::Finished;
use crate::app::request::Request;
use crate::app::widgets::controls::{Weight, big_button, choice, count, group, note, row, window};
use crate::app::widgets::icons::Icon;
use crate::export::{Axes, Enlarging, ExrColours, Format, ScaleBy};
use crate::inference::{DepthUnit, Prediction, ViewPrediction};
use crate::scene::Filters;

const WIDTH: f32 = 720.0;
/// What the window takes beside what scrolls in it, and space around it.
const AROUND: Vec2 = Vec2::new(64.0, 168.0);
/// Side of a voxel, in the scene's unit: what one begins with, and the least and the most.
const VOXEL: f32 = 0.02;
const VOXELS: std::ops::RangeInclusive<f32> = 1e-4..=100.0;

/// What the page keeps between frames.
pub struct ExportPage {
    pub choices: ExportChoices,
    preview: StereoPreview,
}

impl ExportPage {
    /// With what was chosen last.
    pub fn new(choices: ExportChoices) -> Self {
        Self { choices, preview: StereoPreview::default() }
    }

    /// Draws the window where it is open. `seen`: what the 3D view shows.
    pub fn window(&mut self, ctx: &egui::Context, desk: &mut Desk, seen: Seen, requests: &mut Vec<Request>) {
        let Desk { state, open, .. } = desk;
        let Some(finished) = open.export.then(|| state.results.to_export()).flatten() else { return };
        let selected = state.views.selected();
        let view = selected.and_then(|id| state.results.get(id)).or(finished.prediction.views.first());
        let left_out = state.results.views().len() - finished.prediction.views.len();
        let unit = state.results.unit_of(selected);
        let (choices, preview) = (&mut self.choices, &mut self.preview);
        Sheet { choices, finished: &finished, left_out, unit, seen, view, preview, requests }
            .window(ctx, &mut open.export);
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
    requests: &'a mut Vec<Request>,
}

impl Sheet<'_> {
    fn window(mut self, ctx: &egui::Context, open: &mut bool) {
        let room = ctx.content_rect().size() - AROUND;
        window(ctx, "Export", open).anchor(Align2::CENTER_CENTER, Vec2::ZERO).show(ctx, |ui| {
            ui.set_width(room.x.min(WIDTH));
            egui::ScrollArea::vertical().max_height(room.y).auto_shrink([false, true]).show(ui, |ui| {
                // Apart from the scroll bar, which floats.
                ui.set_max_width(ui.available_width() - 12.0);
                self.formats_ui(ui);
                self.stereo_ui(ui);
                ui.separator();
                ui.columns(2, |columns| {
                    // Columns would stretch lines of text over their width.
                    columns[0].vertical(|ui| {
                        self.size_ui(ui);
                        self.rule_ui(ui);
                    });
                    columns[1].vertical(|ui| self.points_ui(ui));
                });
            });
            ui.separator();
            self.foot_ui(ui);
        });
    }

    fn stereo_ui(&mut self, ui: &mut Ui) {
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
            let all = Format::ALL.into_iter().filter(|&format| self.obstacle(format).is_none());
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
            let obstacle = self.obstacle(format);
            let mut is_chosen = self.choices.has(format);
            let checkbox = egui::Checkbox::new(&mut is_chosen, name);
            let response = ui.add_enabled(obstacle.is_none(), checkbox).on_hover_text(tip);
            if response.on_disabled_hover_text(obstacle.unwrap_or_default()).changed() {
                self.choices.toggle(format);
            }
        }
        ui.spacing_mut().item_spacing.y = apart;
    }

    /// Why a format cannot be written.
    fn obstacle(&self, format: Format) -> Option<&'static str> {
        match format {
            Format::SkyPng if !self.prediction().views.iter().any(|view| view.sky.is_some()) => {
                Some("This model does not look for sky")
            }
            Format::GsPly if !self.prediction().views.iter().any(|view| view.extras.gaussians.is_some()) => {
                Some("This run drew no Gaussians: choose 3D Gaussians under Advanced, with a giant model")
            }
            Format::FeatVis | Format::Features
                if self.prediction().views.iter().all(|view| view.extras.features.is_empty()) =>
            {
                Some("This run kept no features: choose Features under Advanced")
            }
            _ => None,
        }
    }

    fn prediction(&self) -> &Prediction {
        &self.finished.prediction
    }

    /// What is written: the chosen formats that this result can have.
    fn written(&self) -> usize {
        self.choices.formats().into_iter().filter(|&format| self.obstacle(format).is_none()).count()
    }

    fn size_ui(&mut self, ui: &mut Ui) {
        group(ui, "Size of pictures and maps");
        let checkbox = egui::Checkbox::new(&mut self.choices.full_size, "As large as the photos");
        let tip = "Otherwise they have the size in which the network saw the photos. NPZ always has that. What was cropped away is left \
                   empty";
        ui.add(checkbox).on_hover_text(tip);
        ui.add_enabled_ui(self.choices.full_size, |ui| {
            let tip = "How depth comes to the photo's size. Smooth: also across the edges of things. Nearest: no number that the \
                       network did not give";
            let rules = [Enlarging::Bilinear, Enlarging::EdgeAware, Enlarging::Nearest];
            choice(ui, "Between pixels", tip, &mut self.choices.enlarging, &rules, |rule| {
                match rule {
                    Enlarging::Bilinear => "Smooth",
                    Enlarging::EdgeAware => "Smooth but for edges",
                    Enlarging::Nearest => "Nearest pixel",
                }
                .into()
            });
        });
        let has_pictures = self.choices.has_any(&[Format::DepthPng, Format::ColourPng, Format::ColourJpg]);
        let has_greys = self.choices.has_any(&[Format::Exr]) && self.choices.exr == ExrColours::Grey;
        ui.add_enabled_ui(has_pictures || has_greys, |ui| {
            let tip =
                "Photos whose 16-bit depth has one step and whose colours have one range, so that they can be compared";
            let options = [ScaleBy::Scene, ScaleBy::View, ScaleBy::Run];
            choice(ui, "One scale for", tip, &mut self.choices.scale_by, &options, |scale_by| {
                match scale_by {
                    ScaleBy::Scene => "Each scene",
                    ScaleBy::View => "Each photo",
                    ScaleBy::Run => "All photos",
                }
                .into()
            });
        });
        if self.choices.has_any(&[Format::Exr]) {
            let tip = "What programs show that know nothing of depth. Depth itself is in the layer Z either way";
            choice(ui, "OpenEXR shows", tip, &mut self.choices.exr, &[ExrColours::Photo, ExrColours::Grey], |exr| {
                match exr {
                    ExrColours::Photo => "The photo",
                    ExrColours::Grey => "Depth as grey",
                }
                .into()
            });
        }
        if self.prediction().views.iter().any(|view| view.bent.is_some()) {
            let tip = "The lens of some photos distorts, and the network saw straight pictures of them. With this, maps at the \
                       photo's size and the cameras of COLMAP and transforms.json are those of the photos themselves";
            ui.checkbox(&mut self.choices.as_taken, "Of photos as they were taken").on_hover_text(tip);
        }
        if has_several_folders(self.prediction()) {
            let tip = "Files of each photo lie in folders like those of the photos";
            ui.checkbox(&mut self.choices.mirror, "In folders like the photos'").on_hover_text(tip);
        }
    }

    /// Which points, and how many.
    fn points_ui(&mut self, ui: &mut Ui) {
        group(ui, "Points of scenes");
        ui.add_enabled_ui(self.choices.has_any(&Format::OF_SCENES), |ui| {
            let options = [PointChoice::AsSeen, PointChoice::Usual, PointChoice::All];
            let tip = "As seen: by the filters of the 3D view, without the views that are hidden there";
            choice(ui, "Which points", tip, &mut self.choices.points, &options, |points| {
                match points {
                    PointChoice::AsSeen => "As seen in 3D",
                    PointChoice::Usual => "By the usual filters",
                    PointChoice::All => "All that have depth",
                }
                .into()
            });
            let seen = Seen { filters: self.seen.filters, hidden: self.seen.hidden.clone() };
            note(ui, said(&self.choices.seen(seen), self.prediction()));
        });
        group(ui, "PLY, XYZ and LAS");
        ui.add_enabled_ui(self.choices.has_any(&[Format::Ply, Format::Xyz, Format::Las]), |ui| {
            self.thinning_ui(ui);
            let tip =
                "Which way is up. As programs expect it: z for LAS, and the cameras' own axes (y down) for PLY and XYZ";
            let options = [Axes::Auto, Axes::Opencv, Axes::YUp, Axes::ZUp];
            choice(ui, "Axes", tip, &mut self.choices.axes, &options, |axes| {
                match axes {
                    Axes::Auto => "As programs expect",
                    Axes::Opencv => "Cameras' (y down)",
                    Axes::YUp => "y up",
                    Axes::ZUp => "z up",
                }
                .into()
            });
            let (is_ply, tip) =
                (self.choices.has(Format::Ply), "The direction of the surface, which meshing programs ask for");
            let normals = egui::Checkbox::new(&mut self.choices.normals, "Normals (PLY)");
            ui.add_enabled(is_ply, normals).on_hover_text(tip);
        });
    }

    fn thinning_ui(&mut self, ui: &mut Ui) {
        let tip = "Keeps the surest point of each cube with this side: an even cloud of fewer points";
        let mut is_thinned = self.choices.voxel.is_some();
        if ui.checkbox(&mut is_thinned, "One point per cube").on_hover_text(tip).changed() {
            self.choices.voxel = is_thinned.then_some(VOXEL);
        }
        if let Some(side) = &mut self.choices.voxel {
            let suffix = if self.unit == DepthUnit::Metres { " m" } else { " units" };
            let value = DragValue::new(side).range(VOXELS).speed(0.001).max_decimals(4).suffix(suffix);
            row(ui, "Side", tip, |ui| ui.add(value));
        }
        let tip = "Of more points in a scene an even selection is written";
        row(ui, "At most", tip, |ui| ui.add(number_of_points(&mut self.choices.most_points)));
    }

    /// What the reference's rule for the other formats leaves open.
    fn rule_ui(&mut self, ui: &mut Ui) {
        if self.choices.has_any(&[Format::Colmap, Format::ColmapText, Format::Transforms]) {
            group(ui, "COLMAP and transforms.json");
            let tip = "A folder images with the photos, and at most 200 000 points: trainers of splats start from the folder as it \
                       is";
            ui.checkbox(&mut self.choices.images, "Photos beside them").on_hover_text(tip);
        }
        if !self.choices.has_any(&[Format::Glb, Format::Colmap, Format::ColmapText]) {
            return;
        }
        group(ui, "GLB and COLMAP");
        note(ui, "By a rule of their own: hidden views and backdrops stay out, other filters do not count");
        let rule = &mut self.choices.rule;
        let tip = "Leaves out this share of the points, those of least confidence";
        let value = DragValue::new(&mut rule.confidence_percentile).range(0.0..=99.0).speed(0.5).suffix(" %");
        row(ui, "Leave out", tip, |ui| ui.add(value));
        let tip = "Of more points a random selection is written, the same each time";
        row(ui, "GLB at most", tip, |ui| ui.add(number_of_points(&mut rule.most_points)));
        ui.checkbox(&mut rule.show_cameras, "Cameras in GLB")
            .on_hover_text("As wire frames where photos were taken, and as cameras to look through");
    }

    fn foot_ui(&mut self, ui: &mut Ui) {
        let written = self.written();
        ui.horizontal(|ui| {
            let enabled = written > 0 && !self.prediction().views.is_empty();
            let button = big_button(ui, Icon::Folder, "Export into…", Weight::Primary, enabled, Vec2::new(152.0, 34.0));
            if button.on_hover_text("Asks for a folder, and writes into a new one inside it").clicked() && enabled {
                self.requests.push(Request::PickExportFolder);
            }
            let views = &self.prediction().views;
            let scenes = views.iter().map(|view| view.scene).collect::<std::collections::HashSet<_>>().len();
            let (photos, scenes) = (count(views.len(), "photo"), count(scenes, "scene"));
            let left_out = match self.left_out {
                0 => String::new(),
                _ => format!(" · {} left out in the list", count(self.left_out, "photo")),
            };
            note(
                ui,
                match written {
                    _ if views.is_empty() => {
                        "Every photo is left out: take some into exports again (X in the list)".into()
                    }
                    0 => "Choose at least one format".into(),
                    _ => format!("{} of {photos} in {scenes}, and a summary{left_out}", count(written, "format")),
                },
            );
        });
    }
}

fn has_several_folders(prediction: &Prediction) -> bool {
    let mut folders = prediction.views.iter().map(|view| view.path.parent());
    let first = folders.next();
    folders.any(|folder| Some(folder) != first)
}

/// A number that can be read in spite of its length: "5 000 000 points".
fn number_of_points(value: &mut usize) -> DragValue<'_> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok();
    let shown = |value: f64, _| {
        let digits = format!("{value:.0}");
        let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
        groups.join(" ")
    };
    let value = DragValue::new(value).range(1_000..=200_000_000).speed(10_000).suffix(" points");
    value.custom_formatter(shown).custom_parser(digits)
}

/// What is left out, in words.
fn said(seen: &Seen, prediction: &Prediction) -> String {
    let Filters { confidence_percentile, edge, depth_range: [near, far], every, .. } = seen.filters;
    let hidden = prediction.views.iter().filter(|view| seen.hidden.contains(&view.view)).count();
    let has_confidence = prediction.views.iter().any(|view| view.confidence.is_some());
    let parts = [
        (hidden > 0).then(|| format!("{hidden} of {}", count(prediction.views.len(), "view"))),
        (has_confidence && confidence_percentile > 0.0).then(|| format!("the least sure {confidence_percentile:.0} %")),
        (edge > 0.0).then(|| format!("edges (filter {edge:.2})")),
        (near > 0.0).then(|| format!("the nearest {near:.0} %")),
        (far < 100.0).then(|| format!("the farthest {:.0} %", 100.0 - far)),
        seen.filters.hide_background.then(|| "background".into()),
        seen.filters.hide_black.then(|| "black backdrop".into()),
        seen.filters.hide_white.then(|| "white backdrop".into()),
        (every > 1).then(|| format!("all but one in {every} points")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { "Nothing is left out".into() } else { format!("Left out: {}", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let of = |filters| said(&Seen { filters, hidden: Default::default() }, &Prediction::default());
        assert_eq!(of(Filters::NONE), "Nothing is left out");
        assert_eq!(of(Filters::default()), "Left out: edges (filter 0.50), background");
        let filters = Filters { depth_range: [5.0, 90.0], every: 4, ..Filters::NONE };
        assert_eq!(of(filters), "Left out: the nearest 5 %, the farthest 10 %, all but one in 4 points");
    }
}
