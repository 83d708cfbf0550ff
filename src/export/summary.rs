//! What a run did, as JSON: everything about the results that does not fit into the other files.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf, absolute};

use serde::{Deserialize, Serialize};

use super::depth_png::{DepthScale, surfaces};
use super::file_name::photo_name;
use super::{Axes, FileAxes, Format, Options, Selected};
use crate::geometry::BentLens;
use crate::inference::{
    DepthFit, DepthUnit, LensSource, Matched, PassAlignment, PhotoPart, PoseSource, Prediction, RunMemory, Settings,
    StageSeconds, ViewPrediction,
};
use crate::input::{Stamp, Turn, relative};
use crate::scene::percentiles;

/// What is known about a run beside its prediction.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunNotes {
    pub settings: Settings,
    /// What "auto" became.
    pub device: Option<String>,
    pub precision: Option<String>,
    /// Sentences, in the order in which they came.
    pub warnings: Vec<String>,
    /// One sentence per photo that gave no view.
    pub failed: Vec<String>,
}

/// The content of `summary.json`. Sizes are width × height in pixels, files are relative to the summary.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub program: &'static str,
    pub version: &'static str,
    pub model: String,
    pub device: Option<String>,
    pub precision: Option<String>,
    /// What a depth of 1 means; null where scenes differ in it: each of them says its own.
    pub unit: Option<DepthUnit>,
    pub formats: BTreeSet<Format>,
    /// All files beside this one.
    pub files: Vec<String>,
    /// How maps came to the photo's size; null where they have the size that the network gave.
    pub full_size_by: Option<&'static str>,
    /// Of the files of points that were asked for. Poses of views are not turned.
    pub axes: BTreeMap<Format, FileAxes>,
    pub views: Vec<ViewSummary>,
    pub scenes: Vec<SceneSummary>,
    pub seconds: StageSeconds,
    pub peak_memory_bytes: u64,
    /// What the run was expected to take, and how it was cut for that.
    pub memory: RunMemory,
    /// How passes were brought into one scene.
    pub alignments: Vec<PassAlignment>,
    pub settings: Settings,
    pub warnings: Vec<String>,
    pub failed: Vec<String>,
}

/// One view; its place in the list is its place in the arrays of `results.npz`. Files that were not asked for are null;
/// without an npz these results cannot be opened again.
#[derive(Debug, Serialize)]
pub struct ViewSummary {
    pub photo: String,
    /// Null where there is no such file any more.
    pub photo_file: Option<PhotoFile>,
    pub scene: usize,
    /// Of its depth, as of its whole scene.
    pub unit: DepthUnit,
    /// As shown (EXIF orientation applied).
    pub photo_size: [u32; 2],
    /// The part of the photo that the maps show, in its pixels; null where that is all of it.
    pub photo_part: Option<PhotoPart>,
    /// What EXIF orientation did to it.
    pub photo_turn: Turn,
    /// The lens that took the photo, in its pixels, where the maps are of the straight picture that was made of it.
    pub bent: Option<BentLens>,
    /// What the network saw; intrinsics and npz arrays belong to this size.
    pub processed_size: [u32; 2],
    pub intrinsics: [[f32; 3]; 3],
    /// w2c, OpenCV frame; the identity where no pose was predicted.
    pub extrinsics: [[f32; 4]; 3],
    pub lens_source: LensSource,
    pub pose_source: PoseSource,
    /// Over pixels that show a surface; absent where none does.
    pub depth: Option<DepthSummary>,
    pub depth_png: Option<String>,
    /// Depth of one step of the 16-bit PNG.
    pub depth_png_scale: Option<f32>,
    pub depth_png_size: Option<[u32; 2]>,
    pub colour_png: Option<String>,
    pub npz: Option<String>,
}

/// Where a photo was, and what tells its file from another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhotoFile {
    /// From the folder of the summary, where there is a way; else absolute.
    pub path: PathBuf,
    /// Where it was on the machine that wrote the summary; absent where that is [`Self::path`], and in older summaries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absolute: Option<PathBuf>,
    #[serde(flatten)]
    pub stamp: Stamp,
}

impl PhotoFile {
    /// As a summary in `folder` speaks of it.
    fn new(photo: &Path, folder: &Path) -> Option<Self> {
        let stamp = Stamp::of(photo)?;
        let (photo, folder) = (absolute(photo).ok()?, absolute(folder).ok()?);
        // JSON is text; a path need not be.
        let text = |path: &Path| PathBuf::from(path.to_string_lossy().into_owned());
        Some(match relative(&folder, &photo) {
            Some(way) => Self { path: text(&way), absolute: Some(text(&photo)), stamp },
            None => Self { path: text(&photo), absolute: None, stamp },
        })
    }
}

#[derive(Debug, Serialize)]
pub struct DepthSummary {
    pub min: f32,
    pub median: f32,
    pub max: f32,
}

/// One world frame and its point cloud.
#[derive(Debug, Serialize)]
pub struct SceneSummary {
    pub scene: usize,
    pub unit: DepthUnit,
    /// By what depth and camera positions were multiplied because a person said how long something is.
    pub scale_set_by_user: Option<f32>,
    /// How depths that were known brought it to metres, before that scale; null where there were none.
    pub known_depths: Option<DepthFit>,
    /// How matching brought its photos together, for scenes that came by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matched: Option<Matched>,
    pub ply: Option<String>,
    /// Of the PLY, XYZ and LAS files.
    pub points: Option<usize>,
    pub glb: Option<SelectedCloud>,
    /// The folder of the model.
    pub colmap: Option<SelectedCloud>,
    pub gaussians: Option<GaussianSummary>,
}

/// 3D Gaussians in a file.
#[derive(Debug, Serialize)]
pub struct GaussianSummary {
    pub file: String,
    pub gaussians: usize,
    /// Left out, because the network gave numbers that are none, or put them behind the camera.
    pub unusable: usize,
}

/// A cloud of points whose confidence reaches a threshold.
#[derive(Debug, Serialize)]
pub struct SelectedCloud {
    pub file: String,
    pub points: usize,
    /// Null for models without confidence: then all points are there that have depth.
    pub confidence_threshold: Option<f32>,
}

impl SelectedCloud {
    pub(super) fn new(file: String, selected: Selected) -> Self {
        Self { file, points: selected.points, confidence_threshold: selected.threshold }
    }
}

/// Where one view's files went.
#[derive(Default)]
pub(super) struct ViewFiles {
    pub unit: DepthUnit,
    /// With its scale and size.
    pub depth_png: Option<(String, DepthScale, [u32; 2])>,
    pub colour_png: Option<String>,
    pub npz: Option<String>,
}

impl SceneSummary {
    /// Without files so far.
    pub(super) fn new(prediction: &Prediction, scene: usize) -> Self {
        let scale_set_by_user = prediction.set_scales.get(&scene).copied();
        let (unit, known_depths) = (prediction.unit_of(scene), prediction.fits.get(&scene).copied());
        Self {
            scene,
            unit,
            scale_set_by_user,
            known_depths,
            matched: prediction.matched.as_ref().filter(|matched| matched.scene == scene).map(Matched::without_points),
            ply: None,
            points: None,
            glb: None,
            colmap: None,
            gaussians: None,
        }
    }
}

impl ViewSummary {
    pub(super) fn new(view: &ViewPrediction, folder: &Path, files: ViewFiles) -> Self {
        let depths = surfaces(&view.depth, view.background.as_deref());
        Self {
            photo: photo_name(&view.path),
            photo_file: PhotoFile::new(&view.path, folder),
            scene: view.scene,
            unit: files.unit,
            photo_size: view.photo_size,
            photo_part: view.cropped_part(),
            photo_turn: view.photo_turn,
            bent: view.bent,
            processed_size: [view.width, view.height],
            intrinsics: view.camera.intrinsics.rows(),
            extrinsics: view.camera.camera_from_world.rows(),
            lens_source: view.camera.lens,
            pose_source: view.camera.pose,
            depth: percentiles(depths, [0.0, 50.0, 100.0]).map(|[min, median, max]| DepthSummary { min, median, max }),
            depth_png_scale: files.depth_png.as_ref().map(|(_, scale, _)| scale.step),
            depth_png_size: files.depth_png.as_ref().map(|(_, _, size)| *size),
            depth_png: files.depth_png.map(|(name, ..)| name),
            colour_png: files.colour_png,
            npz: files.npz,
        }
    }
}

impl Summary {
    pub(super) fn new(
        prediction: &Prediction,
        notes: &RunNotes,
        options: &Options,
        files: Vec<String>,
        views: Vec<ViewSummary>,
        scenes: Vec<SceneSummary>,
    ) -> Self {
        let mut settings = notes.settings.clone();
        // JSON is text; a path need not be.
        let text = |path: PathBuf| path.to_string_lossy().into_owned().into();
        settings.weights = settings.weights.map(text);
        settings.known_cameras = settings.known_cameras.map(text);
        settings.masks = settings.masks.map(text);
        settings.known_depths = settings.known_depths.map(text);
        settings.sensor_depth = settings.sensor_depth.map(text);
        Self {
            program: "fathom",
            version: env!("CARGO_PKG_VERSION"),
            model: prediction.model.clone(),
            device: notes.device.clone(),
            precision: notes.precision.clone(),
            unit: one_unit(&scenes),
            formats: options.formats.clone(),
            files,
            full_size_by: options.full_size.then(|| options.enlarging.name()),
            axes: axes(options),
            views,
            scenes,
            seconds: prediction.seconds,
            peak_memory_bytes: prediction.peak_bytes,
            memory: prediction.memory,
            alignments: prediction.alignments.clone(),
            settings,
            warnings: notes.warnings.clone(),
            failed: notes.failed.clone(),
        }
    }
}

fn axes(options: &Options) -> BTreeMap<Format, FileAxes> {
    let written = Axes::FORMATS.into_iter().filter(|format| options.formats.contains(format));
    written.map(|format| (format, options.axes.of(format).told())).collect()
}

/// The unit of all scenes, where they have one.
fn one_unit(scenes: &[SceneSummary]) -> Option<DepthUnit> {
    let first = scenes.first()?.unit;
    scenes.iter().all(|scene| scene.unit == first).then_some(first)
}

/// Writes the summary as indented JSON with a final line end.
///
/// # Errors
/// What the writer answers.
pub fn write_summary(mut to: impl Write, summary: &Summary) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut to, summary)?;
    to.write_all(b"\n")
}
