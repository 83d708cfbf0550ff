//! What an export writes beside its summary.

use std::io;
use std::sync::Arc;

use super::features::write_feature_pictures;
use super::files::Files;
use super::scale::Scales;
use super::scenes::write_scenes;
use super::sink::Sink;
use super::stereo::write_stereo;
use super::summary::{SceneSummary, ViewSummary};
use super::view_names::view_names;
use super::views::write_view;
use super::{ExportError, Format, Options, write_cameras, write_features, write_mini_npz, write_npz};
use crate::inference::{Prediction, ViewPrediction};

/// What there is to say of it.
pub(super) struct Content {
    pub views: Vec<ViewSummary>,
    pub scenes: Vec<SceneSummary>,
}

/// Writes the formats that are asked for.
pub(super) fn write_content(
    files: &mut Files<'_>,
    prediction: &Prediction,
    options: &Options,
) -> Result<Content, ExportError> {
    let wants = |format: Format| options.formats.contains(&format);
    let mut npz = Vec::new();
    if wants(Format::Npz) {
        npz = write_arrays(files, &prediction.views, "results", |to, views| write_npz(to, views))?;
    }
    if wants(Format::MiniNpz) {
        write_arrays(files, &prediction.views, "results_mini", |to, views| write_mini_npz(to, views))?;
    }
    let has_features = prediction.views.iter().any(|view| !view.extras.features.is_empty());
    if wants(Format::Features) && has_features {
        write_arrays(files, &prediction.views, "features", |to, views| write_features(to, views))?;
    }
    if wants(Format::FeatVis) {
        write_feature_pictures(files, &prediction.views, options.feature_fps)?;
    }
    if wants(Format::Cameras) {
        files.write("cameras.json".into(), |to| write_cameras(to, prediction, options.axes))?;
    }
    let scales = Scales::new(prediction, options);
    let names = view_names(&prediction.views, options);
    let each = names.iter().enumerate().map(|(index, name)| {
        write_view(files, prediction, index, name, npz.get(index).cloned(), scales.of(index), options)
    });
    let views = each.collect::<Result<_, _>>()?;
    write_stereo(files, prediction, &names, options)?;
    let scenes = write_scenes(files, prediction, options)?;
    Ok(Content { views, scenes })
}

/// One archive, or one per view where sizes differ; one name per view.
fn write_arrays(
    files: &mut Files<'_>,
    views: &[Arc<ViewPrediction>],
    stem: &str,
    write: fn(&mut Sink<'_>, &[Arc<ViewPrediction>]) -> io::Result<()>,
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
