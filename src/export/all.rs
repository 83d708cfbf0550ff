//! Everything a run gave, as files in one folder.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::features::write_feature_pictures;
use super::file_name::photo_name;
use super::files::Files;
use super::folder::SUMMARY;
use super::photo_names::photo_folders;
use super::scale::Scales;
use super::scenes::write_scenes;
use super::stereo::write_stereo;
use super::summary::Summary;
use super::views::write_view;
use super::{
    ExportError, Format, Options, RunNotes, check_folder, write_cameras, write_features, write_mini_npz, write_npz,
    write_summary,
};
use crate::inference::{Prediction, ViewPrediction};

/// What an export came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Written {
    /// In the order in which they were written.
    pub files: Vec<PathBuf>,
    /// What there is to know of them.
    pub remarks: Vec<String>,
    /// Files that were asked for and would have had nothing in them, and why.
    pub missing: Vec<String>,
}

/// Writes the formats that `options` ask for into `dir`.
///
/// Files of a view are named `0000_<photo>_<what>`, in folders like the photos' where options say so, those of a scene `scene.<format>`, or `scene_0000.<format>` where there
/// are several; `results.npz` is one `results_0000.npz` per view where views have different sizes. `summary.json` comes
/// last, and an older one is removed first: its presence says that the rest is complete. No file bears its name before it
/// is whole.
///
/// # Errors
/// See [`ExportError`]; files that were complete before an error stay.
pub fn export_all(
    prediction: &Prediction,
    dir: &Path,
    notes: &RunNotes,
    options: &Options,
) -> Result<Written, ExportError> {
    check_prediction(prediction)?;
    let prediction = &counted(prediction);
    let wants = |format: Format| options.formats.contains(&format);
    check_folder(dir, options.overwrite)?;
    forget_summary(dir)?;
    let mut files = Files::new(dir);

    let mut npz = Vec::new();
    if wants(Format::Npz) {
        npz = write_arrays(&mut files, &prediction.views, "results", |to, views| write_npz(to, views))?;
    }
    if wants(Format::MiniNpz) {
        write_arrays(&mut files, &prediction.views, "results_mini", |to, views| write_mini_npz(to, views))?;
    }
    let has_features = prediction.views.iter().any(|view| !view.extras.features.is_empty());
    if wants(Format::Features) && has_features {
        write_arrays(&mut files, &prediction.views, "features", |to, views| write_features(to, views))?;
    }
    if wants(Format::FeatVis) {
        write_feature_pictures(&mut files, &prediction.views, options.feature_fps)?;
    }
    if wants(Format::Cameras) {
        files.write("cameras.json".into(), |to| write_cameras(to, prediction, options.axes))?;
    }
    let scales = Scales::new(prediction, options);
    let folders = if options.mirror { photo_folders(&prediction.views) } else { Vec::new() };
    let views = (0..prediction.views.len())
        .map(|index| {
            let folder = folders.get(index).map_or("", String::as_str);
            write_view(&mut files, prediction, index, folder, npz.get(index).cloned(), scales.of(index), options)
        })
        .collect::<Result<_, _>>()?;
    write_stereo(&mut files, prediction, &folders, options)?;
    let scenes = write_scenes(&mut files, prediction, options)?;
    files.note_clipped();
    let found = files.remarks.iter().chain(&files.missing).cloned();
    let notes = RunNotes { warnings: notes.warnings.iter().cloned().chain(found).collect(), ..notes.clone() };
    let summary = Summary::new(prediction, &notes, options, files.names.clone(), views, scenes);
    files.write(SUMMARY.into(), |to| write_summary(to, &summary))?;
    let Files { names, remarks, missing, .. } = files;
    Ok(Written { files: names.iter().map(|name| dir.join(name)).collect(), remarks, missing })
}

/// Scenes counted without gaps, where photos in between gave nothing: names of files and numbers in them agree.
fn counted(prediction: &Prediction) -> Prediction {
    let numbers: BTreeSet<usize> = prediction.views.iter().map(|view| view.scene).collect();
    let places: BTreeMap<usize, usize> = numbers.into_iter().zip(0..).collect();
    let mut counted = prediction.clone();
    for view in &mut counted.views {
        let place = places[&view.scene];
        if place != view.scene {
            Arc::make_mut(view).scene = place;
        }
    }
    let scales = prediction.set_scales.iter();
    counted.set_scales = scales.filter_map(|(scene, scale)| Some((*places.get(scene)?, *scale))).collect();
    let fits = prediction.fits.iter();
    if let Some(matched) = &mut counted.matched {
        matched.scene = places.get(&matched.scene).copied().unwrap_or(matched.scene);
    }
    counted.fits = fits.filter_map(|(scene, fit)| Some((*places.get(scene)?, *fit))).collect();
    counted
}

/// What an older export says of itself would not be true of a mixture.
fn forget_summary(dir: &Path) -> Result<(), ExportError> {
    let path = dir.join(SUMMARY);
    match fs::remove_file(&path) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(ExportError::Write { path, source }),
        _ => Ok(()),
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

/// One archive, or one per view where sizes differ; one name per view.
fn write_arrays(
    files: &mut Files<'_>,
    views: &[Arc<ViewPrediction>],
    stem: &str,
    write: fn(&mut BufWriter<File>, &[Arc<ViewPrediction>]) -> io::Result<()>,
) -> Result<Vec<String>, ExportError> {
    let one_size = views.windows(2).all(|pair| [pair[0].width, pair[0].height] == [pair[1].width, pair[1].height]);
    if one_size {
        let name = files.write(format!("{stem}.npz"), |to| write(to, views))?;
        return Ok(vec![name; views.len()]);
    }
    let each = views.iter().enumerate();
    each.map(|(index, view)| files.write(format!("{stem}_{index:04}.npz"), |to| write(to, std::slice::from_ref(view))))
        .collect()
}
