//! What an export writes, as a person has chosen it and as it is remembered.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use crate::export::{Axes, Enlarging, ExrColours, FileNames, Format, Options, ReferenceRule, ScaleBy, StereoOptions};
use crate::input::ViewId;
use crate::scene::{Filters, Thinning};

/// Which pixels become points of PLY, XYZ and LAS files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PointChoice {
    /// What the 3D view shows.
    #[default]
    AsSeen,
    /// By the filters that it begins with.
    Usual,
    All,
}

/// What the 3D view shows of the results.
#[derive(Clone, Debug)]
pub struct Seen {
    pub filters: Filters,
    pub hidden: HashSet<ViewId>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExportChoices {
    /// By name, so that one which another version of the program knows does no harm.
    formats: BTreeSet<String>,
    pub full_size: bool,
    /// Which views' depth pictures mean the same.
    pub scale_by: ScaleBy,
    pub enlarging: Enlarging,
    /// What an EXR shows.
    pub exr: ExrColours,
    /// Maps and cameras of photos as they were taken, where they were straightened.
    pub as_taken: bool,
    /// The photos beside COLMAP models and transforms.json.
    pub images: bool,
    /// What files of views are called.
    pub names: FileNames,
    /// Files of views in folders like their photos'.
    pub mirror: bool,
    pub points: PointChoice,
    /// Side of the cubes that keep one point each.
    pub voxel: Option<f32>,
    pub most_points: usize,
    /// Which way is up in PLY, XYZ and LAS files.
    pub axes: Axes,
    pub normals: bool,
    /// Of GLB and COLMAP.
    pub rule: ReferenceRule,
    pub stereo: StereoOptions,
}

impl Default for ExportChoices {
    fn default() -> Self {
        let usual = Options::default();
        Self {
            formats: names(usual.formats),
            full_size: usual.full_size,
            scale_by: usual.scale_by,
            enlarging: usual.enlarging,
            exr: usual.exr,
            as_taken: usual.as_taken,
            images: usual.images,
            names: usual.names,
            mirror: usual.mirror,
            points: PointChoice::AsSeen,
            voxel: usual.thinning.voxel,
            most_points: usual.thinning.most,
            axes: usual.axes,
            normals: usual.normals,
            rule: usual.rule,
            stereo: usual.stereo,
        }
    }
}

fn names(formats: impl IntoIterator<Item = Format>) -> BTreeSet<String> {
    formats.into_iter().map(|format| format.name().to_owned()).collect()
}

impl ExportChoices {
    pub fn formats(&self) -> BTreeSet<Format> {
        self.formats.iter().filter_map(|name| Format::named(name)).collect()
    }

    pub fn set_formats(&mut self, formats: impl IntoIterator<Item = Format>) {
        self.formats = names(formats);
    }

    pub fn has(&self, format: Format) -> bool {
        self.formats.contains(format.name())
    }

    pub fn has_any(&self, formats: &[Format]) -> bool {
        formats.iter().any(|&format| self.has(format))
    }

    pub fn toggle(&mut self, format: Format) {
        if !self.formats.remove(format.name()) {
            self.formats.insert(format.name().to_owned());
        }
    }

    /// The filters and hidden views that these choices mean.
    pub fn seen(&self, seen: Seen) -> Seen {
        let whole = |filters| Seen { filters, hidden: HashSet::new() };
        match self.points {
            PointChoice::AsSeen => seen,
            PointChoice::Usual => whole(Filters::default()),
            PointChoice::All => whole(Filters::NONE),
        }
    }

    /// Photos are put beside cameras for trainers of splats, which begin with fewer points.
    fn rule(&self) -> ReferenceRule {
        let for_trainers = self.images.then_some(ReferenceRule::FOR_TRAINERS);
        ReferenceRule { most_colmap_points: self.rule.most_colmap_points.or(for_trainers), ..self.rule }
    }

    /// The same, as an export takes it.
    pub fn options(&self, seen: Seen) -> Options {
        let Seen { filters, hidden } = self.seen(seen);
        Options {
            formats: self.formats(),
            filters,
            hidden,
            thinning: Thinning { voxel: self.voxel, most: self.most_points },
            axes: self.axes,
            normals: self.normals,
            gaussian_directions: false,
            mesh_step: Options::default().mesh_step,
            feature_fps: Options::default().feature_fps,
            stereo: self.stereo,
            rule: self.rule(),
            metre_step: Options::default().metre_step,
            scale_by: self.scale_by,
            full_size: self.full_size,
            enlarging: self.enlarging,
            exr: self.exr,
            as_taken: self.as_taken,
            images: self.images,
            names: self.names,
            mirror: self.mirror,
            overwrite: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Seen {
        Seen { filters: Filters { every: 3, ..Filters::default() }, hidden: [ViewId(1)].into() }
    }

    #[test]
    fn what_is_not_chosen_is_as_on_the_command_line() {
        let options = ExportChoices { points: PointChoice::Usual, ..ExportChoices::default() }.options(seen());
        assert_eq!(format!("{options:?}"), format!("{:?}", Options::default()));
    }

    #[test]
    fn what_is_seen_is_exported_where_that_was_chosen() {
        let of = |points| ExportChoices { points, ..ExportChoices::default() }.options(seen());
        let (as_seen, all) = (of(PointChoice::AsSeen), of(PointChoice::All));
        assert_eq!((as_seen.filters.every, as_seen.hidden.len()), (3, 1));
        assert_eq!((all.filters, all.hidden.len()), (Filters::NONE, 0));
    }

    #[test]
    fn formats_of_another_version_are_left_alone() {
        let mut choices = ExportChoices { formats: ["glb".into(), "holograms".into()].into(), ..Default::default() };
        choices.toggle(Format::Ply);
        choices.toggle(Format::Glb);
        assert_eq!(choices.formats(), [Format::Ply].into());
        assert!(choices.formats.contains("holograms"));
    }
}
