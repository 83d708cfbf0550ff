//! What is exported, and how.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::{Axes, DepthScale, Format};
use crate::input::ViewId;
use crate::scene::{Eyes, Filters, StereoLayout, Thinning};

#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub formats: BTreeSet<Format>,
    /// Which pixels become points of PLY, XYZ and LAS files. GLB and COLMAP heed only what is said of backdrops.
    pub filters: Filters,
    /// Views that files of scenes leave out.
    pub hidden: HashSet<ViewId>,
    /// How many of these points are left.
    pub thinning: Thinning,
    /// Which way is up in PLY, XYZ and LAS files.
    pub axes: Axes,
    /// PLY files have normals.
    pub normals: bool,
    /// Gaussians have colours that depend on the direction they are seen from; many viewers expect them without.
    pub gaussian_directions: bool,
    /// Meshes have a vertex in every so manieth row and column.
    pub mesh_step: u32,
    /// Pictures per second in films of features.
    pub feature_fps: u32,
    pub stereo: StereoOptions,
    /// What the reference implementation's rule for GLB and COLMAP leaves open.
    pub rule: ReferenceRule,
    /// Depth in metres of one step of a 16-bit PNG.
    pub metre_step: f32,
    /// Which views' depth pictures mean the same.
    pub scale_by: ScaleBy,
    /// What programs show of an EXR that know nothing of depth.
    pub exr: ExrColours,
    /// Pictures and maps at the photo's size instead of the size that the network saw.
    pub full_size: bool,
    /// How maps come to the photo's size.
    pub enlarging: Enlarging,
    /// Maps at the photo's size and cameras of COLMAP and transforms.json are those of the photo as it was taken, also where a
    /// straight picture was made of it.
    pub as_taken: bool,
    /// Beside COLMAP models and transforms.json, a folder `images` with the photos that they speak of.
    pub images: bool,
    pub names: FileNames,
    /// Files of views lie in folders like their photos'.
    pub mirror: bool,
    /// Write into a folder that is not empty, replacing files of the same names.
    pub overwrite: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            formats: Format::usual(),
            filters: Filters::default(),
            hidden: HashSet::new(),
            thinning: Thinning { voxel: None, most: 5_000_000 },
            axes: Axes::default(),
            normals: false,
            gaussian_directions: false,
            mesh_step: 1,
            feature_fps: 15,
            stereo: StereoOptions::default(),
            rule: ReferenceRule::default(),
            metre_step: DepthScale::MILLIMETRES.step,
            scale_by: ScaleBy::default(),
            exr: ExrColours::default(),
            full_size: false,
            enlarging: Enlarging::default(),
            as_taken: false,
            images: false,
            names: FileNames::default(),
            mirror: false,
            overwrite: false,
        }
    }
}

/// Stereo pictures and films of photos.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StereoOptions {
    pub eyes: Eyes,
    pub layout: StereoLayout,
    /// The right eye's picture first.
    pub swap_eyes: bool,
    /// Photos per second in films.
    pub fps: u32,
}

impl Default for StereoOptions {
    fn default() -> Self {
        Self { eyes: Eyes::default(), layout: StereoLayout::default(), swap_eyes: false, fps: 1 }
    }
}

/// The reference's options of GLB and COLMAP, with its defaults.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferenceRule {
    /// Points whose confidence lies below this percentile (0..=100) are left out.
    pub confidence_percentile: f32,
    /// Most points of a GLB file.
    pub most_points: usize,
    /// Most points of a COLMAP model; of more a random choice is written, the same every time. The reference writes all.
    #[serde(default)]
    pub most_colmap_points: Option<usize>,
    /// GLB files hold the cameras, as wire frames and as what can be looked through.
    pub show_cameras: bool,
    /// What becomes of backdrops that filters hide.
    #[serde(default)]
    pub backdrops: Backdrops,
}

/// What hiding black or white backdrops means in GLB and COLMAP files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backdrops {
    /// They are no points, and have no say in the threshold.
    #[default]
    Hidden,
    /// They have the lowest confidence, as in the reference: the threshold falls, and where it falls to that, they are points.
    LeastSure,
}

/// Views whose 16-bit depth has one step, and whose colours have one range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScaleBy {
    /// Each by itself, as the reference has it.
    View,
    /// Those of one scene.
    #[default]
    Scene,
    /// All that have the same unit.
    Run,
}

/// What files of views are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileNames {
    /// By the photo's number and its name: `0003_IMG_2041_depth.png`.
    #[default]
    NumberAndPhoto,
    /// By its name alone, with a number behind it where another photo has the same: `IMG_2041_depth.png`.
    Photo,
}

/// The colours of an EXR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExrColours {
    /// The photo, in linear light.
    #[default]
    Photo,
    /// Depth as grey, near bright; views that share a scale have one range.
    Grey,
}

impl ReferenceRule {
    /// What trainers of splats begin with: more points take memory and time, and give nothing.
    pub const FOR_TRAINERS: usize = 200_000;
}

impl Default for ReferenceRule {
    fn default() -> Self {
        Self {
            confidence_percentile: 40.0,
            most_points: 1_000_000,
            most_colmap_points: None,
            show_cameras: true,
            backdrops: Backdrops::Hidden,
        }
    }
}

/// How maps of numbers come to the photo's size; masks always take the nearest pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enlarging {
    /// Between four pixels, corners on corners: smooth, also across the edges of things.
    #[default]
    Bilinear,
    /// Between pixels of one surface; where depth steps, the nearest pixel.
    EdgeAware,
    /// The nearest pixel: no number that the network did not give.
    Nearest,
}

impl Enlarging {
    /// As files and summaries name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bilinear => "bilinear",
            Self::EdgeAware => "edge_aware",
            Self::Nearest => "nearest",
        }
    }
}
