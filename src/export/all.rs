//! Everything a run gave, as files in one folder.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file_name::{photo_name, view_file};
use super::full_size::SizedDepth;
use super::summary::{SceneSummary, Summary, ViewFiles, ViewSummary};
use super::{
    DepthScale, ExportError, RunNotes, check_folder, write_atomically, write_colour_png, write_depth_png, write_npz,
    write_ply, write_summary,
};
use crate::catalog::{self, Family};
use crate::inference::{Prediction, Settings, ViewPrediction};
use crate::input::Method;
use crate::scene::{DepthRange, Filters, points};

/// What is exported, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which pixels become points of the cloud.
    pub filters: Filters,
    /// Largest number of points of one cloud.
    pub max_points: usize,
    /// Depth and colour pictures at the photo's size instead of the size that the network saw.
    pub full_size: bool,
    /// Write into a folder that is not empty, replacing files of the same names.
    pub overwrite: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { filters: Filters::default(), max_points: 5_000_000, full_size: false, overwrite: false }
    }
}

/// Writes all formats into `dir` and returns the files in the order in which they were written.
///
/// Per view `0000_<photo>_depth.png` and `0000_<photo>_colour.png`; `results.npz`, or one `results_0000.npz` per view
/// where views have different sizes; `scene.ply`, or one `scene_0000.ply` per scene number; last `summary.json`, whose
/// presence therefore says that the rest is complete. No file bears its name before it is whole.
///
/// # Errors
/// See [`ExportError`]; files that were complete before an error stay.
pub fn export_all(
    prediction: &Prediction,
    dir: &Path,
    notes: &RunNotes,
    options: &Options,
) -> Result<Vec<PathBuf>, ExportError> {
    check_prediction(prediction)?;
    if options.full_size && crops(&notes.settings) {
        return Err(ExportError::FullSizeOfCrop);
    }
    check_folder(dir, options.overwrite)?;
    let mut files = Files { dir, written: Vec::new() };

    let arrays = write_arrays(&mut files, &prediction.views)?;
    let mut views = Vec::with_capacity(prediction.views.len());
    for (index, (view, npz)) in prediction.views.iter().zip(arrays).enumerate() {
        views.push(write_view(&mut files, prediction, index, view, npz, options)?);
    }
    let scenes = write_scenes(&mut files, prediction, options)?;
    let summary = Summary::new(prediction, notes, views, scenes);
    files.write("summary.json".into(), |to| write_summary(to, &summary))?;
    Ok(files.written)
}

/// The folder and what has been written into it.
struct Files<'a> {
    dir: &'a Path,
    written: Vec<PathBuf>,
}

impl Files<'_> {
    fn write(
        &mut self,
        name: String,
        content: impl FnOnce(&mut std::io::BufWriter<std::fs::File>) -> std::io::Result<()>,
    ) -> Result<String, ExportError> {
        let path = self.dir.join(&name);
        write_atomically(&path, content)?;
        self.written.push(path);
        Ok(name)
    }
}

fn check_prediction(prediction: &Prediction) -> Result<(), ExportError> {
    if prediction.views.is_empty() {
        return Err(ExportError::Empty);
    }
    for view in &prediction.views {
        let expected = view.width as usize * view.height as usize;
        let lengths = [
            ("depth", Some(view.depth.len())),
            ("confidence", view.confidence.as_ref().map(Vec::len)),
            ("sky", view.sky.as_ref().map(Vec::len)),
            ("disparity", view.disparity.as_ref().map(Vec::len)),
            ("background", view.background.as_ref().map(Vec::len)),
            ("colour", Some(view.image.as_raw().len() / 3)),
        ];
        for (map, length) in lengths {
            if let Some(actual) = length.filter(|&length| length != expected) {
                return Err(ExportError::MapLength { path: photo_name(&view.path), map, expected, actual });
            }
        }
    }
    Ok(())
}

/// Whether the network saw less than the whole photo. Depth Anything V2 has a resize rule of its own.
fn crops(settings: &Settings) -> bool {
    let own_rule = catalog::find(&settings.model).is_some_and(|entry| entry.family == Family::DepthAnythingV2);
    !own_rule && matches!(settings.method, Method::UpperBoundCrop | Method::LowerBoundCrop)
}

/// The npz file or files; one name per view.
fn write_arrays(files: &mut Files<'_>, views: &[Arc<ViewPrediction>]) -> Result<Vec<String>, ExportError> {
    let one_size = views.windows(2).all(|pair| [pair[0].width, pair[0].height] == [pair[1].width, pair[1].height]);
    if one_size {
        let name = files.write("results.npz".into(), |to| write_npz(to, views))?;
        return Ok(vec![name; views.len()]);
    }
    let each = views.iter().enumerate();
    each.map(|(index, view)| {
        files.write(format!("results_{index:04}.npz"), |to| write_npz(to, std::slice::from_ref(view)))
    })
    .collect()
}

fn write_view(
    files: &mut Files<'_>,
    prediction: &Prediction,
    index: usize,
    view: &ViewPrediction,
    npz: String,
    options: &Options,
) -> Result<ViewSummary, ExportError> {
    let sized = if options.full_size { SizedDepth::as_photo(view) } else { SizedDepth::as_processed(view) };
    let size = [sized.width, sized.height];
    let scale = DepthScale::of(prediction.unit_of(view.scene), &sized.depth, sized.background.as_deref());
    let depth_png = files.write(view_file(index, &view.path, "depth.png"), |to| {
        write_depth_png(to, &sized.depth, sized.background.as_deref(), size, scale)
    })?;
    let range = DepthRange::automatic(&view.depth);
    let colour_png = files
        .write(view_file(index, &view.path, "colour.png"), |to| write_colour_png(to, &sized.depth, size, range))?;
    Ok(ViewSummary::new(view, ViewFiles { depth_png, scale, size, colour_png, npz }))
}

fn write_scenes(
    files: &mut Files<'_>,
    prediction: &Prediction,
    options: &Options,
) -> Result<Vec<SceneSummary>, ExportError> {
    let numbers: BTreeSet<usize> = prediction.views.iter().map(|view| view.scene).collect();
    let mut scenes = Vec::with_capacity(numbers.len());
    for &scene in &numbers {
        let views: Vec<_> = prediction.views.iter().filter(|view| view.scene == scene).cloned().collect();
        let cloud = points(&views, &options.filters, options.max_points);
        let name = if numbers.len() == 1 { "scene.ply".into() } else { format!("scene_{scene:04}.ply") };
        let ply = files.write(name, |to| write_ply(to, &cloud, prediction.unit_of(scene)))?;
        scenes.push(SceneSummary::new(prediction, scene, ply, cloud.len()));
    }
    Ok(scenes)
}
