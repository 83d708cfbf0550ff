//! What is left open about the files of chosen formats. Everything keeps its place: what a format has no use for is grey.

use egui::{DragValue, Ui};

use super::choices::{ExportChoices, PointChoice, Seen};
use crate::app::widgets::controls::{choice, count, group, note, row};
use crate::export::{Axes, Enlarging, ExrColours, FileNames, Format, ScaleBy};
use crate::inference::{DepthUnit, Prediction};
use crate::scene::Filters;

/// Side of a voxel, in the scene's unit: what one begins with, and the least and the most.
const VOXEL: f32 = 0.02;
const VOXELS: std::ops::RangeInclusive<f32> = 1e-4..=100.0;

pub struct Parts<'a> {
    pub choices: &'a mut ExportChoices,
    pub prediction: &'a Prediction,
    pub unit: DepthUnit,
    /// What the 3D view shows.
    pub seen: &'a Seen,
}

impl Parts<'_> {
    /// Pictures and maps, and what lies beside cameras.
    pub fn pictures_ui(&mut self, ui: &mut Ui) {
        self.size_ui(ui);
        self.scale_ui(ui);
        self.names_ui(ui);
        self.photos_ui(ui);
        self.rule_ui(ui);
    }

    fn names_ui(&mut self, ui: &mut Ui) {
        let are_there = self.choices.has_any(&Format::NAMED_AFTER_PHOTOS);
        only_where(ui, are_there, "For pictures, maps and meshes of each photo", |ui| {
            let tip = "Of files of each photo. Numbers are those of the list, counted from 0000, so that files stand in its order.                        Of photos of one name, the second file ends in -2, and so on";
            let options = [FileNames::NumberAndPhoto, FileNames::Photo];
            choice(ui, "File names", tip, &mut self.choices.names, &options, |names| {
                match names {
                    FileNames::NumberAndPhoto => "Number and photo's name",
                    FileNames::Photo => "Photo's name",
                }
                .into()
            });
        });
    }

    fn size_ui(&mut self, ui: &mut Ui) {
        group(ui, "Size of pictures and maps");
        let checkbox = egui::Checkbox::new(&mut self.choices.full_size, "As large as the photos");
        let tip = "Otherwise they have the size in which the network saw the photos. NPZ always has that. What was cropped away is left \
                   empty";
        ui.add(checkbox).on_hover_text(tip);
        only_where(ui, self.choices.full_size, "For maps as large as the photos", |ui| {
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
    }

    fn scale_ui(&mut self, ui: &mut Ui) {
        let has_pictures = self.choices.has_any(&[Format::DepthPng, Format::ColourPng, Format::ColourJpg]);
        let has_greys = self.choices.has_any(&[Format::Exr]) && self.choices.exr == ExrColours::Grey;
        only_where(ui, has_pictures || has_greys, "For pictures of depth", |ui| {
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
        only_where(ui, self.choices.has(Format::Exr), "For OpenEXR", |ui| {
            let tip = "What programs show that know nothing of depth. Depth itself is in the layer Z either way";
            choice(ui, "OpenEXR shows", tip, &mut self.choices.exr, &[ExrColours::Photo, ExrColours::Grey], |exr| {
                match exr {
                    ExrColours::Photo => "The photo",
                    ExrColours::Grey => "Depth as grey",
                }
                .into()
            });
        });
    }

    fn photos_ui(&mut self, ui: &mut Ui) {
        if self.prediction.views.iter().any(|view| view.bent.is_some()) {
            let tip = "The lens of some photos distorts, and the network saw straight pictures of them. With this, maps at the \
                       photo's size and the cameras of COLMAP and transforms.json are those of the photos themselves";
            ui.checkbox(&mut self.choices.as_taken, "Of photos as they were taken").on_hover_text(tip);
        }
        if has_several_folders(self.prediction) {
            let tip = "Files of each photo lie in folders like those of the photos";
            ui.checkbox(&mut self.choices.mirror, "In folders like the photos'").on_hover_text(tip);
        }
        let has_cameras = self.choices.has_any(&[Format::Colmap, Format::ColmapText, Format::Transforms]);
        only_where(ui, has_cameras, "For COLMAP and transforms.json", |ui| {
            let tip = "A folder images with the photos, and at most 200 000 points: trainers of splats start from the folder as it \
                       is";
            ui.checkbox(&mut self.choices.images, "Photos beside cameras").on_hover_text(tip);
        });
    }

    /// What the reference's rule for points leaves open.
    fn rule_ui(&mut self, ui: &mut Ui) {
        group(ui, "Points of GLB and COLMAP");
        note(ui, "Without hidden photos, backdrops and the least sure points. Other filters of 3D do not count");
        let has_clouds = self.choices.has_any(&[Format::Glb, Format::Colmap, Format::ColmapText]);
        let rule = &mut self.choices.rule;
        only_where(ui, has_clouds, "For GLB and COLMAP", |ui| {
            let tip = "Leaves out this share of the points, those of least confidence";
            let value = DragValue::new(&mut rule.confidence_percentile).range(0.0..=99.0).speed(0.5).suffix(" %");
            row(ui, "Leave out", tip, |ui| ui.add(value));
        });
        only_where(ui, self.choices.has(Format::Glb), "For GLB", |ui| {
            let rule = &mut self.choices.rule;
            let tip = "Of more points a random selection is written, the same each time";
            row(ui, "GLB at most", tip, |ui| ui.add(number_of_points(&mut rule.most_points)));
            ui.checkbox(&mut rule.show_cameras, "Cameras in GLB")
                .on_hover_text("As wire frames where photos were taken, and as cameras to look through");
        });
    }

    /// Which points, and how many.
    pub fn points_ui(&mut self, ui: &mut Ui) {
        group(ui, "Points of PLY, XYZ and LAS");
        let has_clouds = self.choices.has_any(&Format::OF_SCENES);
        only_where(ui, has_clouds, "For files of points", |ui| {
            let options = [PointChoice::AsSeen, PointChoice::Usual, PointChoice::All];
            let tip = "As seen: by the filters of the 3D view, without the photos that are hidden there";
            choice(ui, "Which points", tip, &mut self.choices.points, &options, |points| {
                match points {
                    PointChoice::AsSeen => "As seen in 3D",
                    PointChoice::Usual => "By the usual filters",
                    PointChoice::All => "All that have depth",
                }
                .into()
            });
        });
        let has_points = self.choices.has_any(&[Format::Ply, Format::Xyz, Format::Las]);
        only_where(ui, has_points, "For PLY, XYZ and LAS", |ui| self.thinning_ui(ui));
        only_where(ui, self.choices.has(Format::Ply), "For PLY", |ui| {
            let tip = "The direction of the surface, which meshing programs ask for";
            ui.checkbox(&mut self.choices.normals, "Normals (PLY)").on_hover_text(tip);
        });
        // Last, because its lines change with what is left out.
        if has_clouds {
            note(ui, said(&self.choices.seen(self.seen.clone()), self.prediction));
        }
    }

    fn thinning_ui(&mut self, ui: &mut Ui) {
        let tip = "Keeps the surest point of each cube with this side: an even cloud of fewer points";
        let mut is_thinned = self.choices.voxel.is_some();
        if ui.checkbox(&mut is_thinned, "One point per cube").on_hover_text(tip).changed() {
            self.choices.voxel = is_thinned.then_some(VOXEL);
        }
        only_where(ui, is_thinned, "For one point per cube", |ui| {
            let mut usual = VOXEL;
            let side = self.choices.voxel.as_mut().unwrap_or(&mut usual);
            let suffix = if self.unit == DepthUnit::Metres { " m" } else { " units" };
            let value = DragValue::new(side).range(VOXELS).speed(0.001).max_decimals(4).suffix(suffix);
            row(ui, "Side", tip, |ui| ui.add(value));
        });
        let tip = "Of more points in a scene an even selection is written";
        row(ui, "At most", tip, |ui| ui.add(number_of_points(&mut self.choices.most_points)));
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
    }
}

/// Controls that mean something for some formats, which `whose` names; grey without these.
fn only_where(ui: &mut Ui, is_of_use: bool, whose: &str, content: impl FnOnce(&mut Ui)) {
    ui.add_enabled_ui(is_of_use, content).response.on_disabled_hover_text(whose);
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
